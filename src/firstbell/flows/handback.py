"""The end of a case: the own device to its owner, the loaner home, repair and ticket closed."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import HAND_BACK_IDENTITY, HAND_BACK_TO, LOANER_AT_HAND_BACK
from firstbell.devices.actions.custody import change_status, move, note_condition, person_holder, place_holder
from firstbell.devices.actions.inventory import open_assignment, take_out
from firstbell.devices.models import Condition, Device
from firstbell.directory.models import Badge, Person, Place
from firstbell.directory.queries import place_of_kind
from firstbell.directory.scope import load, load_all, lock
from firstbell.flows.closing import loose_ends
from firstbell.flows.events import IdentityChecked
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code
from firstbell.loans.actions import add_to_pool, bring_in, keep_loaner, remove_from_pool, take_back
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import open_loan_for
from firstbell.repairs import rules
from firstbell.repairs.actions import ask_replacement, close_order
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets import actions as tickets
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import open_about
from firstbell.vendors.queries import case_on


@verb
def hand_back(
    *,
    device_id: int,
    loaner_id: int | None = None,
    loaner_grade: Condition.Grade = Condition.Grade.GOOD,
    to_person_id: int | None = None,
    reason: str = "",
    name_asked: bool = False,
    badge: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> WorkOrder:
    """Hand a repaired device to its owner and take the loaner in; that closes repair, loan and every ticket about it.

    The plan says who may receive it and how that is checked (S69), and whether the loaner must come back with it (S71).
    ``badge`` is what was scanned: the code or the number on a badge.
    """
    devices = load_all(Device, {device_id, loaner_id or device_id}, by=by)
    device, loaner = devices[device_id], devices[loaner_id] if loaner_id else None
    by.require(Permission.LEND, device.home_site_id)
    order = _repair_of(device, reason)
    answers = plan([HAND_BACK_TO.key, HAND_BACK_IDENTITY.key, LOANER_AT_HAND_BACK.key])
    owner = _owner(device)
    receiver = _receiver(owner, to_person_id, device, answers, by=by)
    how = _checked(receiver, device, answers, badge, name_asked=name_asked)
    if how:
        record(IdentityChecked(device.pk, receiver.pk, Code(how)), about=[device, receiver], by=by, at=at, op=op)
    _settle_loan(owner, loaner, loaner_grade, answers, order, reason, by=by, at=at, op=op)
    noted = note_condition(device=device, grade=Condition.Grade.GOOD, marks=[], by=by, at=at, op=op)
    change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    hands = person_holder(receiver, order.site_id)
    move(device=device, to=hands, reason="handed_back", current=noted.custody, by=by, at=at, op=op)
    close_order(order=order, outcome="handed_back", reason=reason, by=by, at=at, op=op)
    _close_tickets(order, reason, by=by, at=at, op=op)
    return order


def _repair_of(device: Device, reason: str) -> WorkOrder:
    found = order_of(device.pk)
    if found is None:
        raise Refused("no_repair", _("{tag} has no open repair."), tag=device.tag)
    order = lock(WorkOrder, found.pk)
    rules.check_ready_to_return(order)
    if device.at_site_id != order.site_id:
        raise Refused("not_at_school", _("{tag} is not back at {site} yet."), tag=device.tag, site=order.site.name)
    _check_no_case(order, reason)
    return order


def _check_no_case(order: WorkOrder, reason: str) -> None:
    """A repair does not close over an open case with a vendor, unless a named person says why (rule 9)."""
    case = case_on(order.pk)
    if case and not reason.strip():
        sentence = _("{tag} still has a case with {vendor}. End it or call it off; or say why it stays open.")
        raise Refused("case_still_open", sentence, tag=order.device.tag, vendor=case.vendor.name)


def _owner(device: Device) -> Person:
    assignment = open_assignment(device)
    if assignment is None or assignment.person is None:
        raise Refused("no_owner", _("{tag} belongs to nobody. Put it on the loaner shelf instead."), tag=device.tag)
    return assignment.person


def _receiver(owner: Person, to_person_id: int | None, device: Device, answers: Plan, *, by: Actor) -> Person:
    if to_person_id in {None, owner.pk}:
        return owner
    other = load(Person, int(to_person_id or 0), by=by, lock=False)
    rule = answers.says(HAND_BACK_TO, device.home_site_id)
    if rule == "owner_or_staff" and other.kind == Person.Kind.STAFF:
        return other
    raise Refused(
        "wrong_person",
        _("{tag} belongs to somebody else. The plan allows hand-back to: {who}."),
        decision=HAND_BACK_TO.key,
        tag=device.tag,
        who=HAND_BACK_TO.in_words(rule),
    )


def _checked(receiver: Person, device: Device, answers: Plan, badge: str, *, name_asked: bool) -> str:
    """Return how it was made sure who receives the device; refused where the plan wants more than was done."""
    if badge.strip():
        _check_badge(receiver, badge.strip())
        return "badge"
    rule = answers.says(HAND_BACK_IDENTITY, device.home_site_id)
    sentence = {
        "badge": _("Scan the badge of {who} first: the plan wants it."),
        "name": _("Ask for the name first, and tick that it is {who}: the plan wants it."),
    }.get(rule)
    if sentence and not (rule == "name" and name_asked):
        raise Refused("identity_first", sentence, decision=HAND_BACK_IDENTITY.key, who=receiver.display_name)
    return "name" if name_asked else ""


def _check_badge(receiver: Person, text: str) -> None:
    printed = Badge.objects.filter(person=receiver, code=text.upper()).exists()
    if not printed and text != receiver.local_number:
        raise Refused("wrong_badge", _("That is not the badge of {who}."), who=receiver.display_name)


def _settle_loan(
    owner: Person,
    loaner: Device | None,
    grade: Condition.Grade,
    answers: Plan,
    order: WorkOrder,
    reason: str,
    *,
    by: Actor,
    at: datetime,
    op: Op,
) -> None:
    loan = open_loan_for(owner.pk)
    if loan is None and loaner is None:
        return
    if loan is None or (loaner is not None and loan.device_id != loaner.pk):
        raise Refused("other_loaner", _("This is not the loaner that {who} has."), who=owner.display_name)
    loan = lock(Loan, loan.pk)
    if loaner is not None:
        bring_in(loan=loan, device=loaner, grade=grade, by=by, at=at, op=op)
        return
    if answers.says(LOANER_AT_HAND_BACK, order.site_id) and not reason.strip():
        raise Refused(
            "loaner_first",
            _("Scan loaner {tag} in first. If {who} keeps it for now, say why."),
            decision=LOANER_AT_HAND_BACK.key,
            tag=loan.device.device.tag,
            who=owner.display_name,
        )
    keep_loaner(loan=loan, reason=reason, by=by, at=at, op=op)


def _close_tickets(order: WorkOrder, reason: str, *, by: Actor, at: datetime, op: Op) -> None:
    """Close the ticket of a repair, and with it whatever else was reported about the device."""
    if order.ticket_id is not None:
        _close_case(lock(Ticket, order.ticket_id), "handed_back", closing=reason, by=by, at=at, op=op)
    for ticket in open_about(order.device_id):
        _close_case(ticket, "handed_back", closing=reason, by=by, at=at, op=op)


def _close_case(ticket: Ticket, why: str, *, closing: str = "", by: Actor, at: datetime, op: Op) -> None:
    if ticket.status == Ticket.Status.CLOSED:
        return
    tickets.move(ticket=ticket, to=Ticket.Status.RESOLVED, reason=why, by=by, at=at, op=op)
    loose = loose_ends(ticket)
    if closing.strip() or not loose:  # a charge that nobody has decided keeps no device from its owner
        tickets.close(ticket=ticket, loose=loose, reason=closing, by=by, at=at, op=op)


@verb
def return_loaner(*, device_id: int, grade: Condition.Grade, by: Actor, at: datetime, op: Op) -> Loan:
    """Take a loaner back at the desk. A ticket that only lent it for the day is solved and closed with it."""
    loan = take_back(device_id=device_id, grade=grade, by=by, at=at, op=op)
    if loan.ticket_id and not WorkOrder.objects.visible_to(by).filter(ticket=loan.ticket_id, closed_at=None).exists():
        _close_case(lock(Ticket, loan.ticket_id), "loaner_returned", by=by, at=at, op=op)
    return loan


@verb
def put_in_pool(*, device_id: int, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """A repaired device that belongs to nobody any more becomes a loaner of its school: the end of a swap (S61)."""
    device = load(Device, device_id, by=by)
    by.require(Permission.LEND, device.home_site_id)
    order = _repair_of(device, "")
    if open_assignment(device):
        raise Refused("has_owner", _("{tag} belongs to somebody. Hand it back instead."), tag=device.tag)
    shelf = place_of_kind(order.site_id, Place.Kind.LOANER_SHELF) or place_of_kind(order.site_id, Place.Kind.DESK)
    if shelf is None:
        raise Refused("no_loaner_shelf", _("This school has no loaner shelf yet. Make one under Places."))
    change_status(device=device, to=Device.Status.IN_STOCK, by=by, at=at, op=op)
    move(device=device, to=place_holder(shelf), reason="joined_pool", by=by, at=at, op=op)
    add_to_pool(device=device, site_id=order.site_id, by=by, at=at, op=op)
    close_order(order=order, outcome="joined_pool", by=by, at=at, op=op)
    _close_tickets(order, "", by=by, at=at, op=op)
    return order


@verb
def retire_unrepairable(*, work_order_id: int, reason: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Take a device that is beyond repair out of the inventory and close its repair, with the reason."""
    order, device = load_given_up(work_order_id, by=by)
    retire_order(order=order, device=device, outcome="retired", reason=reason, by=by, at=at, op=op)
    return order


def load_given_up(work_order_id: int, *, by: Actor) -> tuple[WorkOrder, Device]:
    """Return a work order that was given up and its device, both locked, for those who retire devices."""
    found = load(WorkOrder, work_order_id, by=by, permission=Permission.REGISTER_DEVICES, lock=False)
    device = load(Device, found.device_id, by=by)
    order = lock(WorkOrder, found.pk)
    if order.status != WorkOrder.Status.BEYOND_REPAIR:
        raise Refused("not_given_up", _("Say first that it is beyond repair."))
    return order, device


def retire_order(
    *, order: WorkOrder, device: Device, outcome: str, reason: str, by: Actor, at: datetime, op: Op
) -> None:
    """Retire a locked device with its locked work order; whose it was gets asked for another one."""
    owner = open_assignment(device)
    if device.is_loaner:
        remove_from_pool(entry=lock(PoolDevice, device.pk), by=by, at=at, op=op)
    take_out(device=device, by=by, at=at, op=op)
    close_order(order=order, outcome=outcome, reason=reason, by=by, at=at, op=op)
    if order.for_pool:
        _close_tickets(order, reason, by=by, at=at, op=op)
    elif owner:
        _ask_replacement(order, owner.person, by=by, at=at, op=op)


def _ask_replacement(order: WorkOrder, person: Person | None, *, by: Actor, at: datetime, op: Op) -> None:
    """Leave the school with one next action: the ticket waits for a decision what the owner gets."""
    ticket = next(iter(open_about(order.device_id)), None) or _new_ticket(order, person, by=by, at=at, op=op)
    waiting, on = Ticket.Status.WAITING, Ticket.WaitingOn.DECISION
    tickets.move(ticket=ticket, to=waiting, level=2, waiting_on=on, reason="beyond_repair", by=by, at=at, op=op)
    person_id = person.pk if person else None
    ask_replacement(order=order, ticket=ticket, person_id=person_id, by=by, at=at, op=op)


def _new_ticket(order: WorkOrder, person: Person | None, *, by: Actor, at: datetime, op: Op) -> Ticket:
    known = person is not None and person.kind in Ticket.Reporter.values
    report = tickets.Report(
        site_id=order.site_id,
        symptom=order.symptom,
        device_id=order.device_id,
        person_id=person.pk if person else None,
        reporter=person.kind if person is not None and known else Ticket.Reporter.UNKNOWN,
    )
    return tickets.open_ticket(report=report, channel=Ticket.Channel.DESK, by=by, at=at, op=op)
