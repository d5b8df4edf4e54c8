"""Rounds of several vans: the reference case to its optimum, and what must hold for any map."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstbell.planning import fleet
from firstbell.planning.errors import OutOfRange
from firstbell.planning.roads import ROADS, SPEED, STAY, by_road, great_circle
from firstbell.planning.routes import distances, fleet_tours, shortest_tour
from firstbell.planning.vans import Fleet, Problem, Rounds, Visit, best_rounds, nearest_rounds

LINE = distances([(0, 0), (1, 0), (2, 0), (-3, 0)], manhattan=True)
ONE = [Visit(), *[Visit(collect=1)] * 3]
POINTS = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=12)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """A map with things to fetch and bring, some vans, and now and then hours to keep."""
    points = [(0, 0), *draw(POINTS)]
    loads, hours = st.integers(0, 6), st.sampled_from([math.inf, math.inf, 60, 200])
    visits = [Visit(draw(loads), draw(loads), 0, draw(hours), 5, draw(st.integers(1, 9))) for _point in points[1:]]
    fleet = Fleet(draw(st.integers(1, 4)), draw(st.integers(1, 20)), 0, draw(hours), 1.0)
    return Problem(distances([(float(x), float(y)) for x, y in points], manhattan=False), [Visit(), *visits], fleet)


def worth(problem: Problem, found: Rounds) -> tuple[float, float]:
    return problem.worth(found.routes)


@given(problems())
@settings(max_examples=150, deadline=None)
def test_every_stop_is_visited_once_or_left_and_no_van_carries_too_much(problem: Problem) -> None:
    found = best_rounds(problem, steps=60)
    seen = [stop for route in found.routes for stop in route] + list(found.left)
    assert sorted(seen) == list(range(1, len(problem.visits)))
    assert len(found.routes) <= problem.fleet.vans
    assert all(problem.fits(route) for route in found.routes)
    assert found.length == pytest.approx(sum(map(problem.length, found.routes)))


@given(problems())
@settings(max_examples=150, deadline=None)
def test_it_is_never_worse_than_driving_on_to_the_nearest_stop(problem: Problem) -> None:
    missed, length = worth(problem, best_rounds(problem, steps=60))
    missed_there, length_there = worth(problem, nearest_rounds(problem))
    assert missed <= missed_there
    assert missed < missed_there or length <= length_there + 1e-9


@given(problems())
@settings(max_examples=30, deadline=None)
def test_the_same_day_is_planned_the_same_way_twice(problem: Problem) -> None:
    assert best_rounds(problem, steps=40) == best_rounds(problem, steps=40)


@given(POINTS)
@settings(max_examples=40, deadline=None)
def test_it_is_never_shorter_than_the_exact_answer_and_seldom_longer(points: list[tuple[int, int]]) -> None:
    table = distances([(0.0, 0.0), *[(float(x), float(y)) for x, y in points[:7]]], manhattan=False)
    problem = Problem(table, [Visit()] * len(table), Fleet(1, 1))
    assert best_rounds(problem, steps=400).length == pytest.approx(shortest_tour(table), rel=0.001, abs=1e-9)


def test_the_reference_case_is_solved_to_its_optimum(vectors: dict[str, Any]) -> None:
    case = vectors["vrp"]["ortools_17node"]
    across, up = case["scale"]
    table = distances([(x * across, y * up) for x, y in case["coords"]], manhattan=True)
    alone = Problem(table, [Visit()] * len(table), Fleet(1, 1))
    assert best_rounds(alone).length == case["tsp_opt"]
    vans = Problem(table, [Visit(collect=load) for load in case["demands"]], Fleet(case["vehicles"], case["capacity"]))
    found = best_rounds(vans)
    assert (found.length, found.left) == (case["cvrp_opt"], ())
    assert found.length == fleet_tours(table, loads=case["demands"][1:], capacity=15, vehicles=4)


def test_what_no_van_can_carry_stays_the_least_weighty_first() -> None:
    heavy = [Visit(), Visit(collect=2, weight=5), Visit(collect=2, weight=1), Visit(collect=2, weight=4)]
    found = best_rounds(Problem(LINE, heavy, Fleet(1, 4)))
    assert found.left == (2,)
    assert best_rounds(Problem(LINE, heavy, Fleet(2, 4))).left == ()
    assert best_rounds(Problem(LINE, [Visit(), *[Visit(collect=9)] * 3], Fleet(3, 8))).left == (1, 2, 3)


def test_what_is_brought_makes_room_for_what_is_fetched() -> None:
    both = [Visit(), Visit(bring=3), Visit(collect=3), Visit()]
    found = best_rounds(Problem(LINE, both, Fleet(1, 3)))
    assert found.left == ()
    route = found.routes[0]
    assert route.index(1) < route.index(2), "the van is full until it has brought what it carries"
    assert not Problem(LINE, both, Fleet(1, 3)).fits([2, 1])


def test_a_van_waits_for_a_school_to_open_and_does_not_come_after_it_closed() -> None:
    visits = [Visit(), Visit(opens=10, closes=20, takes=5), Visit(closes=30), Visit()]
    problem = Problem(LINE, visits, Fleet(1, 9, speed=1.0))
    assert problem.arrivals([1, 2]) == [10, 16]
    assert problem.arrivals([3, 2, 1]) == [3, 8, 10]
    assert problem.arrivals([2, 3, 1]) == [2, 7, 11]
    late = Problem(LINE, [Visit(), Visit(closes=0.5), Visit(), Visit()], Fleet(1, 9, speed=1.0))
    assert best_rounds(late).left == (1,)
    assert Problem(LINE, visits, Fleet(1, 9, ends=15, speed=1.0)).arrivals([1]) is None


def test_it_says_which_method_it_was_and_both_keep_the_limits() -> None:
    problem = Problem(LINE, ONE, Fleet(2, 2))
    found, method = fleet.solve(problem)
    assert method == (fleet.PYVRP if fleet.INSTALLED else fleet.OWN)
    assert found.left == ()
    assert all(problem.fits(route) for route in found.routes)
    assert found.length == fleet_tours(LINE, loads=[1, 1, 1], capacity=2, vehicles=2)


def test_nothing_to_visit_and_no_van() -> None:
    empty = Problem([[0.0]], [Visit()], Fleet(1, 1))
    assert best_rounds(empty) == Rounds((), 0.0, ())
    with pytest.raises(OutOfRange):
        Problem(LINE, ONE, Fleet(0, 5))
    with pytest.raises(OutOfRange):
        Problem(LINE, ONE[:2], Fleet(1, 5))


def test_distances_by_road_are_those_of_the_globe_times_the_factor() -> None:
    louisville, frankfort = (38.2527, -85.7585), (38.2009, -84.8733)
    metres = great_circle(louisville, frankfort)
    assert metres == pytest.approx(77_540, rel=0.002)  # 48.2 miles on a map
    assert great_circle(frankfort, louisville) == pytest.approx(metres)
    assert great_circle(louisville, louisville) == 0
    assert great_circle((0, 0), (0, 180)) == pytest.approx(math.pi * 6_371_008.8)
    assert by_road([louisville, frankfort])[0][1] == pytest.approx(ROADS * metres)
    assert pytest.approx(11.176) == SPEED
    assert STAY == 600
