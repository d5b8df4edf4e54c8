"""The family of due times: elapsed hours, open hours and school days by one school's calendar."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from firstbell.kernel.schooltime import ClosedForGood, SchoolTime
from firstbell.planning.vectors.cases import Case, WrongCase

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
USUAL = ("elapsed_48h", "open_16h", "school_days_2")
"""Answered where a case names no due times."""
_DUE = re.compile(r"(elapsed)_(\d{1,4})h|(open)_(\d{1,4})h|(school_days)_(\d{1,3})")


def school_clock(case: Case) -> dict[str, Any]:
    """Answer due times for each opening, and the open hours between two moments less a pause."""
    zone = case.zone("tz")
    hours = (case.time("open"), case.time("close"))
    school = SchoolTime(zone, dict.fromkeys(_weekdays(case), hours), case.days("holidays"))
    found: dict[str, Any] = {"cases": [_due_times(one, school) for one in case.each("cases")]}
    if "pause" in case.values:
        found["pause"] = _pause(case.inner("pause"), school)
    return found


def _weekdays(case: Case) -> list[int]:
    first, _, last = case.text("weekdays").partition("-")
    if first not in WEEKDAYS or last not in WEEKDAYS:
        raise case.wrong("weekdays", "two days such as Mon-Fri")
    begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    return [day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)]


def _due_times(case: Case, school: SchoolTime) -> dict[str, Any]:
    opened = case.moment("opened")
    asked = [name for name in case.values if _DUE.fullmatch(name)] or USUAL
    try:
        return {**case.values, **{name: _due(name, opened, school) for name in asked}}
    except ClosedForGood:
        raise WrongCase(f"{case.where}: the calendar holds no school time for that long.") from None


def _due(name: str, opened: datetime, school: SchoolTime) -> str:
    kind, _, text = name.removesuffix("h").rpartition("_")
    amount = int(text)
    if kind == "elapsed":
        due = opened.astimezone(UTC) + timedelta(hours=amount)
    elif kind == "open":
        due = school.after_seconds(opened, amount * 3600)
    else:
        due = school.after_days(opened, amount)
    return due.astimezone(school.zone).isoformat()


def _pause(case: Case, school: SchoolTime) -> dict[str, Any]:
    whole = school.seconds_between(case.moment("start"), case.moment("end"))
    paused = school.seconds_between(case.moment("pause_from"), case.moment("pause_to"))
    hours = {"open_hours": whole / 3600, "paused": paused / 3600, "net": (whole - paused) / 3600}
    return {**case.values, **hours}
