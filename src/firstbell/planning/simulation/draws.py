"""Chance from a seed: counts and lengths of time."""

import math
from random import Random

_PART = 30.0
"""Larger means are drawn in parts, so that exp(-mean) never vanishes."""


def draw_count(chance: Random, mean: float) -> int:
    """Return a Poisson count (Knuth; a sum of Poisson counts is one)."""
    total = 0
    while mean > _PART:
        total += _small_count(chance, _PART)
        mean -= _PART
    return total + _small_count(chance, mean)


def _small_count(chance: Random, mean: float) -> int:
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def draw_length(chance: Random, mean: float, scv: float) -> float:
    """Return a length of time with this mean and squared coefficient of variation.

    0 is always the mean, 1 exponential, anything else lognormal. Uses up chance whatever the figures are, so that runs
    that differ in them stay comparable.
    """
    normal, even = chance.gauss(0.0, 1.0), chance.random()
    if scv == 0 or mean == 0:
        return mean
    if scv == 1:
        return -mean * math.log(1.0 - even)
    spread = math.log1p(scv)
    return mean * math.exp(math.sqrt(spread) * normal - spread / 2)
