"""Shortest rounds of a courier, exactly, for as many stops as exact answers allow (reference T10).

Distances must obey the triangle inequality, as distances on a map do. Dynamic programming over sets of stops (Held and
Karp 1962); a set is an integer whose bits are its stops. Real rounds of a whole district need a heuristic; these are
what it is measured against.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence

from firstbell.planning.errors import OutOfRange, require

Distances = Sequence[Sequence[float]]
Lengths = dict[int, float]
STOPS = 16
"""Stops besides the depot that are answered; each more doubles the work."""


def distances(points: Sequence[tuple[float, float]], *, manhattan: bool) -> Distances:
    """Return the table of distances; whole numbers stay whole along streets."""
    if manhattan:
        return [[abs(x - u) + abs(y - v) for u, v in points] for x, y in points]
    return [[math.hypot(x - u, y - v) for u, v in points] for x, y in points]


def shortest_tour(table: Distances) -> float:
    """Return the length of the shortest tour from the depot (row 0) over all stops and back.

    Paths through half of the stops meet in the middle.
    """
    stops = _stops(table)
    everything, half = (1 << stops) - 1, (stops + 1) // 2
    layers = _paths(table, half)
    if stops < 2:
        return 2 * table[0][1] if stops else 0
    shortest = math.inf
    for chosen, ends in layers[half].items():
        others = layers[stops - half][everything ^ chosen]
        for end, length in ends.items():
            row = table[end + 1]
            shortest = min(shortest, length + min(row[other + 1] + rest for other, rest in others.items()))
    return shortest


def _paths(table: Distances, longest: int) -> list[dict[int, dict[int, float]]]:
    """For each number of stops: set -> last stop -> length of the shortest path from the depot through the set."""
    stops = len(table) - 1
    layers: list[dict[int, dict[int, float]]] = [{0: {}}, {1 << n: {n: table[0][n + 1]} for n in range(stops)}]
    for _ in range(1, longest):
        grown: dict[int, dict[int, float]] = {}
        for chosen, ends in layers[-1].items():
            _extend(table, chosen, ends, grown)
        layers.append(grown)
    return layers


def _extend(table: Distances, chosen: int, ends: dict[int, float], grown: dict[int, dict[int, float]]) -> None:
    for stop in range(len(table) - 1):
        if chosen >> stop & 1:
            continue
        row = table[stop + 1]
        length = min(length + row[end + 1] for end, length in ends.items())
        grown.setdefault(chosen | 1 << stop, {})[stop] = length


def _stops(table: Distances) -> int:
    require(len(table) - 1 <= STOPS, f"Exact rounds are found for at most {STOPS} stops.")
    return len(table) - 1


def _tours(table: Distances, *, loads: Sequence[float], capacity: float, longest: float = math.inf) -> Lengths:
    """Return set -> length of its shortest tour, for all sets that fit the vehicle and the length."""
    found: Lengths = {}
    layer = {1 << n: {n: table[0][n + 1]} for n in range(len(loads)) if loads[n] <= capacity}
    while layer:
        kept = {}
        for chosen, ends in layer.items():
            length = min(length + table[end + 1][0] for end, length in ends.items())
            if length <= longest and sum(loads[n] for n in _members(chosen)) <= capacity:
                found[chosen], kept[chosen] = length, ends
        grown: dict[int, dict[int, float]] = {}
        for chosen, ends in kept.items():
            _extend(table, chosen, ends, grown)
        layer = {chosen: ends for chosen, ends in grown.items() if len(ends) == chosen.bit_count()}
    return found


def _members(chosen: int) -> list[int]:
    return [n for n in range(chosen.bit_length()) if chosen >> n & 1]


def fleet_tours(table: Distances, *, loads: Sequence[float], capacity: float, vehicles: int) -> float:
    """Return the least total length of at most ``vehicles`` tours that each carry at most ``capacity``.

    ``loads`` are those of the stops, the depot left out.
    """
    stops = _stops(table)
    by_lowest = _by_lowest(_tours(table, loads=loads, capacity=capacity), stops)
    known: dict[tuple[int, int], float] = {(0, left): 0 for left in range(vehicles + 1)}

    def rest(open_stops: int, left: int) -> float:
        key = (open_stops, left)
        if key not in known:
            weight = sum(loads[n] for n in _members(open_stops))
            known[key] = math.inf if weight > left * capacity + 1e-9 else _best(open_stops, left)
        return known[key]

    def _best(open_stops: int, left: int) -> float:
        lowest = (open_stops & -open_stops).bit_length() - 1
        options = (
            length + rest(open_stops ^ chosen, left - 1)
            for chosen, length in by_lowest[lowest]
            if chosen & ~open_stops == 0
        )
        return min(options, default=math.inf)

    found = rest((1 << stops) - 1, vehicles)
    if math.isinf(found):
        raise OutOfRange("The vehicles can't carry everything.")
    return found


def _by_lowest(tours: Lengths, stops: int) -> list[list[tuple[int, float]]]:
    """Sets sorted by their lowest stop: a plan is then found in one order only."""
    found: list[list[tuple[int, float]]] = [[] for _ in range(stops)]
    for chosen, length in tours.items():
        found[(chosen & -chosen).bit_length() - 1].append((chosen, length))
    return found


def least_longest(table: Distances, *, vehicles: int) -> float:
    """Return the length of the longest tour when ``vehicles`` share all stops as evenly as can be.

    A limit is raised until the stops can be covered; the answer is the least tour length that suffices.
    """
    stops = _stops(table)
    require(vehicles >= 1, "There must be a vehicle.")
    if not stops:
        return 0
    loads, everything = [0.0] * stops, (1 << stops) - 1
    limit = max(2 * row[0] for row in table)
    while True:
        tours = _tours(table, loads=loads, capacity=0, longest=limit)
        if _covers(tours, everything, vehicles, limit):
            break
        limit *= 1.05
    steps = sorted(set(tours.values()))
    return steps[bisect_left(steps, x=True, key=lambda step: _covers(tours, everything, vehicles, step))]


def _covers(tours: Lengths, everything: int, vehicles: int, limit: float) -> bool:
    """Say whether so many sets within the limit hold all stops between them. A subset's tour is never longer."""
    allowed = {chosen for chosen, length in tours.items() if length <= limit}
    widest = [
        s for s in allowed if not any(s | 1 << n in allowed for n in range(everything.bit_length()) if ~s >> n & 1)
    ]
    failed: set[tuple[int, int]] = set()
    most = max((s.bit_count() for s in widest), default=0)

    def covered(open_stops: int, left: int) -> bool:
        if not open_stops:
            return True
        if open_stops.bit_count() > left * most or (open_stops, left) in failed:
            return False
        lowest = open_stops & -open_stops
        if any(covered(open_stops & ~chosen, left - 1) for chosen in widest if chosen & lowest):
            return True
        failed.add((open_stops, left))
        return False

    return covered(everything, vehicles)


Pattern = tuple[int, ...]


def periodic_rounds(table: Distances, *, days: int, choices: Sequence[Sequence[Pattern]], most_stops: int) -> float:
    """Return the least total length of a cycle of ``days`` rounds by one vehicle with at most ``most_stops`` a day.

    ``choices`` holds, for each stop, the sets of days on which it may be visited.
    """
    _stops(table)
    tours = {0: 0.0} | _tours(table, loads=[1.0] * len(choices), capacity=most_stops)
    best = math.inf

    def choose(stop: int, rounds: Sequence[int]) -> None:
        nonlocal best
        length = sum(tours.get(chosen, math.inf) for chosen in rounds)
        if length >= best:  # rounds only grow longer
            return
        if stop == len(choices):
            best = length
            return
        for pattern in choices[stop]:
            choose(stop + 1, [chosen | 1 << stop if day in pattern else chosen for day, chosen in enumerate(rounds)])

    choose(0, [0] * days)
    if math.isinf(best):
        raise OutOfRange(f"With {most_stops} stops a day not every stop can be visited as often as it should.")
    return best


def least_stops(*, days: int, choices: Sequence[Sequence[Pattern]]) -> int:
    """Return the least number of stops a day with which every stop can be visited as often as it should."""
    visits = sum(min(len(pattern) for pattern in options) for options in choices)
    for most in range(max(1, math.ceil(visits / days)), len(choices) + 1):
        if _fits([0] * days, choices, most):
            return most
    return len(choices)


def _fits(counts: Sequence[int], choices: Sequence[Sequence[Pattern]], most: int) -> bool:
    if not choices:
        return True
    for pattern in choices[0]:
        grown = [count + (day in pattern) for day, count in enumerate(counts)]
        if max(grown) <= most and _fits(grown, choices[1:], most):
            return True
    return False
