"""An independent engine (simpy) lives through the very same faults and must see the same learners waiting."""

from collections.abc import Generator
from typing import Any

import pytest
import simpy

from firstbell.planning.simulation.arrivals import Arrivals
from firstbell.planning.simulation.simulate import simulate
from firstbell.planning.simulation.steady import steady

DAYS, KIT = 200, 3


def live_in_simpy(arrivals: Arrivals, *, technicians: int) -> float:
    """Two-day pick-ups, technicians in a row, delivery two days later; return learners without, on average."""
    world = simpy.Environment()
    shelf, bench, without = simpy.Store(world), simpy.Resource(world, technicians), 0.0
    shelf.items.extend(range(KIT))

    def learner(at: float) -> Generator[simpy.Event, Any, None]:
        nonlocal without
        yield world.timeout(at)
        turn = shelf.get()
        done = world.timeout(DAYS - world.now - 1e-9)  # who still waits at the end is counted too
        yield turn | done
        without += world.now - at

    def device(at: float, hours: float) -> Generator[simpy.Event, Any, None]:
        yield world.timeout(at)
        yield world.timeout(-world.now % 2)
        with bench.request() as turn:
            yield turn
            yield world.timeout(hours / 24)
        yield world.timeout(2)
        yield shelf.put(0)

    for day in range(DAYS):
        for case in arrivals.of_day(day):
            world.process(learner(case.at))
            world.process(device(case.at, case.bench_hours))
    world.run(until=DAYS)
    return without / DAYS


@pytest.mark.parametrize(("seed", "technicians"), [(1, 1), (2, 1), (3, 2), (4, 3)])
def test_simpy_sees_the_same_learners_wait(seed, technicians):
    repairs = {"bench_hours": 10, "technicians": technicians}
    courier = {"every": 2, "hour": 0, "days_out": 2}
    district = steady(days=DAYS, rate=2, kit=KIT, repairs=repairs, courier=courier)
    ours = simulate(district, seed=seed).flow.mean_without
    assert ours > 1
    assert ours == pytest.approx(live_in_simpy(Arrivals(district, seed), technicians=technicians), rel=1e-6)


def test_the_oracle_can_disagree():
    district = steady(days=DAYS, rate=2, kit=KIT, repairs={"bench_hours": 10, "technicians": 1}, courier={"every": 1})
    ours = simulate(district, seed=1).flow.mean_without
    assert ours != pytest.approx(live_in_simpy(Arrivals(district, 1), technicians=1), rel=1e-2)
