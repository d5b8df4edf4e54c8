"""Days as files write them: 2026-08-17, 8/17/2026, 17.08.26, 17-Aug-2026, Aug 17, 2026."""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from firstbell.connectors.problems import Unreadable


class DayOrder(StrEnum):
    """What comes first in 3/4/2026."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: \d{1,2}:\d{2}.*)?")
_DAY_WORD = re.compile(r"(\d{1,2})[ \-]([A-Za-z]{3,9})\.?,?[ \-](\d{4}|\d{2})")
_WORD_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_CENTURY_TURNS = 70
_MONTHS_IN_YEAR = 12
_YEARS = range(1900, 2200)


def parse_day(text: str, order: DayOrder | None = None) -> date:
    """Return the day, or raise Unreadable: ``date.ambiguous`` for 3/4/2026 without an ``order``, else ``date.unclear``.

    Two-digit years below 70 are of this century. A time of day is ignored.
    """
    text = text.strip()
    for pattern, build in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            return build(match)
    match = _YEAR_LAST.fullmatch(text)
    if match is None:
        raise Unreadable("date.unclear")
    return _year_last(int(match[1]), int(match[3]), _year(match[4]), order)


def _year_last(first: int, second: int, year: int, order: DayOrder | None) -> date:
    if order is None:
        order = _only_order(first, second)
    return _day(year, first, second) if order is DayOrder.MONTH_FIRST else _day(year, second, first)


def proven_order(text: str) -> DayOrder | None:
    """Return the order that this text alone proves: day first for 23/1/2026, None for 3/4/2026 and 2026-01-23."""
    match = _YEAR_LAST.fullmatch(text.strip())
    if match is None or match[1] == match[3]:
        return None
    try:
        return _only_order(int(match[1]), int(match[3]))
    except Unreadable:
        return None


def _only_order(first: int, second: int) -> DayOrder:
    """Return the one order that makes a day of the two numbers; equal numbers are the same day in either."""
    if second > _MONTHS_IN_YEAR or first == second:
        return DayOrder.MONTH_FIRST
    if first > _MONTHS_IN_YEAR:
        return DayOrder.DAY_FIRST
    raise Unreadable("date.ambiguous")


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < _CENTURY_TURNS else 1900)


def _month(word: str) -> int:
    month = _MONTHS.get(word[:3].casefold())
    if month is None:
        raise Unreadable("date.unclear")
    return month


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Unreadable("date.unclear") from None
    if found.year not in _YEARS:
        raise Unreadable("date.unclear")
    return found


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], date]], ...] = (
    (_YEAR_FIRST, lambda match: _day(int(match[1]), int(match[3]), int(match[4]))),
    (_COMPACT, lambda match: _day(int(match[1]), int(match[2]), int(match[3]))),
    (_DAY_WORD, lambda match: _day(_year(match[3]), _month(match[2]), int(match[1]))),
    (_WORD_DAY, lambda match: _day(int(match[3]), _month(match[1]), int(match[2]))),
)
