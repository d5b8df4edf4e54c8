"""The verbs of the pool: join and leave it, lend and take back."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import LOAN_DAYS
from firstbell.devices.actions.custody import (
    change_status,
    move,
    note_condition,
    open_custody,
    person_holder,
    place_holder,
)
from firstbell.devices.actions.inventory import open_assignment
from firstbell.devices.models import Condition, Device
from firstbell.devices.rules import check_at_rest, check_fit
from firstbell.directory.models import Person, Place
from firstbell.directory.queries import place_of_kind, school_time_of
from firstbell.directory.scope import load, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.loans import events, rules
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import open_loan_for, open_loan_of, pool_device
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import check_open


@verb
def join_pool(*, device_id: int, site_id: int, by: Actor, at: datetime, op: Op) -> PoolDevice:
    """Make a device that rests somewhere a loaner of a school's pool. It belongs to nobody while it is one."""
    device = load(Device, device_id, by=by)
    by.require(Permission.LEND, site_id)
    check_fit(device)
    check_at_rest(device, open_custody(device))
    if open_assignment(device):
        raise Refused("has_owner", _("{tag} belongs to somebody. A loaner belongs to nobody."), tag=device.tag)
    return add_to_pool(device=device, site_id=site_id, by=by, at=at, op=op)


def add_to_pool(*, device: Device, site_id: int, by: Actor, at: datetime, op: Op) -> PoolDevice:
    """Make a locked device without an owner a loaner, and record it. One of this school's already stays as it is."""
    known = pool_device(device.pk)
    if known and known.site_id == site_id:
        return known
    values = {"site_id": site_id, "since": at, "until": None}
    entry, _made = PoolDevice.objects.everyone(reason="the device is locked").update_or_create(
        device=device, defaults=values
    )
    record(events.JoinedPool(device.pk, site_id), about=[device], by=by, at=at, op=op)
    return entry


@verb
def leave_pool(*, device_id: int, by: Actor, at: datetime, op: Op) -> PoolDevice:
    """Take a loaner out of the pool. One that is lent comes back first."""
    device = load(Device, device_id, by=by)
    entry = lock(PoolDevice, device.pk)
    by.require(Permission.LEND, entry.site_id)
    rules.check_in(entry, open_loan_of(device.pk))
    remove_from_pool(entry=entry, by=by, at=at, op=op)
    return entry


def remove_from_pool(*, entry: PoolDevice, by: Actor, at: datetime, op: Op) -> None:
    """End a locked entry of the pool, and record it."""
    entry.until = at
    entry.save(update_fields=["until"])
    record(events.LeftPool(entry.pk, entry.site_id), about=[entry.device], by=by, at=at, op=op)


@verb
def lend(
    *,
    device_id: int,
    person_id: int,
    reason: Loan.Reason,
    ticket_id: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Loan:
    """Hand a loaner to a person. Two desks with one loaner: one wins, the other is told who has it."""
    entry, device = load_loaner(device_id, by=by)
    person = load(Person, person_id, by=by)
    rules.check_one_loaner(open_loan_for(person.pk))
    if ticket_id is not None:
        check_open(load(Ticket, ticket_id, by=by))
    return hand_out(
        entry=entry,
        device=device,
        person=person,
        reason=reason,
        ticket_id=ticket_id,
        days=says(LOAN_DAYS, entry.site_id),
        by=by,
        at=at,
        op=op,
    )


def load_loaner(device_id: int, *, by: Actor) -> tuple[PoolDevice, Device]:
    """Return a free loaner with its device, both locked. Raises Stale when somebody has it."""
    device = load(Device, device_id, by=by)
    return load_entry(device, by=by), device


def load_entry(device: Device, *, by: Actor) -> PoolDevice:
    """Return the locked pool entry of a locked device that is a free loaner."""
    if not device.is_loaner:
        raise Refused("not_a_loaner", _("{tag} is not a loaner."), tag=device.tag)
    entry = load(PoolDevice, device.pk, by=by)
    by.require(Permission.LEND, entry.site_id)
    entry.device = device
    rules.check_free(entry, open_loan_of(device.pk))
    return entry


def hand_out(
    *,
    entry: PoolDevice,
    device: Device,
    person: Person,
    reason: Loan.Reason,
    ticket_id: int | None,
    days: int,
    by: Actor,
    at: datetime,
    op: Op,
) -> Loan:
    """Lend a locked free loaner to a locked person, for so many days of school: loan, custody and event."""
    rules.check_borrower(person)
    due = rules.due_day(school_time_of(entry.site_id), at, days)
    loan = Loan.objects.create(
        device=entry, person=person, site_id=entry.site_id, ticket_id=ticket_id, reason=reason, out_at=at, due_on=due
    )
    change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    move(device=device, to=person_holder(person, entry.site_id), reason="lent", by=by, at=at, op=op)
    fact = events.Lent(loan.pk, device.pk, person.pk, Code(reason.value), due)
    record(fact, about=[device, person, *linked(loan, "ticket")], by=by, at=at, op=op)
    return loan


@verb
def take_back(*, device_id: int, grade: Condition.Grade, by: Actor, at: datetime, op: Op) -> Loan:
    """Take a loaner back at the desk, noting its condition while the borrower still stands there."""
    device = load(Device, device_id, by=by)
    loan = open_loan_of(device.pk)
    if loan is None:
        raise Refused("not_lent", _("{tag} is not lent to anybody."), tag=device.tag)
    by.require(Permission.LEND, loan.site_id)
    bring_in(loan=lock(Loan, loan.pk), device=device, grade=grade, by=by, at=at, op=op)
    return loan


def bring_in(*, loan: Loan, device: Device, grade: Condition.Grade, by: Actor, at: datetime, op: Op) -> None:
    """End a locked loan: condition first, then the shelf; a damaged loaner is set aside for repair."""
    if loan.returned_at is not None:
        raise Refused("not_lent", _("{tag} is not lent to anybody."), tag=device.tag)
    noted = note_condition(device=device, grade=grade, marks=[], by=by, at=at, op=op)
    shelf = place_holder(_shelf(loan.site_id))
    move(device=device, to=shelf, reason="loan_returned", current=noted.custody, by=by, at=at, op=op)
    loan.returned_at = at
    loan.grade = grade
    loan.save(update_fields=["returned_at", "grade"])
    broken = grade in {Condition.Grade.DAMAGED, Condition.Grade.DEAD}
    status = Device.Status.QUARANTINED if broken else Device.Status.IN_STOCK
    change_status(device=device, to=status, by=by, at=at, op=op)
    fact = events.Returned(loan.pk, device.pk, loan.person_id, Code(grade.value))
    record(fact, about=[device, *linked(loan, "person")], by=by, at=at, op=op)


def _shelf(site_id: int) -> Place:
    for kind in (Place.Kind.LOANER_SHELF, Place.Kind.DESK):
        place = place_of_kind(site_id, kind)
        if place:
            return place
    raise Refused("no_loaner_shelf", _("This school has no loaner shelf yet. Make one under Places."))


def keep_loaner(*, loan: Loan, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Note that a loaner stays with its borrower although their own device is back, and why (S71)."""
    loan.kept_reason = reason.strip()[:300]
    loan.save(update_fields=["kept_reason"])
    fact = events.KeptAtHandBack(loan.pk, loan.device_id, loan.person_id)
    record(fact, about=[loan.device.device, *linked(loan, "person")], by=by, at=at, op=op)


def note_none_given(*, device: Device, site_id: int, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Record that a device was taken in and no loaner went out (S54).

    ``reason`` is none_left, not_wanted, or not_asked: nobody was there to be offered one.
    """
    record(events.NoLoaner(device.pk, site_id, Code(reason)), about=[device], by=by, at=at, op=op)
