"""What a district's own history says about its rates, with bands of uncertainty.

Observations are plain counts with their exposure. A rate is learned by a gamma-Poisson update from a prior that stands
for other districts (operations.md 2.1: 0.15 a device-year, coefficient of variation 0.5 between districts), a share by
a beta-binomial update. Bands are equal-tailed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstbell.planning.errors import require
from firstbell.planning.special import beta_quantile, gamma_quantile

LEVEL = 0.9
"""Chance with which a band holds the true figure."""
DRIFT = 0.25
"""Coefficient of variation of a district's rate from one year to the next (operations.md 2.1)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """How often something happened in a month, and to how much: device-years of school time."""

    year: int
    month: int
    events: int
    exposure: float

    def __post_init__(self) -> None:
        """Refuse what can't have been seen."""
        require(1 <= self.month <= 12, "A month must lie between 1 and 12.")
        require(self.events >= 0 and self.exposure >= 0, "Events and exposure can't be below 0.")
        require(self.exposure > 0 or self.events == 0, "Where events were seen there must be an exposure.")


@dataclass(frozen=True, slots=True)
class Band:
    """A figure and the band that holds it with the chance ``level``."""

    value: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True, slots=True)
class Rate:
    """What is believed about a rate: gamma with this shape, and ``exposure`` device-years behind it."""

    shape: float
    exposure: float

    @property
    def mean(self) -> float:
        """The expected rate a device-year."""
        return self.shape / self.exposure

    @property
    def cv(self) -> float:
        """Its coefficient of variation."""
        return 1 / math.sqrt(self.shape)

    def band(self, level: float = LEVEL) -> Band:
        """Return the mean and its band."""
        low, high = (
            gamma_quantile(share, shape=self.shape, scale=1 / self.exposure)
            for share in ((1 - level) / 2, (1 + level) / 2)
        )
        return Band(self.mean, low, high, level)

    def seen(self, observations: Sequence[Observation]) -> "Rate":
        """Return the belief after these observations; their order doesn't matter."""
        events = sum(one.events for one in observations)
        return Rate(self.shape + events, self.exposure + math.fsum(one.exposure for one in observations))

    def drifted(self, cv: float = DRIFT) -> "Rate":
        """Return the belief about another year: the same mean, wider by what a district changes between years."""
        total = (1 + self.cv**2) * (1 + cv**2) - 1
        return Rate(1 / total, 1 / total / self.mean)


def rate_of(mean: float, cv: float) -> Rate:
    """Return a belief with this mean and coefficient of variation."""
    require(mean > 0 and cv > 0, "A rate and its spread must be above 0.")
    return Rate(1 / cv**2, 1 / cv**2 / mean)


ELSEWHERE = rate_of(0.15, 0.5)
"""Faults a device-year of a district about which nothing is known yet (operations.md 2.1)."""


def share(hits: int, trials: int, *, expected: float = 0.5, weight: float = 2.0, level: float = LEVEL) -> Band:
    """Return a share with its band, such as repairs that go to the vendor.

    ``expected`` counts as much as ``weight`` trials would; the defaults favour no share.
    """
    require(0 <= hits <= trials, "Hits must lie between 0 and the trials.")
    require(0 < expected < 1 and weight > 0, "The expected share must lie between 0 and 1, its weight above 0.")
    a, b = hits + expected * weight, trials - hits + (1 - expected) * weight
    return Band(a / (a + b), beta_quantile((1 - level) / 2, a, b), beta_quantile((1 + level) / 2, a, b), level)


def month_index(observations: Sequence[Observation], *, prior_cv: float = 0.25) -> Mapping[int, Band]:
    """Return how lively each month is against the whole, 1 being usual: months with few events stay close to 1."""
    whole = ELSEWHERE.seen(observations).mean
    found = {}
    for month in sorted({one.month for one in observations}):
        rows = [one for one in observations if one.month == month]
        band = rate_of(whole, prior_cv).seen(rows).band()
        found[month] = Band(band.value / whole, band.low / whole, band.high / whole)
    return found


@dataclass(frozen=True, slots=True)
class Calibration:
    """A district's fault rate and seasons as learned, ready for the simulation."""

    rate: Rate
    months: Mapping[int, Band]
    observed: int
    """Months that were looked at."""


def calibrate(observations: Sequence[Observation], *, prior: Rate = ELSEWHERE) -> Calibration:
    """Learn rate and seasons from history; without any, the prior is what is left."""
    return Calibration(prior.seen(observations), month_index(observations), len(observations))
