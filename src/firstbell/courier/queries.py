"""Reads of the courier that several pages and verbs share."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Max, Min, QuerySet

from firstbell.courier.models import PickupRequest, Run, Stop
from firstbell.courier.rules import UNDER_WAY, Waiting
from firstbell.devices.models import Custody
from firstbell.directory.models import Place
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor


def waiting(site_ids: Iterable[int]) -> dict[int, Waiting]:
    """Return what waits in the pick-up boxes of sites that the caller has found in reach; one query."""
    boxed = Custody.objects.filter(
        until__isnull=True, place__kind=Place.Kind.PICKUP_BOX, site_id__in=list(site_ids)
    ).order_by()
    rows = boxed.values_list("site_id", "device__model__kind").annotate(Count("pk"), Min("since"), Max("since"))
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
