"""Reads of counts that several pages share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models import Count as Number
from django.db.models.functions import Coalesce

from firstbell.counts import rules
from firstbell.counts.models import Count, CountLine
from firstbell.directory.models import Place, User
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor

NOWHERE = 0
"""Stands for “no place known” in what is told by place."""


@dataclass(frozen=True)
class Tally:
    """The figures of a count or of one of its rooms. ``misplaced`` were expected here and seen elsewhere."""

    expected: int = 0
    in_place: int = 0
    missing: int = 0
    misplaced: int = 0
    unexpected: int = 0
    unresolved: int = 0
    escalated: int = 0

    @property
    def seen(self) -> int:
        """Everything expected that was seen, wherever."""
        return self.in_place + self.misplaced

    @property
    def share(self) -> float | None:
        """The share of the expected that was found where expected."""
        return self.in_place / self.expected if self.expected else None


_FIGURES = {
    "n_expected": Number("pk", filter=rules.EXPECTED),
    "n_in_place": Number("pk", filter=rules.IN_PLACE),
    "n_missing": Number("pk", filter=rules.MISSING),
    "n_misplaced": Number("pk", filter=rules.MISPLACED),
    "n_unexpected": Number("pk", filter=rules.UNEXPECTED),
    "n_unresolved": Number("pk", filter=rules.UNRESOLVED),
    "n_escalated": Number("pk", filter=rules.ESCALATED),
}


def counts(*, by: Actor) -> ScopedQuerySet[Count]:
    """Return the counts in reach."""
    return Count.objects.visible_to(by).select_related("site", "opened_by")


def tally(count: Count) -> Tally:
    """Return the figures of a count, which the caller has loaded in reach, as they are now."""
    return _told(count.lines.aggregate(**_FIGURES))


def _told(row: Mapping[str, Any]) -> Tally:
    return Tally(**{name.removeprefix("n_"): number for name, number in row.items() if name in _FIGURES})


def tallies(count_ids: Iterable[int]) -> dict[int, Tally]:
    """Return the figures of several counts, loaded in reach, in one query."""
    rows = CountLine.objects.filter(count_id__in=list(count_ids)).order_by().values("count_id")
    return {row["count_id"]: _told(row) for row in rows.annotate(**_FIGURES)}


def by_place(count: Count) -> dict[int, Tally]:
    """Return the figures by place id: the expected where they should be, the unexpected where they were found."""
    where = Coalesce("place_id", "seen_place_id", Value(NOWHERE))
    rows = count.lines.order_by().annotate(where=where).values("where")
    return {row["where"]: _told(row) for row in rows.annotate(**_FIGURES)}


def counters(count: Count) -> list[tuple[User, int]]:
    """Return who has scanned how many in this count, most first."""
    rows = count.lines.filter(seen_by__isnull=False, source=CountLine.Source.SCAN).order_by()
    found = dict(rows.values_list("seen_by").annotate(number=Number("pk")))
    people = User.objects.in_bulk(found)
    return sorted(((people[pk], number) for pk, number in found.items()), key=lambda row: (-row[1], row[0].pk))


def sources(count: Count) -> list[tuple[CountLine.Source, int]]:
    """Return by which sources the devices of a count were seen, most first."""
    rows = count.lines.filter(seen_at__isnull=False).order_by().values_list("source")
    found = rows.annotate(number=Number("pk")).order_by("-number", "source")
    return [(CountLine.Source(source), number) for source, number in found]


def with_state(lines: QuerySet[CountLine]) -> QuerySet[CountLine]:
    """Say of each line what it is: in_place, missing, misplaced or unexpected; with all that pages show of it."""
    state = Case(
        When(rules.UNEXPECTED, then=Value("unexpected")),
        When(rules.MISSING, then=Value("missing")),
        When(rules.MISPLACED, then=Value("misplaced")),
        default=Value("in_place"),
        output_field=CharField(),
    )
    return lines.annotate(state=state).select_related(
        "device__model", "place__site", "seen_place__site", "seen_by", "ticket", "escalated_to", "resolved_by"
    )


def lines_in(count: Count, place: Place | None) -> QuerySet[CountLine]:
    """Return what is expected in a place, or with nobody's room known, and what was found there; the unseen first."""
    if place is None:
        rows = count.lines.filter(place__isnull=True, expected=True)
    else:
        rows = count.lines.filter(rules.here(place.pk))
    return with_state(rows)


def differences_of(count: Count) -> QuerySet[CountLine]:
    """Return the lines of a count that need an answer or have had one."""
    return with_state(count.lines.filter(rules.DIFFERENCE))


def under_way_for(device_id: int, moment: datetime) -> list[int]:
    """Return the counts that wait for a device and had begun by then."""
    rows = CountLine.objects.filter(device_id=device_id, seen_at__isnull=True, count__opened_at__lte=moment)
    return list(rows.filter(count__status__in=rules.UNDER_WAY).values_list("count_id", flat=True))
