"""The worker: starts, reacts, shows that it lives, stops when asked, and takes over from a dead one."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import pytest
from django.core.management import call_command
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from firstbell import doctor
from firstbell.jobs import schedule
from firstbell.jobs.schedule import SCHEDULE
from firstbell.kernel.actor import REPORTER
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, link_status, open_ticket
from firstbell.tickets.models import StatusLink, Ticket
from tests import make


def until(found: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def opened() -> Ticket:
    town = make.district()
    report = Report(site_id=town.schools[0].site.pk, symptom="cracked")
    return open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())


def apart(work: Callable[[], None]) -> None:
    """Do it in a thread of its own: the browser of another test may have left an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


@pytest.fixture
def worker(scratch):
    process = subprocess.Popen([sys.executable, "-m", "firstbell.cli", "worker"], env=scratch.environment)
    yield process
    process.kill()
    process.wait()


def test_the_worker_reacts_shows_that_it_lives_and_stops_when_asked(scratch, worker):
    with scratch.in_use():
        opened()
        until(lambda: Notice.objects.everyone(reason="a test looks").count() == 1)
        until(lambda: doctor.worker().found == "1 alive")
        assert doctor.outbox().advice == ""
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
        assert doctor.worker().found == "0 alive"
        opened()
        assert "waiting" in doctor.outbox().found


def test_jobs_of_a_dead_worker_are_given_to_another(scratch):
    with scratch.in_use():
        with scratch.connect() as session:
            session.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '40 seconds')")
            session.execute(
                "INSERT INTO procrastinate_jobs (task_name, args, status, worker_id, queue_name)"
                " SELECT 'tidy', '{\"timestamp\": 0}', 'doing', id, 'default' FROM procrastinate_workers"
            )
        app.tasks["bring_back_stalled"].defer(timestamp=0)
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        with app.replace_connector(connector.get_worker_connector()):
            for _ in range(2):
                apart(partial(app.run_worker, wait=False, delete_jobs="successful", install_signal_handlers=False))
        with scratch.connect() as session:
            left = session.execute("SELECT task_name, status FROM procrastinate_jobs").fetchall()
    assert [row for row in left if row[0] == "tidy"] == []


def test_the_schedule_is_known_to_the_workers():
    known = {name for name, _id in app.periodic_registry.periodic_tasks}
    assert {entry.name for entry in SCHEDULE} | {"bring_back_stalled"} == known
    assert all(task.croniter.get_next() for task in app.periodic_registry.periodic_tasks.values())


@pytest.mark.django_db
@pytest.mark.parametrize("entry", SCHEDULE, ids=lambda entry: entry.name)
def test_every_entry_of_the_schedule_runs_on_an_empty_database(entry):
    entry.run(datetime(2026, 9, 14, 12, tzinfo=UTC))


@pytest.mark.django_db
def test_tidying_removes_links_that_lead_nowhere():
    ticket = opened()
    link_status(ticket=ticket, token="t", at=make.MONDAY)
    schedule.tidy(make.MONDAY)
    assert StatusLink.objects.count() == 1
    schedule.tidy(make.MONDAY.replace(year=2027))
    assert StatusLink.objects.count() == 0


def test_job_arguments_are_numbers_only():
    """Ids only: no text that could be a name ever reaches the job table."""
    ours = [task.func for task in app.tasks.values() if task.func.__module__.startswith("firstbell")]
    assert len(ours) == len(SCHEDULE) + len({"drain", "take_list", "write_export"})
    for function in ours:
        wanted = {name: kind for name, kind in function.__annotations__.items() if name not in {"context", "return"}}
        assert set(wanted.values()) == {int}


def test_the_worker_explains_itself(capsys):
    with pytest.raises(SystemExit):
        call_command("worker", "--help")
    assert "SIGTERM" in capsys.readouterr().out
