"""New devices that wait for somebody: storage places that are to be counted every school day (S134)."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from firstbell.counts.models import Count
from firstbell.devices.models import Assignment, Custody
from firstbell.directory.models import Place
from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.reach import Reach

LONGEST_BREAK = 90
"""Days back to the last school day; a summer is shorter."""


def uncounted_stores(reach: Reach, at: datetime) -> Counter[int]:
    """Count by site the places that hold devices of nobody's and were not counted since the last school day began."""
    found: Counter[int] = Counter()
    for row in _stores(reach.ids):
        counted_at: datetime | None = getattr(row, "counted_at", None)
        found[row.site_id] += counted_at is None or counted_at < last_opening(reach.times[row.site_id], at)
    return found


def _stores(site_ids: list[int]) -> QuerySet[Place]:
    owned = Assignment.objects.filter(device_id=OuterRef("device_id"), until__isnull=True)
    waiting = Custody.objects.filter(until__isnull=True, place_id=OuterRef("pk")).exclude(Exists(owned))
    places = Place.objects.filter(site_id__in=site_ids, counted_daily=True, closed_at__isnull=True)
    counts = Count.objects.everyone(reason="an alarm serves no reader").filter(
        places=OuterRef("pk"), scope=Count.Scope.STORE, rehearsal=False
    )
    latest = counts.order_by("-opened_at").values("opened_at")[:1]
    return places.filter(Exists(waiting)).annotate(counted_at=Subquery(latest))


def last_opening(school: SchoolTime, at: datetime) -> datetime:
    """Return when the last school day before today began; far back when there was none."""
    today = at.astimezone(school.zone).date()
    for ago in range(1, LONGEST_BREAK):
        span = school.span_of(today - timedelta(days=ago))
        if span:
            return span[0]
    return at - timedelta(days=LONGEST_BREAK)
