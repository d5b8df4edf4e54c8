"""Rule 9: nothing closes with a loan, repair, shipment, charge, claim or case on it, unless a named person says why."""

from datetime import timedelta
from typing import Any

import pytest

from firstbell.claims.actions import Wanted, cover_devices, make_cover
from firstbell.claims.models import Cover
from firstbell.devices.models import Condition
from firstbell.directory.actions import open_site
from firstbell.directory.models import Site
from firstbell.flows import closing
from firstbell.flows.closing import approve_team_work, close_ticket, loose_ends
from firstbell.flows.covering import propose_claim
from firstbell.flows.handback import return_loaner
from firstbell.flows.outside import hand_to_vendor
from firstbell.flows.transport import empty_box
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.actions import Report, finish_team_task, open_ticket, resolve, take_team_task
from firstbell.tickets.models import Ticket
from tests import make
from tests.rules.town import Town, build, refused, set_fee

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


def _report(town: Town, symptom: str = "input") -> Ticket:
    report = Report(site_id=town.school.site.pk, symptom=symptom, device_id=town.device.pk, person_id=town.ana.pk)
    return open_ticket(report=report, channel=Ticket.Channel.DESK, **town.moment())


def _loan(town: Town) -> Ticket:
    ticket = _report(town)
    act = town.moment(minutes=1)
    lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=Loan.Reason.OTHER, ticket_id=ticket.pk, **act)
    return ticket


def _repair(town: Town) -> Ticket:
    ticket = town.swap()
    return_loaner(device_id=town.loaner.pk, grade=Condition.Grade.GOOD, **town.moment(minutes=30))
    return ticket


def _shipment(town: Town) -> Ticket:
    ticket = _repair(town)
    empty_box(place_id=town.school.places["pickup_box"].pk, **town.moment(hours=1))
    return ticket


def _charge(town: Town) -> Ticket:
    ticket = _report(town)
    set_fee(town)
    note_damage(
        device_id=town.device.pk,
        cause=Incident.Cause.LIQUID,
        happened_at=town.district.at,
        ticket_id=ticket.pk,
        **town.moment(hours=1),
    )
    return ticket


def _unapproved(town: Town) -> Ticket:
    ticket = _report(town)
    _helper, helper = make.user("helper", Role.STUDENT_TECH, town.school.site, supervisor_id=town.school.lead.pk)
    take_team_task(ticket_id=ticket.pk, **town.moment(minutes=1) | {"by": helper})
    return finish_team_task(ticket_id=ticket.pk, solved=True, **town.moment(minutes=2) | {"by": helper})


def _handed_out(town: Town) -> Ticket:
    """The repair is closed over its case, as nobody should: the case alone is left."""
    ticket = _repair(town)
    at_vendor = open_site(kind=Site.Kind.VENDOR, name="RepairCo", timezone="America/New_York", **make.system())
    act: dict[str, Any] = town.moment(hours=1) | {"by": town.district.office}
    hand_to_vendor(work_order_id=town.order().pk, vendor_id=at_vendor.pk, fault="screen", **act)
    WorkOrder.objects.everyone(reason="hang it on").filter(ticket=ticket).update(closed_at=act["at"])
    return ticket


def _claimed(town: Town) -> Ticket:
    """The repair is closed, and nobody has said what becomes of its claim."""
    ticket = _repair(town)
    act: dict[str, Any] = town.moment(hours=1) | {"by": town.district.office}
    since = town.district.at.date()
    terms = Wanted(("screen",), ("accidental",))
    cover = make_cover(kind=Cover.Kind.OWN, name="Own", vendor_id=None, terms=terms, since=since, **act)
    cover_devices(cover_id=cover.pk, device_ids=[town.device.pk], since=since, **act | {"op": make.op()})
    order = town.order()
    WorkOrder.objects.everyone(reason="hang it on").filter(ticket=ticket).update(fault="screen", closed_at=act["at"])
    propose_claim(work_order_id=order.pk, **act | {"op": make.op()})
    return ticket


HANGING = [
    (_handed_out, "case"),
    (_claimed, "claim"),
    (_loan, "loaner"),
    (_repair, "repair"),
    (_shipment, "shipment"),
    (_charge, "charge"),
    (_unapproved, "approved"),
]


@pytest.mark.parametrize(("hang", "word"), HANGING)
def test_a_ticket_does_not_close_with_something_hanging_on_it(town, hang, word):
    ticket = hang(town)
    assert any(word in end for end in loose_ends(ticket))
    with refused("loose_ends"):
        close_ticket(ticket_id=ticket.pk, **town.moment(hours=2))
    ticket.refresh_from_db()
    assert ticket.status != Ticket.Status.CLOSED


@pytest.mark.parametrize(("hang", "_word"), HANGING)
def test_a_named_person_may_say_why_and_is_on_record(town, hang, _word):
    ticket = hang(town)
    act = town.moment(hours=2)
    with refused("loose_ends"):
        close_ticket(ticket_id=ticket.pk, reason="The system thinks so.", **act | {"by": SYSTEM})
    closed = close_ticket(ticket_id=ticket.pk, reason="The family has moved away.", **act)
    assert (closed.status, closed.closing_reason) == ("closed", "The family has moved away.")
    newest = history(ticket)[0]
    assert (newest.facts["reason"], newest.actor_user_id) == ("closed_all_the_same", town.school.lead.pk)


@pytest.mark.parametrize(("hang", "_word"), HANGING)
def test_without_the_gate_it_would_close(town, hang, _word, monkeypatch):
    ticket = hang(town)
    monkeypatch.setattr(closing, "loose_ends", lambda _ticket: [])
    assert close_ticket(ticket_id=ticket.pk, **town.moment(hours=2)).status == "closed"


def test_with_nothing_hanging_on_it_a_ticket_closes(town):
    ticket = _report(town, "signin")
    resolve(ticket_id=ticket.pk, **town.moment(minutes=5))
    closed = close_ticket(ticket_id=ticket.pk, **town.moment(minutes=6))
    assert closed.closed_at == town.district.at + timedelta(minutes=6)


def test_the_adults_approval_passes_the_same_gate(town):
    ticket = _unapproved(town)
    act = town.moment(minutes=3)
    loan = lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=Loan.Reason.OTHER, **act)
    Loan.objects.everyone(reason="hang it on").filter(pk=loan.pk).update(ticket=ticket)
    with refused("loose_ends"):
        approve_team_work(ticket_id=ticket.pk, **town.moment(minutes=4))
    return_loaner(
        device_id=town.loaner.pk, grade=Condition.Grade.GOOD, **town.moment(minutes=5) | {"by": town.school.lead_actor}
    )
    ticket.refresh_from_db()
    assert ticket.status in {"resolved", "closed"}
