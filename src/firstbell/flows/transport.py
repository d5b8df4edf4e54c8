"""Between school and depot: the courier empties a box with one scan, the depot scans it in with one."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from firstbell.courier.actions import fail_stop, note_brought, note_loaded
from firstbell.devices.actions import shipments
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Device, Shipment
from firstbell.devices.queries import load_begun, resting_in
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import place_of_kind
from firstbell.directory.scope import load
from firstbell.flows import events
from firstbell.flows.following import tickets_follow
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code
from firstbell.repairs.queries import to_return

WHY_NOT_EMPTIED = {
    "closed": _("the school was closed"),
    "nobody": _("nobody was there"),
    "no_room": _("no room in the car"),
    "no_time": _("no time left"),
    "road": _("the road was closed"),
}
"""Why a courier left without emptying a box, by code."""
ONE_LOAD = timedelta(hours=2)
"""Devices that a courier loads one by one at a school within this time travel on one manifest."""


def depot() -> Site:
    """Return the district's depot. Raises Refused when none is entered yet."""
    site = Site.objects.filter(kind=Site.Kind.DEPOT, closed_on__isnull=True).order_by("pk").first()
    if site is None:
        raise Refused("no_depot", _("The district has no depot yet. Enter one under Sites."))
    return site


def _box(place_id: int, by: Actor) -> Place:
    place = Place.objects.select_related("site").filter(pk=place_id, kind=Place.Kind.PICKUP_BOX).first()
    if place is None or not any(by.may(carry, place.site_id) for carry in (Permission.TRANSPORT, Permission.SHIP)):
        raise Missing("Place")
    return place


@verb
def empty_box(*, place_id: int, only: tuple[int, ...] | None = None, by: Actor, at: datetime, op: Op) -> Shipment:
    """Take everything in a pick-up box on its way to the depot: one scan of the box, one manifest.

    With ``only`` (ids of devices) the rest stays in the box, and that is on record. Raises Stale when one of
    them has left the box meanwhile.
    """
    place = _box(place_id, by)
    resting = [device.pk for device in resting_in(place.pk, by=by)]
    if not resting:
        raise Refused("box_empty", _("The pick-up box of {site} is empty."), site=place.site.name)
    devices = _chosen(resting, only)
    shipment = shipments.send(
        from_site_id=place.site_id, to_site_id=depot().pk, device_ids=devices, by=by, at=at, op=op
    )
    tickets_follow(devices, reason="on_its_way", by=by, at=at, op=op)
    for left in sorted(set(resting) - set(devices)):
        device = load(Device, left, by=by, lock=False)
        record(events.LeftBehind(left, place.pk), about=[device, place], by=by, at=at, op=op)
    note_loaded(site_id=place.site_id, devices=len(devices), by=by, at=at, op=op)
    return shipment


def _chosen(resting: list[int], only: tuple[int, ...] | None) -> list[int]:
    if only is None:
        return resting
    if not only:
        raise Refused("nothing_chosen", _("Choose at least one device, or note that the box could not be emptied."))
    if not set(only) <= set(resting):
        raise Stale(
            "box_changed", _("The box has changed since you looked. Look at it again, then take what is there.")
        )
    return sorted(set(only))


@verb
def load_one(*, place_id: int, device_id: int, by: Actor, at: datetime, op: Op) -> Shipment:
    """Take one device out of a pick-up box to the depot: the first begins a load, those scanned after it join."""
    place, target = _box(place_id, by), depot()
    device = load(Device, device_id, by=by, lock=False)
    if not resting_in(place.pk, by=by).filter(pk=device.pk).exists():
        raise Refused("not_in_box", _("{tag} is not in this box according to the record."), tag=device.tag)
    ends = {"from_site_id": place.site_id, "to_site_id": target.pk}
    begun = load_begun(**ends, by=by, since=at - ONE_LOAD, at=at)
    if begun:
        shipment = shipments.join(shipment_id=begun.pk, device_id=device.pk, by=by, at=at, op=op)
    else:
        shipment = shipments.send(**ends, device_ids=[device.pk], by=by, at=at, op=op)
    tickets_follow([device.pk], reason="on_its_way", by=by, at=at, op=op)
    note_loaded(site_id=place.site_id, devices=1, by=by, at=at, op=op)
    return shipment


@verb
def note_failed_visit(*, place_id: int, reason: str, by: Actor, at: datetime, op: Op) -> Place:
    """Note that a box could not be emptied, and why (a code of ``WHY_NOT_EMPTIED``); the driver's stop is in vain."""
    place = _box(place_id, by)
    _check_why(reason)
    fact = events.VisitFailed(place.pk, place.site_id, Code(reason))
    record(fact, about=[place], by=by, at=at, op=op)
    fail_stop(site_id=place.site_id, reason=reason, by=by, at=at, op=op)
    return place


@verb
def fail_visit(*, site_id: int, reason: str, by: Actor, at: datetime, op: Op) -> Site:
    """Note that a driver's visit was in vain: at its pick-up box, where the school has one, so that it knows too."""
    by.require(Permission.TRANSPORT, site_id)
    site = Site.objects.get(pk=site_id)
    _check_why(reason)
    box = place_of_kind(site.pk, Place.Kind.PICKUP_BOX)
    if box:
        note_failed_visit(place_id=box.pk, reason=reason, by=by, at=at, op=op)
    else:
        fail_stop(site_id=site.pk, reason=reason, by=by, at=at, op=op)
    return site


def _check_why(reason: str) -> None:
    if reason not in WHY_NOT_EMPTIED:
        raise Refused("why_not_emptied", _("Choose why the box was not emptied."))


@verb
def pack_return(*, site_id: int, by: Actor, at: datetime, op: Op) -> Shipment:
    """Send every checked repair of a school home: one scan of the school's shelf, one manifest."""
    by.require(Permission.TRANSPORT, site_id)
    devices = [order.device_id for order in to_return(by=by).filter(site_id=site_id)]
    if not devices:
        raise Refused("nothing_to_return", _("No checked repair waits for this school."))
    shipment = shipments.send(from_site_id=depot().pk, to_site_id=site_id, device_ids=devices, by=by, at=at, op=op)
    tickets_follow(devices, reason="on_its_way_back", by=by, at=at, op=op)
    return shipment


@verb
def scan_in(
    *, shipment_id: int, device_ids: tuple[int, ...] | None = None, by: Actor, at: datetime, op: Op
) -> Shipment:
    """Scan a shipment in where it arrives: the bench at the depot, the return shelf at a school."""
    shipment = load(Shipment, shipment_id, by=by)
    place = arrival_place(shipment.to_site)
    moved = list(shipment.items.filter(received_at__isnull=True).values_list("device_id", flat=True))
    shipments.receive(shipment_id=shipment.pk, place_id=place.pk, device_ids=device_ids, by=by, at=at, op=op)
    arrived = [pk for pk in moved if device_ids is None or pk in device_ids]
    tickets_follow(arrived, reason="arrived", by=by, at=at, op=op)
    note_brought(site_id=shipment.to_site_id, devices=len(arrived))
    return shipment


@verb
def take_extra(*, shipment_id: int, device_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Take in a device that came with a shipment without being on its manifest."""
    shipment = load(Shipment, shipment_id, by=by, lock=False)
    device = relocate(device_id=device_id, place_id=arrival_place(shipment.to_site).pk, by=by, at=at, op=op)
    tickets_follow([device_id], reason="arrived", by=by, at=at, op=op)
    return device


@verb
def found_elsewhere(*, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Take a device off its shipment because it turned up somewhere else; its ticket follows."""
    device = shipments.found_elsewhere(device_id=device_id, place_id=place_id, by=by, at=at, op=op)
    tickets_follow([device_id], reason="found", by=by, at=at, op=op)
    return device


def arrival_place(site: Site) -> Place:
    """Return where a site receives devices: the bench of a depot, the return shelf or desk of a school."""
    kinds = [Place.Kind.BENCH] if site.kind == Site.Kind.DEPOT else [Place.Kind.RETURN_SHELF, Place.Kind.DESK]
    for kind in kinds:
        place = place_of_kind(site.pk, kind)
        if place:
            return place
    raise Refused("no_arrival_place", _("{site} has no place to receive devices yet."), site=site.name)
