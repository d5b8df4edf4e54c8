"""Loaners that should be back by now, by age, and loaners that are gone (S71)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from firstbell.incidents.models import Incident
from firstbell.loans.models import Loan, PoolDevice
from firstbell.measures.reach import Reach

AGES = (5, 20)
"""School days: up to a week, up to four weeks, longer."""


@dataclass
class Overdue:
    """The overdue loans of one school: how many of each age, and the oldest in school days."""

    site_id: int
    ages: list[int] = field(default_factory=lambda: [0] * (len(AGES) + 1))
    oldest: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.ages)


def overdue(reach: Reach, at: datetime) -> list[Overdue]:
    """Return the schools in reach that have overdue loans, by name of school; one query."""
    rows = Loan.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, returned_at__isnull=True, due_on__lt=at.date()
    )
    found = {site.pk: Overdue(site.pk) for site in reach.schools}
    for site_id, due in rows.order_by().values_list("site_id", "due_on"):
        school, row = reach.times[site_id], found[site_id]
        today = at.astimezone(school.zone).date()
        if due < today:
            late = school.days_after(due, today)
            row.ages[sum(late > age for age in AGES)] += 1
            row.oldest = max(row.oldest, late)
    return [row for row in found.values() if row.total]


@dataclass(frozen=True)
class Losses:
    """Loaners of one school that went missing in a period, and what became of them."""

    site_id: int
    gone: int
    found: int
    written_off: int
    pool: int

    @property
    def searched(self) -> int:
        """Still being searched."""
        return self.gone - self.found - self.written_off

    @property
    def share(self) -> float | None:
        """The share of the pool that went missing and was not found."""
        return (self.gone - self.found) / self.pool if self.pool else None


def losses(reach: Reach, since: datetime, until: datetime) -> list[Losses]:
    """Return the schools in reach whose loaners went missing in this period; two queries."""
    rows = Incident.objects.everyone(reason="the schools are in reach").filter(
        cause__in=[Incident.Cause.LOST, Incident.Cause.STOLEN],
        device__pool__site_id__in=reach.ids,
        noted_at__gte=since,
        noted_at__lt=until,
    )
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for site_id, outcome in rows.order_by().values_list("device__pool__site_id", "outcome"):
        counts[site_id][outcome] += 1
    held = PoolDevice.objects.everyone(reason="the schools are in reach").filter(site_id__in=reach.ids)
    sizes = dict(held.order_by().values("site_id").annotate(n=Count("pk")).values_list("site_id", "n"))
    ends = Incident.Outcome
    return [
        Losses(site.pk, seen.total(), seen[ends.FOUND], seen[ends.WRITTEN_OFF], sizes.get(site.pk, 0))
        for site in reach.schools
        if (seen := counts[site.pk])
    ]
