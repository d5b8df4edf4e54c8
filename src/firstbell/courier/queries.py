"""Reads of the courier that several pages and verbs share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, DateTimeField, Exists, F, Max, Min, OuterRef, QuerySet, Value
from django.db.models.functions import Cast

from firstbell.courier.models import PickupRequest, Run, Stop
from firstbell.courier.rules import UNDER_WAY, Asked, Coming, Waiting
from firstbell.devices.models import Custody, ShipmentItem
from firstbell.directory.models import Place, Site
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission


def waiting(site_ids: Iterable[int]) -> dict[int, Waiting]:
    """Return what waits in the pick-up boxes of sites that the caller has found in reach; one query."""
    return _by_site(_boxed(list(site_ids)))


@dataclass(frozen=True)
class State:
    """How the courier stands with some sites: what waits, what was asked, who comes, what was fetched lately."""

    boxed: dict[int, Waiting]
    asked: dict[int, Asked]
    coming: dict[int, Coming]
    fetched: dict[int, int]


def state_of(site_ids: Iterable[int], since: datetime) -> State:
    """Return how the courier stands with sites that the caller has found in reach; one query for everything.

    Fetched is what left for a depot since the moment.
    """
    ids = list(site_ids)
    parts: dict[str, list[Any]] = defaultdict(list)
    for what, *row in _boxed_rows(ids).union(_fetched(ids, since), _asked(ids), _coming(ids), all=True):
        parts[what].append(row)
    coming: dict[int, Coming] = {}
    for site_id, pk, van, at, _last, _code, day in sorted(parts["stop"], key=lambda row: (row[6], row[2])):
        coming.setdefault(site_id, Coming(pk, day, van, at))
    return State(
        boxed=_by_site((row[0], row[5], row[2], row[3], row[4]) for row in parts["boxed"]),
        asked={row[0]: Asked(row[1], row[5], row[6], row[3]) for row in parts["request"]},
        coming=coming,
        fetched={row[0]: row[2] for row in parts["fetched"]},
    )


NOTHING = {
    "number": Value(0),
    "moment": Cast(Value(None), DateTimeField()),
    "day": Cast(Value(None), DateField()),
    "text": Value(""),
}
"""What a part of the union has no column for."""


def _part(what: str, rows: QuerySet[Any], *columns: Any) -> QuerySet[Any, Any]:
    """Return one part of the union: site, id, number, two moments, code, day, in this order."""
    names = ("part_site", "part_id", "part_number", "part_first", "part_last", "part_code", "part_day")
    named = {"part": Value(what), **dict(zip(names, columns, strict=True))}
    found: QuerySet[Any, Any] = rows.order_by().annotate(**named).values_list(*named)
    return found


def _boxed_rows(ids: list[int]) -> QuerySet[Any, Any]:
    boxed = Custody.objects.filter(until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site_id__in=ids)
    grouped = boxed.order_by().values("site_id", "device__model__kind")
    counts = Count("pk"), Min("since"), Max("since")
    return _part("boxed", grouped, F("site_id"), NOTHING["number"], *counts, F("device__model__kind"), NOTHING["day"])


def _fetched(ids: list[int], since: datetime) -> QuerySet[Any, Any]:
    sent = ShipmentItem.objects.filter(
        shipment__from_site_id__in=ids, shipment__sent_at__gte=since, shipment__to_site__kind=Site.Kind.DEPOT
    )
    grouped = sent.order_by().values("shipment__from_site_id")
    moments = Min("shipment__sent_at"), Max("shipment__sent_at")
    site, empty = F("shipment__from_site_id"), NOTHING["number"]
    return _part("fetched", grouped, site, empty, Count("pk"), *moments, NOTHING["text"], NOTHING["day"])


def _asked(ids: list[int]) -> QuerySet[Any, Any]:
    rows = _requests("the sites are in reach").filter(ended_at__isnull=True, site_id__in=ids)
    moments = F("asked_at"), NOTHING["moment"]
    return _part("request", rows, F("site_id"), F("pk"), NOTHING["number"], *moments, F("reason"), F("wanted_on"))


def _coming(ids: list[int]) -> QuerySet[Any, Any]:
    rows = Stop.objects.filter(site_id__in=ids, outcome=Stop.Outcome.OPEN, run__status__in=UNDER_WAY)
    moments = F("arrives_at"), NOTHING["moment"]
    return _part("stop", rows, F("site_id"), F("pk"), F("run__van"), *moments, NOTHING["text"], F("run__day"))


def _boxed(ids: list[int]) -> QuerySet[Any, Any]:
    boxed = Custody.objects.filter(until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site_id__in=ids).order_by()
    return boxed.values_list("site_id", "device__model__kind").annotate(Count("pk"), Min("since"), Max("since"))


def _by_site(rows: Iterable[Any]) -> dict[int, Waiting]:
    found: dict[int, list[tuple[str, int, datetime, datetime]]] = defaultdict(list)
    for site_id, kind, *told in rows:
        found[site_id].append((kind, *told))
    return {site_id: _together(kinds) for site_id, kinds in found.items()}


def _together(kinds: list[tuple[str, int, datetime, datetime]]) -> Waiting:
    most_first = sorted(((kind, count) for kind, count, _old, _new in kinds), key=lambda pair: (-pair[1], pair[0]))
    return Waiting(
        count=sum(count for _kind, count in most_first),
        oldest=min(row[2] for row in kinds),
        newest=max(row[3] for row in kinds),
        kinds=tuple(most_first),
    )


def _requests(reason: str) -> ScopedQuerySet[PickupRequest]:
    return PickupRequest.objects.everyone(reason=reason)


def open_requests(site_ids: Iterable[int]) -> dict[int, PickupRequest]:
    """Return the open requests of sites that the caller has found in reach, by site."""
    rows = _requests("the sites are in reach").filter(ended_at__isnull=True, site_id__in=list(site_ids))
    return {row.site_id: row for row in rows}


def last_withdrawn(site_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when a request of each site was last withdrawn: what waited then is not asked for again by rule."""
    rows = _requests("the sites are in reach").filter(site_id__in=list(site_ids), end=PickupRequest.End.WITHDRAWN)
    return dict(rows.order_by().values_list("site_id").annotate(Max("ended_at")))


def next_stops(site_ids: Iterable[int]) -> dict[int, Stop]:
    """Return the next open stop at each site that the caller has found in reach, with its run."""
    rows = Stop.objects.filter(site_id__in=list(site_ids), outcome=Stop.Outcome.OPEN, run__status__in=UNDER_WAY)
    found: dict[int, Stop] = {}
    for stop in rows.select_related("run").order_by("run__day", "run__van", "position"):
        found.setdefault(stop.site_id, stop)
    return found


def stop_under_way(site_id: int) -> Stop | None:
    """Return the open stop of a run that is on the road at a site."""
    rows = Stop.objects.filter(site_id=site_id, outcome=Stop.Outcome.OPEN, run__status=Run.Status.DRIVING)
    return rows.select_related("run", "site").order_by("run__day", "run__van").first()


def runs(*, by: Actor) -> QuerySet[Run]:
    """Return the runs in reach, the latest day first, with depot and driver and their stops with sites."""
    rows = Run.objects.visible_to(by).exclude(status=Run.Status.CANCELLED)
    return rows.select_related("depot", "driver").prefetch_related("stops__site").order_by("-day", "van")


def run_of_driver(*, by: Actor) -> Run | None:
    """Return the run that this actor is driving."""
    rows = Run.objects.visible_to(by).filter(status=Run.Status.DRIVING, driver_id=by.user_id or 0)
    return rows.order_by("-day", "van").first()


def unplanned(day: date, *, by: Actor) -> ScopedQuerySet[PickupRequest]:
    """Return the open requests that want a visit by a day and are on no run."""
    rows = PickupRequest.objects.visible_to(by, Permission.TRANSPORT).filter(ended_at__isnull=True, wanted_on__lte=day)
    ahead = Stop.objects.filter(site_id=OuterRef("site_id"), outcome=Stop.Outcome.OPEN, run__status__in=UNDER_WAY)
    return rows.filter(~Exists(ahead))
