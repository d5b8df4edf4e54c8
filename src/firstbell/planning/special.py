"""Incomplete gamma and beta functions and their inverses, to about 1e-12: what bands of uncertainty are made of.

Series and continued fractions as in any handbook (Abramowitz and Stegun 6.5, 26.5); inverses by halving.
"""

import math
from collections.abc import Callable

from firstbell.planning.errors import require

_TINY = 1e-300
_ENOUGH = 1e-16
_TURNS = 100_000


def gamma_share(x: float, shape: float) -> float:
    """Return P(X <= x) of a gamma variable with this shape and scale 1."""
    if x <= 0:
        return 0.0
    start = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        return start * _gamma_series(x, shape)
    return 1 - start * _gamma_fraction(x, shape)


def _gamma_series(x: float, shape: float) -> float:
    term = total = 1 / shape
    for n in range(1, _TURNS):
        term *= x / (shape + n)
        total += term
        if term < total * _ENOUGH:
            break
    return total


def _gamma_fraction(x: float, shape: float) -> float:
    b = x + 1 - shape
    c, d = 1 / _TINY, 1 / b
    found = d
    for n in range(1, _TURNS):
        b += 2
        a = -n * (n - shape)
        d = 1 / (a * d + b)
        c = b + a / c
        found *= c * d
        if abs(c * d - 1) < _ENOUGH * 10:
            break
    return found


def beta_share(x: float, a: float, b: float) -> float:
    """Return P(X <= x) of a beta variable."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    start = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return start * _beta_fraction(x, a, b) / a
    return 1 - start * _beta_fraction(1 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    found = d
    for n in range(1, _TURNS):
        even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
        odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
        change = 1.0
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            change = c * d
            found *= change
        if abs(change - 1) < _ENOUGH * 10:
            break
    return found


def gamma_quantile(level: float, *, shape: float, scale: float) -> float:
    """Return the value that a gamma variable stays below with chance ``level``."""
    require(0 < level < 1 and shape > 0 and scale > 0, "A level must lie between 0 and 1, shape and scale above 0.")
    high = shape + 10 * math.sqrt(shape) + 10
    while gamma_share(high, shape) < level:
        high *= 2
    return scale * _halve(lambda x: gamma_share(x, shape), level, 0.0, high)


def beta_quantile(level: float, a: float, b: float) -> float:
    """Return the value that a beta variable stays below with chance ``level``."""
    require(0 < level < 1 and a > 0 and b > 0, "A level must lie between 0 and 1, both counts above 0.")
    return _halve(lambda x: beta_share(x, a, b), level, 0.0, 1.0)


def student_quantile(level: float, freedom: int) -> float:
    """Return Student's t for a two-sided interval with this level (0.95) and so many degrees of freedom."""
    require(0 < level < 1 and freedom >= 1, "A level must lie between 0 and 1, with two runs at least.")
    x = beta_quantile(1 - level, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x)


def _halve(share: Callable[[float], float], level: float, low: float, high: float) -> float:
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if share(middle) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
