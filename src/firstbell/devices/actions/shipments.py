"""Devices that travel together: packed and sent at one site, scanned in at the other."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices import events
from firstbell.devices.actions.custody import move, place_holder, shipment_holder
from firstbell.devices.models import Custody, Device, Shipment, ShipmentItem
from firstbell.directory.models import Place, Site
from firstbell.directory.scope import load, load_all, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb


@verb
def send(
    *,
    from_site_id: int,
    to_site_id: int,
    device_ids: Sequence[int],
    by: Actor,
    at: datetime,
    op: Op,
) -> Shipment:
    """Send devices to another site: they are in the shipment's custody until they are scanned in there.

    The coach is refused (S63): ``by`` needs ``ship`` at the sending site, or ``transport``.
    """
    if not by.may(Permission.TRANSPORT):
        by.require(Permission.SHIP, from_site_id)
    _check_destination(from_site_id, to_site_id)
    devices = _load_here(device_ids, from_site_id, by=by)
    if not devices:
        raise Refused("nothing_to_send", _("There is nothing here to send."))
    return leave(from_site_id=from_site_id, to_site_id=to_site_id, devices=devices, by=by, at=at, op=op)


def leave(
    *, from_site_id: int, to_site_id: int, devices: Sequence[Device], by: Actor, at: datetime, op: Op
) -> Shipment:
    """Send locked devices that rest at a site, for a verb that has asked whether they may leave."""
    shipment = Shipment.objects.create(
        from_site_id=from_site_id,
        to_site_id=to_site_id,
        status=Shipment.Status.SENT,
        packed_at=at,
        sent_at=at,
        carrier_id=by.user_id,
    )
    ShipmentItem.objects.bulk_create(ShipmentItem(shipment=shipment, device=device) for device in devices)
    for device in devices:
        move(device=device, to=shipment_holder(shipment), reason="sent", by=by, at=at, op=op)
    sites = {"from_site_id": from_site_id, "to_site_id": to_site_id, "devices": len(devices)}
    record(events.ShipmentPacked(shipment.pk, **sites), about=[shipment], by=by, at=at, op=op)
    record(events.ShipmentSent(shipment.pk, **sites), about=[shipment], by=by, at=at, op=op)
    return shipment


@verb
def join(*, shipment_id: int, device_id: int, by: Actor, at: datetime, op: Op) -> Shipment:
    """Put one more device on a load of one's own that is on its way and of which nothing has been received."""
    shipment = load(Shipment, shipment_id, by=by)
    if shipment.carrier_id != by.user_id or shipment.status != Shipment.Status.SENT:
        raise Stale("load_is_closed", _("Shipment {code} takes nothing more."), code=shipment.code)
    (device,) = _load_here([device_id], shipment.from_site_id, by=by)
    put_on(shipment=shipment, device=device, by=by, at=at, op=op)
    return shipment


def put_on(*, shipment: Shipment, device: Device, by: Actor, at: datetime, op: Op) -> None:
    """Put a locked device on a locked shipment that is on its way, for a verb that has asked whether it may."""
    ShipmentItem.objects.create(shipment=shipment, device=device)
    move(device=device, to=shipment_holder(shipment), reason="sent", by=by, at=at, op=op)
    record(events.ShipmentJoined(shipment.pk, device.pk), about=[shipment, device], by=by, at=at, op=op)


def _check_destination(from_site_id: int, to_site_id: int) -> None:
    if from_site_id == to_site_id:
        raise Refused("goes_nowhere", _("A shipment goes to another site. Choose where to."))
    if not Site.objects.filter(pk=to_site_id, closed_on__isnull=True).exists():
        raise Missing("Site")


def _load_here(device_ids: Iterable[int], site_id: int, *, by: Actor) -> list[Device]:
    found = list(load_all(Device, device_ids, by=by).values())
    here = Custody.objects.filter(device__in=found, until__isnull=True, kind=Custody.Kind.PLACE, site_id=site_id)
    resting = set(here.values_list("device_id", flat=True))
    elsewhere = [device.tag for device in found if device.pk not in resting]
    if elsewhere:
        raise Refused(
            "not_here",
            _("{tags} is not at rest at this site according to the record. Scan it in here first."),
            tags=", ".join(elsewhere[:5]),
        )
    return found


@verb
def receive(
    *,
    shipment_id: int,
    place_id: int,
    device_ids: Sequence[int] | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Shipment:
    """Scan devices of a shipment in at its destination; all of them when none is named.

    What was sent and is not received stays in the shipment's custody and is listed.
    """
    shipment = load(Shipment, shipment_id, by=by)
    place = Place.objects.filter(pk=place_id, site_id=shipment.to_site_id).first()
    if place is None:
        raise Missing("Place")
    if not by.may(Permission.TRANSPORT):
        by.require(Permission.SHIP, shipment.to_site_id)
    items = _open_items(shipment, device_ids)
    if not items:
        raise Stale("received_already", _("Shipment {code} is scanned in already."), code=shipment.code)
    arrive(shipment=shipment, items=items, place=place, by=by, at=at, op=op)
    return shipment


def arrive(*, shipment: Shipment, items: Sequence[ShipmentItem], place: Place, by: Actor, at: datetime, op: Op) -> None:
    """Put open lines of a locked shipment where they arrived, for a verb that has asked whether it may."""
    for item in items:
        _scan_in(item, place, by=by, at=at, op=op)
    _settle(shipment, len(items), by=by, at=at, op=op)


def _open_items(shipment: Shipment, device_ids: Sequence[int] | None) -> list[ShipmentItem]:
    rows = ShipmentItem.objects.filter(shipment=shipment, received_at__isnull=True).select_related("device")
    items = list(rows.order_by("device_id").select_for_update(of=("self", "device"), no_key=True))
    if device_ids is None:
        return items
    chosen = [item for item in items if item.device_id in set(device_ids)]
    known = set(shipment.items.values_list("device_id", flat=True))
    if set(device_ids) - known:
        raise Refused(
            "not_on_manifest", _("This device is not on the manifest of shipment {code}."), code=shipment.code
        )
    return chosen


def _scan_in(item: ShipmentItem, place: Place, *, by: Actor, at: datetime, op: Op) -> None:
    item.received_at = at
    item.save(update_fields=["received_at"])
    move(device=item.device, to=place_holder(place), reason="received", by=by, at=at, op=op)


def _settle(shipment: Shipment, arrived: int, *, by: Actor, at: datetime, op: Op) -> None:
    missing = ShipmentItem.objects.filter(shipment=shipment, received_at__isnull=True).count()
    shipment.status = Shipment.Status.PARTLY_RECEIVED if missing else Shipment.Status.CLOSED
    shipment.received_at = shipment.received_at or at
    shipment.save(update_fields=["status", "received_at"])
    fact = events.ShipmentReceived(shipment.pk, shipment.to_site_id, arrived, missing)
    record(fact, about=[shipment], by=by, at=at, op=op)
    if not missing:
        record(events.ShipmentClosed(shipment.pk), about=[shipment], by=by, at=at, op=op)


@verb
def found_elsewhere(*, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """A device of an open shipment turned up: take it off the shipment where it was found."""
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not (by.may(Permission.SHIP, place.site_id) or by.may(Permission.TRANSPORT)):
        raise Missing("Place")
    shipment = lock(Shipment, _item_of(load(Device, device_id, by=by, lock=False)).shipment_id)
    item = _item_of(load(Device, device_id, by=by))
    if item.shipment_id != shipment.pk:
        raise Stale("sent_again", _("{tag} was sent on meanwhile. Scan it again."), tag=item.device.tag)
    _scan_in(item, place, by=by, at=at, op=op)
    _settle(shipment, 1, by=by, at=at, op=op)
    return item.device


def _item_of(device: Device) -> ShipmentItem:
    item = ShipmentItem.objects.filter(device=device, received_at__isnull=True).first()
    if item is None:
        raise Refused("not_travelling", _("{tag} is not on a shipment."), tag=device.tag)
    item.device = device
    return item
