"""How many loaners the schools need: from their own loans, and what would change it (S54, S61, S89).

A pool is a Palm queue: loans begin at random at a steady rate, each lasts as long as it lasts, learners wait for the
next that comes back (planning.pools). The mean number out is counted, not multiplied: all loans' school days over the
days looked at, so that loans still open count too (Little's law).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q

from firstbell.kernel.schooltime import SchoolTime
from firstbell.loans.models import Loan, PoolDevice
from firstbell.measures.reach import Reach
from firstbell.planning.pools import least_pool, loaner_pool

SPAN = timedelta(weeks=12)
PRIOR = 5.0
"""Loans that the whole district's rate is worth where a school has few of its own."""
SHORTEST = 0.5
"""School days that a loan of less than a day counts."""


@dataclass(frozen=True)
class Need:
    """The loans of one school as they go on: ``rate`` begin on a school day, each is out ``days`` school days."""

    site_id: int
    loans: int
    rate: float
    days: float
    pool: int

    @property
    def mean_out(self) -> float:
        """How many are out on average."""
        return self.rate * self.days

    @property
    def found(self) -> float:
        """How often somebody who needs a loaner finds one with today's pool, from 0 to 1."""
        return loaner_pool(rate=self.rate, turnaround=self.days, loaners=self.pool).ready

    def needed(self, target: float) -> int:
        """Return the least pool in which somebody finds a loaner so often; ``target`` from 0 to 1."""
        return least_pool(self.mean_out, target)

    def changed(self, *, faster: float = 0.0, more: float = 0.0) -> "Need":
        """Return the same school with loans so many school days shorter, and so much (a share) more of them."""
        return replace(self, rate=self.rate * (1 + more), days=max(SHORTEST, self.days - faster))


@dataclass
class _Seen:
    """What was seen of one school: loans begun, school days that loans spent outside, school days looked at."""

    days: int
    learners: int
    begun: int = 0
    spent: float = 0.0
    pool: int = 0


@dataclass(frozen=True)
class _Usual:
    """The whole district's pace: loans a learner and school day, and school days a loan."""

    rate: float
    days: float


def needs(reach: Reach, at: datetime) -> list[Need]:
    """Return what each school in reach needs, by name of school; two queries."""
    seen = _seen(reach, at - SPAN, at)
    usual = _usual(seen.values())
    return [_need(site_id, row, usual) for site_id, row in seen.items()]


def _seen(reach: Reach, since: datetime, at: datetime) -> dict[int, _Seen]:
    found = {
        site.pk: _Seen(max(1, _days(reach.times[site.pk], since, at)), reach.learners[site.pk])
        for site in reach.schools
    }
    loans = Loan.objects.everyone(reason="the schools are in reach").filter(
        Q(returned_at__isnull=True) | Q(returned_at__gt=since), site_id__in=reach.ids, out_at__lt=at
    )
    for site_id, out, back in loans.values_list("site_id", "out_at", "returned_at"):
        row = found[site_id]
        row.begun += out >= since
        row.spent += _days(reach.times[site_id], max(out, since), min(back or at, at)) or SHORTEST
    pool = PoolDevice.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, until__isnull=True
    )
    for site_id, number in Counter(pool.values_list("site_id", flat=True)).items():
        found[site_id].pool = number
    return found


def _days(school: SchoolTime, start: datetime, end: datetime) -> int:
    return school.days_after(start.astimezone(school.zone).date(), end.astimezone(school.zone).date())


def _usual(rows: Iterable[_Seen]) -> _Usual:
    known = list(rows)
    begun = sum(row.begun for row in known)
    counted = [row for row in known if row.learners]
    exposure = sum(row.learners * row.days for row in counted)
    rate = sum(row.begun for row in counted) / exposure if exposure else 0.0
    return _Usual(rate, sum(row.spent for row in known) / begun if begun else SHORTEST)


def _need(site_id: int, row: _Seen, usual: _Usual) -> Need:
    """Draw a school with few loans towards the district's pace: a gamma prior worth so many loans."""
    expected = usual.rate * row.learners or row.begun / row.days
    rate = (row.begun + PRIOR) / (row.days + PRIOR / expected) if expected else 0.0
    days = (row.spent + PRIOR * usual.days) / (row.begun + PRIOR)
    return Need(site_id, row.begun, rate, days, row.pool)


# --- Options -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One way to go: what it needs in loaners, how often one is found with today's, and learners who wait."""

    needed: int
    found: float
    waiting: float


def option(rows: Sequence[Need], target: float, *, together: bool = False) -> Option:
    """Return what the schools need, each with a pool of its own, or all with one reserve.

    ``found`` is over all learners who need one; ``waiting`` is how many are without a device on average.
    """
    if together:
        rows = [_one_pool(rows)]
    rate = sum(row.rate for row in rows)
    found = sum(row.rate * row.found for row in rows) / rate if rate else 1.0
    waiting = sum(loaner_pool(rate=row.rate, turnaround=row.days, loaners=row.pool).waiting for row in rows)
    return Option(sum(row.needed(target) for row in rows if row.rate), found, waiting)


def _one_pool(rows: Sequence[Need]) -> Need:
    rate, out = sum(row.rate for row in rows), sum(row.mean_out for row in rows)
    return Need(0, sum(row.loans for row in rows), rate, out / rate if rate else 0.0, sum(row.pool for row in rows))
