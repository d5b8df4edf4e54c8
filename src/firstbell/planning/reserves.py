"""Money set aside for damage: claim limits, reserves of a district that insures itself, when cover pays. In dollars."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from firstbell.planning.chances import negative_binomial, poisson
from firstbell.planning.errors import OutOfRange, require
from firstbell.planning.special import gamma_quantile

CELLS = 5_000_000
"""Steps of the sum's grid at most; a few seconds."""


def covered_claims(*, rate: float, limit: int, unevenness: float | None = None) -> float:
    """Return the incidents a device-year that a plan with at most ``limit`` claims pays: E min(N, limit).

    ``unevenness`` is the negative binomial's r where some learners break more than others (0.5 is very uneven);
    without it Poisson (reference T12).
    """
    require(rate >= 0 and limit >= 0, "Rate and limit can't be below 0.")
    require(unevenness is None or unevenness > 0, "Unevenness must be above 0.")
    weights = poisson(rate) if unevenness is None else negative_binomial(rate, 1 + rate / unevenness)
    return math.fsum(min(k, limit) * weight for k, weight in enumerate(weights[: limit + 1])) + limit * math.fsum(
        weights[limit + 1 :]
    )


def breakeven_rate(*, premium: float, cost: float, deductible: float = 0.0) -> float:
    """Return the incidents a device-year above which a premium pays, before staff time, total losses and variance."""
    require(premium >= 0, "A premium can't be below 0.")
    require(cost > deductible >= 0, "The cost of an incident must be above its deductible.")
    return premium / (cost - deductible)


@dataclass(frozen=True, slots=True)
class Severity:
    """What one incident costs: amounts in dollars and their shares."""

    shares: Mapping[float, float]

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        require(bool(self.shares) and min(self.shares) > 0, "Costs of an incident must be above 0.")
        require(min(self.shares.values()) >= 0, "Shares of costs can't be below 0.")
        require(math.isclose(sum(self.shares.values()), 1, abs_tol=1e-9), "Shares of costs must add up to 1.")

    @property
    def mean(self) -> float:
        """The mean cost."""
        return math.fsum(cost * share for cost, share in self.shares.items())

    @property
    def second_moment(self) -> float:
        """The mean of the squared cost."""
        return math.fsum(cost * cost * share for cost, share in self.shares.items())


@dataclass(frozen=True, slots=True)
class Reserve:
    """A year's damage bill: mean, standard deviation, and the sums that suffice in 95 and 99 of 100 years."""

    mean: float
    sd: float
    q95: float
    q99: float


def reserve(*, devices: int, rate: float, severity: Severity) -> Reserve:
    """Return the yearly bill of a fleet whose incidents are Poisson (Panjer 1981, exact on the costs' common step)."""
    require(devices >= 0 and rate >= 0, "Devices and rate can't be below 0.")
    incidents = devices * rate
    q95, q99 = _bill_quantiles(incidents, severity, (0.95, 0.99))
    return Reserve(incidents * severity.mean, math.sqrt(incidents * severity.second_moment), q95, q99)


def reserve_with_uncertain_rate(
    *, devices: int, rate: float, rate_cv: float, severity: Severity, level: float = 0.95
) -> float:
    """Return the sum that suffices in a share ``level`` of years when next year's rate itself is uncertain.

    Gamma with the bill's mean and variance (reference T12: a big district's risk is the rate, not the dice).
    """
    require(devices > 0 and rate > 0 and rate_cv >= 0, "Devices and rate must be above 0.")
    mean = devices * rate * severity.mean
    variance = devices * rate * severity.second_moment + (rate_cv * mean) ** 2
    return gamma_quantile(level, shape=mean * mean / variance, scale=variance / mean)


def _bill_quantiles(incidents: float, severity: Severity, levels: tuple[float, float]) -> tuple[float, float]:
    """Quantiles of a compound Poisson sum.

    The recursion starts from exp(-incidents), which underflows for large fleets: terms are scaled, and the scale's
    logarithm is kept beside them.
    """
    step, parts = _grid(severity)
    length = max(size for size, _ in parts)
    require(incidents * severity.mean / float(step) < CELLS, "That many devices need costs in rounder amounts.")
    recent, log_scale = [0.0] * length, -incidents
    recent[-1] = 1.0
    total, found, cell = math.exp(log_scale), [], 0
    for level in levels:
        while total < level:
            cell += 1
            term = incidents / cell * math.fsum(size * share * recent[-size] for size, share in parts)
            recent = [*recent[1:], term]
            if term > 1e200:
                recent, log_scale = [old * 1e-200 for old in recent], log_scale + 200 * math.log(10)
            total += recent[-1] * math.exp(log_scale) if log_scale > -700 else 0.0
        found.append(float(step * cell))
    return found[0], found[1]


def _grid(severity: Severity) -> tuple[Fraction, list[tuple[int, float]]]:
    """The largest step that divides every cost, to the cent, and each cost as a number of steps."""
    costs = {Fraction(str(cost)): share for cost, share in severity.shares.items()}
    if any(cost.denominator not in {1, 2, 4, 5, 10, 20, 25, 50, 100} for cost in costs):
        raise OutOfRange("Costs must be whole cents.")
    cents = [int(cost * 100) for cost in costs]
    step = math.gcd(*cents)
    return Fraction(step, 100), [(size // step, share) for size, share in zip(cents, costs.values(), strict=True)]
