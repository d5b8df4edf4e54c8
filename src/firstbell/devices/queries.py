"""Reads of devices that several pages share."""

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from firstbell.devices.models import Assignment, Custody, Device, Shipment
from firstbell.devices.replay import Difference, find_differences
from firstbell.devices.rules import MISSING
from firstbell.directory.models import Person
from firstbell.kernel.actor import Actor
from firstbell.kernel.identifiers import normalise_tag


def with_hands(devices: QuerySet[Device]) -> QuerySet[Device]:
    """Fetch model, home, open custody and open assignment along with devices: ``where`` and ``owner`` need no more."""
    here = Custody.objects.filter(until__isnull=True).select_related(
        "person", "place__site", "site", "shipment__to_site", "shipment__from_site"
    )
    owned = Assignment.objects.filter(until__isnull=True).select_related("person", "class_group")
    return devices.select_related("model", "home_site", "at_site").prefetch_related(
        Prefetch("custodies", queryset=here, to_attr="open_custodies"),
        Prefetch("assignments", queryset=owned, to_attr="open_assignments"),
    )


def where(device: Device) -> Custody | None:
    """Return the open custody of a device."""
    found: list[Custody] = getattr(device, "open_custodies", None) or list(
        Custody.objects.filter(device=device, until__isnull=True).select_related(
            "person", "place__site", "site", "shipment__to_site", "shipment__from_site"
        )
    )
    return found[0] if found else None


def owner(device: Device) -> Assignment | None:
    """Return whose the device is."""
    if hasattr(device, "open_assignments"):
        found: list[Assignment] = device.open_assignments
        return found[0] if found else None
    rows = Assignment.objects.filter(device=device, until__isnull=True)
    return rows.select_related("person", "class_group").first()


def by_code(text: str, *, by: Actor) -> Device | None:
    """Return the one device in reach with exactly this tag, serial, label code, IMEI, ICCID or number."""
    found = find_devices(text, by=by, exact=True, limit=2)
    return found[0] if len(found) == 1 else None


def on_label(text: str) -> Device | None:
    """Return the device in use whose label says this: its code or its tag. For anybody; shows nobody's name."""
    wanted = normalise_tag(text)
    rows = Device.objects.everyone(reason="a label is an address: the page shows model and tag only")
    in_use = rows.exclude(status=Device.Status.RETIRED).select_related("model", "home_site", "at_site")
    return in_use.filter(Q(code=wanted) | Q(tag=wanted)).first() if wanted else None


def on_old_label(text: str) -> Device | None:
    """Return the device in use whose label said this before its code was replaced. For anybody, as ``on_label``."""
    rows = Device.objects.everyone(reason="a label is an address: the page shows model and tag only")
    in_use = rows.exclude(status=Device.Status.RETIRED).select_related("model", "home_site", "at_site")
    return in_use.filter(old_labels__code=normalise_tag(text)).first()


def find_devices(text: str, *, by: Actor, exact: bool = False, limit: int = 8) -> list[Device]:
    """Return devices in reach whose codes begin with the text (or equal it), tags first."""
    wanted = normalise_tag(text)
    if not wanted:
        return []
    match = Q(codes__code=wanted) if exact else Q(codes__code__gte=wanted, codes__code__lt=wanted + "\U0010ffff")
    rows = with_hands(Device.objects.visible_to(by).filter(match)).distinct().order_by("tag")
    return list(rows[:limit])


def owned_by(person: Person, *, by: Actor) -> list[Device]:
    """Return the devices that belong to a person, in reach."""
    rows = Device.objects.visible_to(by).filter(assignments__person=person, assignments__until__isnull=True)
    return list(with_hands(rows).order_by("tag"))


def owns_another(person_id: int, device_id: int) -> bool:
    """Say whether somebody has a device of their own besides this one; one that is missing is none (S126)."""
    rows = Assignment.objects.filter(person_id=person_id, until__isnull=True).exclude(device_id=device_id)
    return rows.exclude(device__status__in=MISSING).exists()


def resting_in(place_id: int, *, by: Actor) -> QuerySet[Device]:
    """Return the devices in reach that rest in a place; not the retired ones."""
    rows = Device.objects.visible_to(by).filter(custodies__place_id=place_id, custodies__until__isnull=True)
    rows = rows.exclude(status=Device.Status.RETIRED)
    return with_hands(rows).order_by("tag")


def holder_at(device_id: int, moment: datetime) -> Custody | None:
    """Return who or what had the device at a past moment (a hand-over belongs to the new holder)."""
    rows = Custody.objects.filter(device_id=device_id, since__lte=moment)
    return rows.filter(Q(until__isnull=True) | Q(until__gt=moment)).order_by("-since", "-pk").first()


def shipments_under_way(*, by: Actor) -> QuerySet[Shipment]:
    """Return the open shipments in reach, longest on the way first."""
    rows = Shipment.objects.visible_to(by).exclude(status__in=[Shipment.Status.CLOSED, Shipment.Status.RECEIVED])
    return rows.select_related("from_site", "to_site").order_by("sent_at")


def load_begun(*, from_site_id: int, to_site_id: int, by: Actor, since: datetime, at: datetime) -> Shipment | None:
    """Return the load that this carrier began lately at a site and of which nothing has arrived yet."""
    rows = Shipment.objects.visible_to(by).filter(from_site_id=from_site_id, to_site_id=to_site_id)
    mine = rows.filter(carrier_id=by.user_id, status=Shipment.Status.SENT, sent_at__gte=since, sent_at__lte=at)
    return mine.order_by("-sent_at", "-pk").first()


def travelling_on(device_id: int, *, by: Actor) -> Shipment | None:
    """Return the shipment that a device is on."""
    on_it = Q(items__device_id=device_id, items__received_at__isnull=True)
    return Shipment.objects.visible_to(by).filter(on_it).first()


def differences() -> list[Difference]:
    """Replay the ledger and compare: custody intervals, their touching, owner, site and status of every device."""
    return list(find_differences())
