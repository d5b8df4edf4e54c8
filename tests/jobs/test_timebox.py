"""What stays with the student team for too long moves up by itself, in school minutes, once."""

from datetime import timedelta

import pytest

from firstbell.jobs.drain import drain_all
from firstbell.jobs.timebox import hand_up_team_tasks
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, open_ticket, take_team_task, triage, wait
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.district()


def opened(town, at=None, *, class_stopper=False):
    here = town.schools[0]
    place = here.places["room"].pk
    report = Report(site_id=here.site.pk, symptom="slow", place_id=place, class_stopper=class_stopper)
    return open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=at or town.at, op=make.op())


def level(ticket):
    return Ticket.objects.everyone(reason="a test looks").get(pk=ticket.pk).level


def test_after_thirty_school_minutes_school_it_has_it_and_is_told(town):
    ticket = opened(town)
    assert ticket.level == 1
    hand_up_team_tasks(town.at + timedelta(minutes=29))
    assert level(ticket) == 1
    late = town.at + timedelta(minutes=30)
    hand_up_team_tasks(late)
    hand_up_team_tasks(late)
    assert level(ticket) == 2
    drain_all(at=late)
    told = Notice.objects.everyone(reason="a test looks").filter(kind=Notice.Kind.HANDED_UP)
    assert [notice.user_id for notice in told] == [town.schools[0].lead.pk]


def test_the_night_does_not_count(town):
    evening = town.at.replace(hour=19, minute=20)  # ten minutes before the school closes
    ticket = opened(town, at=evening)
    hand_up_team_tasks(evening + timedelta(hours=12))
    assert level(ticket) == 1
    hand_up_team_tasks(evening + timedelta(hours=16, minutes=30))
    assert level(ticket) == 2


def test_a_helper_at_work_does_not_stop_the_clock(town):
    here = town.schools[0]
    _user, helper = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    ticket = opened(town)
    take_team_task(ticket_id=ticket.pk, by=helper, at=town.at + timedelta(minutes=20), op=make.op())
    hand_up_team_tasks(town.at + timedelta(minutes=31))
    assert level(ticket) == 2


def test_the_clock_starts_when_the_ticket_comes_to_the_team(town):
    ticket = opened(town, class_stopper=True)
    assert ticket.level == 2
    lead = town.schools[0].lead_actor
    at = town.at + timedelta(hours=2)
    triage(ticket_id=ticket.pk, outcome=Ticket.Outcome.TEAM, by=lead, at=at, op=make.op())
    hand_up_team_tasks(at + timedelta(minutes=10))
    assert level(ticket) == 1
    hand_up_team_tasks(at + timedelta(minutes=30))
    assert level(ticket) == 2


def test_what_waits_on_its_reporter_stays(town):
    ticket = opened(town)
    lead = town.schools[0].lead_actor
    wait(ticket_id=ticket.pk, on=Ticket.WaitingOn.REPORTER, by=lead, at=town.at, op=make.op())
    hand_up_team_tasks(town.at + timedelta(hours=3))
    assert level(ticket) == 1


def test_the_plan_says_how_long(town):
    ticket = opened(town)
    make.decision("levels.team_minutes", 60, town.schools[0].site)
    hand_up_team_tasks(town.at + timedelta(minutes=59))
    assert level(ticket) == 1
    hand_up_team_tasks(town.at + timedelta(minutes=60))
    assert level(ticket) == 2


def test_somebody_faster_is_no_error(town, monkeypatch, caplog):
    ticket = opened(town)

    def too_late(**_kwargs):
        raise Refused("ticket_move", "It is closed.")

    monkeypatch.setattr("firstbell.jobs.timebox.hand_up_overdue", too_late)
    caplog.set_level("INFO")
    hand_up_team_tasks(town.at + timedelta(hours=3))
    assert level(ticket) == 1
    assert "stays where it is: ticket_move" in caplog.text
