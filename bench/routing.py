"""`python -m bench.routing`: the runs of 165 schools, by our own method and, where it is installed, by pyvrp.

The map is made up: schools spread evenly over 30 by 30 km, 1 to 9 devices to fetch, 0 to 6 to bring, 12 vans of 90
devices, once without hours and once with school hours. Promise: 60 seconds of CPU.
"""

import time
from collections.abc import Callable
from random import Random

from firstbell.planning import fleet
from firstbell.planning.roads import SPEED, STAY
from firstbell.planning.routes import distances
from firstbell.planning.vans import Fleet, Problem, Rounds, Visit, best_rounds, nearest_rounds

SCHOOLS, SIDE, PROMISED = 165, 15_000.0, 60.0
OPENS, CLOSES, STARTS = 7.5 * 3600, 15.5 * 3600, 8.5 * 3600


def district(*, hours: bool) -> Problem:
    """One day of a large district."""
    chance = Random(5)
    points = [(0.0, 0.0)] + [(chance.uniform(-SIDE, SIDE), chance.uniform(-SIDE, SIDE)) for _ in range(SCHOOLS)]
    loads = [(chance.randint(1, 9), chance.randint(0, 6)) for _ in range(SCHOOLS)]
    when = {"opens": OPENS, "closes": CLOSES} if hours else {}
    visits = [Visit(collect, bring, takes=STAY, **when) for collect, bring in loads]
    return Problem(distances(points, manhattan=False), [Visit(), *visits], Fleet(12, 90, STARTS, speed=SPEED))


def _measured(name: str, problem: Problem, solve: Callable[[Problem], Rounds | None]) -> float:
    began = time.process_time()
    found = solve(problem)
    seconds = time.process_time() - began
    if found is None:
        print(f"  {name:<22} no answer that keeps every limit                 {seconds:6.1f} s")
        return 0.0
    told = f"{found.length / 1000:7.1f} km, {len(found.routes):2} vans, {len(found.left)} left"
    print(f"  {name:<22} {told}   {seconds:6.1f} s {'' if seconds <= PROMISED else 'TOO SLOW'}")
    return found.length


def run() -> None:
    """Measure both methods on both days."""
    for hours in (False, True):
        problem = district(hours=hours)
        print(f"{SCHOOLS} schools, {'school hours' if hours else 'no hours'}")
        _measured("nearest stop first", problem, nearest_rounds)
        own = _measured("own", problem, best_rounds)
        if not fleet.INSTALLED:
            print("  pyvrp is not installed: pip install 'firstbell[routing]'")
        else:
            theirs = _measured("pyvrp", problem, fleet.packaged_rounds)
            print(f"  own is {own / theirs:.3f} times as long" if theirs else "")


if __name__ == "__main__":
    run()
