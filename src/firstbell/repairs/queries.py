"""Reads of repairs that several pages share."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from firstbell.devices.models import Assignment, Custody, ShipmentItem
from firstbell.directory.models import Place, Site
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs import rules
from firstbell.repairs.models import Delay, Labour, Photo, WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import APART


def open_orders(*, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return the open work orders in reach with device, owner and where it is, oldest first, in few queries."""
    here = Custody.objects.filter(until__isnull=True).select_related("person", "place", "site", "shipment__to_site")
    owned = Assignment.objects.filter(until__isnull=True).select_related("person", "class_group")
    rows = WorkOrder.objects.visible_to(by).filter(closed_at__isnull=True)
    return (
        rows.select_related("device__model", "device__home_site", "device__at_site", "ticket", "site", "repaired_by")
        .prefetch_related(
            Prefetch("device__custodies", queryset=here, to_attr="open_custodies"),
            Prefetch("device__assignments", queryset=owned, to_attr="open_assignments"),
        )
        .order_by("opened_at", "pk")
    )


def order_of(device_id: int) -> WorkOrder | None:
    """Return the open work order of a device."""
    rows = WorkOrder.objects.everyone(reason="asked by verbs and pages that have loaded the device in reach")
    return rows.filter(device_id=device_id, closed_at__isnull=True).select_related("device__model", "site").first()


def on_bench_of(device_id: int, *, by: Actor) -> WorkOrder | None:
    """Return the open repair of a device that lies at a depot, where the actor works at its bench."""
    rows = WorkOrder.objects.visible_to(by, Permission.REPAIR)
    lying = AT_REST & Q(device__at_site__kind=Site.Kind.DEPOT)
    return rows.filter(lying, device_id=device_id, closed_at__isnull=True).first()


def order_for(ticket: Ticket) -> WorkOrder | None:
    """Return the newest work order that a ticket led to, open or closed; else the repair that answers it too.

    That is one of its device which another report about it led to, under way while this ticket was open. A repair
    for the loaner pool answers only what was reported before.
    """
    rows = WorkOrder.objects.everyone(reason="asked by those who have the ticket, or the link to it")
    answers = Q(ticket_id=ticket.pk)
    if ticket.device_id and ticket.symptom not in APART:
        lasted = Q(closed_at__isnull=True) | Q(closed_at__gte=ticket.opened_at)
        lasted &= Q(opened_at__lte=ticket.resolved_at) if ticket.resolved_at else Q()
        answers |= Q(device_id=ticket.device_id) & lasted & (Q(for_pool=False) | Q(opened_at__gte=ticket.opened_at))
    found = rows.filter(answers).select_related("device__model", "site").order_by("-opened_at")
    return max(found, key=lambda order: order.ticket_id == ticket.pk, default=None)


AT_REST = Q(device__custodies__until__isnull=True, device__custodies__kind=Custody.Kind.PLACE)


def at_benches(site_ids: Iterable[int] | QuerySet[Any, Any], *, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return the open work orders of devices at rest at these sites, oldest first, with ``arrived_at``.

    A device's days on the bench count from when it was last scanned in there, else from when its repair opened.
    """
    arrivals = ShipmentItem.objects.filter(
        device=OuterRef("device"), shipment__to_site=OuterRef("device__at_site"), received_at__gte=OuterRef("opened_at")
    )
    rows = WorkOrder.objects.visible_to(by).filter(AT_REST, closed_at__isnull=True, device__at_site_id__in=site_ids)
    newest = Subquery(arrivals.order_by("-received_at").values("received_at")[:1])
    joined = rows.select_related("device__model", "device__at_site", "site", "repaired_by")
    return joined.annotate(arrived_at=Coalesce(newest, F("opened_at"))).order_by("opened_at", "pk")


def bench(*, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return what lies at the depot and is to be repaired."""
    rows = open_orders(by=by).filter(status__in=rules.ON_THE_BENCH)
    return rows.filter(AT_REST, device__at_site__kind=Site.Kind.DEPOT)


def earlier_orders(device_id: int, *, by: Actor) -> QuerySet[WorkOrder]:
    """Return the closed repairs of a device in reach, newest first, each with the ``cents`` of its parts."""
    rows = WorkOrder.objects.visible_to(by).filter(device_id=device_id, closed_at__isnull=False)
    cents = Coalesce(Sum(F("parts__quantity") * F("parts__unit_cents")), 0)
    return rows.annotate(cents=cents).order_by("-opened_at")


def away_from_school(*, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return open repairs in reach whose device is on its way or at another site than its school."""
    rows = WorkOrder.objects.visible_to(by).filter(
        ~Q(device__at_site_id=F("site_id")) | Q(device__custodies__kind=Custody.Kind.SHIPMENT),
        device__custodies__until__isnull=True,
        closed_at__isnull=True,
    )
    return rows.select_related("device__model", "device__at_site", "site").order_by("opened_at", "pk")


@dataclass(frozen=True)
class Boxed:
    """One device at rest in a pick-up box. ``owner`` is a name: show it to those who may see people."""

    device_id: int
    tag: str
    model: str
    place_id: int
    place_code: str
    place_name: str
    site_id: int
    since: datetime
    symptom: str
    owner: str


def in_boxes(sites: QuerySet[Site] | list[Site], *, place_id: int | None = None) -> list[Boxed]:
    """Return what waits in the pick-up boxes of sites that the caller has found in reach; one query, longest first."""
    orders = WorkOrder.objects.everyone(reason="subquery").filter(device=OuterRef("device"), closed_at__isnull=True)
    owned = Assignment.objects.filter(device=OuterRef("device"), until__isnull=True, person__isnull=False)
    called = Coalesce(NullIf("person__preferred_name", Value("")), "person__given_name")
    rows = Custody.objects.filter(until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site__in=sites).annotate(
        tag=F("device__tag"),
        maker=F("device__model__manufacturer"),
        model=F("device__model__name"),
        place_code=F("place__code"),
        place_name=F("place__name"),
        symptom=Coalesce(Subquery(orders.values("symptom")[:1]), Value("")),
        owner=Coalesce(Subquery(owned.values(name=Concat(called, Value(" "), "person__family_name"))[:1]), Value("")),
    )
    rows = rows.filter(place_id=place_id) if place_id else rows
    return [_boxed(row) for row in rows.order_by("since", "pk").values(*BOXED, "maker")]


BOXED = [field.name for field in fields(Boxed)]


def _boxed(row: dict[str, Any]) -> Boxed:
    maker = row.pop("maker")
    return Boxed(**row | {"model": f"{maker} {row['model']}".strip()})


@dataclass(frozen=True)
class Load:
    """Something to carry. ``what``: box (to fetch), shipment (to bring) or packing (repaired, not packed yet)."""

    what: str
    site_id: int
    code: str
    count: int
    since: datetime


def to_carry(sites: QuerySet[Site], *, by: Actor) -> list[Load]:
    """Return what a courier fetches from schools, brings to them, or has still to pack for them; in one query."""
    boxes = Custody.objects.filter(until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site__in=sites)
    waiting = boxes.values("site_id", "place__code").annotate(n=Count("pk"), first=Min("since"), what=Value("box"))
    travelling = ShipmentItem.objects.filter(received_at__isnull=True, shipment__to_site__in=sites)
    brought = travelling.values("shipment__to_site_id", "shipment__code")
    brought = brought.annotate(n=Count("pk"), first=Min("shipment__sent_at"), what=Value("shipment"))
    ready = WorkOrder.objects.visible_to(by).filter(
        AT_REST, closed_at__isnull=True, status=WorkOrder.Status.CHECKED, device__at_site__kind=Site.Kind.DEPOT
    )
    packed = ready.filter(site__in=sites).order_by().values("site_id")
    packed = packed.annotate(none=Value(""), n=Count("pk"), first=Min("checked_at"), what=Value("packing"))
    rows = waiting.values_list("what", "site_id", "place__code", "n", "first").union(
        brought.values_list("what", "shipment__to_site_id", "shipment__code", "n", "first"),
        packed.values_list("what", "site_id", "none", "n", "first"),
        all=True,
    )
    return sorted((Load(*row) for row in rows), key=lambda load: load.since)


def to_return(*, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return checked repairs that lie at the depot, to be packed for their school."""
    rows = open_orders(by=by).filter(status=WorkOrder.Status.CHECKED, device__at_site__kind=Site.Kind.DEPOT)
    return rows.filter(device__custodies__until__isnull=True, device__custodies__kind=Custody.Kind.PLACE).order_by(
        "site__name", "device__tag"
    )


def to_hand_back(*, by: Actor) -> ScopedQuerySet[WorkOrder]:
    """Return checked repairs that lie at their school, for their people."""
    rows = open_orders(by=by).filter(status=WorkOrder.Status.CHECKED, device__at_site__kind=Site.Kind.SCHOOL)
    return rows.filter(device__custodies__until__isnull=True, device__custodies__kind=Custody.Kind.PLACE)


def delays_of(order_ids: Collection[int]) -> dict[tuple[int, str], Delay]:
    """Return what was written down about late legs of some repairs, by repair and leg."""
    return {(row.work_order_id, row.leg): row for row in Delay.objects.filter(work_order__in=order_ids)}


def photos_of(order: WorkOrder) -> list[Photo]:
    """Return the photos of a work order that was loaded in reach, oldest first."""
    return list(Photo.objects.filter(work_order=order).select_related("taken_by").order_by("taken_at", "pk"))


def photographed(order: WorkOrder) -> bool:
    """Say whether there are photos from before and after the repair."""
    kept = set(Photo.objects.filter(work_order=order).values_list("when", flat=True))
    return kept == set(Photo.When.values)


def worked_on(order: WorkOrder) -> list[tuple[str, int]]:
    """Return who worked on an order that was loaded in reach, and how many minutes."""
    rows = Labour.objects.filter(work_order=order).order_by().values("user", "user__display_name", "user__username")
    sums = rows.annotate(total=Sum("minutes")).order_by("-total")
    return [(row["user__display_name"] or row["user__username"] or "", row["total"]) for row in sums]
