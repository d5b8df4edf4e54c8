"""Pools under demand that cycles: fixed pick-up days, seasons."""

import math
from dataclasses import dataclass

from firstbell.planning.chances import excess, poisson
from firstbell.planning.errors import require
from firstbell.planning.pools import loaner_pool


@dataclass(frozen=True, slots=True)
class Pickup:
    """Means of the number out over the cycle, and the share of time with a loaner left."""

    mean: float
    peak: float
    trough: float
    ready: float


def periodic_pickup(*, rate: float, interval: float, after_days: float, loaners: int) -> Pickup:
    """Return the figures with a pick-up every ``interval`` days and fixed ``after_days`` from there (reference T5).

    The number out stays Poisson; its mean climbs by ``rate`` a day and falls at each arrival, so it is spread evenly
    between trough and peak, whatever the phase. Exact: the mean of P(N < S) over a stretch of means is a difference of
    E min(N, S). Size the pool on the peak.
    """
    require(rate > 0 and interval >= 0 and after_days >= 0 and loaners >= 0, "Rate must be above 0, times not below 0.")
    trough, peak = rate * after_days, rate * (after_days + interval)
    if interval == 0:
        ready = loaner_pool(rate=rate, turnaround=after_days, loaners=loaners).ready
    else:
        ready = (_served(peak, loaners) - _served(trough, loaners)) / (peak - trough)
    return Pickup((trough + peak) / 2, peak, trough, ready)


def _served(mean: float, loaners: int) -> float:
    return mean - excess(poisson(mean), loaners)


@dataclass(frozen=True, slots=True)
class Season:
    """How the mean number out follows a rate that swings: mean, and swing and lag for two laws of the repair time."""

    mean: float
    swing_exponential: float
    lag_exponential: float
    swing_fixed: float
    lag_fixed: float


def season(*, rate: float, swing: float, period: float, turnaround: float) -> Season:
    """Return how a rate of ``rate + swing sin(2 pi t / period)`` a day shows in the number out (reference T6).

    Eick, Massey, Whitt 1993. Lags are in days. With time-varying rates the law of the repair time does matter.
    """
    require(rate >= 0 and swing >= 0, "Rates can't be below 0.")
    require(period > 0 and turnaround >= 0, "The period must be above 0, the turnaround not below 0.")
    w = 2 * math.pi / period
    return Season(
        mean=rate * turnaround,
        swing_exponential=swing * turnaround / math.hypot(1, w * turnaround),
        lag_exponential=math.atan(w * turnaround) / w,
        swing_fixed=swing * abs(2 * math.sin(w * turnaround / 2) / w),
        lag_fixed=turnaround / 2,
    )
