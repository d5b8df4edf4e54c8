"""`firstbell doctor`: is this installation well, and if not, what to do. One function a question."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from firstbell.database import DatabaseTroubleError
from firstbell.env import env

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRESQL = 150_000
STUCK_ATTEMPTS = 5  # after so many failures it is more than bad luck
STALE_SECONDS = 120  # procrastinate's workers report every ten seconds


@dataclass(frozen=True)
class Answer:
    """What was found; `advice` when it is not well, and whether that keeps the system from working."""

    found: str
    advice: str = ""
    grave: bool = True


def run(words: Sequence[str]) -> int:
    """Ask everything and print the answers. Returns 1 when something grave was found."""
    django.setup()
    if "--variables" in words:
        return _list_variables()
    grave = 0
    for title, question in QUESTIONS.items():
        answer = _ask(question)
        mark = "well" if not answer.advice else "ILL " if answer.grave else "note"
        print(f"{mark}  {title:<12} {answer.found}" + (f"\n      {'':<12} {answer.advice}" if answer.advice else ""))
        grave += bool(answer.advice and answer.grave)
    return 1 if grave else 0


def _ask(question: Callable[[], Answer]) -> Answer:
    try:
        return question()
    except (DatabaseError, DatabaseTroubleError) as error:
        return Answer("cannot be asked", f"The database said: {str(error).strip()}")


def _list_variables() -> int:
    for variable in sorted(env.declared, key=lambda variable: variable.name):
        print(f"{variable.name}  ({variable.kind}; default: {variable.default or 'none'})\n    {variable.meaning}")
    return 0


def python() -> Answer:
    found = ".".join(map(str, sys.version_info[:3]))
    return Answer(found, "" if sys.version_info >= OLDEST_PYTHON else "Install Python 3.11 or later.")


def mode() -> Answer:
    return Answer(settings.MODE, "" if settings.SAFE else "Not for real people's data.", grave=False)


def database() -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::int")
        version, number = cursor.fetchone()
    where = "embedded" if connection.settings_dict["ENGINE"] == "firstbell.database" else "elsewhere"
    advice = "" if number >= OLDEST_POSTGRESQL else "PostgreSQL 15 or later is needed."
    return Answer(f"PostgreSQL {version}, {where}", advice)


def migrations() -> Answer:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    return Answer(f"{missing} to apply", "Run `firstbell migrate`." if missing else "")


def secret() -> Answer:
    own = settings.SECRET_KEY != settings.INSECURE_KEY
    advice = "" if own else "The key of demo and development signs sessions here; production refuses it."
    return Answer("own key" if own else "well-known key", advice, grave=False)


def folders() -> Answer:
    shut = [str(folder) for folder in (settings.DATA_DIR, settings.MEDIA_ROOT) if not _writable(folder)]
    return Answer(f"below {settings.DATA_DIR}", f"Cannot write to {', '.join(shut)}: check the owner." if shut else "")


def _writable(folder: Path) -> bool:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    return os.access(existing, os.W_OK)


def assets() -> Answer:
    if not apps.is_installed("firstbell.web"):
        return Answer("no pages installed", "Pages are missing from this build.", grave=False)
    built = (settings.PACKAGE / "web/static/firstbell/firstbell.css").exists()
    return Answer("built" if built else "not built", "" if built else "Run `make assets`; it needs Node 20 and npm.")


def worker() -> Answer:
    if "procrastinate_workers" not in connection.introspection.table_names():
        return Answer("unknown", "Run `firstbell migrate` first.", grave=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [STALE_SECONDS],
        )
        (alive,) = cursor.fetchone()
    return Answer(f"{alive} alive", "" if alive else "Start `firstbell worker`, or no mail leaves.", grave=False)


def outbox() -> Answer:
    if "ledger_outbox" not in connection.introspection.table_names():
        return Answer("unknown", "Run `firstbell migrate` first.", grave=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(next_try_at)), 0)::int,"
            " count(*) FILTER (WHERE attempts >= %s) FROM ledger_outbox",
            [STUCK_ATTEMPTS],
        )
        waiting, late, stuck = cursor.fetchone()
    found = f"{waiting} waiting, the longest for {max(late, 0)} s; {stuck} keep failing"
    if stuck:
        return Answer(found, "The worker's log names the events and the errors; they are tried again every hour.")
    advice = "The worker does not keep up: is it running?" if late > STALE_SECONDS else ""
    return Answer(found, advice, grave=False)


def mail() -> Answer:
    if not settings.MAIL_ON:
        advice = "Notices are seen in Firstbell only: set FIRSTBELL_MAIL_HOST to have them sent."
        return Answer("no mail server", advice, grave=False)
    if settings.MAIL_TO_FILES:
        return Answer("written into the folder mail", "Nothing leaves: set FIRSTBELL_MAIL_HOST for that.", grave=False)
    if "notices_letter" not in connection.introspection.table_names():
        return Answer("unknown", "Run `firstbell migrate` first.", grave=False)
    return _post(f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")


def _post(server: str) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE state = 'waiting'),"
            " count(*) FILTER (WHERE state = 'waiting' AND attempts > 1), count(*) FILTER (WHERE state = 'failed')"
            " FROM notices_letter WHERE state = 'waiting'"
            " OR (state = 'failed' AND ended_at > now() - interval '7 days')"
        )
        waiting, in_vain, failed = cursor.fetchone()
    found = f"{server}; {waiting} waiting, {in_vain} of them in vain so far; {failed} given up in seven days"
    if in_vain:
        return Answer(found, "Does the mail server take them? The worker's log names the type of the error.")
    advice = "Addresses were refused: their users see it on their page “By mail”." if failed else ""
    return Answer(found, advice, grave=False)


def routing() -> Answer:
    if find_spec("pyvrp"):
        return Answer("pyvrp works out the courier's runs")
    return Answer("own method; the extra [routing] (pyvrp) finds somewhat shorter runs for many schools")


QUESTIONS: dict[str, Callable[[], Answer]] = {
    "Python": python,
    "mode": mode,
    "secret": secret,
    "folders": folders,
    "assets": assets,
    "database": database,
    "migrations": migrations,
    "routing": routing,
    "worker": worker,
    "outbox": outbox,
    "mail": mail,
}
