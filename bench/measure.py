"""How something is measured: time of each call, statements it sends, and plans that would read a whole large table."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

QUIET_PACE = 40.0
"""Milliseconds of CPU that a million additions take on the machine that the targets mean: an idle one of 2024."""
LARGE = 20_000
"""Rows from which on reading a whole table is a fault."""
PLANNED = ("SELECT", "UPDATE", "DELETE", "INSERT")


@dataclass
class Figure:
    """One line of the result; times in milliseconds."""

    name: str
    times: list[float]
    queries: int = 0
    target_ms: float = 0
    target_queries: int = 0
    scans: set[str] = field(default_factory=set)
    pace: float = QUIET_PACE
    too_few: bool = False

    def at(self, share: float) -> float:
        """Return the time below which this share of the calls stays."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def missed(self) -> bool:
        """Say whether a target was missed."""
        slow = bool(self.target_ms) and self.at(0.99) > self.target_ms * slowness(self.pace)
        return (
            slow
            or self.too_few
            or (bool(self.target_queries) and self.queries > self.target_queries)
            or bool(self.scans)
        )


def pace() -> float:
    """Return how fast this machine is right now: milliseconds of CPU for a million additions."""
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - begun) * 1000


def slowness(measured: float) -> float:
    """Return by how much a machine of this pace may miss a target in milliseconds; a faster one gets nothing off."""
    return max(1.0, measured / QUIET_PACE)


def measure(
    name: str,
    work: Callable[[int], object],
    *,
    rounds: int,
    ms: float = 0,
    queries: int = 0,
    tidy: Callable[[int], object] = lambda _number: None,
) -> Figure:
    """Call ``work`` with 0, 1, 2 ...: twice to warm up, once under a magnifying glass, then timed.

    ``tidy`` follows each call and is not timed.
    """
    figure = Figure(name, [], target_ms=ms, target_queries=queries)
    before = pace()
    for number in range(2):
        work(number)
        tidy(number)
    with watched(figure):
        work(2)
    tidy(2)
    for number in range(3, rounds + 3):
        begun = time.perf_counter()
        work(number)
        figure.times.append((time.perf_counter() - begun) * 1000)
        tidy(number)
    figure.pace = (before + pace()) / 2
    return figure


@contextmanager
def watched(figure: Figure) -> Iterator[None]:
    """Count statements and look at their plans."""
    large = _large_tables()

    def watch(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django calls
        if statement.lstrip().startswith(PLANNED):
            figure.queries += 1
            figure.scans |= _scanned(statement, values) & large
        return execute(statement, values, many, context)

    with connection.execute_wrapper(watch):
        yield


def _large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE])
        return {name for (name,) in cursor.fetchall()}


def _scanned(statement: str, values: Any) -> set[str]:
    with connection.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return set(_seq_scans(plan[0]["Plan"]))


def _seq_scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from _seq_scans(child)
