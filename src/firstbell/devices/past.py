"""How things stood at a past moment (S19, S126), read off the intervals and the ledger. Nothing is stored for it."""

from datetime import datetime, timedelta

from django.db.models import Prefetch, Q, QuerySet

from firstbell.devices.events import StatusChanged
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.directory.models import Person
from firstbell.kernel.actor import Actor
from firstbell.ledger.figures import newest


def lasting(moment: datetime, prefix: str = "") -> Q:
    """Return the condition that an interval held a moment: a hand-over belongs to the new holder."""
    begun, ended = {f"{prefix}since__lte": moment}, {f"{prefix}until__gt": moment}
    return Q(**begun) & (Q(**{f"{prefix}until__isnull": True}) | Q(**ended))


def with_past_hands(devices: QuerySet[Device], moment: datetime) -> QuerySet[Device]:
    """Fetch who or what had each device then and whose it was, as ``past_custodies`` and ``past_assignments``."""
    held = Custody.objects.filter(lasting(moment)).order_by("-since", "-pk")
    owned = Assignment.objects.filter(lasting(moment)).order_by("-since", "-pk")
    hands = ("person", "place__site", "site", "shipment__to_site", "shipment__from_site")
    return devices.select_related("model").prefetch_related(
        Prefetch("custodies", queryset=held.select_related(*hands), to_attr="past_custodies"),
        Prefetch("assignments", queryset=owned.select_related("person", "class_group"), to_attr="past_assignments"),
    )


def where_then(device: Device) -> Custody | None:
    """Return where a device of ``with_past_hands`` was."""
    found: list[Custody] = getattr(device, "past_custodies", [])
    return found[0] if found else None


def owner_then(device: Device) -> Assignment | None:
    """Return whose a device of ``with_past_hands`` was."""
    found: list[Assignment] = getattr(device, "past_assignments", [])
    return found[0] if found else None


def status_then(device: Device, moment: datetime) -> Device.Status | None:
    """Return a device's status at a past moment; None before it was entered."""
    if moment < device.registered_at:
        return None
    upto = moment + timedelta(microseconds=1)
    changes = newest(kinds=[StatusChanged.kind], subject=("device", device.pk), until=upto, limit=1)
    return Device.Status(changes[0].facts["to_status"]) if changes else Device.Status.IN_STOCK


def had_then(person: Person, moment: datetime, *, by: Actor) -> QuerySet[Device]:
    """Return the devices in reach that a person had in hand or owned then."""
    held = Custody.objects.filter(lasting(moment), person=person).values("device_id")
    owned = Assignment.objects.filter(lasting(moment), person=person).values("device_id")
    rows = Device.objects.visible_to(by).filter(Q(pk__in=held) | Q(pk__in=owned))
    return with_past_hands(rows.order_by("tag"), moment)


def lay_in(place_id: int, moment: datetime, *, by: Actor) -> QuerySet[Device]:
    """Return the devices in reach that lay in a place then."""
    held = Custody.objects.filter(lasting(moment), place_id=place_id).values("device_id")
    return with_past_hands(Device.objects.visible_to(by).filter(pk__in=held).order_by("tag"), moment)
