"""When a place inside a school takes people: stretches of weekdays, on days on which the school is open. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from firstbell.kernel.schooltime import Hours, SchoolTime, Span

DAYS_AHEAD = 14


@dataclass(frozen=True)
class Openings:
    """The hours of a place by weekday (0 is Monday), local time. ``own`` says that they are not just the school's."""

    school: SchoolTime
    hours: Mapping[int, Sequence[Hours]]
    own: bool = False

    def next(self, at: datetime) -> Span | None:
        """Return the stretch that is open at a moment, else the next one within two weeks, in UTC."""
        day = at.astimezone(self.school.zone).date()
        for _ahead in range(DAYS_AHEAD + 1):
            for opens, closes in sorted(self.hours.get(day.weekday(), ())) if self.school.is_school_day(day) else ():
                ends = datetime.combine(day, closes, self.school.zone).astimezone(UTC)
                if ends > at:
                    return datetime.combine(day, opens, self.school.zone).astimezone(UTC), ends
            day += timedelta(days=1)
        return None

    def week(self) -> list[tuple[int, int, list[Hours]]]:
        """Return neighbouring weekdays with the same hours as one line: first day, last day, their stretches."""
        lines: list[tuple[int, int, list[Hours]]] = []
        for day, spans in sorted(self.hours.items()):
            same = sorted(spans)
            if lines and lines[-1][1:] == (day - 1, same):
                lines[-1] = (lines[-1][0], day, same)
            else:
                lines.append((day, day, same))
        return lines
