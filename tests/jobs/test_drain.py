"""The outbox: taken under a lock, settled with what the reactions wrote, tried again when they fail."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from firstbell.jobs import drain as module
from firstbell.jobs.drain import drain, drain_all
from firstbell.jobs.reactions import react
from firstbell.kernel.actor import REPORTER
from firstbell.ledger import outbox
from firstbell.ledger.models import Outbox
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make


def opened(town):
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="cracked", place_id=here.places["room"].pk)
    return open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())


def notices():
    return Notice.objects.everyone(reason="a test looks").count()


@pytest.fixture
def town():
    made = make.district()
    drain_all(at=made.at)
    return made


@pytest.mark.django_db
def test_what_nothing_follows_from_leaves_the_outbox(town):
    make.device(town, town.schools[0])
    assert outbox.state(at=town.at).waiting > 0
    drain_all(at=town.at)
    assert outbox.state(at=town.at) == outbox.OutboxState(waiting=0, oldest_seconds=0, stuck=0)


@pytest.mark.django_db
def test_a_failing_reaction_leaves_nothing_and_is_tried_again(town, monkeypatch):
    opened(town)
    calls: list[int] = []

    def fail_after_telling(event, *, at):
        react(event, at=at)
        calls.append(event.attempts)
        raise RuntimeError("the mail server is ill")

    monkeypatch.setattr(module, "react", fail_after_telling)
    assert drain(at=town.at) == 1
    assert notices() == 0
    assert drain(at=town.at) == 0, "it waits before it is tried again"
    for _ in range(outbox.STUCK - 1):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_outbox SET next_try_at = now()")
        drain(at=town.at)
    assert calls == [0, 1, 2, 3, 4]
    assert outbox.state(at=town.at).stuck == 1
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_outbox SET next_try_at = now()")
    assert drain_all(at=town.at) == 1
    assert notices() == 1


@pytest.mark.django_db
def test_one_failing_event_does_not_hold_up_the_others(town, monkeypatch):
    bad, good = opened(town), opened(town)

    def fail_one(event, *, at):
        if event.facts["ticket_id"] == bad.pk:
            raise RuntimeError
        react(event, at=at)

    monkeypatch.setattr(module, "react", fail_one)
    assert drain(at=town.at) == 2
    told = Notice.objects.everyone(reason="a test looks").values_list("ticket_id", flat=True)
    assert list(told) == [good.pk]


def test_waits_grow_to_an_hour(monkeypatch):
    waits = []

    class Rows:
        def filter(self, **_kwargs):
            return self

        def update(self, *, next_try_at, **_kwargs):
            waits.append(next_try_at.rhs.value)

    monkeypatch.setattr(Outbox, "objects", Rows())
    for attempts in (0, 1, 5, 12, 40):
        outbox.postpone(outbox.Waiting(1, "x", {}, None, make.MONDAY, attempts))
    assert [wait.total_seconds() for wait in waits] == [1, 2, 32, 3600, 3600]
    assert waits[-1] == timedelta(hours=1)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_event():
    town = make.district()
    drain_all(at=town.at)
    opened(town)
    taken: list[int] = []
    with transaction.atomic():
        assert drain(at=town.at) == 1

        def other():
            taken.append(drain(at=town.at))
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert taken == [0]
    assert notices() == 1
