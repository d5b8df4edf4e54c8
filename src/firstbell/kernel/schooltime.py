"""School time: hours in which a school is open, from its zone, bell times and holidays. Pure and derived on reading."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
Span = tuple[datetime, datetime]
HORIZON = timedelta(days=800)
"""How far ahead a due time is looked for; a calendar that is closed for longer than this has no due time."""


class ClosedForGood(Exception):
    """The calendar holds no school time within the horizon."""


@dataclass(frozen=True)
class SchoolTime:
    """The open hours of one site.

    ``hours`` maps a weekday (0 is Monday) to local opening and closing time; days in ``closed`` and days outside
    first_day..last_day have none.
    """

    zone: ZoneInfo
    hours: Mapping[int, Hours]
    closed: frozenset[date] = field(default_factory=frozenset)
    first_day: date | None = None
    last_day: date | None = None

    def is_school_day(self, day: date) -> bool:
        """Say whether the site is open on this local date."""
        if self.first_day and day < self.first_day:
            return False
        if self.last_day and day > self.last_day:
            return False
        return day.weekday() in self.hours and day not in self.closed

    def days_after(self, day: date, last: date) -> int:
        """Return how many school days come after ``day`` up to ``last``, without walking through them."""
        first = max(day + timedelta(days=1), self.first_day or date.min)
        last = min(last, self.last_day or date.max)
        if last < first:
            return 0
        weeks, over = divmod((last - first).days + 1, 7)
        open_days = weeks * len(self.hours) + sum((first.weekday() + ahead) % 7 in self.hours for ahead in range(over))
        return open_days - sum(first <= off <= last and off.weekday() in self.hours for off in self.closed)

    def span_of(self, day: date) -> Span | None:
        """Return opening and closing of a local date in UTC, or None when closed."""
        if not self.is_school_day(day):
            return None
        opens, closes = self.hours[day.weekday()]
        start = datetime.combine(day, opens, self.zone).astimezone(UTC)
        return start, datetime.combine(day, closes, self.zone).astimezone(UTC)

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """Yield the open stretches that touch start..end, cut to it, in order."""
        day = max(start.astimezone(self.zone).date(), self.first_day or date.min)
        last = min(end.astimezone(self.zone).date(), self.last_day or date.max)
        while day <= last:
            span = self.span_of(day)
            if span and max(span[0], start) < min(span[1], end):
                yield max(span[0], start), min(span[1], end)
            day += timedelta(days=1)

    def seconds_between(self, start: datetime, end: datetime) -> int:
        """Return the open seconds between two moments; 0 when end is not after start."""
        return int(sum((until - since).total_seconds() for since, until in self.spans(start, end)))

    def after_seconds(self, start: datetime, seconds: float) -> datetime:
        """Return the moment at which this many open seconds have passed since start."""
        left = seconds
        for since, until in self.spans(start, start + HORIZON):
            length = (until - since).total_seconds()
            if left <= length:
                return since + timedelta(seconds=left)
            left -= length
        raise ClosedForGood

    def after_days(self, start: datetime, days: int) -> datetime:
        """Return the moment ``days`` school days after start, at the same time of day.

        A start outside school time counts from the next opening (source: reference T11, "2 school days").
        """
        opening = next(self.spans(start, start + HORIZON), None)
        if opening is None:
            raise ClosedForGood
        begin = opening[0].astimezone(self.zone)
        day, left = begin.date(), days
        while left:
            day += timedelta(days=1)
            if day - begin.date() > HORIZON or (self.last_day and day > self.last_day):
                raise ClosedForGood
            left -= self.is_school_day(day)
        return datetime.combine(day, begin.time(), self.zone).astimezone(UTC)
