"""Rounds small enough to be seen at a glance."""

import pytest

from firstbell.planning.errors import OutOfRange
from firstbell.planning.routes import distances, fleet_tours, least_longest, least_stops, periodic_rounds, shortest_tour

LINE = distances([(0, 0), (1, 0), (2, 0), (-3, 0)], manhattan=True)
DEPOT = distances([(0, 0)], manhattan=False)


def test_no_stop_and_one_stop():
    assert shortest_tour(DEPOT) == least_longest(DEPOT, vehicles=1) == 0
    assert shortest_tour(distances([(0, 0), (3, 4)], manhattan=False)) == 10


def test_stops_on_a_line():
    assert shortest_tour(LINE) == 10
    assert fleet_tours(LINE, loads=[1, 1, 1], capacity=2, vehicles=2) == 10
    assert [least_longest(LINE, vehicles=vehicles) for vehicles in (1, 2, 3)] == [10, 6, 6]


def test_visits_that_repeat():
    both, either = [(0, 1)], [(0,), (1,)]
    assert least_stops(days=2, choices=[both, either, either]) == 2
    assert least_stops(days=2, choices=[[(0,)], [(0,)], [(0,)]]) == 3
    assert periodic_rounds(LINE, days=2, choices=[both, either, either], most_stops=2) == 12
    with pytest.raises(OutOfRange):
        periodic_rounds(LINE, days=2, choices=[both, either, either], most_stops=1)
