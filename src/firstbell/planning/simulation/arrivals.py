"""What comes to pass, day by day, with everything that chance decides about it: it depends on no loaner and no bench.

So two districts that differ in loaners or technicians live through the very same year (common random numbers).
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random

from firstbell.planning.simulation.district import District
from firstbell.planning.simulation.draws import draw_count, draw_length


@dataclass(slots=True)
class Case:
    """One device that failed or went missing, and what will become of it."""

    school: int
    at: float
    missing: bool
    fate: float
    """Evenly spread; decides between school, bench and vendor, and whether a missing device is found."""
    beyond: float
    """Evenly spread; decides whether it can be repaired at all."""
    part: float
    in_use: float
    """Evenly spread; a case only happens when it falls on somebody who has a device."""
    hidden: float
    shows: float
    """Days until a hidden fault shows."""
    school_hours: float
    bench_hours: float
    away_days: float
    """Days at the vendor, or until a missing device is found."""
    reported: float = 0.0
    without_since: float = -1.0
    """When its learner was left without a device; below 0 when none was."""
    owed: bool = False
    """Its learner waits for this very device: there was no loaner, and there will be none."""


class Arrivals:
    """The year's chance, seeded. Faults and losses, day-loans and chargers have streams of their own."""

    def __init__(self, district: District, seed: int) -> None:
        self.district = district
        self._faults, self._losses, self._lent = (_stream(seed, name) for name in ("faults", "losses", "day-loans"))
        self._index = _index(district)
        by_fault = list(accumulate(school.learners * school.fault_factor for school in district.schools))
        by_learner = list(accumulate(float(school.learners) for school in district.schools))
        demand = district.demand
        self._streams = (
            (self._faults, by_fault, demand.fault_rate / demand.school_days, False),
            (self._losses, by_learner, (demand.loss_rate + demand.theft_rate) / demand.school_days, True),
        )

    def of_day(self, day: int) -> Iterator[Case]:
        """Yield the day's cases, in no order."""
        opens, closes = self.district.school_calendar.openings[day]
        for chance, weights, rate, missing in self._streams:
            for _ in range(draw_count(chance, weights[-1] * rate * self._index[day])):
                school = bisect_right(weights, chance.random() * weights[-1])
                at = day + opens + (closes - opens) * chance.random()
                yield self._case(chance, min(school, len(weights) - 1), at, missing=missing)

    def _case(self, chance: Random, school: int, at: float, *, missing: bool) -> Case:
        demand, repairs, random = self.district.demand, self.district.repairs, chance.random
        away = (demand.recovery_days, 1.0) if missing else (repairs.vendor_days, repairs.vendor_scv)
        return Case(
            school,
            at,
            missing,
            fate=random(),
            beyond=random(),
            part=random(),
            in_use=random(),
            hidden=random(),
            shows=draw_length(chance, demand.hidden_days, 1.0),
            school_hours=draw_length(chance, repairs.school_hours, repairs.school_scv),
            bench_hours=draw_length(chance, repairs.bench_hours, repairs.bench_scv),
            away_days=draw_length(chance, *away),
        )

    def day_loans(self, school: int) -> tuple[int, int]:
        """Return how many learners of a school need a day-loan today: those who return it in time, and late."""
        demand, chance = self.district.demand, self._lent
        prompt, late = 1 - demand.day_loans_late, demand.day_loans_late
        mean = self.district.schools[school].learners * demand.day_loans
        return draw_count(chance, mean * prompt), draw_count(chance, mean * late)

    def chargers(self, share_of_year: float) -> int:
        """Return how many chargers are lost or broken in this share of a year."""
        mean = self.district.learners * self.district.demand.charger_loss_rate * share_of_year
        return draw_count(self._lent, mean)


def _stream(seed: int, name: str) -> Random:
    return Random(f"{seed} {name}")  # noqa: S311 -- repeatable on purpose  # nosec B311 guards nothing


def _index(district: District) -> list[float]:
    """How lively each day is; 0 when closed, 1 on average over open days."""
    demand, calendar = district.demand, district.school_calendar
    raw = [0.0] * calendar.days
    for day in calendar.open_days():
        date = district.first_day + timedelta(days=day)
        weekday = demand.monday if date.weekday() == 0 else demand.other_days
        raw[day] = demand.months.get(date.month, 1.0) * weekday if demand.days is None else demand.days[day]
    mean = sum(raw) / len(calendar.open_days())
    return [value / mean if mean else 0.0 for value in raw]
