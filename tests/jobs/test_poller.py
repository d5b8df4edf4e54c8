"""The worker's threads: they work until they are told to end, and outlive a database that is away."""

import threading

import pytest
from django.db import DatabaseError

from firstbell.jobs.drain import drain
from firstbell.jobs.poller import TROUBLE_SECONDS, Poller
from firstbell.kernel.actor import REPORTER
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make


def notices():
    return Notice.objects.everyone(reason="a test looks").count()


@pytest.mark.django_db(transaction=True)
def test_a_poller_works_until_it_is_told_to_end():
    town = make.district()
    poller = Poller(lambda at: drain(at=at), name="outbox", pause=0.05, clock=lambda: town.at)
    poller.start()
    report = Report(site_id=town.schools[0].site.pk, symptom="cracked")
    open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())
    waited = threading.Event()
    for _ in range(200):
        if notices():
            break
        waited.wait(0.05)
    poller.end()
    assert not poller.is_alive()
    assert notices() == 1


@pytest.mark.django_db(transaction=True)
def test_a_poller_outlives_a_database_that_is_away():
    def away(_at):
        raise DatabaseError("gone")

    assert Poller(away, name="outbox", pause=0.25)._turn() == TROUBLE_SECONDS


@pytest.mark.django_db(transaction=True)
def test_it_rests_only_when_there_was_nothing_to_do():
    assert Poller(lambda _at: 3, name="post", pause=0.25)._turn() == 0
    assert Poller(lambda _at: 0, name="post", pause=0.25)._turn() == 0.25
