"""Repairs in figures: by fault with minutes and cost, clocks kept by school, the way they took (S17, S52-S53, S70)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from firstbell.kernel.schooltime import SchoolTime
from firstbell.measures.clocks import Clock, Kind, Reading, Share, shares, trip_clocks
from firstbell.measures.headline import MEDIAN, P90, percentile
from firstbell.measures.trips import Trip

DETOURS = 5
"""Other ways named beside the one of the plan, most frequent first."""


@dataclass(frozen=True)
class ByFault:
    """What one fault took: repairs completed in the period, median bench minutes, cents of parts in all."""

    fault: str
    repairs: int
    minutes: int | None
    cents: int

    @property
    def cents_each(self) -> int:
        """Parts per repair, in cents."""
        return round(self.cents / self.repairs)


def by_fault(trips: Iterable[Trip], since: datetime, until: datetime) -> list[ByFault]:
    """Return the repairs completed in a period by the fault found, most frequent first."""
    groups: dict[str, list[Trip]] = defaultdict(list)
    for trip in trips:
        if trip.repaired and since <= trip.repaired < until:
            groups[trip.fault].append(trip)
    rows = [
        ByFault(fault, len(found), percentile([trip.minutes for trip in found], MEDIAN), sum(t.cents for t in found))
        for fault, found in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.repairs, row.fault))


@dataclass(frozen=True)
class Dispatch:
    """From being taken in to the courier's scan, in school minutes: how many went, median, nine of ten."""

    sent: int
    median: int | None
    p90: int | None


def dispatches(trips: Iterable[Trip], times: dict[int, SchoolTime], since: datetime) -> dict[int, Dispatch]:
    """Return how soon what was taken in went off (S113), by school, of repairs opened since a moment."""
    minutes: dict[int, list[int]] = defaultdict(list)
    for trip in trips:
        carried = trip.first("shipment")
        if carried and trip.opened >= since:
            minutes[trip.site_id].append(times[trip.site_id].seconds_between(trip.opened, carried.since) // 60)
    return {pk: Dispatch(len(row), percentile(row, MEDIAN), percentile(row, P90)) for pk, row in minutes.items()}


@dataclass(frozen=True)
class Paths:
    """How many closed repairs took the way of the plan, and which other ways were taken."""

    followed: int
    closed: int
    detours: list[tuple[str, int]]

    @property
    def share(self) -> float | None:
        """From 0 to 1; None when no repair was closed."""
        return self.followed / self.closed if self.closed else None


def paths(trips: Iterable[Trip], since: datetime, until: datetime) -> Paths:
    """Return the ways of the repairs closed in a period (S17)."""
    ended = [trip for trip in trips if trip.closed and since <= trip.closed < until]
    others = Counter(trip.way for trip in ended if not trip.followed)
    return Paths(sum(trip.followed for trip in ended), len(ended), others.most_common(DETOURS))


def clocks_begun(trips: Iterable[Trip], reading: Reading, since: datetime, until: datetime) -> list[tuple[Trip, Clock]]:
    """Return the repair clocks that began in a period."""
    found = ((trip, clock) for trip in trips for clock in trip_clocks(trip, reading))
    return [(trip, clock) for trip, clock in found if since <= clock.started < until]


def kept_by_school(found: Iterable[tuple[Trip, Clock]]) -> dict[int, dict[Kind, Share]]:
    """Return how often each clock was kept, by school."""
    rows: dict[int, dict[Kind, Share]] = defaultdict(dict)
    counted = shares((clock for _trip, clock in found), lambda clock: (clock.site_id, clock.kind))
    for (site_id, kind), share in counted.items():
        rows[site_id][kind] = share
    return rows
