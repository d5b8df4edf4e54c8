"""What the simulation is told about a district. Every default says where it comes from.

"operations.md n" is the project's collection of cited figures; "assumed" is a choice inside no source, to be replaced
by the district's own history.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from firstbell.kernel.schooltime import SchoolTime
from firstbell.planning.errors import require
from firstbell.planning.simulation.calendars import Calendar, usual_closings

FIRST_DAY = date(2026, 8, 3)
YEAR = 364
"""52 weeks, from the first Monday of August on."""
MONTHS: Mapping[int, float] = MappingProxyType(
    {8: 1.3, 9: 1.1, 10: 1.0, 11: 0.9, 12: 0.8, 1: 1.0, 2: 1.0, 3: 1.05, 4: 1.1, 5: 1.2}
)


def given(value: Any, source: str) -> Any:
    """Return a field with a default and where it comes from."""
    return field(default_factory=lambda: value, metadata={"source": source})


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One school: its learners, its kit of loaners, how its devices fare, and its turn on the courier's rounds."""

    name: str
    learners: int
    kit: int
    fault_factor: float = given(1.0, "operations.md 2.3: K-2 0.3, 3-5 0.6, 6-8 1.6, 9-12 1.0")
    turn: int = given(0, "assumed: every school is visited on the first day of the round")

    def __post_init__(self) -> None:
        """Refuse what no school can be."""
        require(self.learners >= 1 and self.kit >= 0, "A school needs a learner, and its kit can't be below 0.")
        require(self.fault_factor >= 0 and self.turn >= 0, "A school's fault factor and turn can't be below 0.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What happens to devices in use. Rates are per device and school year."""

    fault_rate: float = given(0.15, "operations.md 2.1: Chromebook 0.15, band 0.08 to 0.25")
    loss_rate: float = given(0.03, "operations.md 7: loss_rate, band 0.01 to 0.14")
    theft_rate: float = given(0.001, "operations.md 2.4: 0.1 to 0.3 %")
    charger_loss_rate: float = given(0.12, "operations.md 7: charger_loss_rate, band 0.10 to 0.16")
    day_loans: float = given(0.01, "operations.md 7: a learner and school day, band 0 to 0.034")
    day_loans_late: float = given(0.2, "operations.md 2.8: up to 4 of 20 not back the same day")
    hidden_share: float = given(0.3, "operations.md 2.3: not reported within 10 days without checks; 0.1 with")
    hidden_days: float = given(60.0, "assumed: mean days until a hidden fault shows by itself")
    recovered_share: float = given(0.5, "operations.md 2.4: missing, found within 7 days if locked next morning")
    recovery_days: float = given(3.5, "assumed: the middle of the 7 days of operations.md 2.4")
    replacement_days: float = given(14.0, "assumed: from missing to a replacement in the learner's hands")
    school_days: float = given(175.0, "operations.md 7: school_days")
    months: Mapping[int, float] = given(MONTHS, "operations.md 2.3: default index per school day")
    monday: float = given(1.3, "operations.md 2.3: Monday 1.3, other days 0.925")
    other_days: float = given(0.925, "operations.md 2.3: Monday 1.3, other days 0.925")
    days: Sequence[float] | None = given(None, "assumed: no index of single days beside months and weekdays")
    finite: bool = given(True, "assumed: who has no device breaks none")

    def __post_init__(self) -> None:
        """Refuse what no demand can be."""
        shares = (self.day_loans_late, self.hidden_share, self.recovered_share)
        require(all(0 <= share <= 1 for share in shares), "Shares must lie between 0 and 1.")
        rates = (self.fault_rate, self.loss_rate, self.theft_rate, self.charger_loss_rate, self.day_loans)
        require(min(rates) >= 0, "Rates can't be below 0.")
        require(min(self.hidden_days, self.recovery_days, self.replacement_days) >= 0, "Times can't be below 0.")
        require(self.school_days > 0, "A school year must have a day.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repairs:
    """Who repairs, and how long it takes. Hours are open hours, days are calendar days."""

    school_share: float = given(0.25, "operations.md 2.7: student teams solve 25 % in month 1, 50 % with training")
    school_hours: float = given(8.0, "assumed: about a school day on a school's own table")
    school_scv: float = given(1.0, "assumed: exponential")
    technicians: int | None = given(None, "assumed: enough technicians, until their number is given")
    bench_hours: float = given(0.75, "operations.md 2.6: 0.75 h per repair, band 0.4 to 1.0")
    bench_scv: float = given(0.5, "assumed: between always the same and exponential")
    parts_share: float = given(0.12, "assumed: repairs that wait for a part")
    parts_days: float = given(7.0, "assumed: days until the part is there")
    vendor_share: float = given(0.1, "assumed: board-level and warranty cases sent away")
    vendor_days: float = given(10.0, "operations.md 7: vendor_days, band 7 to 30")
    vendor_scv: float = given(0.3, "assumed: spread inside the band of operations.md 2.6")
    vendor_success: float = given(0.75, "operations.md 2.6: board-level repair, 75 % success")
    beyond_repair: float = given(0.03, "assumed: written off at the bench and replaced from stock")

    def __post_init__(self) -> None:
        """Refuse what no repair can be."""
        shares = (self.school_share, self.parts_share, self.vendor_share, self.vendor_success, self.beyond_repair)
        require(all(0 <= share <= 1 for share in shares), "Shares must lie between 0 and 1.")
        times = (self.school_hours, self.bench_hours, self.parts_days, self.vendor_days)
        require(min(times) >= 0, "Times can't be below 0.")
        require(min(self.school_scv, self.bench_scv, self.vendor_scv) >= 0, "Spreads can't be below 0.")
        require(self.technicians is None or self.technicians >= 1, "There must be a technician.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """How devices travel between schools and the depot."""

    every: int = given(2, "operations.md 1.4: visits every second school day; 0 is at once")
    hour: float = given(10.0, "assumed: hour of day at which a school is visited")
    days_in: float = given(0.1, "assumed: from the visit to the depot the same day")
    days_out: float = given(0.0, "assumed: what is ready goes with the visit")
    back_by_visit: bool = given(True, "assumed: repaired devices come with the next visit")

    def __post_init__(self) -> None:
        """Refuse what no courier can do."""
        require(self.every >= 0 and min(self.days_in, self.days_out) >= 0, "A courier's days can't be below 0.")
        require(0 <= self.hour < 24, "An hour of day must lie between 0 and 24.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What loaners are for. Every kit is a school's own; the reserve stands at the depot."""

    reserve: int = given(0, "assumed: no central reserve")
    waits: bool = given(True, "assumed: a learner without a loaner gets the next free one")
    swap: bool = given(False, "assumed: the repaired device goes back to its school, not to the reserve")
    kept_for_repairs: int = given(0, "assumed: day-loans may take the last loaner")

    def __post_init__(self) -> None:
        """Refuse what no pool can be."""
        require(self.reserve >= 0 and self.kept_for_repairs >= 0, "A reserve can't be below 0.")
        require(self.waits or not self.swap, "A swap is owed: learners can't be turned away for good.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """In dollars; of a year where not said otherwise."""

    parts: float = given(40.0, "operations.md 2.9: parts a repair in-house")
    vendor_repair: float = given(95.0, "operations.md 2.5: repair all-in, mechanical")
    device: float = given(300.0, "operations.md 2.9: TCO illustration, loss 3 % x $300")
    charger: float = given(25.0, "operations.md 2.9: TCO illustration")
    technician: float = given(65_000.0, "operations.md 2.9: one technician loaded")
    visit: float = given(8.0, "assumed: a courier's stop at one school")
    life_years: float = given(4.0, "operations.md 2.9: 4-year Chromebook; a loaner's price is spread over it")

    def __post_init__(self) -> None:
        """Refuse what no price can be."""
        prices = (self.parts, self.vendor_repair, self.device, self.charger, self.technician, self.visit)
        require(min(prices) >= 0 and self.life_years > 0, "Prices can't be below 0, a life must be above 0.")


def usual_school_time(first: date = FIRST_DAY) -> SchoolTime:
    """Return a US school year, 07:30 to 15:30 (reference T11), Monday to Friday; its closings are assumed."""
    hours = dict.fromkeys(range(5), (time(7, 30), time(15, 30)))
    bounds = (date(first.year, 8, 12), date(first.year + 1, 5, 21))
    return SchoolTime(ZoneInfo("America/New_York"), hours, frozenset(usual_closings(first)), *bounds)


def usual_year() -> Calendar:
    """Return the default calendar of schools."""
    return Calendar.of_school(usual_school_time(), FIRST_DAY, YEAR)


def usual_bench() -> Calendar:
    """Return the default calendar of the depot: weekdays from 8 to 16, all year (assumed)."""
    hours = dict.fromkeys(range(5), (time(8), time(16)))
    return Calendar.of_school(SchoolTime(ZoneInfo("America/New_York"), hours), FIRST_DAY, YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """Everything the simulation is told. Calendars begin at midnight of ``first_day``."""

    schools: Sequence[School]
    demand: Demand = given(Demand(), "see Demand")
    repairs: Repairs = given(Repairs(), "see Repairs")
    courier: Courier = given(Courier(), "see Courier")
    pool: Pool = given(Pool(), "see Pool")
    prices: Prices = given(Prices(), "see Prices")
    first_day: date = given(FIRST_DAY, "assumed: the first Monday of August")
    school_calendar: Calendar = given(usual_year(), "reference T11 for the hours; holidays assumed")
    depot_calendar: Calendar = given(usual_bench(), "assumed: weekdays from 8 to 16")

    def __post_init__(self) -> None:
        """Refuse calendars that don't fit each other."""
        require(bool(self.schools), "A district needs a school.")
        require(self.school_calendar.days == self.depot_calendar.days, "Both calendars must hold the same days.")
        require(bool(self.school_calendar.open_days()), "Schools must be open on some day.")

    @property
    def learners(self) -> int:
        """Learners of all schools."""
        return sum(school.learners for school in self.schools)

    @property
    def loaners(self) -> int:
        """Loaners of all kits and the reserve."""
        return self.pool.reserve + sum(school.kit for school in self.schools)


@dataclass(frozen=True, slots=True)
class Provenance:
    """A default and where it comes from."""

    group: str
    name: str
    value: Any
    source: str


def provenance() -> Iterator[Provenance]:
    """Yield every default the simulation brings along."""
    for kind in (School, Demand, Repairs, Courier, Pool, Prices, District):
        for one in fields(kind):
            if one.default_factory is not MISSING:
                yield Provenance(kind.__name__, one.name, one.default_factory(), one.metadata["source"])
