"""Kill -9 of web, worker and database at random moments under load: nothing acknowledged is lost, nothing is doubled.

The clients write each acknowledgement to a file of their own, with fsync, and repeat what was not acknowledged with the
same operation id. CRASH_POINTS changes the number of kills, CRASH_SEED the order; `make soak` kills 200 times.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection

from firstbell.database import Server
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.flows.report import report_problem
from firstbell.jobs.drain import drain_all
from firstbell.jobs.verify import CHECKS
from firstbell.kernel.actor import REPORTER
from firstbell.ledger.models import Event, Operation, Outbox
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report
from firstbell.tickets.models import StatusLink, Ticket
from tests import make
from tests.crash.stage import Client, Said, Service, acknowledged, children, free_port, kept_running, kill
from tests.jobs.test_worker import until
from tests.scratch import Scratch

logger = logging.getLogger(__name__)

POINTS = int(os.environ.get("CRASH_POINTS", "8"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1 << 30)
REPORTERS, DESKS = 6, 2


@dataclass
class Installation:
    """Everything that runs, and where."""

    database: Scratch
    server: Server | None
    web: Service
    worker: Service
    port: int
    acks: Path


@pytest.fixture
def installation(tmp_path, django_db_setup, django_db_blocker) -> Iterator[Installation]:
    """A server, a database, web and worker of their own; without embedded programs, a database of the tests' server."""
    if settings.DATABASE_URL:
        pytest.skip("kills a database server; needs the embedded one")
    server = Server(tmp_path / "var", settings.EMBEDDED_SERVER.binaries)
    server.ensure()
    database = Scratch("firstbell", {"host": str(server.sockets), "user": "firstbell"})
    environment = dict(os.environ) | {"FIRSTBELL_DATA_DIR": str(server.home), "FIRSTBELL_MODE": "test"}
    environment.pop("DATABASE_URL", None)
    port = free_port()
    web = Service(["serve", f"--port={port}", "--workers=2", "--threads=4"], environment)
    acks = tmp_path / "acks"
    acks.mkdir()
    try:
        with django_db_blocker.unblock(), database.in_use():
            call_command("migrate", verbosity=0)
            yield Installation(database, server, web, Service(["worker"], environment), port, acks)
    finally:
        server.leave()


class Town:
    """Rooms to report from, loaners to lend, and a lead who is signed in."""

    def __init__(self) -> None:
        self.town = make.district()
        here = self.town.schools[0]
        self.rooms = [
            make_place(site_id=here.site.pk, kind=Place.Kind.ROOM, name=f"R{number}", **make.system())
            for number in range(40)
        ]
        self.loaners = [make.loaner(self.town, here) for _ in range(DESKS)]
        self.people = [make.person(here.site) for _ in range(DESKS)]
        self.session = SessionStore()
        self.session[SESSION_KEY] = str(here.lead.pk)
        self.session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        self.session[HASH_SESSION_KEY] = here.lead.get_session_auth_hash()
        self.session.save()

    def report(self, chance: random.Random) -> Said:
        room = chance.choice(self.rooms)
        return Said(f"/r/{room.code}/tickets", {"symptom": "cracked", "reporter": "student"})

    def lend(self, desk: int) -> Said:
        return self._at_desk(desk, "loan", {"person": str(self.people[desk].pk), "reason": "forgotten"})

    def take_back(self, desk: int) -> Said:
        return self._at_desk(desk, "loan/return", {"grade": "good"})

    def _at_desk(self, desk: int, what: str, fields: dict[str, str]) -> Said:
        path = f"/devices/{self.loaners[desk].tag}/{what}"
        return Said(path, fields, {settings.SESSION_COOKIE_NAME: str(self.session.session_key)})


class Load:
    """Reporters and desks, each a thread with its own acknowledgements, until told to stop."""

    def __init__(self, port: int, acks: Path, town: Town | None) -> None:
        self.stopped = threading.Event()
        self.problems: list[BaseException] = []
        self.lent: list[UUID] = []
        self.brought: list[UUID] = []
        self.reported: list[UUID] = []
        self.clients = [
            Client(port, acks / f"{number}.acks", random.Random(SEED + number)) for number in range(REPORTERS + DESKS)
        ]
        self.threads = [
            threading.Thread(target=self._guarded, args=(town, client, number))
            for number, client in enumerate(self.clients)
        ]

    def _guarded(self, town: Town, client: Client, number: int) -> None:
        try:
            while not self.stopped.is_set():
                if number < DESKS:
                    self._desk(town, client, number)
                else:
                    self._reports(town, client)
        except BaseException as problem:
            self.problems.append(problem)
            raise

    def _reports(self, town: Town, client: Client) -> None:
        op = uuid4()
        client.deliver(op, town.report(client.chance))
        self.reported.append(op)

    def _desk(self, town: Town, client: Client, desk: int) -> None:
        for said, done in ((town.lend(desk), self.lent), (town.take_back(desk), self.brought)):
            op = uuid4()
            client.deliver(op, said)
            done.append(op)

    def goes_on(self, seen: int) -> bool:
        """Say whether more was acknowledged than before, or something is wrong."""
        return len(self.reported) > seen or bool(self.problems)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def strike(here: Installation, chance: random.Random) -> str:
    """Kill one of them without warning."""
    victim = chance.choice(["web", "web process", "worker", "worker", "database"])
    if victim == "web":
        kill(*here.web.pids())
    elif victim == "web process":
        kill(*here.web.pids()[1:2])
    elif victim == "worker":
        kill(*here.worker.pids())
    else:
        assert here.server
        postmaster = int((here.server.data / "postmaster.pid").read_text().split()[0])
        kill(postmaster, *children(postmaster))
    return victim


def test_nothing_acknowledged_is_lost_and_nothing_is_doubled(installation):
    chance = random.Random(SEED)
    logger.info("CRASH_SEED=%s", SEED)
    town = Town()
    before = Event.objects.count()
    struck: list[str] = []
    with kept_running([installation.web, installation.worker]):
        with Load(installation.port, installation.acks, town) as load:
            until(lambda: load.reported, 60)
            while len(struck) < POINTS and not load.problems:
                time.sleep(chance.uniform(0.2, 1.5))
                seen = len(load.reported)
                struck.append(strike(installation, chance))
                until(partial(load.goes_on, seen), 90)
        connection.close()  # it may have died with the server
        assert load.problems == []
        until(lambda: not Outbox.objects.exists(), 60)
    assert Event.objects.count() > before
    judge(load, acknowledged(installation.acks), struck)


def judge(load: Load, acks: dict[UUID, str], struck: list[str]) -> None:
    """Compare what the clients were told with what is there."""
    sent = [*load.reported, *load.lent, *load.brought]
    assert set(sent) == set(acks)
    assert Operation.objects.filter(pk__in=sent).count() == len(sent), "an acknowledged operation is lost"
    tickets = Ticket.objects.everyone(reason="a test looks")
    assert tickets.count() == len(load.reported), "a report is lost or doubled"
    for kind, ops in (("tickets.opened", load.reported), ("loans.lent", load.lent), ("loans.returned", load.brought)):
        events = list(Event.objects.filter(kind=kind).values_list("operation_id", flat=True))
        assert sorted(events) == sorted(ops), f"{kind} is lost or doubled"
    assert StatusLink.objects.count() == len(load.reported)
    told = list(Notice.objects.everyone(reason="a test looks").values_list("event_id", "user_id"))
    assert len(told) == len(set(told)) == tickets.filter(quarantined=False).count(), "a notice is lost or doubled"
    assert [fault for check in CHECKS for fault in check.faults()] == []
    logger.info(
        "%s kills (%s): %s acknowledged, 0 lost, 0 doubled; %s repeats after errors, %s deliveries sent twice",
        len(struck),
        ", ".join(f"{struck.count(one)} {one}" for one in sorted(set(struck))),
        len(acks),
        sum(client.retries for client in load.clients),
        sum(client.twins for client in load.clients),
    )


def test_the_judge_sees_what_is_lost(scratch, tmp_path):
    """The negative control: reports and loans without a crash, then one thing missing after the other."""
    with scratch.in_use():
        town, load = Town(), Load(0, tmp_path, None)
        for _ in range(3):
            op = uuid4()
            report = Report(site_id=town.town.schools[0].site.pk, symptom="cracked")
            report_problem(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.town.at, op=op)
            load.reported.append(op)
        drain_all(at=town.town.at)
        acks = dict.fromkeys(load.reported, "/s/x")
        judge(load, acks, [])
        never = uuid4()
        load.reported.append(never)
        with pytest.raises(AssertionError, match="an acknowledged operation is lost"):
            judge(load, acks | {never: "/s/x"}, [])
        load.reported.pop()
        twice = Notice.objects.everyone(reason="a test bends").get(event_id=Event.objects.latest("id").pk)
        twice.pk, twice.effect_id = None, "again"
        twice.save()
        with pytest.raises(AssertionError, match="a notice is lost or doubled"):
            judge(load, acks, [])
