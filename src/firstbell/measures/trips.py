"""The way of each repair, as custody tells it: from desk to box, courier, depot, and back to its person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, JSONObject, Now

from firstbell.devices.models import Custody
from firstbell.directory.models import Place, Site
from firstbell.measures.reach import Reach
from firstbell.repairs.models import PartUsed, WorkOrder

PATH = re.compile(r"(desk )?box shipment depot shipment (shelf|desk) (person|loaners)")
"""The way a repair takes by the plan, by way of the depot (S17)."""
SCHOOL_PATH = re.compile(r"((desk|bench|box|other) )*(person|loaners)")
"""The same where a school repairs by itself."""
VENDOR_PATH = re.compile(
    r"(desk )?(box )?(shipment depot )?shipment bench shipment (depot shipment )?(shelf|desk) (person|loaners)"
)
"""The same by way of a vendor: from the depot or straight from the school, and back to either."""


@dataclass(frozen=True, slots=True)
class Move:
    """One hand or place on the way, the site it belongs to, and since when."""

    step: str
    site_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Trip:
    """One repair with its way. ``cents`` is what its parts cost; ``route`` is where the plan said it is repaired."""

    order_id: int
    tag: str
    site_id: int
    route: str
    symptom: str
    fault: str
    status: str
    awaited_part: str
    check_failures: int
    minutes: int
    cents: int
    opened: datetime
    repaired: datetime | None
    checked: datetime | None
    closed: datetime | None
    moves: tuple[Move, ...]

    def first(self, *steps: str, since: datetime | None = None, site_id: int | None = None) -> Move | None:
        """Return the first move to one of these hands or places, from a moment on, at a site."""
        found = (move for move in self.moves if move.step in steps)
        later = (move for move in found if since is None or move.since >= since)
        return next((move for move in later if site_id is None or move.site_id == site_id), None)

    @property
    def way(self) -> str:
        """Return the way in words of code, repeats left out: "box shipment depot shipment shelf person"."""
        return " ".join(step for step, _group in groupby(move.step for move in self.moves))

    @property
    def followed(self) -> bool:
        """Say whether a closed repair took the way of the plan."""
        pattern = SCHOOL_PATH if self.route == "school" and "shipment" not in self.way else PATH
        return any(one.fullmatch(self.way) for one in (pattern, VENDOR_PATH))


STEP = Case(
    When(kind=Custody.Kind.PERSON, then=Value("person")),
    When(kind=Custody.Kind.SHIPMENT, then=Value("shipment")),
    When(site__kind=Site.Kind.DEPOT, then=Value("depot")),
    When(place__kind=Place.Kind.PICKUP_BOX, then=Value("box")),
    When(place__kind=Place.Kind.RETURN_SHELF, then=Value("shelf")),
    When(place__kind=Place.Kind.LOANER_SHELF, then=Value("loaners")),
    When(place__kind=Place.Kind.DESK, then=Value("desk")),
    When(place__kind=Place.Kind.BENCH, then=Value("bench")),
    default=Value("other"),
    output_field=CharField(),
)


def trips(reach: Reach, since: datetime, until: datetime) -> list[Trip]:
    """Return the repairs that were under way in a period with their ways, in one query."""
    rows = WorkOrder.objects.everyone(reason="the schools are in reach").filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=since), site_id__in=reach.ids, opened_at__lt=until
    )
    return told(rows)


def told(orders: QuerySet[WorkOrder]) -> list[Trip]:
    """Return the ways of some repairs, in one query."""
    custodies = (
        Custody.objects.filter(
            device_id=OuterRef("device_id"),
            since__gte=OuterRef("opened_at"),
            since__lte=Coalesce(OuterRef("closed_at"), Now()),
        )
        .order_by("since", "pk")
        .values(move=JSONObject(step=STEP, site=F("site_id"), since=F("since")))
    )
    parts = PartUsed.objects.filter(work_order=OuterRef("pk")).order_by().values("work_order")
    cost = parts.annotate(cost=Sum(F("quantity") * F("unit_cents"))).values("cost")
    rows = orders.annotate(ways=ArraySubquery(custodies), cost=Coalesce(Subquery(cost), Value(0)))
    return [_trip(row) for row in rows.select_related("device").order_by("opened_at", "pk")]


def _trip(row: Any) -> Trip:
    return Trip(
        order_id=row.pk,
        tag=row.device.tag,
        site_id=row.site_id,
        route=row.route,
        symptom=row.symptom,
        fault=row.fault,
        status=row.status,
        awaited_part=row.awaited_part,
        check_failures=row.check_failures,
        minutes=row.minutes,
        cents=row.cost,
        opened=row.opened_at,
        repaired=row.repaired_at,
        checked=row.checked_at,
        closed=row.closed_at,
        moves=tuple(_moves(row.ways)),
    )


def _moves(ways: Iterable[dict[str, Any]]) -> Iterable[Move]:
    for way in ways:
        yield Move(way["step"], way["site"], datetime.fromisoformat(way["since"]))
