"""Benches and technicians: work that waits for hands."""

import math
from dataclasses import dataclass

from firstbell.planning.chances import MOST
from firstbell.planning.errors import require
from firstbell.planning.pools import erlang_c


@dataclass(frozen=True, slots=True)
class Bench:
    """Load a technician, chance to wait, mean wait before work begins; None where the queue only grows."""

    load: float
    chance_to_wait: float | None
    wait: float | None


def bench_queue(*, rate: float, work: float, technicians: int) -> Bench:
    """Return M/M/c: ``rate`` repairs a day, ``work`` days of a technician's time each on average (reference T7)."""
    require(rate >= 0 and work > 0 and technicians >= 1, "Rate, work and technicians must be above 0.")
    offered = rate * work
    chance = erlang_c(offered, technicians)
    wait = None if chance is None else chance * work / (technicians - offered)
    return Bench(offered / technicians, chance, wait)


def one_technician(*, rate: float, work: float, scv: float) -> float | None:
    """Return the mean wait at one technician (Pollaczek-Khinchine); None where the queue only grows.

    ``scv`` is the squared coefficient of variation of the work: 0 always the same, 1 exponential.
    """
    require(rate >= 0 and work > 0 and scv >= 0, "Rate and spread can't be below 0, work must be above 0.")
    load = rate * work
    return None if load >= 1 else load * work * (1 + scv) / 2 / (1 - load)


@dataclass(frozen=True, slots=True)
class FiniteSource:
    """Means over a long time, and what a learner meets whose device has just failed."""

    down: float
    without: float
    any_without: float
    ready_at_failure: float
    repairs_a_day: float
    technicians_busy: float


def finite_source(
    *, learners: int, spares: int, technicians: int, fail_rate: float, repair_rate: float
) -> FiniteSource:
    """Return the figures of a school whose devices in use fail and are repaired.

    Gross, Kahn, Marsh 1977; reference T8. Rates per day: ``fail_rate`` of one device in use, ``repair_rate`` of one
    technician at work. Both exponential.
    """
    require(learners >= 1 and spares >= 0 and technicians >= 1, "There must be a learner and a technician.")
    require(fail_rate > 0 and repair_rate > 0, "Rates must be above 0.")
    require(learners + spares <= MOST, f"Learners and spares together must be at most {MOST:,}.")
    fails = [fail_rate * min(learners, learners + spares - n) for n in range(learners + spares + 1)]
    chances = _stationary(fails, [repair_rate * min(n, technicians) for n in range(len(fails))])
    flow = [chance * rate for chance, rate in zip(chances, fails, strict=True)]
    repairs = math.fsum(flow)
    return FiniteSource(
        down=math.fsum(n * chance for n, chance in enumerate(chances)),
        without=math.fsum((n - spares) * chance for n, chance in enumerate(chances[spares:], spares)),
        any_without=math.fsum(chances[spares + 1 :]),
        ready_at_failure=math.fsum(flow[:spares]) / repairs,
        repairs_a_day=repairs,
        technicians_busy=repairs / (technicians * repair_rate),
    )


def _stationary(up: list[float], down: list[float]) -> list[float]:
    """Chances of a birth-and-death chain, in logarithms so that long chains neither over- nor underflow."""
    logs = [0.0]
    for n in range(1, len(up)):
        logs.append(logs[-1] + math.log(up[n - 1] / down[n]))
    top = max(logs)
    weights = [math.exp(log - top) for log in logs]
    total = math.fsum(weights)
    return [weight / total for weight in weights]
