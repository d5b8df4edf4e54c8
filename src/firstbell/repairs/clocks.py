"""When things are due between school and depot. Derived on reading from school time; nothing here is stored."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from firstbell.kernel.schooltime import ClosedForGood, SchoolTime

HOURS_48 = timedelta(hours=48)
OPEN_HOURS = 16 * 3600
SCHOOL_DAYS = 2
"""What 48 hours are as school days."""
LOOK_AHEAD = 400


def due_within_48_hours(school: SchoolTime, start: datetime, reading: str) -> datetime | None:
    """Return when "within 48 hours" ends, as the plan reads it (S52): elapsed, open_hours or school_days."""
    try:
        if reading == "open_hours":
            return school.after_seconds(start, OPEN_HOURS)
        return school.after_days(start, SCHOOL_DAYS) if reading == "school_days" else start + HOURS_48
    except ClosedForGood:
        return None


def due_after_days(school: SchoolTime, start: datetime, days: int) -> datetime | None:
    """Return when so many school days have passed; None where the calendar has no such day."""
    try:
        return school.after_days(start, days)
    except ClosedForGood:
        return None


def next_pickup_day(school: SchoolTime, weekdays: Collection[str], at: datetime) -> date | None:
    """Return the next local day on which the courier comes (S64); today counts until the school closes."""
    today = at.astimezone(school.zone).date()
    for ahead in range(LOOK_AHEAD):
        day = today + timedelta(days=ahead)
        span = school.span_of(day) if str(day.weekday()) in weekdays else None
        if span and at < span[1]:
            return day
    return None


def due_at_next_pickup(school: SchoolTime, weekdays: Collection[str], start: datetime) -> datetime | None:
    """Return when the school closes on the courier's next day (S113).

    The plan knows the courier's days and not the hour: what gets ready while the school is open may have missed
    today's visit, and is due on the next.
    """
    today = school.span_of(start.astimezone(school.zone).date())
    day = next_pickup_day(school, weekdays, max(start, today[1]) if today and start > today[0] else start)
    span = school.span_of(day) if day else None
    return span[1] if span else None


def sooner(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the earlier of two due times; None only where there is neither."""
    return min((due for due in (first, second) if due is not None), default=None)


def days_late(school: SchoolTime, due: datetime, now: datetime) -> int:
    """Return the school days that have begun after the day something was due; 0 on that day itself."""
    return school.days_after(due.astimezone(school.zone).date(), now.astimezone(school.zone).date())
