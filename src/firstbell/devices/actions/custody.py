"""Hand to hand: the only writer of custody."""

from dataclasses import dataclass
from datetime import datetime

from firstbell.devices import events, rules
from firstbell.devices.models import Condition, Custody, Device, Shipment
from firstbell.directory.models import Person, Place
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Holder:
    """A hand or place that can hold a device, and the site it is at."""

    kind: Custody.Kind
    pk: int
    site_id: int


def person_holder(person: Person, site_id: int) -> Holder:
    """Return a person's hands; ``site_id`` is the school they are served by."""
    return Holder(Custody.Kind.PERSON, person.pk, person.site_id or site_id)


def place_holder(place: Place) -> Holder:
    """Return a place."""
    return Holder(Custody.Kind.PLACE, place.pk, place.site_id)


def shipment_holder(shipment: Shipment) -> Holder:
    """Return a shipment: its site is where it is going, which expects it."""
    return Holder(Custody.Kind.SHIPMENT, shipment.pk, shipment.to_site_id)


def open_custody(device: Device) -> Custody | None:
    """Return where the device is; None only before it was ever put anywhere."""
    return Custody.objects.filter(device=device, until__isnull=True).first()


def move(
    *, device: Device, to: Holder, reason: str, current: Custody | None = None, by: Actor, at: datetime, op: Op
) -> Custody:
    """Move a locked device to a holder and record it. What every hand-over in the house comes down to.

    Raises Refused when it is retired or on a shipment, Stale when a later hand-over is known.
    Moving it to where it is already changes nothing. ``current`` is where it is, for a verb that has just read it.
    """
    rules.check_not_retired(device)
    current = current or open_custody(device)
    if current and (current.kind, current.holder_id) == (to.kind, to.pk):
        return current
    if to.kind != Custody.Kind.SHIPMENT:
        rules.check_not_travelling(device)
    if current:
        rules.check_in_order(current, at)
        current.until = at
        current.save(update_fields=["until"])
    custody = Custody.objects.create(
        device=device, kind=to.kind, site_id=to.site_id, since=at, **{f"{to.kind}_id": to.pk}
    )
    if device.at_site_id != to.site_id:
        device.at_site_id = to.site_id
        device.save(update_fields=["at_site"])
    _record_move(custody, current, reason, by=by, at=at, op=op)
    return custody


def _record_move(custody: Custody, previous: Custody | None, reason: str, *, by: Actor, at: datetime, op: Op) -> None:
    fact = events.CustodyChanged(
        device_id=custody.device_id,
        holder_kind=Code(custody.kind),
        holder_id=custody.holder_id,
        site_id=custody.site_id,
        previous_kind=Code(previous.kind) if previous else None,
        previous_id=previous.holder_id if previous else None,
        reason=Code(reason),
    )
    about = [
        *linked(custody, "device", "person", "place", "shipment"),
        *(linked(previous, "person") if previous else ()),
    ]
    record(fact, about=about, by=by, at=at, op=op)


@verb
def relocate(*, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Put a device in another place."""
    device = load(Device, device_id, by=by)
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    rules.check_not_lent(device, open_custody(device))
    move(device=device, to=place_holder(place), reason="relocated", by=by, at=at, op=op)
    return device


@verb
def hand_over(*, device_id: int, person_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Give a device into a person's hands, without changing whose it is."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    person = load(Person, person_id, by=by, lock=False)
    rules.check_fit(device)
    rules.check_not_loaner(device)
    move(device=device, to=person_holder(person, device.home_site_id), reason="handed_over", by=by, at=at, op=op)
    change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    return device


def change_status(*, device: Device, to: Device.Status, by: Actor, at: datetime, op: Op) -> None:
    """Change the status of a locked device by the table of moves, and record it."""
    if device.status == to:
        return
    rules.check_move(device, to)
    fact = events.StatusChanged(device.pk, Code(device.status), Code(to.value))
    device.status = to
    device.save(update_fields=["status"])
    record(fact, about=[device], by=by, at=at, op=op)


def note_condition(
    *, device: Device, grade: Condition.Grade, marks: list[str], by: Actor, at: datetime, op: Op
) -> Condition:
    """Note the condition of a locked device while its present holder still answers for it."""
    custody = open_custody(device)
    if custody is None:
        raise Missing("Custody")
    condition = Condition.objects.create(
        device=device, grade=grade, marks=marks, custody=custody, noted_at=at, noted_by_id=by.user_id
    )
    fact = events.ConditionNoted(
        device.pk, Code(grade.value), [Code(mark) for mark in marks], Code(custody.kind), custody.holder_id
    )
    record(fact, about=[device], by=by, at=at, op=op)
    return condition
