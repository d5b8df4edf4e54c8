"""The same cases lived through by the simulation: means with their confidence interval, beside the exact answers.

Time is scaled so that a school sees ten faults a day (a pick-up falls on every day), which changes no chance.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from firstbell.planning.errors import require
from firstbell.planning.simulation.district import District
from firstbell.planning.simulation.results import Results
from firstbell.planning.simulation.simulate import interval, simulate
from firstbell.planning.simulation.steady import steady
from firstbell.planning.vectors.cases import Case

LEVEL = 0.99
FAULTS = 4_000
"""In each run, after the warm-up."""
MOST_OUT = 2_000
"""Devices away on average, at most: larger cases would take minutes."""
A_DAY = 10.0

Figure = Callable[[Results], float]


def _palm(case: Case, runs: int) -> dict[str, Any]:
    out = case.number("lam") * case.number("T")
    district, warm_up = _pool(out, case.whole("S"))
    return _live(district, warm_up, runs, {"ready": _ready, "ebo": _without})


def _erlang(case: Case, runs: int) -> dict[str, Any]:
    district, warm_up = _pool(case.number("a"), case.whole("c"), waits=False)
    return _live(district, warm_up, runs, {"B": lambda found: 1 - found.waits.ready})


def _pool(out: float, kit: int, *, waits: bool = True) -> tuple[District, int]:
    days, warm_up = _days(A_DAY, out / A_DAY)
    repairs = {"bench_hours": 24 * out / A_DAY}
    return steady(days=days, rate=A_DAY, kit=kit, repairs=repairs, pool={"waits": waits}), warm_up


def _bench(case: Case, runs: int) -> dict[str, Any]:
    rate, technicians = case.number("lam"), case.whole("c")
    work = case.number("es") * rate / A_DAY
    if rate * case.number("es") >= technicians:
        return {}
    days, warm_up = _days(A_DAY, work)
    repairs = {"bench_hours": 24 * work, "technicians": technicians}
    district = steady(days=days, rate=A_DAY, kit=0, repairs=repairs)
    return _live(district, warm_up, runs, {"Wq": lambda found: found.bench_wait_hours / 24 * A_DAY / rate})


def _finite(case: Case, runs: int) -> dict[str, Any]:
    learners, technicians = case.whole("M"), case.whole("techs")
    work = learners * case.number("fail_rate") / case.number("repair_rate") / A_DAY
    days, warm_up = _days(A_DAY, 10 * work)
    repairs = {"bench_hours": 24 * work, "technicians": technicians}
    district = steady(
        days=days, rate=A_DAY, kit=case.whole("S"), learners=learners, repairs=repairs, demand={"finite": True}
    )
    return _live(district, warm_up, runs, {"E_without": _without, "ready_at_failure": _ready})


def _echelons(case: Case, runs: int) -> dict[str, Any]:
    schools, scale = case.whole("n"), case.number("lam") * case.whole("n") / A_DAY
    repair, transport = case.number("T0") * scale, case.number("O") * scale
    days, warm_up = _days(A_DAY, repair + transport)
    district = steady(
        days=days,
        rate=A_DAY / schools,
        kit=case.whole("Si"),
        schools=schools,
        repairs={"bench_hours": 24 * repair},
        courier={"days_out": transport},
        pool={"reserve": case.whole("S0"), "swap": True},
    )
    figures: dict[str, Figure] = {"exact_EBO_i": lambda found: _without(found) / schools, "exact_ready": _ready}
    return _live(district, warm_up, runs, figures)


def _pickup(case: Case, runs: int) -> dict[str, Any]:
    interval_days = case.number("interval")
    require(interval_days > 0, "A pick-up that is simulated needs an interval above 0.")
    rate, after = case.number("lam") * interval_days, case.number("after_delay") / interval_days
    days, warm_up = _days(rate, after + 1)
    courier = {"every": 1, "hour": 0.0, "days_in": after}
    district = steady(days=days, rate=rate, kit=case.whole("S"), repairs={"bench_hours": 0.0}, courier=courier)
    return _live(district, warm_up, runs, {"ready_time_avg": _ready})


SIMULATED: Mapping[str, Callable[[Case, int], dict[str, Any]]] = MappingProxyType(
    {
        "palm_mginf": _palm,
        "erlang_b": _erlang,
        "mmc": _bench,
        "finite_source": _finite,
        "two_echelon": _echelons,
        "periodic_pickup": _pickup,
    }
)


def _ready(found: Results) -> float:
    return found.waits.ready


def _without(found: Results) -> float:
    return found.flow.mean_without


def _days(rate: float, turnaround: float) -> tuple[int, int]:
    """Days of the calendar and of the warm-up: ten mean turnarounds (operations.md 4.3), then enough faults."""
    require(rate * turnaround <= MOST_OUT, f"Simulated cases may have at most {MOST_OUT:,} devices away.")
    warm_up = math.ceil(10 * turnaround) + 1
    return warm_up + math.ceil(max(FAULTS / rate, 10 * turnaround)), warm_up


def _live(district: District, warm_up: int, runs: int, figures: Mapping[str, Figure]) -> dict[str, Any]:
    found = [simulate(district, seed=seed, warm_up=warm_up) for seed in range(runs)]
    return {name: asdict(interval([figure(one) for one in found], level=LEVEL)) for name, figure in figures.items()}
