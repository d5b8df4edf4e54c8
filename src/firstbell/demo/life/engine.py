"""A clock that runs through the past: things happen in order, one leads to the next, and now ends it."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import count
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid5

from firstbell.demo.town import School, Town
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime

T = TypeVar("T")
Deed = Callable[[datetime], None]


class Engine:
    """The heap of what will happen. What lies after now never does: that is what is under way when people look."""

    def __init__(self, town: Town, seed: int, space: UUID) -> None:
        self.town = town
        self.random = Random(f"{seed}/life")  # noqa: S311 -- no secret  # nosec B311 an invented district
        self.refusals: Counter[str] = Counter()
        self.done = 0
        self._space = space
        self._ops = count(1)
        self._order = count()
        self._heap: list[tuple[datetime, int, Deed]] = []

    def plan(self, moment: datetime, deed: Deed) -> None:
        """Let something happen at a moment; not at all when that lies after now."""
        if moment <= self.town.now:
            heapq.heappush(self._heap, (moment, next(self._order), deed))

    def later(self, times: SchoolTime, moment: datetime, minutes: float, deed: Deed) -> None:
        """Let something happen so many school minutes later."""
        try:
            self.plan(times.after_seconds(moment, minutes * 60), deed)
        except ClosedForGood:
            return

    def run(self, tell: Callable[[datetime], None]) -> None:
        """Let everything happen in order."""
        while self._heap:
            moment, _order, deed = heapq.heappop(self._heap)
            deed(moment)
            tell(moment)

    def op(self) -> UUID:
        """Return the next operation id: the same in every life of the same seed."""
        return uuid5(self._space, f"life:{next(self._ops)}")

    def do(self, verb: Callable[..., T], *, by: Actor, at: datetime, **content: Any) -> T | None:
        """Do something by a real verb. What it refuses does not happen, as in life; refusals are counted by code."""
        try:
            result = verb(by=by, at=at, op=self.op(), **content)
        except Refused as refusal:
            self.refusals[f"{verb.__name__}:{refusal.code}"] += 1
            return None
        except Missing as missing:
            self.refusals[f"{verb.__name__}:missing {missing}"] += 1
            return None
        self.done += 1
        return result

    def chance(self, share: float) -> bool:
        """Say whether something happens that happens so often."""
        return self.random.random() < share

    def between(self, least: float, most: float) -> float:
        """Return a number between two."""
        return self.random.uniform(least, most)

    def pick(self, weighted: Iterable[tuple[T, float]]) -> T:
        """Draw one thing by its weight."""
        things = list(weighted)
        return self.random.choices([thing for thing, _weight in things], [weight for _thing, weight in things])[0]

    def times_a_day(self, mean: float) -> int:
        """Return how often something happens on a day that happens so often on average (Poisson)."""
        left, times = self.random.expovariate(1), 0
        while left < mean:
            left += self.random.expovariate(1)
            times += 1
        return times

    def somewhere_in(self, school: School, day: Any) -> datetime | None:
        """Return a moment of a school day, None when the school is closed."""
        span = school.times.span_of(day)
        return span and span[0] + (span[1] - span[0]) * self.random.random()
