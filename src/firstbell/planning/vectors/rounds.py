"""The family of courier rounds: one vehicle, several with a load limit, and rounds that repeat over some days."""

from collections.abc import Mapping, Sequence
from typing import Any

from firstbell.planning.errors import OutOfRange
from firstbell.planning.routes import (
    Distances,
    Pattern,
    distances,
    fleet_tours,
    least_longest,
    least_stops,
    periodic_rounds,
    shortest_tour,
)
from firstbell.planning.vectors.cases import Case, WrongCase, is_number


def rounds(case: Case) -> dict[str, Any]:
    """Answer each named map: with ``freq`` it repeats over some days, else it is one day's fleet."""
    return {name: _map(case.inner(name)) for name in case.values}


def _map(case: Case) -> dict[str, Any]:
    solve = _periodic if "freq" in case.values else _fleet
    try:
        return {**case.values, **solve(case)}
    except OutOfRange as error:
        raise WrongCase(f"{case.where}: {error}") from error


def _fleet(case: Case) -> dict[str, Any]:
    table = _table(case, "coords")
    loads = [_at_least_zero(case, "demands", load) for load in case.several("demands")]
    if len(loads) != len(table):
        raise WrongCase(f"{case.where}: demands must name a load for the depot and each stop, {len(table)} in all.")
    vehicles = case.whole("vehicles")
    return {
        "tsp_opt": shortest_tour(table),
        "cvrp_opt": fleet_tours(table, loads=loads[1:], capacity=case.number("capacity"), vehicles=vehicles),
        f"minmax{vehicles}_opt": least_longest(table, vehicles=vehicles),
    }


def _periodic(case: Case) -> dict[str, Any]:
    table = _table(case, "coords_km")
    days = case.whole("days")
    choices = _choices(case, days, len(table) - 1)
    limits = _limits(case, days, choices)
    found = {
        limit: periodic_rounds(table, days=days, choices=choices, most_stops=most) for limit, most in limits.items()
    }
    return {"opt_by_max_stops": found, "tsp_all": shortest_tour(table)}


def _limits(case: Case, days: int, choices: Sequence[Sequence[Pattern]]) -> dict[str, int]:
    """Stops a day at most: those asked for, else the least that can work, one more, and no limit."""
    asked = case.values.get("opt_by_max_stops")
    if not isinstance(asked, Mapping) or not asked:
        least = least_stops(days=days, choices=choices)
        return {str(most): most for most in sorted({least, min(least + 1, len(choices)), len(choices)})}
    if not all(limit.isdecimal() for limit in asked):
        raise case.wrong("opt_by_max_stops", "named by numbers of stops, such as 3")
    return {limit: int(limit) for limit in asked}


def _choices(case: Case, days: int, stops: int) -> list[list[Pattern]]:
    patterns = case.inner("patterns")
    often = [str(visits) for visits in case.several("freq")]
    if len(often) != stops:
        raise WrongCase(f"{case.where}: freq must say for each of the {stops} stops how often it is visited.")
    return [[_pattern(patterns, visits, one, days) for one in patterns.several(visits)] for visits in often]


def _pattern(case: Case, name: str, days_of_one: object, days: int) -> Pattern:
    if not isinstance(days_of_one, list) or any(day not in range(days) for day in days_of_one):
        raise case.wrong(name, f"a list of lists of days from 0 to {days - 1}")
    return tuple(days_of_one)


def _table(case: Case, name: str) -> Distances:
    metric = case.values.get("metric", "euclidean")
    if metric not in {"manhattan", "euclidean"}:
        raise case.wrong("metric", "manhattan or euclidean")
    across, up = _point(case, "scale", case.values.get("scale", [1, 1]))
    points = [_point(case, name, point) for point in case.several(name, "a list of points [x, y], the depot first")]
    if not points:
        raise case.wrong(name, "a list of points [x, y], the depot first")
    return distances([(x * across, y * up) for x, y in points], manhattan=metric == "manhattan")


def _point(case: Case, name: str, value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2 or not all(is_number(part) for part in value):
        raise case.wrong(name, "made of pairs of numbers [x, y]")
    return value[0], value[1]


def _at_least_zero(case: Case, name: str, value: Any) -> float:
    if not is_number(value) or value < 0:
        raise case.wrong(name, "a list of numbers from 0 up")
    return float(value)
