"""Every no has its code and its sentence, names what it is about, and leaves nothing behind."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from firstbell.decisions.actions import decide, withdraw
from firstbell.devices.actions import custody, inventory, shipments
from firstbell.devices.models import Condition, Device
from firstbell.directory.actions import grant_role, make_place, make_user, note_absence, renew_place_code, set_hours
from firstbell.directory.models import Place
from firstbell.flows import desk, handback
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.loans import actions as loans
from firstbell.loans.models import Loan
from firstbell.repairs import actions as repairs
from firstbell.tickets import actions as tickets
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db

NOWHERE = 10**9
GOOD = Condition.Grade.GOOD


@pytest.fixture
def town() -> Town:
    return build()


def _office(town: Town) -> dict[str, Any]:
    return {"by": town.district.office, "at": town.district.at, "op": make.op()}


def _retired(town: Town) -> Device:
    gone = make.device(town.district, town.school)
    inventory.retire(device_id=gone.pk, **_office(town))
    return gone


def _no_shelf(town: Town) -> None:
    Place.objects.filter(site=town.school.site, kind__in=["loaner_shelf", "desk"]).update(closed_at=town.district.at)


def _unwanted(town: Town) -> Device:
    """A repaired device that belongs to nobody, back at a school without a shelf."""
    town.swap()
    town.mend(hours=2)
    inventory.unassign(device_id=town.device.pk, reason="left", **_office(town))
    _no_shelf(town)
    return town.device


def _owned_by_another(town: Town) -> Any:
    make.decision("intake.stand_in", "swap")
    other = make.person(town.school.site)
    moment = town.moment()
    return desk.swap_at_desk(device_id=town.device.pk, loaner_id=town.loaner.pk, person_id=other.pk, **moment)


def _take_back_without_shelf(town: Town) -> Any:
    town.swap()
    _no_shelf(town)
    return loans.take_back(device_id=town.loaner.pk, grade=GOOD, **town.moment(hours=1))


def _lend_what_is_set_aside(town: Town) -> Any:
    town.swap()
    loans.take_back(device_id=town.loaner.pk, grade=Condition.Grade.DAMAGED, **town.moment(hours=1))
    reason = Loan.Reason.FORGOTTEN
    return loans.lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=reason, **town.moment(hours=2))


def _other_loaner(town: Town) -> Any:
    town.swap()
    town.mend(hours=2)
    strange = make.loaner(town.district, town.school)
    return handback.hand_back(device_id=town.device.pk, loaner_id=strange.pk, **town.moment(hours=9))


def _nothing_on_it(town: Town) -> Any:
    return shipments.found_elsewhere(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment())


def _send(town: Town, **changed: Any) -> Any:
    here, depot = town.school.site.pk, town.district.depot.pk
    usual: dict[str, Any] = {"from_site_id": here, "to_site_id": depot, "device_ids": []}
    return shipments.send(**usual | changed | town.moment())


def _give(town: Town, role: Role, site_id: int | None) -> Any:
    user = make.user("new", Role.AUDITOR)[0]
    return grant_role(user_id=user.pk, role=role, site_id=site_id, **_office(town))


def _mend_for_less_than_nothing(town: Town) -> Any:
    town.swap()
    make.decision("repair.where", "school")
    order = town.order()
    return repairs.repair(work_order_id=order.pk, fault="screen", part_cents=-1, **town.moment(hours=1))


Attempt = Callable[[Town], Any]
REFUSED: dict[str, tuple[str, Attempt]] = {
    "one answer for the whole district": (
        "district_only",
        lambda town: decide(key="roster.brake", value=20, site_id=town.school.site.pk, **_office(town)),
    ),
    "a place without a name": (
        "name_missing",
        lambda town: make_place(site_id=town.school.site.pk, kind=Place.Kind.ROOM, name="  ", **town.moment()),
    ),
    "a login that is taken": (
        "username_taken",
        lambda town: make_user(
            username=town.school.lead.username.upper(), display_name="x", password=None, person_id=None, **_office(town)
        ),
    ),
    "a school role without a school": ("role_needs_school", lambda town: _give(town, Role.COACH, None)),
    "days in the wrong order": (
        "days_out_of_order",
        lambda town: note_absence(
            user_id=town.school.lead.pk, first_day=date(2026, 9, 2), last_day=date(2026, 9, 1), **town.moment()
        ),
    ),
    "a device for nobody": (
        "one_owner",
        lambda town: inventory.assign(device_id=make.device(town.district, town.school).pk, **_office(town)),
    ),
    "a retired device for somebody": (
        "retired",
        lambda town: inventory.assign(device_id=_retired(town).pk, person_id=town.ana.pk, **_office(town)),
    ),
    "nothing to send": ("nothing_to_send", _send),
    "a shipment that goes nowhere": ("goes_nowhere", lambda town: _send(town, to_site_id=town.school.site.pk)),
    "sending what is not here": ("not_here", lambda town: _send(town, device_ids=[town.device.pk])),
    "finding what does not travel": ("not_travelling", _nothing_on_it),
    "a swap with nobody behind it": (
        "whose",
        lambda town: desk.swap_at_desk(
            device_id=make.device(town.district, town.school).pk, loaner_id=town.loaner.pk, **town.moment()
        ),
    ),
    "a device with itself": (
        "same_device",
        lambda town: desk.swap_at_desk(device_id=town.device.pk, loaner_id=town.device.pk, **town.moment()),
    ),
    "another for good, for what is somebody else's": ("not_theirs", _owned_by_another),
    "no loaner for no reason": (
        "why_no_loaner",
        lambda town: desk.take_in(device_id=town.device.pk, no_loaner="just so", **town.moment()),
    ),
    "handing back what was never broken": (
        "no_repair",
        lambda town: handback.hand_back(device_id=town.device.pk, **town.moment()),
    ),
    "handing back with somebody else's loaner": ("other_loaner", _other_loaner),
    "a pool without a shelf": (
        "no_loaner_shelf",
        lambda town: handback.put_in_pool(device_id=_unwanted(town).pk, **town.moment(hours=9)),
    ),
    "a loaner that comes back where no shelf is": ("no_loaner_shelf", _take_back_without_shelf),
    "lending what is set aside": ("loaner_not_ready", _lend_what_is_set_aside),
    "taking back what is not lent": (
        "not_lent",
        lambda town: loans.take_back(device_id=town.loaner.pk, grade=GOOD, **town.moment()),
    ),
    "a loaner that belongs to somebody": (
        "not_at_rest",
        lambda town: loans.join_pool(device_id=town.device.pk, site_id=town.school.site.pk, **town.moment()),
    ),
    "a part for less than nothing": ("below_zero", _mend_for_less_than_nothing),
    "self-help for something unknown": (
        "symptom_unknown",
        lambda town: tickets.note_self_help(
            site_id=town.school.site.pk, place_id=None, code="haunted", **town.moment()
        ),
    ),
    "triage that leads nowhere": (
        "outcome_missing",
        lambda town: tickets.triage(ticket_id=_report(town).pk, outcome=Ticket.Outcome.NONE, **town.moment()),
    ),
}


def _report(town: Town, **told: Any) -> Ticket:
    usual: dict[str, Any] = {"site_id": town.school.site.pk, "symptom": "cracked"}
    report = Report(**usual | told)
    return tickets.open_ticket(report=report, channel=Ticket.Channel.DESK, **town.moment())


UNKNOWN: dict[str, Attempt] = {
    "question": lambda town: decide(key="no.such", value=1, site_id=None, **_office(town)),
    "school of an answer": lambda town: decide(key="loans.days", value=2, site_id=NOWHERE, **_office(town)),
    "place of a new code": lambda town: renew_place_code(place_id=NOWHERE, **town.moment()),
    "user of a role": lambda town: grant_role(user_id=NOWHERE, role=Role.AUDITOR, site_id=None, **_office(town)),
    "role of some hours": lambda town: set_hours(role_held_id=NOWHERE, hours=[], **_office(town)),
    "place of a new device": lambda town: inventory.register(
        tag="N-1", serial="N1", model_id=town.district.model.pk, place_id=NOWHERE, **_office(town)
    ),
    "class of a device": lambda town: inventory.assign(
        device_id=make.device(town.district, town.school).pk, class_group_id=NOWHERE, **_office(town)
    ),
    "site of a shipment": lambda town: _send(town, to_site_id=NOWHERE),
    "place where it was found": lambda town: shipments.found_elsewhere(
        device_id=town.device.pk, place_id=NOWHERE, **town.moment()
    ),
    "place to put it": lambda town: custody.relocate(device_id=town.device.pk, place_id=NOWHERE, **town.moment()),
    "site of a report": lambda town: _report(town, site_id=NOWHERE),
    "place of a report": lambda town: _report(town, place_id=NOWHERE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_sentence(town: Town, name: str) -> None:
    code, attempt = REFUSED[name]
    with pytest.raises(Refused) as refusal:
        attempt(town)
    assert refusal.value.code == code
    assert refusal.value.sentence.endswith((".", "?"))
    assert "{" not in refusal.value.sentence


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_there_is_missing_and_nothing_is_written(town: Town, name: str) -> None:
    before = len(list(replay()))
    with pytest.raises(Missing):
        UNKNOWN[name](town)
    assert len(list(replay())) - before <= 2, "at most what the test itself had to set up"


def test_withdrawing_what_was_never_answered_changes_nothing(town: Town) -> None:
    make.decision("loans.days", 3, town.school.site)
    kept: dict[str, Any] = {"key": "loans.days", "site_id": town.school.site.pk}
    assert withdraw(**kept, **_office(town)) is not None
    before = len(list(replay()))
    assert withdraw(**kept, **_office(town)) is None
    assert len(list(replay())) == before


def test_who_answers_a_question_a_moment_too_late_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    make.decision("loans.days", 3)
    monkeypatch.setattr("firstbell.decisions.actions._close", lambda *_args: None)  # the other one has not committed
    with pytest.raises(Refused) as refusal:
        decide(key="loans.days", value=4, site_id=None, **_office(town))
    assert refusal.value.code == "decided_meanwhile"


def test_a_class_owns_a_device_and_nobody_is_named(town: Town) -> None:
    spare = make.device(town.district, town.school)
    desk.take_in(device_id=spare.pk, symptom="cracked", **town.moment(hours=1))
    assert desk.person_behind(make.fresh(spare), None) is None


def test_a_loan_is_due_on_the_last_school_day_at_the_latest(town: Town) -> None:
    late = town.moment(days=269)  # 10 June
    loan = loans.lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=Loan.Reason.FORGOTTEN, **late)
    assert loan.due_on == date(2027, 6, 10)
