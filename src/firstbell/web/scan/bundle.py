"""What a phone may know out of reach: tags, opaque handles and states, for a day at most. No name of a person."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.crypto import salted_hmac

from firstbell.devices.models import Assignment, Custody, Device, Shipment, ShipmentItem
from firstbell.devices.queries import by_code, shipments_under_way
from firstbell.directory.models import Place
from firstbell.directory.queries import place_by_code
from firstbell.flows.scans import VERBS
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.queries import to_hand_back
from firstbell.web.desk.finding import code_in
from firstbell.web.middleware import FirstbellRequest

VALID = timedelta(hours=24)
MOST = 20_000
"""Devices in one bundle; the largest schools have a third of it."""


def session(request: FirstbellRequest) -> HttpResponse:
    """Say whose session this is (a handle, no name), what lets the phone send, and what can be done here."""
    who = handle("who", request.actor.user_id, "always")
    return JsonResponse({"who": who, "csrf": get_token(request), "verbs": sorted(VERBS)})


def bundle(request: FirstbellRequest) -> HttpResponse:
    """Return what the phone is to know: of one code (``code``), else of the schools or the round in question."""
    code = code_in(request.GET.get("code", "").strip()[:200])
    things = _about(code, request.actor, request.at) if code else _all(request.actor, request.at)
    return JsonResponse({"until": (request.at + VALID).isoformat(), "things": things})


def handle(kind: str, pk: int | None, day: str) -> str:
    """Return what stands for a person: nobody can tell who it is, and it is another one tomorrow."""
    return salted_hmac(f"firstbell.scan.{kind}.{day}", str(pk)).hexdigest()[:12] if pk else ""


def _all(by: Actor, at: datetime) -> list[dict[str, Any]]:
    sites = by.sites(Permission.SEE_DEVICES)
    rows, places = Device.objects.visible_to(by).exclude(status=Device.Status.RETIRED), _open_places()
    if sites is None:  # somebody of the whole district walks with what travels, not with every device there is
        rows = rows.filter(pk__in=_travelling())
        places = places.filter(kind=Place.Kind.PICKUP_BOX)
    else:
        places = places.filter(site_id__in=sites)
    return [*_devices(rows, by, at), *_places(places), *_shipments(shipments_under_way(by=by))]


def _travelling() -> set[int]:
    """Return what is on the way or in a pick-up box. Two short lists: joined, the whole inventory would be read."""
    boxes = list(Place.objects.filter(kind=Place.Kind.PICKUP_BOX).values_list("pk", flat=True))
    boxed = Custody.objects.filter(until__isnull=True, place__in=boxes)
    on_the_way = ShipmentItem.objects.filter(received_at__isnull=True)
    return {pk for rows in (boxed, on_the_way) for pk in rows.values_list("device_id", flat=True)}


def _open_places() -> QuerySet[Place]:
    return Place.objects.filter(closed_at__isnull=True)


def _about(code: str, by: Actor, at: datetime) -> list[dict[str, Any]]:
    device = by_code(code, by=by)
    if device:
        return _devices(Device.objects.visible_to(by).filter(pk=device.pk), by, at)
    place = place_by_code(code)
    if place and by.may(Permission.SEE_DEVICES, place.site_id):
        return _places(_open_places().filter(pk=place.pk))
    shipment = Shipment.objects.visible_to(by).filter(code=code.upper())
    inside = Device.objects.visible_to(by).filter(travels__shipment__in=shipment, travels__received_at__isnull=True)
    return [*_shipments(shipment), *_devices(inside, by, at)]


def _devices(rows: QuerySet[Device], by: Actor, at: datetime) -> list[dict[str, Any]]:
    here = Custody.objects.filter(device=OuterRef("pk"), until__isnull=True)
    owned = Assignment.objects.filter(device=OuterRef("pk"), until__isnull=True)
    ready = to_hand_back(by=by).filter(device=OuterRef("pk"))
    known = rows.annotate(
        holder=Subquery(here.values("person")[:1]),
        spot=Subquery(here.values("place__code")[:1]),
        load=Subquery(here.values("shipment__code")[:1]),
        owner=Subquery(owned.values("person")[:1]),
        ready=Exists(ready),
    ).values("tag", "code", "status", "is_loaner", "holder", "spot", "load", "owner", "ready")
    return [_device(dict(row), at.date().isoformat()) for row in known[:MOST]]


def _device(row: dict[str, Any], day: str) -> dict[str, Any]:
    return {
        "kind": "device",
        "code": row["tag"],
        "label": row["code"],
        "status": row["status"],
        "loaner": row["is_loaner"],
        "owner": handle("person", row["owner"], day),
        "holder": handle("person", row["holder"], day),
        "place": row["spot"] or "",
        "shipment": row["load"] or "",
        "ready": row["ready"],
    }


def _places(rows: QuerySet[Place]) -> list[dict[str, Any]]:
    named = rows.annotate(where=F("site__name")).values("code", "name", "kind", "where")
    return [
        {"kind": "place", "code": row["code"], "name": row["name"], "what": row["kind"], "site": row["where"]}
        for row in named
    ]


def _shipments(rows: QuerySet[Shipment]) -> list[dict[str, Any]]:
    waiting = Count("items", filter=Q(items__received_at__isnull=True))
    return [
        {"kind": "shipment", "code": row.code, "devices": row.waits, "site": row.to_site.name}
        for row in rows.annotate(waits=waiting).select_related("to_site")
    ]
