"""Events in the order of their time: a heap, and nothing else."""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any


class Engine:
    """Runs acts at their times; at the same time in the order in which they were asked for."""

    __slots__ = ("_heap", "_number", "now")

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Callable[..., None], Any]] = []
        self._number = 0

    def at(self, time: float, act: Callable[[Any], None], what: Any) -> None:
        """Call ``act(what)`` at this time, or now when it has passed."""
        self._number += 1
        heappush(self._heap, (time, self._number, act, what))

    def run(self, until: float) -> None:
        """Run everything that happens before ``until``; what lies later stays for the next run."""
        heap = self._heap
        while heap and heap[0][0] < until:
            time, _, act, what = heappop(heap)
            self.now = max(time, self.now)
            act(what)
        self.now = until
