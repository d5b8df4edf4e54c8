"""What a run tells. Plain values; the same seed gives the same bytes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Waits:
    """How long learners were without a device, in school hours; those served at once waited 0."""

    learners: int
    at_once: int
    mean: float
    median: float
    p95: float
    longest: float

    @property
    def ready(self) -> float:
        """Share of learners who found a loaner at once; 1 when nobody came."""
        return self.at_once / self.learners if self.learners else 1.0


@dataclass(frozen=True, slots=True)
class Flow:
    """Devices away from their schools' use: Little's law must tie the three together."""

    mean_out: float
    mean_without: float
    cases: int
    """Cases that were away at any time while it was measured."""
    days_away: float
    """Their days away, summed case by case, cut to the time measured."""
    days: float

    @property
    def little_gap(self) -> float:
        """Mean out less cases a day times days each: 0 but for rounding, or the simulation is wrong."""
        return self.mean_out - self.days_away / self.days


@dataclass(frozen=True, slots=True)
class DayLoans:
    """The second stream: learners who come without a working device."""

    asked: int
    lent: int
    hours_without_per_100: float
    """School hours of those turned away, per 100 learners."""

    @property
    def turned_away(self) -> int:
        """Learners for whom nothing was left."""
        return self.asked - self.lent


@dataclass(frozen=True, slots=True)
class Results:
    """One run."""

    seed: int
    days: float
    learners: int
    hours_without_per_100: float
    """School hours without a device after a fault or loss, per 100 learners."""
    hidden_hours_per_100: float
    """School hours with a device whose fault nobody had reported, per 100 learners."""
    waits: Waits
    day_loans: DayLoans
    stock_outs: int
    """How often a school's last loaner left."""
    stock_out_share: float
    """Share of open hours, over schools, with no loaner left."""
    flow: Flow
    technicians_busy: float | None
    """Share of the bench's open hours at work; None when technicians are not counted."""
    bench_wait_hours: float
    """Open hours that a device waits for a technician, on average."""
    found_at_collection: int
    counts: Mapping[str, int]
    census: Mapping[str, int]
    """Where every device is at the end."""
    variable_costs: Mapping[str, float]
    fixed_costs: Mapping[str, float]
    daily_out: Sequence[int]
    """Devices away at each midnight."""

    @property
    def cost(self) -> float:
        """All costs, in dollars."""
        return sum(self.variable_costs.values()) + sum(self.fixed_costs.values())

    @property
    def cost_per_device_year(self) -> float:
        """Dollars a learner's device and year of 365 days."""
        return self.cost / self.learners / (self.days / 365)

    def as_bytes(self) -> bytes:
        """Return the run as JSON; equal runs are equal bytes."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()


def waits_of(hours: Sequence[float], at_once: int) -> Waits:
    """Return the figures of all waits; ``hours`` holds those of learners who were not served at once."""
    learners = len(hours) + at_once
    ordered = sorted(hours)

    def level(share: float) -> float:
        place = int(share * learners) - at_once
        return ordered[min(place, len(ordered) - 1)] if place >= 0 and ordered else 0.0

    mean = sum(ordered) / learners if learners else 0.0
    return Waits(learners, at_once, mean, level(0.5), level(0.95), ordered[-1] if ordered else 0.0)
