"""Kits at schools with a central reserve: two levels of stock (METRIC; Graves 1982 for the exact figures).

Each of ``schools`` loses ``rate`` devices a day to the depot, where a repair takes ``repair_days`` on average (any
law), and orders another at once; it arrives ``transport_days`` after the reserve has one. First come, first served.
"""

from dataclasses import dataclass

from firstbell.planning.chances import Weights, below, excess, mean_of, poisson, thinned, together, variance_of
from firstbell.planning.errors import require


@dataclass(frozen=True, slots=True)
class Echelons:
    """Figures of one school and of the reserve."""

    reserve_waiting: float
    """Orders that wait for the reserve, on average."""
    reserve_delay: float
    """Days that an order waits for the reserve, on average."""
    metric_waiting: float
    """Learners waiting at a school by METRIC, which ignores some variance: never above the exact figure."""
    mean_out: float
    variance_out: float
    waiting: float
    ready: float


def two_echelons(
    *, schools: int, rate: float, repair_days: float, transport_days: float, reserve: int, kit: int
) -> Echelons:
    """Return the figures for a reserve and equal kits (reference T4)."""
    require(schools >= 1 and rate > 0, "There must be a school and a rate above 0.")
    require(min(repair_days, transport_days, reserve, kit) >= 0, "Times and stocks can't be below 0.")
    owed = _owed(poisson(schools * rate * repair_days), reserve)
    waiting = mean_of(owed)
    delay = waiting / (schools * rate)
    out = together(thinned(owed, 1 / schools), poisson(rate * transport_days))
    return Echelons(
        reserve_waiting=waiting,
        reserve_delay=delay,
        metric_waiting=excess(poisson(rate * (transport_days + delay)), kit),
        mean_out=mean_of(out),
        variance_out=variance_of(out),
        waiting=excess(out, kit),
        ready=below(out, kit),
    )


def _owed(in_repair: Weights, reserve: int) -> list[float]:
    """Weights of how many orders wait for a reserve of this size."""
    return [below(in_repair, reserve + 1), *in_repair[reserve + 1 :]]


@dataclass(frozen=True, slots=True)
class Split:
    """So many in the middle, so many in each kit, and how many learners then wait in all."""

    reserve: int
    kit: int
    waiting: float


def best_split(*, total: int, schools: int, rate: float, repair_days: float, transport_days: float) -> Split:
    """Return the even split of ``total`` loaners with the fewest learners waiting; what is left over stays central."""
    times = {"schools": schools, "rate": rate, "repair_days": repair_days, "transport_days": transport_days}
    found = []
    for kit in range(total // schools + 1):
        reserve = total - kit * schools
        found.append(Split(reserve, kit, schools * two_echelons(**times, reserve=reserve, kit=kit).waiting))  # type: ignore[arg-type]  # mixed keywords
    return min(found, key=lambda split: split.waiting)
