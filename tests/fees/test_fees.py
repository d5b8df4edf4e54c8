"""The verbs of fees: who may, what they change, and the one event they write."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from firstbell.decisions.register import FEES
from firstbell.fees import rules
from firstbell.fees.actions.policy import end_policy, protect, set_policy
from firstbell.fees.models import Charge, Cover, FeePolicy
from firstbell.flows.charges import basis_of, decide_no_charge, policy_for, propose_charge, undecided
from firstbell.flows.closing import close_ticket, loose_ends
from firstbell.flows.handback import hand_back
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.errors import Denied, Missing
from firstbell.ledger.queries import history
from tests import make
from tests.rules.town import Town, build, refused

pytestmark = pytest.mark.django_db
TODAY = make.MONDAY.date()
HOUR = timedelta(hours=1)


@pytest.fixture
def town() -> Town:
    return build()


def _office(town: Town, **later: float) -> dict[str, Any]:
    return {"by": town.district.office, "at": town.district.at + timedelta(**later), "op": make.op()}


def _row(**extra: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "cause": "liquid",
        "holder_kind": FeePolicy.Holder.STUDENT,
        "amount_cents": 2500,
        "cap_cents": 5000,
    }
    return row | {"since": TODAY} | extra


def _spill(town: Town, **extra: Any) -> Incident:
    facts: dict[str, Any] = {
        "device_id": town.device.pk,
        "cause": Incident.Cause.LIQUID,
        "happened_at": town.district.at - HOUR,
    }
    return note_damage(**facts | extra | town.moment(hours=1))


def test_setting_a_row_ends_the_earlier_one_and_says_so(town):
    first = set_policy(**_row(), **_office(town))
    second = set_policy(**_row(amount_cents=3000, since=TODAY + timedelta(days=5)), **_office(town))
    first.refresh_from_db()
    assert first.until == second.since
    assert [event.kind for event in history(second)] == ["fees.policy_set"]
    assert (str(second.amount), str(second.cap)) == ("$30.00", "$50.00")


def test_ending_a_row_writes_one_event(town):
    row = set_policy(**_row(), **_office(town))
    ended = end_policy(policy_id=row.pk, until=TODAY + timedelta(days=5), **_office(town))
    assert [event.kind for event in history(ended)] == ["fees.policy_ended", "fees.policy_set"]
    with pytest.raises(Missing):
        end_policy(policy_id=row.pk, until=TODAY + timedelta(days=6), **_office(town))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"cause": "guilt"}, "cause_unknown"),
        ({"occurrence": 0}, "occurrence_wrong"),
        ({"amount_cents": 5001}, "above_cap"),
        ({"amount_cents": -1}, "above_cap"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(town, wrong, code):
    with refused(code):
        set_policy(**_row(**wrong), **_office(town))
    assert FeePolicy.objects.count() == 0


def test_only_those_who_decide_charges_may(town):
    set_policy(**_row(), **_office(town))
    incident = _spill(town)
    for call in (
        lambda: set_policy(**_row(since=TODAY + timedelta(days=3)), **town.moment()),
        lambda: end_policy(policy_id=1, until=TODAY, **town.moment()),
        lambda: propose_charge(incident_id=incident.pk, **town.moment()),
        lambda: decide_no_charge(incident_id=incident.pk, reason="x", **town.moment()),
    ):
        with pytest.raises((Denied, Missing)), transaction.atomic():
            call()
    assert Charge.objects.visible_to(town.district.office).count() == 0
    assert Charge.objects.visible_to(town.school.lead_actor).count() == 0


def test_a_charge_is_decided_once(town):
    set_policy(**_row(), **_office(town))
    incident = _spill(town)
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=1))
    assert (charge.person, charge.amount_cents, str(charge.amount)) == (town.ana, 2500, "$25.00")
    assert [event.kind for event in history(charge)] == ["fees.posted", "fees.charge_decided"]
    with refused("charge_decided"):
        decide_no_charge(incident_id=incident.pk, reason="a gift", **_office(town, days=1))


def test_asking_nothing_needs_a_reason_and_is_zero(town):
    set_policy(**_row(), **_office(town))
    incident = _spill(town)
    with refused("reason_missing"):
        decide_no_charge(incident_id=incident.pk, reason=" ", **_office(town))
    charge = decide_no_charge(incident_id=incident.pk, reason="The roof leaked.", **_office(town))
    assert (charge.outcome, charge.amount_cents, charge.reason) == ("none", 0, "The roof leaked.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.everyone(reason="a test").filter(pk=charge.pk).update(amount_cents=1)


def test_nobody_is_charged_for_what_happened_on_a_shelf(town):
    set_policy(**_row(), **_office(town))
    incident = note_damage(
        device_id=town.loaner.pk, cause=Incident.Cause.LIQUID, happened_at=town.district.at, **town.moment(hours=1)
    )
    assert (basis_of(incident), policy_for(incident)) == (None, None)
    with refused("nobody_had_it"):
        propose_charge(incident_id=incident.pk, **_office(town))


def test_an_undecided_charge_hangs_on_its_ticket_only_where_the_policy_has_a_row(town):
    ticket = town.swap()
    _spill(town, ticket_id=ticket.pk)
    assert undecided(ticket.pk) == []
    set_policy(**_row(), **_office(town))
    (incident,) = undecided(ticket.pk)
    assert "the charge is undecided" in loose_ends(ticket)
    decide_no_charge(incident_id=incident.pk, reason="The roof leaked.", **_office(town, days=1))
    assert undecided(ticket.pk) == []


def test_an_undecided_charge_keeps_the_ticket_open_but_never_the_device_from_its_owner(town):

    set_policy(**_row(), **_office(town))
    ticket = town.swap()
    _spill(town, ticket_id=ticket.pk)
    town.mend(hours=4)
    hand_back(device_id=town.device.pk, loaner_id=town.loaner.pk, **town.moment(hours=5))
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    with refused("loose_ends"):
        close_ticket(ticket_id=ticket.pk, **town.moment(hours=6))
    decide_no_charge(incident_id=undecided(ticket.pk)[0].pk, reason="An accident.", **_office(town, hours=7))
    assert close_ticket(ticket_id=ticket.pk, **town.moment(hours=8)).status == "closed"


def _cap_of_a_year(town: Town, cents: int) -> None:
    set_policy(**_row(cap_cents=5000, year_cap_cents=cents), **_office(town))


def test_a_year_never_holds_more_than_its_cap(town):
    _cap_of_a_year(town, 4000)
    first = propose_charge(incident_id=_spill(town, happened_at=town.district.at).pk, **_office(town, days=1))
    second = propose_charge(incident_id=_spill(town, happened_at=town.district.at).pk, **_office(town, days=1))
    third = _spill(town, happened_at=town.district.at).pk
    assert (first.amount_cents, second.amount_cents) == (2500, 1500)
    with refused("above_year_cap_now"):
        propose_charge(incident_id=third, amount_cents=1, **_office(town, days=1))
    assert propose_charge(incident_id=third, **_office(town, days=1)).amount_cents == 0


def test_without_the_check_of_the_year_the_database_refuses(town, monkeypatch):
    _cap_of_a_year(town, 4000)
    propose_charge(incident_id=_spill(town, happened_at=town.district.at).pk, **_office(town, days=1))
    monkeypatch.setattr(rules, "check_within_year", lambda *_: None)
    with pytest.raises(IntegrityError, match="cap of the year"), transaction.atomic():
        propose_charge(
            incident_id=_spill(town, happened_at=town.district.at).pk, amount_cents=2500, **_office(town, days=1)
        )


def _asked(incident: Incident) -> int | None:
    row = policy_for(incident)
    return row.amount_cents if row else None


def test_a_plan_has_its_own_row_and_lapses_on_its_last_day(town):
    set_policy(**_row(), **_office(town))
    set_policy(**_row(cover=Cover.PLAN, amount_cents=100), **_office(town))
    incident = _spill(town, happened_at=town.district.at)
    assert _asked(incident) == 2500
    yesterday = TODAY - timedelta(days=1)
    protect(person_id=town.ana.pk, since=yesterday - timedelta(days=9), until=TODAY, **_office(town))
    assert _asked(incident) == 2500, "it has lapsed on that day"
    protect(person_id=town.ana.pk, since=TODAY, until=TODAY + timedelta(days=1), **_office(town))
    assert _asked(incident) == 100
    assert propose_charge(incident_id=incident.pk, **_office(town, days=1)).cover == "plan"


def test_a_person_has_one_plan_at_a_time(town):
    protect(person_id=town.ana.pk, since=TODAY, until=TODAY + timedelta(days=9), **_office(town))
    with refused("protected_already"):
        protect(
            person_id=town.ana.pk, since=TODAY + timedelta(days=8), until=TODAY + timedelta(days=20), **_office(town)
        )
    with refused("protection_order"):
        protect(person_id=town.ana.pk, since=TODAY, until=TODAY, **_office(town))


def test_no_fees_switches_every_charge_off(town):
    set_policy(**_row(), **_office(town))
    incident = _spill(town, happened_at=town.district.at)
    make.decision(FEES.key, "none")
    assert policy_for(incident) is None
    with refused("no_fees"):
        propose_charge(incident_id=incident.pk, **_office(town, days=1))
    make.decision(FEES.key, "policy")
    assert propose_charge(incident_id=incident.pk, **_office(town, days=1)).amount_cents == 2500
