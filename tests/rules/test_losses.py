"""Lost, stolen, damaged: one story for each path, with its case, its ticket, its money and its closing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from firstbell.decisions.queries import plan
from firstbell.decisions.register import FOUND_REFUND, POLICE_DAYS, REFER_AFTER, SEARCH_DAYS, THEFT_UNREPORTED
from firstbell.devices.actions.custody import note_condition, relocate
from firstbell.devices.models import Condition, Device
from firstbell.devices.queries import owner
from firstbell.directory.queries import school_time_of
from firstbell.fees.actions.books import A, take_payment
from firstbell.fees.actions.policy import protect, set_rows
from firstbell.fees.models import Charge
from firstbell.fees.usual import USUAL
from firstbell.flows.charges import decide_no_charge, propose_charge
from firstbell.flows.closing import close_ticket, loose_ends
from firstbell.flows.handback import hand_back
from firstbell.flows.losses import mark_found, report_gone, write_off
from firstbell.incidents.actions import decide_referral, note_damage, note_step, refer, refer_repeat
from firstbell.incidents.models import Incident, Referral
from firstbell.incidents.paths import PATHS, path_of
from firstbell.incidents.queries import between_looks, steps_due
from firstbell.jobs.alarms import tell_of_case_steps
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Role
from firstbell.ledger.actions import Begun
from firstbell.ledger.queries import history
from firstbell.notices.models import Notice
from firstbell.tickets.models import Ticket
from tests import make
from tests.rules.town import Town, build, refused

pytestmark = pytest.mark.django_db
C, W = Incident.Cause, Incident.Where


@pytest.fixture
def town() -> Town:
    town = build()
    set_rows(lines=USUAL, since=town.district.at.date(), **_office(town))
    return town


def _office(town: Town, **later: float) -> dict[str, Any]:
    return town.moment(**later) | {"by": town.district.office}


def _gone(town: Town, cause: Incident.Cause = C.LOST, where: Incident.Where = W.OUTSIDE, **extra: Any) -> Incident:
    call: dict[str, Any] = {"device_id": town.device.pk, "cause": cause, "where": where}
    return report_gone(**call | {"happened_at": town.district.at} | extra, **town.moment(hours=1))


def _steps(town: Town, incident: Incident, *but: str, **later: float) -> None:
    done = set(incident.steps.values_list("code", flat=True))
    for step in path_of(incident):
        if step.code not in {*but, *done}:
            note_step(incident_id=incident.pk, code=step.code, text="noted", **town.moment(**later))


def _now(row: Incident) -> Incident:
    return Incident.objects.everyone(reason="a test looks").select_related("ticket").get(pk=row.pk)


def _status(town: Town) -> str:
    return make.fresh(town.device).status


def _charge(charge: Charge) -> Charge:
    return Charge.objects.everyone(reason="a test looks").get(pk=charge.pk)


def _close(town: Town, ticket: Ticket | None, **later: float) -> Ticket:
    assert ticket is not None
    return close_ticket(ticket_id=ticket.pk, **town.moment(**later))


def _written_off(town: Town, incident: Incident, *but: str, reason: str = "") -> Incident:
    _steps(town, incident, *but, days=1)
    return write_off(incident_id=incident.pk, reason=reason, **_office(town, days=20))


# --- Lost ----------------------------------------------------------------------------------------------------------


def test_lost_and_found_before_anything_was_asked(town):
    incident = _gone(town, last_seen="Bus 12, Monday, by Ana")
    assert _status(town) == "lost"
    assert incident.steps.get().code == "last_seen"
    assert any("being searched" in end for end in loose_ends(_ticket(incident)))
    with refused("still_searched"):
        propose_charge(incident_id=incident.pk, **_office(town, days=1))
    _find(town, incident, days=1)
    assert _status(town) == "in_service"
    with refused("found_again"):
        propose_charge(incident_id=incident.pk, **_office(town, days=2))
    assert _close(town, _now(incident).ticket, days=2).status == "closed"


def _ticket(incident: Incident) -> Ticket:
    ticket = _now(incident).ticket
    assert ticket is not None
    return ticket


def test_lost_and_written_off_asks_once_and_gives_back_when_it_is_found_after_all(town):
    incident = _gone(town)
    with refused("still_searched"):
        write_off(incident_id=incident.pk, **_office(town, days=1))
    with refused("papers_missing"):
        write_off(incident_id=incident.pk, **_office(town, days=20))
    _written_off(town, incident)
    assert (_status(town), _now(incident).outcome) == ("lost", "written_off")
    assert owner(town.device) is None
    with refused("loose_ends"):
        _close(town, _ticket(incident), days=21)
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=21))
    assert (charge.cause, charge.amount_cents) == ("lost", 20_000)
    assert _close(town, _ticket(incident), days=21).status == "closed"
    take_payment(charge_id=charge.pk, amount_cents=5000, method=A.CASH, **_office(town, days=22))
    _find(town, incident, days=30)
    assert (_status(town), _now(incident).outcome) == ("in_stock", "found")
    assert (_charge(charge).owed_cents, _charge(charge).back_cents) == (0, 5000)
    with refused("not_searched"):
        _find(town, incident, days=31)


def _find(town: Town, incident: Incident, **later: float) -> None:
    place = town.school.places["desk"].pk
    mark_found(incident_id=incident.pk, place_id=place, grade=Condition.Grade.WORN, **town.moment(**later))


def test_without_its_papers_it_ends_with_a_reason(town):
    incident = _gone(town)
    assert _written_off(town, incident, "search", reason="The family moved abroad.").outcome == "written_off"


def test_the_plan_says_how_long_it_is_searched(town):
    incident = _gone(town)
    make.decision(SEARCH_DAYS.key, 40)
    _steps(town, incident, days=1)
    with refused("still_searched"):
        write_off(incident_id=incident.pk, **_office(town, days=20))


# --- Stolen --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "officer"), [(W.CAMPUS, True), (W.OUTSIDE, False)])
def test_stolen_on_and_off_campus_have_their_own_steps(town, where, officer):
    incident = _gone(town, C.STOLEN, where, circumstance="unattended")
    assert _status(town) == "stolen"
    codes = {step.code for step in path_of(incident)}
    assert ("officer" in codes, "police" in codes) == (officer, True)
    _written_off(town, incident)
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=21))
    assert (charge.cause, charge.occurrence) == ("stolen", 1)
    assert _close(town, _ticket(incident), days=21).status == "closed"


def test_a_theft_that_nobody_reported_may_count_as_a_loss(town):
    make.decision(THEFT_UNREPORTED.key, "loss")
    protect(
        person_id=town.ana.pk,
        since=town.district.at.date(),
        until=town.district.at.date() + timedelta(days=300),
        **_office(town),
    )
    incident = _written_off(town, _gone(town, C.STOLEN), "police", reason="No report.")
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=21))
    assert (charge.cause, charge.amount_cents) == ("lost", 20_000)


def test_a_reported_theft_under_a_plan_asks_nothing(town):
    make.decision(THEFT_UNREPORTED.key, "loss")
    day = town.district.at.date()
    protect(person_id=town.ana.pk, since=day, until=day + timedelta(days=300), **_office(town))
    incident = _written_off(town, _gone(town, C.STOLEN))
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=21))
    assert (charge.cause, charge.cover, charge.amount_cents) == ("stolen", "plan", 0)


def test_a_teachers_device_from_their_car_goes_the_same_way(town):
    teacher = make.person(town.school.site, "Tom", "Berg", kind="staff")
    device = make.device(town.district, town.school, teacher)
    incident = _gone(town, C.STOLEN, W.VEHICLE, device_id=device.pk, circumstance="visible")
    assert {step.code for step in path_of(incident)} >= {"police", "property", "circumstances"}
    _written_off(town, incident)
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=21))
    assert (charge.holder_kind, charge.person_id, charge.amount_cents) == ("staff", teacher.pk, 20_000)
    assert _close(town, _ticket(incident), days=21).status == "closed"


@pytest.mark.parametrize(
    ("answer", "days", "owed", "back"),
    [("any_time", 60, 0, 5000), ("month", 20, 0, 5000), ("month", 60, 15_000, 0), ("never", 20, 15_000, 0)],
)
def test_found_gives_back_as_the_plan_says(town, answer, days, owed, back):
    make.decision(FOUND_REFUND.key, answer)
    incident = _gone(town)
    charge = propose_charge(incident_id=incident.pk, **_office(town, days=10))
    take_payment(charge_id=charge.pk, amount_cents=5000, method=A.CASH, **_office(town, days=11))
    _find(town, incident, days=days)
    assert (_charge(charge).owed_cents, _charge(charge).back_cents) == (owed, back)


# --- Damage, repeats, lapsed protection ------------------------------------------------------------------------------


def _drop(town: Town, days: float) -> Incident:
    happened = town.district.at + timedelta(days=days)
    return note_damage(device_id=town.device.pk, cause=C.ACCIDENTAL, happened_at=happened, **town.moment(days=days))


def test_protection_that_lapsed_no_longer_counts(town):
    day = town.district.at.date()
    protect(person_id=town.ana.pk, since=day, until=day + timedelta(days=5), **_office(town))
    covered, lapsed = _drop(town, 1), _drop(town, 6)
    charges = [propose_charge(incident_id=row.pk, **_office(town, days=7)) for row in (covered, lapsed)]
    assert [(charge.cover, charge.amount_cents) for charge in charges] == [("plan", 0), ("none", 5000)]


def test_repeated_damage_is_referred_with_facts_and_asks_the_next_row(town):
    make.decision(REFER_AFTER.key, 2)
    _administrator, kim = make.user("kim", Role.SCHOOL_ADMIN, town.school.site)
    first, second = _drop(town, 1), _drop(town, 2)
    for incident in (first, second):
        refer_repeat(incident_id=incident.pk, by=SYSTEM, at=town.district.at + timedelta(days=3), op=make.op())
    referral = Referral.objects.visible_to(kim).get()
    assert (referral.incident, referral.times, referral.why) == (second, 2, "repeat")
    assert propose_charge(incident_id=second.pk, **_office(town, days=3)).amount_cents == 5000
    act = town.moment(days=4)
    decide_referral(referral_id=referral.pk, outcome=Referral.Outcome.TALK, **act | {"by": kim})
    for actor in (town.district.office, town.school.lead_actor):
        assert not Referral.objects.visible_to(actor).exists()
        with pytest.raises(Missing):
            decide_referral(
                referral_id=referral.pk, outcome=Referral.Outcome.TALK, **act | {"by": actor, "op": make.op()}
            )
    facts = [event.facts for event in history(referral)]
    assert "talk" not in str(facts), "what came of it is in no ledger"


def test_below_the_plans_number_nobody_is_referred(town):
    _drop(town, 1)
    refer_repeat(incident_id=_drop(town, 2).pk, by=SYSTEM, at=town.district.at + timedelta(days=3), op=make.op())
    assert not Referral.objects.everyone(reason="a test looks").exists()


def _repaired(flagged: bool) -> list[tuple[str, str]]:
    """Let a device break, be repaired and come back; return what the ledger tells of device and repair, and when."""
    town = build()
    ticket = town.swap()
    incident = note_damage(
        device_id=town.device.pk,
        cause=C.ACCIDENTAL,
        happened_at=town.district.at - timedelta(hours=1),
        ticket_id=ticket.pk,
        **town.moment(minutes=5),
    )
    if flagged:
        refer(incident_id=incident.pk, **town.moment(minutes=6))
    order = town.order()
    town.mend(days=1)
    hand_back(
        device_id=town.device.pk,
        loaner_id=town.loaner.pk,
        loaner_grade=Condition.Grade.GOOD,
        **town.moment(days=2),
    )
    ticket.refresh_from_db()
    assert ticket.status == "closed"
    told = [*history(order), *history(town.device), *history(ticket)]
    return [(event.kind, event.happened_at.isoformat()) for event in told]


def test_the_repair_goes_the_same_way_with_and_without_a_referral():
    assert _repaired(flagged=True) == _repaired(flagged=False)


# --- Steps, deadlines, reminders, who had it --------------------------------------------------------------------------


def test_every_path_has_its_steps_for_students_and_staff_alike():
    assert {(cause, where) for cause in (C.LOST, C.STOLEN) for where in W} == set(PATHS)
    assert all({"last_seen", "lock"} <= {step.code for step in steps} for steps in PATHS.values())


def _late(town: Town, incident: Incident, **later: float) -> set[str]:
    at = town.district.at + timedelta(**later)
    school, answers = school_time_of(incident.site_id), plan()
    due = steps_due(incident, incident.steps.all(), school=school, answers=answers, at=at)
    return {row.step.code for row in due if row.late}


def test_what_is_missing_and_until_when_follows_the_plan(town):
    incident = _gone(town, C.STOLEN)
    assert _late(town, incident, hours=2) == set()
    assert "police" not in _late(town, incident, days=2)
    assert {"lock", "family"} <= _late(town, incident, days=2)
    assert "police" in _late(town, incident, days=4)
    make.decision(POLICE_DAYS.key, 10)
    assert "police" not in _late(town, incident, days=4)
    note_step(incident_id=incident.pk, code="lock", **town.moment(days=1))
    assert "lock" not in _late(town, incident, days=2)


def test_a_step_asks_for_its_paper_and_is_done_once(town):
    incident = _gone(town, C.STOLEN)
    with refused("step_empty"):
        note_step(incident_id=incident.pk, code="police", **town.moment(days=1))
    note_step(incident_id=incident.pk, code="police", text="PD-2026-118", **town.moment(days=1))
    with refused("step_done"):
        note_step(incident_id=incident.pk, code="police", text="again", **town.moment(days=1))
    with refused("no_such_step"):
        note_step(incident_id=incident.pk, code="search", text="x", **town.moment(days=1))
    assert "PD-2026-118" not in str([event.facts for event in history(incident)])


def test_the_lead_is_reminded_of_each_step_once(town):
    _gone(town)
    for hours in (2, 3, 30):
        tell_of_case_steps(town.district.at + timedelta(hours=hours))
    rows = Notice.objects.everyone(reason="a test looks").filter(kind=Notice.Kind.CASE_STEP)
    assert rows.count() == 3
    assert {row.user_id for row in rows} == {town.school.lead.pk}


def test_a_device_is_searched_once_at_a_time_and_damage_is_not_a_loss(town):
    _gone(town)
    with refused("searched_already"):
        _gone(town)
    with refused("not_damage"):
        note_damage(device_id=town.loaner.pk, cause=C.LOST, happened_at=town.district.at, **town.moment(hours=1))


def test_who_had_it_between_the_last_two_looks(town):
    """It was whole when Ana got it back; then it lay at the desk, where the damage was noticed."""
    act = town.moment(hours=1)
    with verb_of(act) as op:
        note_condition(device=town.device, grade=Condition.Grade.GOOD, marks=[], by=act["by"], at=act["at"], op=op)
    relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment(hours=2))
    looks = between_looks(_drop(town, 1))
    assert [str(row.person or row.place) for row in looks.holders] == ["Ana Reyes", "Library desk"]
    assert looks.before is not None
    assert looks.before.grade == "good"


@contextmanager
def verb_of(act: dict[str, Any]) -> Iterator[Begun]:
    """Stand in for the verb around a small action."""
    begun = Begun(act["op"])
    with transaction.atomic():
        yield begun


def test_only_registrars_write_off_and_a_loaner_leaves_the_pool_first(town):
    incident = _gone(town)
    _steps(town, incident, days=1)
    with pytest.raises(Exception, match="register"):
        write_off(incident_id=incident.pk, **town.moment(days=20))
    assert _status(town) == Device.Status.LOST


def test_nothing_asked_is_a_decision_too(town):
    incident = _written_off(town, _gone(town))
    charge = decide_no_charge(incident_id=incident.pk, reason="policy", **_office(town, days=21))
    assert charge.amount_cents == 0
    assert _close(town, _ticket(incident), days=21).status == "closed"
