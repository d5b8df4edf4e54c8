"""The headline measure in figures: by period, school and week, students and staff apart. Definitions in ``without``."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import DEVICELESS_MINUTES
from firstbell.measures.intervals import Ruler
from firstbell.measures.reach import Reach
from firstbell.measures.without import Spell

MEDIAN, P90 = 0.5, 0.9


@dataclass(frozen=True)
class Figures:
    """Cases that began in a period. Minutes are school minutes; ``within`` is a share from 0 to 1.

    Median, p90 and share leave out cases that last and are still under their target; one that lasts and is over it
    counts with what it has come to so far.
    ``hours`` are the school hours without a device that fell into the period, whenever their case began.
    """

    cases: int
    ongoing: int
    median: int | None
    p90: int | None
    within: float | None
    hours: float
    learners: int

    @property
    def per_hundred(self) -> float | None:
        """School hours without a device per 100 learners; None while nobody has entered the enrolment."""
        return 100 * self.hours / self.learners if self.learners else None


@dataclass(frozen=True)
class Week:
    """One week of the series."""

    monday: date
    figures: Figures


@dataclass(frozen=True)
class ByCause:
    """What one symptom led to."""

    symptom: str
    cases: int
    median: int | None
    hours: float


@dataclass(frozen=True)
class Told:
    """Cases with what is needed to count them: each school's learners, its target in minutes and its open hours."""

    spells: tuple[Spell, ...]
    learners: dict[int, int]
    targets: dict[int, int]
    rulers: dict[int, Ruler]

    def of(self, site_id: int) -> "Told":
        """The cases of one school."""
        mine = tuple(spell for spell in self.spells if spell.site_id == site_id)
        return Told(mine, {site_id: self.learners.get(site_id, 0)}, self.targets, self.rulers)

    def group(self, *, staff: bool) -> "Told":
        """The cases of students, or of staff."""
        kept = tuple(spell for spell in self.spells if spell.staff is staff)
        return Told(kept, self.learners, self.targets, self.rulers)

    def undecided(self, spell: Spell) -> bool:
        """Say whether a case lasts and is still under its target: nobody knows yet how it ends."""
        return spell.ongoing and spell.minutes <= self.targets[spell.site_id]

    def seconds(self, spell: Spell, since: datetime, until: datetime) -> int:
        """Open seconds without a device that fell into a period."""
        ruler = self.rulers[spell.site_id]
        return sum(ruler.seconds(max(start, since), min(end, until)) for start, end in spell.gaps if end > since)

    def hours(self, spells: Iterable[Spell], since: datetime, until: datetime) -> float:
        """The same in hours, over some cases."""
        return sum(self.seconds(spell, since, until) for spell in spells) / 3600


def told(reach: Reach, found: Iterable[Spell], answers: Plan, until: datetime) -> Told:
    """Return cases ready to be counted; no further query."""
    spells = tuple(found)
    start = min((spell.start for spell in spells), default=until)
    return Told(
        spells=spells,
        learners=reach.learners,
        targets={pk: answers.says(DEVICELESS_MINUTES, pk) for pk in reach.ids},
        rulers={pk: Ruler(reach.times[pk], start, until) for pk in reach.ids},
    )


def percentile(values: list[int], share: float) -> int | None:
    """Return the value that so large a share does not exceed (nearest rank); None of nothing."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)] if values else None


def figures(cases: Told, since: datetime, until: datetime) -> Figures:
    """Return the figures of a period."""
    begun = [spell for spell in cases.spells if since <= spell.start < until]
    told = [spell for spell in begun if not cases.undecided(spell)]
    minutes = [spell.minutes for spell in told]
    quick = sum(spell.minutes <= cases.targets[spell.site_id] for spell in told)
    return Figures(
        cases=len(begun),
        ongoing=sum(spell.ongoing for spell in begun),
        median=percentile(minutes, MEDIAN),
        p90=percentile(minutes, P90),
        within=quick / len(told) if told else None,
        hours=cases.hours(cases.spells, since, until),
        learners=sum(cases.learners.values()),
    )


def weekly(cases: Told, weeks: Iterable[tuple[datetime, datetime]]) -> list[Week]:
    """Return the figures week by week."""
    return [Week(start.date(), figures(cases, start, end)) for start, end in weeks]


def by_cause(cases: Told, since: datetime, until: datetime) -> list[ByCause]:
    """Return what led to it, most hours first."""
    groups: dict[str, list[Spell]] = defaultdict(list)
    for spell in cases.spells:
        if since <= spell.start < until:
            groups[spell.symptom].append(spell)
    rows = [
        ByCause(
            symptom=symptom,
            cases=len(group),
            median=percentile([spell.minutes for spell in group if not cases.undecided(spell)], MEDIAN),
            hours=cases.hours(group, since, until),
        )
        for symptom, group in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.hours, -row.cases, row.symptom))
