"""The reserve: loaners ready, out and overdue, who got one, and until when it lasts (S54, S114)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import floor

from django.db.models import Count, Exists, F, OuterRef, Q

from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.ledger.figures import tally
from firstbell.loans.events import NoLoaner
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import READY
from firstbell.measures.reach import Reach

LOOK_BACK = 10
"""School days over which the flow out of the pool is taken."""
FORECAST_DAYS = 30
"""Further ahead than this, a forecast says nothing more than "long enough"."""


@dataclass(frozen=True)
class Pool:
    """The loaners of one school. ``lasts_until`` is the day the last one goes out; None when the flow is steady."""

    site_id: int
    total: int
    ready: int
    out: int
    overdue: int
    lent: int
    returned: int
    issued: int
    none_left: int
    not_wanted: int
    not_asked: int
    lasts_until: date | None

    @property
    def set_aside(self) -> int:
        """Loaners that are neither ready nor out: broken, missing or elsewhere."""
        return max(0, self.total - self.ready - self.out)

    @property
    def asked(self) -> int:
        """How often a loaner was offered at the desk; at the closet and at a collection nobody is asked."""
        return self.issued + self.none_left + self.not_wanted

    @property
    def share_issued(self) -> float | None:
        """The share of those who got one, of those who wanted one."""
        wanted = self.issued + self.none_left
        return self.issued / wanted if wanted else None


def pools(reach: Reach, since: datetime, until: datetime) -> list[Pool]:
    """Return the pool of every school in reach, by name of school; three queries."""
    stock, flow, none = _stock(reach), _flow(reach, since, until), _none_given(since, until)
    return [_pool(site.pk, reach.times[site.pk], stock, flow, none, until) for site in reach.schools]


Counts = dict[int, dict[str, int]]


def _stock(reach: Reach) -> Counts:
    lent = Loan.objects.everyone(reason="subquery").filter(device_id=OuterRef("pk"), returned_at__isnull=True)
    rows = PoolDevice.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, until__isnull=True
    )
    ready = Q(device__status__in=READY, device__at_site_id=F("site_id"), is_out=False)
    counted = rows.annotate(is_out=Exists(lent)).values("site_id").annotate(
        total=Count("pk"), ready=Count("pk", filter=ready), out=Count("pk", filter=Q(is_out=True))
    )  # fmt: skip
    return {row["site_id"]: {name: row[name] for name in ("total", "ready", "out")} for row in counted.order_by()}


def _flow(reach: Reach, since: datetime, until: datetime) -> Counts:
    early = {site.pk: days_ago(reach.times[site.pk], until, LOOK_BACK) for site in reach.schools}
    oldest = min([since, *early.values()])
    rows = Loan.objects.everyone(reason="the schools are in reach").filter(
        Q(returned_at__isnull=True) | Q(out_at__gte=oldest) | Q(returned_at__gte=oldest),
        site_id__in=reach.ids,
        out_at__lt=until,
    )
    found: Counts = {pk: {"lent": 0, "returned": 0, "issued": 0, "overdue": 0} for pk in reach.ids}
    for site_id, reason, out, due, back in rows.values_list("site_id", "reason", "out_at", "due_on", "returned_at"):
        counts, recent = found[site_id], early[site_id]
        today = until.astimezone(reach.times[site_id].zone).date()
        counts["lent"] += out >= recent
        counts["returned"] += back is not None and back >= recent
        counts["issued"] += out >= since and reason == Loan.Reason.REPAIR
        counts["overdue"] += back is None and due < today
    return found


def _none_given(since: datetime, until: datetime) -> dict[tuple[int, str], int]:
    counted = tally([NoLoaner.kind], ["site_id", "reason"], since, until)
    return {(site_id, reason): number for (_kind, site_id, reason), number in counted.items()}


def days_ago(school: SchoolTime, at: datetime, days: int) -> datetime:
    """Return the opening of the school day so many school days ago; after a long holiday, simply long ago."""
    day = at.astimezone(school.zone).date()
    for ago in range(1, 200):
        span = school.span_of(day - timedelta(days=ago))
        days -= span is not None
        if span and days == 0:
            return span[0]
    return at - timedelta(days=200)


def forecast(school: SchoolTime, ready: int, lent: int, returned: int, at: datetime) -> date | None:
    """Return the day on which the last loaner goes out if the last ten school days go on; None when it holds."""
    net = (lent - returned) / LOOK_BACK
    if ready <= 0:
        return at.astimezone(school.zone).date()
    days = floor(ready / net) if net > 0 else FORECAST_DAYS + 1
    if days > FORECAST_DAYS:
        return None
    try:
        return school.after_days(at, days).astimezone(school.zone).date()
    except ClosedForGood:
        return None


def _pool(
    site_id: int,
    school: SchoolTime,
    stock: Counts,
    flow: Counts,
    none: dict[tuple[int, str], int],
    until: datetime,
) -> Pool:
    have = stock.get(site_id, {"total": 0, "ready": 0, "out": 0})
    went = flow[site_id]
    lasts = forecast(school, have["ready"], went["lent"], went["returned"], until) if have["total"] else None
    return Pool(
        site_id=site_id,
        total=have["total"],
        ready=have["ready"],
        out=have["out"],
        overdue=went["overdue"],
        lent=went["lent"],
        returned=went["returned"],
        issued=went["issued"],
        none_left=none.get((site_id, "none_left"), 0),
        not_wanted=none.get((site_id, "not_wanted"), 0),
        not_asked=none.get((site_id, "not_asked"), 0),
        lasts_until=lasts,
    )
