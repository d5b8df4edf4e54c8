"""A school goes live once nothing is missing, or with the reason why it starts without (S1, S56)."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from firstbell.directory.models import RoleHeld, Site
from firstbell.flows.golive import go_live
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, object] = {
    "triage.place": "desk",
    "channels.student": ["qr", "desk"],
    "channels.staff": ["qr", "phone"],
    "intake.place": "pickup_box",
    "intake.stand_in": "loan",
    "repair.where": "depot",
}


@pytest.fixture
def town() -> make.District:
    """A district whose school lacks nothing."""
    made = make.district()
    make.loaner(made, made.schools[0])
    for key, value in ANSWERS.items():
        make.decision(key, value)
    return made


def _act(town: make.District) -> dict[str, Any]:
    return {"site_id": town.schools[0].site.pk, "by": town.office, "at": town.at, "op": make.op()}


def _events() -> list[Any]:
    return list(replay("flows.went_live"))


def test_a_school_that_lacks_nothing_goes_live_today(town: make.District) -> None:
    site = go_live(**_act(town))
    assert site.live_on == town.at.date()
    assert site.live_reason == ""
    assert [event.facts for event in _events()] == [{"site_id": site.pk, "missing": 0}]
    again = go_live(**_act(town) | {"at": make.MONDAY.replace(day=20)})
    assert again.live_on == town.at.date()
    assert len(_events()) == 1


def test_without_a_lead_and_an_answer_it_is_refused_with_the_list(town: make.District) -> None:
    here = town.schools[0]
    RoleHeld.objects.filter(user=here.lead).update(until=town.at.date())
    make.user("Dana Deputy", Role.IT_LEAD, here.site, deputy=True)
    connection.cursor().execute("DELETE FROM decisions_answer WHERE key = 'intake.stand_in'")
    with pytest.raises(Refused) as refusal:
        go_live(**_act(town))
    assert refusal.value.code == "not_ready"
    lacking = "It lacks: an IT lead, an answer to “What does the person get while the device is away?”"
    assert lacking in refusal.value.sentence
    assert _events() == []
    assert Site.objects.get(pk=here.site.pk).live_on is None


def test_an_exception_is_kept_with_its_reason(town: make.District) -> None:
    RoleHeld.objects.filter(user=town.schools[0].lead).update(until=town.at.date())
    site = go_live(**_act(town), reason="  the lead starts on Monday ")
    assert site.live_reason == "the lead starts on Monday"
    assert [event.facts["missing"] for event in _events()] == [1]


def test_only_leadership_may_and_only_schools_do(town: make.District) -> None:
    for by in (town.schools[0].lead_actor, town.technician, REPORTER):
        with pytest.raises(Missing):
            go_live(**_act(town) | {"by": by})
    with pytest.raises(Missing):
        go_live(**_act(town) | {"site_id": town.depot.pk})


def test_a_report_at_a_school_that_is_not_live_is_kept(town: make.District) -> None:
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="dead")
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())
    assert ticket.owner == here.lead


def test_schools_at_work_before_the_change_count_as_live(town: make.District) -> None:
    move = import_module("firstbell.directory.migrations.0003_go_live")
    connection.cursor().execute(move.AT_WORK)
    assert Site.objects.get(pk=town.schools[0].site.pk).live_on
    assert Site.objects.get(pk=town.depot.pk).live_on is None
