"""What the reserve's forecasts said, beside what came (S114): how far the words "loaners last until" can be trusted."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Q

from firstbell.kernel.schooltime import SchoolTime
from firstbell.loans.models import Loan
from firstbell.measures.loaners import LOOK_BACK, days_ago
from firstbell.measures.reach import Reach

WEEKS = 6
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Checked:
    """Loaners out at the end of a week: as the flow of the ten school days before it foretold, and as it was."""

    week: date
    forecast: float
    actual: int


@dataclass
class _Flow:
    """When loaners went out and came back at one school, each in order."""

    out: list[datetime] = field(default_factory=list)
    back: list[datetime] = field(default_factory=list)

    def out_at(self, moment: datetime) -> int:
        return bisect_right(self.out, moment) - bisect_right(self.back, moment)

    def foretold(self, school: SchoolTime, start: datetime, end: datetime) -> float:
        """Return how many were to be out at the end, seen from the start with no more than was known then."""
        net = (self.out_at(start) - self.out_at(days_ago(school, start, LOOK_BACK))) / LOOK_BACK
        days = school.days_after(start.astimezone(school.zone).date(), end.astimezone(school.zone).date())
        return max(0.0, self.out_at(start) + net * days)


def looking_back(reach: Reach, at: datetime) -> list[Checked]:
    """Return the last whole weeks with loans, oldest first; one query over what was out at some time in them."""
    weeks = [(start, end) for start, end in reach.weeks(WEEKS + 1, at) if end <= at]
    if not reach.schools:
        return []
    flows = _flows(reach, min(days_ago(school, weeks[0][0], LOOK_BACK) for school in reach.times.values()), at)
    return [
        _checked(reach, flows, start, end) for start, end in weeks if any(flow.out_at(end) for flow in flows.values())
    ]


def _flows(reach: Reach, since: datetime, at: datetime) -> dict[int, _Flow]:
    rows = Loan.objects.everyone(reason="the schools are in reach").filter(site_id__in=reach.ids, out_at__lt=at)
    rows = rows.filter(Q(returned_at__isnull=True) | Q(returned_at__gte=since))
    found: dict[int, _Flow] = defaultdict(_Flow)
    for site_id, out, back in rows.values_list("site_id", "out_at", "returned_at"):
        found[site_id].out.append(out)
        found[site_id].back += [back] if back else []
    for flow in found.values():
        flow.out.sort()
        flow.back.sort()
    return found


def _checked(reach: Reach, flows: dict[int, _Flow], start: datetime, end: datetime) -> Checked:
    forecast = sum(flow.foretold(reach.times[site_id], start, end) for site_id, flow in flows.items())
    return Checked(start.astimezone(reach.zone).date(), forecast, sum(flow.out_at(end) for flow in flows.values()))
