"""Where leads are: their other schools' days, and the hours a school has of them against those it needs (S5)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from firstbell.directory.models import Presence, RoleHeld

WEEK_HOURS = 40
LEARNERS_PER_WEEK = 1000
"""Learners whom one full week of a lead serves (S8)."""


def at_another_school(held: Iterable[RoleHeld], at: datetime) -> frozenset[int]:
    """Return the roles whose holder spends today at another school, by their hours."""
    days: dict[int, set[int | None]] = defaultdict(set)
    rows = [row for row in held if row.site]
    for row in rows:
        if _spans(row, at):
            days[row.user_id].add(row.site_id)
    return frozenset(row.pk for row in rows if days[row.user_id] and row.site_id not in days[row.user_id])


def _spans(row: RoleHeld, at: datetime) -> list[Presence]:
    weekday = at.astimezone(ZoneInfo(row.site.timezone if row.site else "UTC")).weekday()
    return [span for span in row.presences.all() if span.present and span.weekday == weekday]


def hours_needed(enrolment: int) -> int:
    """Return the hours a week that a school of this size needs of a lead; zero while its size is not known."""
    return round(enrolment * WEEK_HOURS / LEARNERS_PER_WEEK)


def hours_present(leads: Iterable[RoleHeld]) -> int:
    """Return the hours a week that leads are there and do not teach."""
    return round(sum(_minutes(row) for row in leads) / 60)


def _minutes(row: RoleHeld) -> float:
    """What the hours on record say; without any, the share of a full week."""
    spans = list(row.presences.all())
    here, lessons = [s for s in spans if s.present], [s for s in spans if not s.present]
    if not here:
        taught = sum(_of(lesson.ends) - _of(lesson.starts) for lesson in lessons)
        return max(0, row.share * WEEK_HOURS * 60 / 100 - taught)
    return sum(_of(s.ends) - _of(s.starts) - sum(_shared(s, lesson) for lesson in lessons) for s in here)


def _shared(one: Presence, other: Presence) -> int:
    if one.weekday != other.weekday:
        return 0
    return max(0, min(_of(one.ends), _of(other.ends)) - max(_of(one.starts), _of(other.starts)))


def _of(moment: time) -> int:
    return moment.hour * 60 + moment.minute
