"""The clocks of a ticket and a repair, read off what happened. Nothing is stored, so no due time is ever rewritten."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import CLASS_STOPPER_MINUTES, HAND_BACK_DAYS, REPAIR_DAYS
from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.measures.due import pickup_due, within_48_hours
from firstbell.measures.trips import Trip
from firstbell.repairs.clocks import due_after_days
from firstbell.tickets.models import Ticket

Key = TypeVar("Key")

ANSWER_MINUTES = 120
TRIAGE_MINUTES = 240
"""School minutes until somebody answers, and until triage has led somewhere (domain, clocks)."""


class Kind(StrEnum):
    """The clocks, in the order in which they run."""

    RECEIPT = "receipt"
    ANSWER = "answer"
    TRIAGE = "triage"
    PICKUP = "pickup"
    REPAIR = "repair"
    RETURN = "return"
    HAND_BACK = "hand_back"


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock at the moment of reading. ``stopped`` is None while it runs; ``seconds`` are school seconds so far.

    ``due`` is None where the calendar has no such day: then nothing is late.
    """

    kind: Kind
    started: datetime
    stopped: datetime | None
    due: datetime | None
    seconds: int
    state: str
    site_id: int

    @property
    def minutes(self) -> int:
        """Whole school minutes so far."""
        return self.seconds // 60

    @property
    def in_time(self) -> bool | None:
        """Whether it was kept; None while it runs and is not yet late."""
        if self.state == "late":
            return False
        return True if self.stopped else None


@dataclass(frozen=True)
class Reading:
    """What clocks are read with: the moment, the plan and the school time of each site."""

    at: datetime
    answers: Plan
    times: dict[int, SchoolTime]

    def clock(
        self, kind: Kind, site_id: int, started: datetime, stopped: datetime | None, due: datetime | None
    ) -> Clock:
        """Return one clock as it stands."""
        school = self.times[site_id]
        seconds = school.seconds_between(started, stopped or self.at)
        return Clock(kind, started, stopped, due, seconds, self._state(school, stopped, due), site_id)

    def _state(self, school: SchoolTime, stopped: datetime | None, due: datetime | None) -> str:
        end = stopped or self.at
        if due is not None and end > due:
            return "late"
        today = self.at.astimezone(school.zone).date()
        return "soon" if stopped is None and due and due.astimezone(school.zone).date() <= today else "fine"

    def after_minutes(self, site_id: int, started: datetime, minutes: int) -> datetime | None:
        """Return when so many school minutes have passed."""
        try:
            return self.times[site_id].after_seconds(started, minutes * 60)
        except ClosedForGood:
            return None

    def within_48_hours(self, site_id: int, started: datetime) -> datetime | None:
        """Return when "within 48 hours" ends as the plan reads it for this school (S52, S53)."""
        return within_48_hours(self.times[site_id], self.answers, site_id, started)


def ticket_clocks(ticket: Ticket, reading: Reading) -> list[Clock]:
    """Return the clocks of a ticket: the receipt that came by itself, somebody's first answer, triage."""
    site, opened = ticket.site_id, ticket.opened_at
    ended = ticket.resolved_at or ticket.closed_at
    limit = reading.answers.says(CLASS_STOPPER_MINUTES, site) if ticket.class_stopper else ANSWER_MINUTES
    answered = ticket.first_answer_at or ended
    triaged = ticket.triaged_at or ended
    return [
        reading.clock(Kind.RECEIPT, site, opened, opened, opened),
        reading.clock(Kind.ANSWER, site, opened, answered, reading.after_minutes(site, opened, limit)),
        reading.clock(Kind.TRIAGE, site, opened, triaged, reading.after_minutes(site, opened, TRIAGE_MINUTES)),
    ]


def trip_clocks(trip: Trip, reading: Reading) -> list[Clock]:
    """Return the clocks of a repair that have started: pick-up, repair, return, hand-back."""
    found = (start(trip, reading) for start in (_pickup, _repair, _return, _hand_back))
    return [clock for clock in found if clock is not None]


def _pickup(trip: Trip, reading: Reading) -> Clock | None:
    """From the pick-up box (or from being taken in, when it waits at the desk) to the courier's scan."""
    carried, boxed = trip.first("shipment"), trip.first("box")
    if trip.route == "school" and not (carried or boxed):
        return None
    started = boxed.since if boxed and (carried is None or boxed.since <= carried.since) else trip.opened
    stopped = carried.since if carried else trip.closed
    due = pickup_due(reading.times[trip.site_id], reading.answers, trip.site_id, started)
    return reading.clock(Kind.PICKUP, trip.site_id, started, stopped, due)


def _repair(trip: Trip, reading: Reading) -> Clock | None:
    """From being scanned in at the depot to the passed check, in working days of the depot."""
    arrived = trip.first("depot")
    if arrived is None and (trip.route != "school" or trip.first("shipment")):
        return None
    started, bench = (arrived.since, arrived.site_id) if arrived else (trip.opened, trip.site_id)
    here = bench if bench in reading.times else trip.site_id
    due = due_after_days(reading.times[here], started, reading.answers.says(REPAIR_DAYS, trip.site_id))
    clock = reading.clock(Kind.REPAIR, here, started, trip.checked or trip.closed, due)
    return Clock(clock.kind, started, clock.stopped, due, clock.seconds, clock.state, trip.site_id)


def _home(trip: Trip) -> datetime | None:
    if trip.checked is None:
        return None
    if trip.first("shipment") is None:
        return trip.checked
    back = trip.first("shelf", "desk", "loaners", "other", "bench", "box", since=trip.checked, site_id=trip.site_id)
    return back.since if back else trip.closed


def _return(trip: Trip, reading: Reading) -> Clock | None:
    """From the passed check to the scan at the school."""
    if trip.checked is None or trip.first("shipment") is None:
        return None
    due = reading.within_48_hours(trip.site_id, trip.checked)
    return reading.clock(Kind.RETURN, trip.site_id, trip.checked, _home(trip), due)


def _hand_back(trip: Trip, reading: Reading) -> Clock | None:
    """From the scan at the school to its owner's hands."""
    home = _home(trip)
    if home is None:
        return None
    days = reading.answers.says(HAND_BACK_DAYS, trip.site_id)
    due = due_after_days(reading.times[trip.site_id], home, days)
    return reading.clock(Kind.HAND_BACK, trip.site_id, home, trip.closed, due)


@dataclass(frozen=True)
class Share:
    """How often a clock was kept; those still running and not late are counted apart."""

    kept: int
    late: int
    running: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None while nothing has ended."""
        return self.kept / (self.kept + self.late) if self.kept + self.late else None


def shares(clocks: Iterable[Clock], key: Callable[[Clock], Key]) -> dict[Key, Share]:
    """Return how often clocks were kept, by a key such as ``lambda clock: (clock.kind, clock.site_id)``."""
    groups: dict[Key, list[bool | None]] = defaultdict(list)
    for clock in clocks:
        groups[key(clock)].append(clock.in_time)
    return {name: Share(found.count(True), found.count(False), found.count(None)) for name, found in groups.items()}


@dataclass(frozen=True)
class Breach:
    """One clock that was not kept, and what is known of why (a code; empty when nothing is on record)."""

    trip: Trip
    clock: Clock
    reason: str


Visit = tuple[int, datetime, str]
"""A courier's visit in vain: the school, when, and the code of the reason."""


LEGS = (Kind.PICKUP, Kind.RETURN)
"""What the courier does: late ones are to have a reason (S52, S53)."""
Told = Mapping[tuple[int, str], str]
"""Why a leg was late as somebody wrote it down: a code, by repair and leg."""


def breaches(found: Iterable[tuple[Trip, Clock]], visits: Iterable[Visit], told: Told) -> list[Breach]:
    """Return what was late, with reasons, longest late first. ``visits`` are those in vain.

    What somebody wrote down counts before what the record suggests.
    """
    late = [(trip, clock) for trip, clock in found if clock.in_time is False and clock.due]
    by_site: dict[int, list[Visit]] = defaultdict(list)
    for visit in visits:
        by_site[visit[0]].append(visit)
    rows = [
        Breach(
            trip,
            clock,
            told.get((trip.order_id, clock.kind.value), "") or _reason(trip, clock, by_site[trip.site_id]),
        )
        for trip, clock in late
    ]
    return sorted(rows, key=lambda row: (row.clock.due or row.clock.started, row.trip.order_id))


def _reason(trip: Trip, clock: Clock, visits: list[Visit]) -> str:
    if clock.kind is Kind.PICKUP:
        during = (why for _site, at, why in visits if at >= clock.started and (not clock.stopped or at < clock.stopped))
        return next(during, "")
    if clock.kind is Kind.REPAIR:
        if trip.awaited_part:
            return "awaiting_part"
        return "check_failed" if trip.check_failures else ""
    return ""
