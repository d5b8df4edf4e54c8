"""`python -m bench.planning`: one simulated year of a large district, beside simpy on a small instance.

The district has 110,000 devices in 165 schools with everything the simulation knows: repairs, day-loans, losses, hidden
faults, benches, vendors, a courier every second day. Promise: 5 seconds of CPU. The small instance is the bench of
reference T7 (arrivals, three technicians, a queue), written for our engine and for simpy, each in its own style, and
lived once more by the whole simulation, which does a hundred things besides.
"""

import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Callable
from random import Random

import simpy

from bench.run import _pace
from firstbell.planning.simulation.calendars import Calendar
from firstbell.planning.simulation.district import Courier, Demand, District, Repairs, School
from firstbell.planning.simulation.engine import Engine
from firstbell.planning.simulation.simulate import simulate

SCHOOLS, LEARNERS, PROMISED = 165, 110_000, 5.0
DAYS, RATE, WORK, TECHNICIANS = 1_000, 30.0, 1 / 12, 3


def district() -> District:
    """The large district: a kit of 3 % a school, two rounds in turn, eight technicians."""
    learners = LEARNERS // SCHOOLS
    schools = [
        School(name=f"School {n}", learners=learners, kit=learners * 3 // 100, turn=n % 2) for n in range(SCHOOLS)
    ]
    return District(schools=schools, repairs=Repairs(technicians=8))


def bench() -> District:
    """The small instance: faults go straight to three technicians."""
    calm = dict.fromkeys(("loss_rate", "theft_rate", "charger_loss_rate", "day_loans", "hidden_share"), 0.0)
    shares = dict.fromkeys(("school_share", "parts_share", "vendor_share", "beyond_repair"), 0.0)
    demand = Demand(fault_rate=RATE, school_days=1, months={}, monday=1, other_days=1, finite=False, **calm)
    open_all_day = Calendar.always(DAYS)
    return District(
        schools=[School(name="One", learners=1, kit=0)],
        demand=demand,
        repairs=Repairs(technicians=TECHNICIANS, bench_hours=24 * WORK, bench_scv=1, **shares),
        courier=Courier(every=0, days_in=0, back_by_visit=False),
        school_calendar=open_all_day,
        depot_calendar=open_all_day,
    )


def by_engine() -> float:
    """Return the mean wait in days, by our engine alone."""
    engine, chance, waits, queue, free = Engine(), Random(1), [], deque(), TECHNICIANS

    def fault(_what):
        engine.at(engine.now + chance.expovariate(RATE), fault, None)
        queue.append(engine.now)
        work()

    def work():
        nonlocal free
        while queue and free:
            free -= 1
            waits.append(engine.now - queue.popleft())
            engine.at(engine.now + chance.expovariate(1 / WORK), leave, None)

    def leave(_what):
        nonlocal free
        free += 1
        work()

    engine.at(chance.expovariate(RATE), fault, None)
    engine.run(DAYS)
    return sum(waits) / len(waits)


def by_simpy() -> float:
    """Return the mean wait in days, by simpy."""
    world, chance, waits = simpy.Environment(), Random(1), []
    hands = simpy.Resource(world, capacity=TECHNICIANS)

    def device():
        begun = world.now
        with hands.request() as turn:
            yield turn
            waits.append(world.now - begun)
            yield world.timeout(chance.expovariate(1 / WORK))

    def faults():
        while True:
            yield world.timeout(chance.expovariate(RATE))
            world.process(device())

    world.process(faults())
    world.run(until=DAYS)
    return sum(waits) / len(waits)


def cpu(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the least CPU seconds of some rounds."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def main() -> int:
    """Measure and print; ends with 1 when the promise is missed."""
    print(f"a million additions take {_pace():.0f} ms of CPU")
    large = district()
    seconds = cpu(lambda: simulate(large, seed=1))
    tracemalloc.start()
    found = simulate(large, seed=1)
    peak = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    events = found.counts["cases"] + found.day_loans.asked
    print(
        f"{'! ' if seconds > PROMISED else '  '}a year of {large.learners:,} devices: {seconds:.2f} s of CPU (promised "
        f"{PROMISED:.0f}), {found.counts['cases']:,} repairs and losses, {found.day_loans.asked:,} day-loans, "
        f"{events / seconds:,.0f} of both a second, {peak:.0f} MB"
    )
    _beside_simpy()
    return int(seconds > PROMISED)


def _beside_simpy() -> None:
    small = bench()
    ways: dict[str, Callable[[], float]] = {
        "simpy": by_simpy,
        "our engine alone": by_engine,
        "the whole simulation": lambda: simulate(small, seed=1).bench_wait_hours / 24,
    }
    print(f"  three technicians for {DAYS:,} days, about {DAYS * RATE:,.0f} repairs; exact mean wait 0.1170 days")
    taken = {name: cpu(way) for name, way in ways.items()}
    for name, way in ways.items():
        ratio = taken["simpy"] / taken[name]
        print(f"    {name:<22}{taken[name]:>6.2f} s   mean wait {way():.4f} days   {ratio:.1f} times as fast as simpy")


if __name__ == "__main__":
    sys.exit(main())
