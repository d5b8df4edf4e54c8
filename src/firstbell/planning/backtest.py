"""Would the planner have been right? Learn from what lies before a term, foretell it, look at what came."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from firstbell.planning.calibration import DRIFT, ELSEWHERE, LEVEL, Band, Observation, Rate, calibrate
from firstbell.planning.errors import require


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many events are expected, and the interval that holds the count with the chance ``level``."""

    expected: float
    low: int
    high: int
    level: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A forecast beside what happened."""

    forecast: Forecast
    actual: int
    months_learned: int

    @property
    def held(self) -> bool:
        """Say whether the interval held what happened."""
        return self.forecast.low <= self.actual <= self.forecast.high


def foretell(rate: Rate, exposure: float, *, level: float = LEVEL) -> Forecast:
    """Return the predicted number of events over an exposure: gamma-Poisson, that is, negative binomial."""
    require(exposure > 0 and 0 < level < 1, "Exposure must be above 0, a level between 0 and 1.")
    low = high = -1
    total, tail = 0.0, (1 - level) / 2
    for count, weight in enumerate(_counts(rate, exposure)):
        total += weight
        if low < 0 and total > tail:
            low = count
        if total >= 1 - tail:
            high = count
            break
    return Forecast(rate.mean * exposure, low, high, level)


def _counts(rate: Rate, exposure: float) -> Iterator[float]:
    """Weights of the negative binomial from 0 up, in logarithms: large districts start at chances near 0."""
    odds = exposure / (rate.exposure + exposure)
    log_weight, count = -rate.shape * math.log1p(exposure / rate.exposure), 0
    while True:
        yield math.exp(log_weight)
        log_weight += math.log((count + rate.shape) / (count + 1) * odds)
        count += 1


def back_test(
    observations: Sequence[Observation],
    held_out: Sequence[Observation],
    *,
    prior: Rate = ELSEWHERE,
    drift: float = DRIFT,
    level: float = LEVEL,
) -> Verdict:
    """Foretell a held-out term from the observations and set it beside what came.

    The season is learned too: a term's exposure counts as much as its months are lively. Only observations before the
    first held-out month may teach.
    """
    require(bool(held_out), "A term to hold out needs a month.")
    first = min((one.year, one.month) for one in held_out)
    known = [one for one in observations if (one.year, one.month) < first]
    learned = calibrate(known, prior=prior)
    weighted = math.fsum(one.exposure * _lively(learned.months, one.month) for one in held_out)
    forecast = foretell(learned.rate.drifted(drift), weighted, level=level)
    return Verdict(forecast, sum(one.events for one in held_out), len(known))


def _lively(months: Mapping[int, Band], month: int) -> float:
    return months[month].value if month in months else 1.0
