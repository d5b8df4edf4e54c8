"""Rounds by the best method at hand: pyvrp where the extra ``[routing]`` is installed, else our own, and it says which.

pyvrp finds somewhat shorter rounds for many stops (`python -m bench.routing`). Both answer the same question, and
pyvrp's answer is taken only where it leaves out no more and drives no farther than our own quick one.
"""

import math
from importlib.util import find_spec

from firstbell.planning.vans import Problem, Rounds, best_rounds

OWN, PYVRP = "own", "pyvrp"
QUICK = 100
"""Mending steps of our own method where pyvrp follows."""
ITERATIONS = 500
"""Steps of pyvrp: about a second for a large district."""

INSTALLED = find_spec("pyvrp") is not None

if INSTALLED:
    import pyvrp
    import pyvrp.stop


def solve(problem: Problem) -> tuple[Rounds, str]:
    """Return the rounds, and the code of the method that found them."""
    if not INSTALLED or len(problem.visits) < 3:
        return best_rounds(problem), OWN
    ours, theirs = best_rounds(problem, steps=QUICK), packaged_rounds(problem)
    if theirs is None or problem.worth(ours.routes) < problem.worth(theirs.routes):
        return best_rounds(problem), OWN
    return theirs, PYVRP


def packaged_rounds(problem: Problem, iterations: int = ITERATIONS) -> Rounds | None:
    """Return what pyvrp finds; None where that breaks a limit. It counts in whole units: metres and seconds."""
    model = pyvrp.Model()
    places = [model.add_location(0, 0) for _visit in problem.visits]
    depot = model.add_depot(places[0])
    _add_fleet(model, depot, problem)
    _add_clients(model, places, problem)
    _add_edges(model, places, problem)
    found = model.solve(pyvrp.stop.MaxIterations(iterations), seed=1, collect_stats=False, display=False).best
    routes = [[activity.idx + 1 for activity in route if activity.is_client()] for route in found.routes()]
    return problem.rounds(routes) if all(problem.fits(route) for route in routes) else None


def _whole(number: float) -> int:
    return pyvrp.constants.MAX_VALUE if math.isinf(number) else round(number)


def _add_fleet(model: "pyvrp.Model", depot: "pyvrp.Depot", problem: Problem) -> None:
    fleet = problem.fleet
    model.add_vehicle_type(
        fleet.vans,
        [fleet.capacity],
        depot,
        depot,
        tw_early=_whole(fleet.starts),
        tw_late=_whole(fleet.ends),
    )


def _add_clients(model: "pyvrp.Model", places: "list[pyvrp.Location]", problem: Problem) -> None:
    dear = 1 + 2 * max(max(row) for row in problem.table)  # more than any detour to a stop
    for place, visit in zip(places[1:], problem.visits[1:], strict=True):
        model.add_client(
            place,
            [visit.bring],
            [visit.collect],
            _whole(visit.takes),
            _whole(visit.opens),
            _whole(visit.closes),
            prize=round(dear * visit.weight),
            required=False,
        )


def _add_edges(model: "pyvrp.Model", places: "list[pyvrp.Location]", problem: Problem) -> None:
    for here, row in zip(places, problem.table, strict=True):
        for there, distance in zip(places, row, strict=True):
            if here is not there:
                model.add_edge(here, there, round(distance), math.ceil(distance / problem.fleet.speed))
