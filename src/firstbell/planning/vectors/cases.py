"""One case of a file of vectors, read with types; what is wrong is told with its place."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypeGuard, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")


class WrongCase(Exception):
    """A case can't be read or answered; the text says which and why."""


class Case:
    """Named values of one case. Answers that stand in it are never looked at."""

    def __init__(self, where: str, values: object) -> None:
        if not isinstance(values, Mapping):
            raise WrongCase(f"{where} must be an object with named values, not {_shown(values)}.")
        self.where = where
        self.values: Mapping[str, Any] = values

    def wrong(self, name: str, wanted: str) -> WrongCase:
        """Return the complaint about one value."""
        if name not in self.values:
            return WrongCase(f"{self.where}: {name} is missing; it must be {wanted}.")
        return WrongCase(f"{self.where}: {name} must be {wanted}, not {_shown(self.values[name])}.")

    def number(self, name: str) -> float:
        """Return a number; whole ones stay whole."""
        value = self.values.get(name)
        if not is_number(value):
            raise self.wrong(name, "a number")
        return value

    def whole(self, name: str) -> int:
        """Return a whole number that is not below 0."""
        value = self.values.get(name)
        if not is_number(value) or value != int(value) or value < 0:
            raise self.wrong(name, "a whole number from 0 up")
        return int(value)

    def text(self, name: str) -> str:
        """Return a text."""
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self.wrong(name, "a text")
        return value

    def several(self, name: str, wanted: str = "a list") -> Sequence[Any]:
        """Return a list."""
        value = self.values.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, wanted)
        return value

    def inner(self, name: str) -> "Case":
        """Return an object inside the case."""
        if name not in self.values:
            raise self.wrong(name, "an object with named values")
        return Case(f"{self.where}, {name}", self.values[name])

    def each(self, name: str) -> list["Case"]:
        """Return the objects of a list inside the case."""
        return [Case(f"{self.where}, {name} {n}", one) for n, one in enumerate(self.several(name), 1)]

    def read(self, name: str, parse: Callable[[str], T], wanted: str) -> T:
        """Return a text as what it stands for."""
        try:
            return parse(self.text(name))
        except (ValueError, LookupError, OSError):
            raise self.wrong(name, wanted) from None

    def moment(self, name: str) -> datetime:
        """Return a moment with its offset."""
        found = self.read(name, datetime.fromisoformat, "a moment such as 2026-09-02T09:00:00-04:00")
        if found.tzinfo is None:
            raise self.wrong(name, "a moment with its offset, such as 2026-09-02T09:00:00-04:00")
        return found

    def time(self, name: str) -> time:
        """Return a time of day."""
        return self.read(name, time.fromisoformat, "a time of day such as 07:30")

    def zone(self, name: str) -> ZoneInfo:
        """Return a time zone."""
        return self.read(name, ZoneInfo, "a time zone such as America/New_York")

    def days(self, name: str) -> frozenset[date]:
        """Return a list of days."""
        try:
            return frozenset(date.fromisoformat(day) for day in self.several(name))
        except (ValueError, TypeError):
            raise self.wrong(name, "a list of days such as 2026-09-07") from None


def is_number(value: object) -> TypeGuard[float]:
    """Say whether this is a finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
