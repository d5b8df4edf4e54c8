"""Rounds of several vans that start and end at one depot: who visits which stops, in which order.

Two simple plans are made (nearest stop first; savings, Clarke and Wright 1964) and the better one is torn up and mended
many times (slack induction by string removals, Christiaens and Vanden Berghe 2020): some neighbouring stops are
taken out and put back where they cost least. The best plan ever seen is the answer, so it is never worse than the
nearest-stop-first plan. The same input gives the same answer. Exact answers for few stops are in ``routes``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from firstbell.planning.errors import require
from firstbell.planning.routes import Distances

Route = list[int]
TORN = 10
"""Stops taken out at a time, on average, and at most in a row of one van (the authors' values)."""
BLINK = 0.01
"""How often a good place is overlooked: what keeps the search from going in circles."""
EFFORT, EAGER = 100_000, 150
"""Mending steps times stops at most, and steps a stop: a second or two for a large district, less for a small one."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop: devices to collect and to bring, when it may begin and how long it takes, in seconds of the day.

    ``weight`` says how much it matters when not every stop can be visited.
    """

    collect: int = 0
    bring: int = 0
    opens: float = 0
    closes: float = math.inf
    takes: float = 0
    weight: float = 1


@dataclass(frozen=True, slots=True)
class Fleet:
    """Vans of one kind: how many, devices each carries, when the day starts and ends, distance a second."""

    vans: int
    capacity: int
    starts: float = 0
    ends: float = math.inf
    speed: float = math.inf


@dataclass(frozen=True, slots=True)
class Rounds:
    """A plan: the stops of each van in driving order, its length, and the stops that no van can visit.

    A stop is the number of its row in the table; the depot is row 0.
    """

    routes: tuple[tuple[int, ...], ...]
    length: float
    left: tuple[int, ...]


@dataclass
class Problem:
    """A table of distances, the visits of its rows (the depot's is empty), and the fleet."""

    table: Distances
    visits: Sequence[Visit]
    fleet: Fleet
    timed: bool = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, and see whether anybody looks at the clock."""
        require(self.fleet.vans >= 1 and self.fleet.capacity >= 1, "There must be a van that carries something.")
        require(len(self.table) == len(self.visits), "Every row of the table needs its visit.")
        limits = [self.fleet.ends, *(visit.closes for visit in self.visits)]
        self.timed = any(limit < math.inf for limit in limits)

    def length(self, route: Sequence[int]) -> float:
        """Return the length of a round from the depot and back."""
        here, total = 0, 0.0
        for stop in route:
            total += self.table[here][stop]
            here = stop
        return total + self.table[here][0]

    def fits(self, route: Sequence[int]) -> bool:
        """Say whether a van can carry what lies on a round at every moment, and keeps to the hours."""
        visits, capacity = [self.visits[stop] for stop in route], self.fleet.capacity
        load = sum(visit.bring for visit in visits)
        if load > capacity:
            return False
        for visit in visits:
            load += visit.collect - visit.bring
            if load > capacity:
                return False
        return not self.timed or self.arrivals(route) is not None

    def arrivals(self, route: Sequence[int]) -> list[float] | None:
        """Return when each stop begins, in seconds of the day; None when one comes too late."""
        moment, here, found = self.fleet.starts, 0, []
        for stop in route:
            visit = self.visits[stop]
            moment = max(visit.opens, moment + self.table[here][stop] / self.fleet.speed)
            if moment > visit.closes:
                return None
            found.append(moment)
            moment, here = moment + visit.takes, stop
        return found if moment + self.table[here][0] / self.fleet.speed <= self.fleet.ends else None

    def worth(self, routes: Sequence[Sequence[int]]) -> tuple[float, float]:
        """Return what is left out and how far is driven: the smaller the better."""
        visited = {stop for route in routes for stop in route}
        missed = sum(visit.weight for stop, visit in enumerate(self.visits) if stop and stop not in visited)
        return missed, sum(self.length(route) for route in routes)

    def rounds(self, routes: Sequence[Sequence[int]]) -> Rounds:
        """Return a plan as an answer: vans without a stop are left out."""
        kept = tuple(tuple(route) for route in routes if route)
        visited = {stop for route in kept for stop in route}
        left = tuple(stop for stop in range(1, len(self.visits)) if stop not in visited)
        return Rounds(kept, sum(self.length(route) for route in kept), left)


def best_rounds(problem: Problem, *, seed: int = 1, steps: int | None = None) -> Rounds:
    """Return the best plan found in so many mending steps (by default as many as ``EFFORT`` allows)."""
    stops = len(problem.visits) - 1
    start = min((_nearest(problem), _savings(problem)), key=problem.worth)
    if stops < 2:
        return problem.rounds(start)
    most = min(EAGER * stops, EFFORT // stops) if steps is None else steps
    return problem.rounds(_Search(problem, start, Random(seed)).run(most))  # noqa: S311 -- no secret  # nosec B311 a seeded search


def nearest_rounds(problem: Problem) -> Rounds:
    """Return the plan of somebody who always drives on to the nearest stop that still fits."""
    return problem.rounds(_nearest(problem))


def _nearest(problem: Problem) -> list[Route]:
    routes: list[Route] = []
    waiting = set(range(1, len(problem.visits)))
    while waiting and len(routes) < problem.fleet.vans:
        route: Route = []
        while (stop := _next(problem, route, waiting)) is not None:
            route.append(stop)
            waiting.discard(stop)
        if not route:
            break
        routes.append(route)
    return routes


def _next(problem: Problem, route: Route, waiting: set[int]) -> int | None:
    row = problem.table[route[-1] if route else 0]
    by_distance = sorted(waiting, key=lambda stop: (row[stop], stop))
    return next((stop for stop in by_distance if problem.fits([*route, stop])), None)


def _savings(problem: Problem) -> list[Route]:
    """Join rounds of one stop each where that saves most, while they fit; the vans there are take the weightiest."""
    routes = {stop: [stop] for stop in range(1, len(problem.visits)) if problem.fits([stop])}
    table, of = problem.table, {stop: stop for stop in routes}
    pairs = ((table[a][0] + table[0][b] - table[a][b], a, b) for a in routes for b in routes if a != b)
    for saved, a, b in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        first, second = of[a], of[b]
        if saved <= 0 or first == second or routes[first][-1] != a or routes[second][0] != b:
            continue
        joined = routes[first] + routes[second]
        if problem.fits(joined):
            routes[first] = joined
            of.update(dict.fromkeys(routes.pop(second), first))
    heaviest = sorted(routes.values(), key=lambda route: -sum(problem.visits[stop].weight for stop in route))
    return heaviest[: problem.fleet.vans]


class _Search:
    """Tears up a plan and mends it, and keeps the best."""

    def __init__(self, problem: Problem, start: list[Route], chance: Random) -> None:
        self._problem = problem
        self._table = problem.table
        self._chance = chance
        self._routes = [*start, *([] for _ in range(problem.fleet.vans - len(start)))]
        stops = range(1, len(problem.visits))
        self._near = {a: sorted(stops, key=lambda b: (self._table[a][b], b)) for a in stops}
        self._dear = 1 + 2 * sum(row[0] + self._table[0][stop] for stop, row in enumerate(self._table))

    def run(self, steps: int) -> list[Route]:
        """Return the best of so many steps. A worse plan is gone on from now and then, ever more seldom."""
        best = now = self._routes
        best_cost = now_cost = self._cost(now)
        warm = 0.1 * sum(map(self._problem.length, now)) / max(1, len(self._problem.visits) - 1)
        for step in range(steps):
            heat = warm * 0.01 ** (step / steps)
            tried = self._mend(*self._tear([route[:] for route in now]))
            cost = self._cost(tried)
            if cost < now_cost - heat * math.log(self._chance.random() or 1e-12):
                now, now_cost = tried, cost
                if cost < best_cost - 1e-9:
                    best, best_cost = tried, cost
        return best

    def _cost(self, routes: list[Route]) -> float:
        missed, length = self._problem.worth(routes)
        return missed * self._dear + length

    def _tear(self, routes: list[Route]) -> tuple[list[Route], list[int]]:
        """Take out rows of neighbouring stops around one of them; returns what stays, and all that is out."""
        of = {stop: number for number, route in enumerate(routes) for stop in route}
        torn: set[int] = set()
        out = [stop for stop in self._near if stop not in of]
        row = min(TORN, max(1, round(len(of) / max(1, sum(map(bool, routes))))))
        most = max(1, int(self._chance.uniform(1, 4 * TORN / (1 + row))))
        for stop in self._near[self._chance.choice(list(self._near))]:
            if len(torn) >= most:
                break
            if stop in of and of[stop] not in torn:
                out += self._take_row(routes[of[stop]], stop, row)
                torn.add(of[stop])
        return routes, out

    def _take_row(self, route: Route, stop: int, row: int) -> Route:
        length = int(self._chance.uniform(1, min(len(route), row) + 1))
        at = route.index(stop)
        first = self._chance.randint(max(0, at - length + 1), min(at, len(route) - length))
        taken = route[first : first + length]
        del route[first : first + length]
        return taken

    def _mend(self, routes: list[Route], out: list[int]) -> list[Route]:
        """Put stops back one by one where they cost least; what fits nowhere stays out."""
        self._sort(out)
        for stop in out:
            place = self._cheapest(routes, stop)
            if place is not None:
                routes[place[0]].insert(place[1], stop)
        return routes

    def _sort(self, out: list[int]) -> None:
        visits, home = self._problem.visits, self._table[0]
        self._chance.shuffle(out)
        how = self._chance.choices(("chance", "load", "far", "near"), (4, 4, 2, 1))[0]
        if how == "load":
            out.sort(key=lambda stop: -(visits[stop].collect + visits[stop].bring))
        elif how != "chance":
            out.sort(key=lambda stop: home[stop] if how == "near" else -home[stop])

    def _cheapest(self, routes: list[Route], stop: int) -> tuple[int, int] | None:
        best, found, tried_empty = math.inf, None, False
        for number, route in enumerate(routes):
            if not route and tried_empty:
                continue
            tried_empty = tried_empty or not route
            costs = self._costs(route, stop)
            if min(costs) < best:
                at = self._place(route, stop, costs, best)
                if at is not None:
                    best, found = costs[at], (number, at)
        return found

    def _place(self, route: Route, stop: int, costs: list[float], best: float) -> int | None:
        """Return the cheapest place below ``best`` where a stop fits into a round, one overlooked now and then."""
        free = not self._problem.timed and self._room(route, stop)
        for at in sorted(range(len(costs)), key=costs.__getitem__):
            if costs[at] >= best:
                return None
            if self._chance.random() >= BLINK and (free or self._problem.fits([*route[:at], stop, *route[at:]])):
                return at
        return None

    def _room(self, route: Route, stop: int) -> bool:
        """Say whether everything on a round fits into the van at once: then it fits in any order."""
        visits = self._problem.visits
        return sum(visits[one].collect + visits[one].bring for one in (*route, stop)) <= self._problem.fleet.capacity

    def _costs(self, route: Route, stop: int) -> list[float]:
        """Return what it costs to visit a stop at each place of a round."""
        table, row = self._table, self._table[stop]
        pairs = zip([0, *route], [*route, 0], strict=True)
        return [table[before][stop] + row[after] - table[before][after] for before, after in pairs]
