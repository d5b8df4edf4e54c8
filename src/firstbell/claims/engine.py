"""What a cover pays for one fault, from plain values: no clock, no tables. Amounts in cents, days of the site."""

from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class Conditions:
    """The terms of a cover on one day. None is no limit; an empty set of faults or causes covers nothing."""

    faults: frozenset[str]
    causes: frozenset[str]
    waiting_days: int = 0
    deductible: int = 0
    limit: int | None = None
    year_limit: int | None = None
    claims: int | None = None


@dataclass(frozen=True)
class Held:
    """From which day until which (exclusive; None is open) a device has the cover."""

    since: date
    until: date | None = None


@dataclass(frozen=True)
class Used:
    """One claim that counts: the day of its fault and what it took from the limits."""

    day: date
    cents: int


@dataclass(frozen=True)
class Fault:
    """What happened: which fault, from which cause, on which day, and what its repair costs."""

    code: str
    cause: str
    day: date
    cost: int


class Why(StrEnum):
    """Why a cover pays or does not. The first that applies."""

    COVERED = "covered"
    NOT_YET = "not_yet"
    LAPSED = "lapsed"
    WAITING = "waiting"
    FAULT = "fault"
    CAUSE = "cause"
    NO_CLAIMS_LEFT = "no_claims_left"
    NO_MONEY_LEFT = "no_money_left"
    BELOW_DEDUCTIBLE = "below_deductible"


@dataclass(frozen=True)
class Left:
    """What a year of cover still holds. None is no limit."""

    claims: int | None
    cents: int | None


@dataclass(frozen=True)
class Verdict:
    """What a cover says to one fault. ``last`` warns: after this claim the year has none left."""

    why: Why
    pays: int = 0
    last: bool = False

    @property
    def covered(self) -> bool:
        """Say whether the cover pays anything."""
        return self.why is Why.COVERED


def year_of(since: date, day: date) -> tuple[date, date]:
    """Return the year of cover that holds a day: it begins on the anniversaries of the first day (exclusive end)."""
    years = day.year - since.year
    if _anniversary(since, years) > day:
        years -= 1
    return _anniversary(since, years), _anniversary(since, years + 1)


def _anniversary(since: date, years: int) -> date:
    """A cover that began on February 29 has its year on March 1 where there is no such day."""
    year = since.year + years
    if (since.month, since.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return since.replace(year=year)


def left_on(conditions: Conditions, held: Held, day: date, used: Iterable[Used]) -> Left:
    """Return what the year of a day still holds after the claims that count."""
    first, end = year_of(held.since, day)
    within = [one for one in used if first <= one.day < end]
    claims = None if conditions.claims is None else max(0, conditions.claims - len(within))
    spent = sum(one.cents for one in within)
    cents = None if conditions.year_limit is None else max(0, conditions.year_limit - spent)
    return Left(claims, cents)


def judge(conditions: Conditions, held: Held, fault: Fault, used: Iterable[Used]) -> Verdict:
    """Say whether a cover pays for a fault, and how much: never above its limits, never more than the repair costs."""
    outside = _outside(conditions, held, fault)
    if outside:
        return Verdict(outside)
    left = left_on(conditions, held, fault.day, used)
    if left.claims == 0:
        return Verdict(Why.NO_CLAIMS_LEFT)
    above = fault.cost - conditions.deductible
    if above <= 0:
        return Verdict(Why.BELOW_DEDUCTIBLE)
    pays = min(part for part in (above, conditions.limit, left.cents) if part is not None)
    return Verdict(Why.COVERED, pays, last=left.claims == 1) if pays > 0 else Verdict(Why.NO_MONEY_LEFT)


def _outside(conditions: Conditions, held: Held, fault: Fault) -> Why | None:
    """Return why a fault lies outside a cover whatever is left of it."""
    if fault.day < held.since:
        return Why.NOT_YET
    if held.until is not None and fault.day >= held.until:
        return Why.LAPSED
    if fault.day < held.since + timedelta(days=conditions.waiting_days):
        return Why.WAITING
    if fault.code not in conditions.faults:
        return Why.FAULT
    return None if fault.cause in conditions.causes else Why.CAUSE
