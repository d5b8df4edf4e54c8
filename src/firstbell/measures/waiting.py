"""What waits where: each school's pick-up boxes, who comes when, and how much will wait by then (S52, S64)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from firstbell.courier.queries import State, state_of
from firstbell.courier.rules import Asked, Coming, Waiting
from firstbell.decisions.queries import Plan
from firstbell.decisions.register import PICKUP_DAYS, PICKUP_RULE
from firstbell.directory.models import Site
from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.due import pickup_due
from firstbell.measures.reach import Reach
from firstbell.repairs.clocks import next_pickup_day

LOOKED_BACK = timedelta(weeks=4)
"""How far back the rate of a school is read."""


@dataclass(frozen=True)
class Standing:
    """One school: what waits, its request, the next visit, and when the oldest device is late.

    ``rate`` is devices a school day over the last four weeks, None where none came in; ``forecast`` is how many will
    wait when the courier comes.
    """

    site: Site
    boxed: Waiting | None
    request: Asked | None
    stop: Coming | None
    visit: date | None
    due: datetime | None
    rate: float | None
    forecast: int

    @property
    def count(self) -> int:
        """Devices that wait now."""
        return self.boxed.count if self.boxed else 0


def standings(reach: Reach, answers: Plan, at: datetime) -> list[Standing]:
    """Return how each school in reach stands, the longest waiting first; one query whatever their number."""
    state = state_of(reach.ids, at - LOOKED_BACK)
    found = [_standing(site, reach.times[site.pk], state, answers, at) for site in reach.schools]
    return sorted(found, key=lambda row: (row.boxed is None, row.boxed.oldest if row.boxed else at, row.site.name))


def _standing(site: Site, school: SchoolTime, state: State, answers: Plan, at: datetime) -> Standing:
    boxed, stop = state.boxed.get(site.pk), state.coming.get(site.pk)
    visit = stop.day if stop else next_visit_by_rule(school, answers, site.pk, at)
    count = boxed.count if boxed else 0
    rate = rate_of(state.fetched.get(site.pk, 0) + count, school, at)
    return Standing(
        site=site,
        boxed=boxed,
        request=state.asked.get(site.pk),
        stop=stop,
        visit=visit,
        due=pickup_due(school, answers, site.pk, boxed.oldest) if boxed else None,
        rate=rate,
        forecast=forecast(count, rate, school, visit, at),
    )


def next_visit_by_rule(school: SchoolTime, answers: Plan, site_id: int, at: datetime) -> date | None:
    """Return the courier's next fixed day at a school; None where it comes when it is asked."""
    if answers.says(PICKUP_RULE, site_id) != "days":
        return None
    days: frozenset[str] = answers.says(PICKUP_DAYS, site_id)
    return next_pickup_day(school, days, at)


def rate_of(came_in: int, school: SchoolTime, at: datetime) -> float | None:
    """Return devices a school day: what was fetched in the last four weeks and what waits, over their school days."""
    today = at.astimezone(school.zone).date()
    days = school.days_after(today - LOOKED_BACK, today)
    return came_in / days if came_in and days else None


def forecast(count: int, rate: float | None, school: SchoolTime, visit: date | None, at: datetime) -> int:
    """Return how many devices will wait on the day of the visit, if as many come in a school day as lately."""
    today = at.astimezone(school.zone).date()
    if rate is None or visit is None or visit <= today:
        return count
    return count + int(rate * school.days_after(today, visit) + 0.5)
