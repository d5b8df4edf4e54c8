"""How many loaners: learners who wait for one (Palm), learners who don't (Erlang), faults that come in bunches.

The repair time may have any distribution; only its mean counts (Palm 1938; Feeney and Sherbrooke 1966). Rates are
per day, times in days, of the same kind of day. Holds while rates are steady and repairs don't queue for technicians.
"""

from dataclasses import dataclass

from firstbell.planning.chances import MOST, at_least, below, excess, least_below, negative_binomial, poisson
from firstbell.planning.errors import require


@dataclass(frozen=True, slots=True)
class Pool:
    """What a pool of loaners gives. Chances are those that an arriving learner meets."""

    mean_out: float
    blocked: float
    """Nothing is left: P(N >= S)."""
    some_wait: float
    """Somebody is waiting: P(N > S)."""
    ready: float
    """P(N <= S - 1)."""
    waiting: float
    """Learners without a device on average: E(N - S)+."""
    lost: float
    """Share turned away where nobody waits: Erlang's B."""

    def mean_wait(self, rate: float) -> float:
        """Return the mean wait over all learners, in days (Little's law)."""
        return self.waiting / rate


def loaner_pool(*, rate: float, turnaround: float, loaners: int) -> Pool:
    """Return the figures of a pool: ``rate`` faults a day, each away ``turnaround`` days on average (reference T1)."""
    require(rate >= 0 and turnaround >= 0 and loaners >= 0, "Rate, turnaround and loaners can't be below 0.")
    mean = rate * turnaround
    weights = poisson(mean)
    return Pool(
        mean_out=mean,
        blocked=at_least(weights, loaners),
        some_wait=at_least(weights, loaners + 1),
        ready=below(weights, loaners),
        waiting=excess(weights, loaners),
        lost=erlang_b(mean, loaners),
    )


def least_pool(mean_out: float, target: float, *, ratio: float = 1.0) -> int:
    """Return the least pool that is ready with chance ``target`` when learners wait; base stock and swap are the same.

    ``ratio`` is variance over mean of the number out; above 1 where faults come in bunches (reference T9).
    """
    return least_below(negative_binomial(mean_out, ratio), target)


def least_pool_lost(mean_out: float, target: float) -> int:
    """Return the least pool that serves a share ``target`` when a learner who finds none never gets one later."""
    require(0 < target < 1, "A target must lie between 0 and 1.")
    require(0 <= mean_out <= MOST, f"A mean must lie between 0 and {MOST:,}.")
    loaners, turned_away = 0, 1.0
    while turned_away > 1 - target:
        loaners += 1
        turned_away = mean_out * turned_away / (loaners + mean_out * turned_away)
    return loaners


def erlang_b(load: float, servers: int) -> float:
    """Return Erlang's loss for an offered load (rate x mean time) and so many loaners, lines or technicians."""
    require(0 <= load <= MOST and 0 <= servers <= MOST, f"Load and servers must lie between 0 and {MOST:,}.")
    lost = 1.0
    for k in range(1, servers + 1):
        lost = load * lost / (k + load * lost)
    return lost


def erlang_c(load: float, servers: int) -> float | None:
    """Return the chance to wait at ``servers`` technicians; None when the work exceeds them: the queue only grows."""
    lost = erlang_b(load, servers)
    if load >= servers:
        return None
    return servers * lost / (servers - load * (1 - lost))
