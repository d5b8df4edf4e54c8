"""Distributions of counts as lists of probabilities, cut where what is left is below 1e-15."""

import math
from collections.abc import Sequence

from firstbell.planning.errors import require

Weights = Sequence[float]
MOST = 1_000_000
"""The largest mean or count that is answered; a list has about as many entries."""


def poisson(mean: float) -> list[float]:
    """Return P(N = 0), P(N = 1), ... of a Poisson count."""
    require(0 <= mean <= MOST, f"A mean must lie between 0 and {MOST:,}.")
    if mean == 0:
        return [1.0]
    length = int(mean + 12 * math.sqrt(mean)) + 40
    log_mean = math.log(mean)
    return [math.exp(k * log_mean - mean - math.lgamma(k + 1)) for k in range(length)]


def negative_binomial(mean: float, ratio: float) -> list[float]:
    """Return the weights of a count whose variance is ``ratio`` times its mean; a ratio of 1 is Poisson.

    Faults that come in bunches: a dropped cart, a class event (reference T9).
    """
    require(ratio >= 1, "The ratio of variance to mean must be at least 1.")
    if ratio - 1 < 1e-9 or mean == 0:
        return poisson(mean)
    require(0 < mean <= MOST / ratio, f"A mean must lie between 0 and {MOST:,} divided by the ratio.")
    r = mean / (ratio - 1)
    start, log_q = -r * math.log(ratio), math.log1p(-1 / ratio)
    length = int(mean + 40 * ratio + 14 * math.sqrt(mean * ratio)) + 40
    return [
        math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + start + k * log_q) for k in range(length)
    ]


def below(weights: Weights, limit: int) -> float:
    """Return P(N < limit)."""
    return min(1.0, math.fsum(weights[:limit]))


def at_least(weights: Weights, limit: int) -> float:
    """Return P(N >= limit), summed from the tail so that small chances keep their digits."""
    return min(1.0, math.fsum(weights[limit:]))


def excess(weights: Weights, limit: int) -> float:
    """Return E(N - limit)+: how many wait on average where ``limit`` can be served."""
    return math.fsum((k - limit) * weight for k, weight in enumerate(weights[limit:], limit))


def mean_of(weights: Weights) -> float:
    """Return the mean of a count."""
    return math.fsum(k * weight for k, weight in enumerate(weights))


def variance_of(weights: Weights) -> float:
    """Return the variance of a count."""
    middle = mean_of(weights)
    return math.fsum((k - middle) ** 2 * weight for k, weight in enumerate(weights))


def least_below(weights: Weights, target: float) -> int:
    """Return the least S with P(N <= S - 1) >= target: an arriving learner then finds a loaner that often."""
    require(0 < target < 1, "A target must lie between 0 and 1.")
    total = 0.0
    for k, weight in enumerate(weights):
        total += weight
        if total >= target:
            return k + 1
    return len(weights)


def thinned(weights: Weights, share: float) -> list[float]:
    """Return the weights of how many of N belong to one part, when each belongs to it with chance ``share``."""
    found = [0.0] * len(weights)
    for total, weight in enumerate(weights):
        if weight < 1e-18:
            continue
        for part, chance in enumerate(_binomial(total, share)):
            found[part] += weight * chance
    return found


def _binomial(total: int, share: float) -> list[float]:
    """Weights of a binomial count from 0 up, cut where they have vanished."""
    if share >= 1:
        return [0.0] * total + [1.0]
    chance, odds = (1 - share) ** total, share / (1 - share)
    found = [chance]
    for k in range(total):
        chance *= (total - k) / (k + 1) * odds
        found.append(chance)
        if chance < 1e-18 and k > total * share:
            break
    return found


def together(first: Weights, second: Weights) -> list[float]:
    """Return the weights of the sum of two independent counts."""
    found = [0.0] * (len(first) + len(second) - 1)
    for i, weight in enumerate(first):
        if weight < 1e-18:
            continue
        for j, other in enumerate(second):
            found[i + j] += weight * other
    return found
