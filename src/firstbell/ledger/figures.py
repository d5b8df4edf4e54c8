"""Reads of the ledger for figures and for its own page: tallies, moments, one page by key."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.fields.json import KeyTransform

from firstbell.ledger.models import About, Event

Cell = Any
"""A fact as it was written: an id, a code, a number, or None."""


def heard_at(subject_kind: str, ref: str) -> Subquery:
    """Return when something was last heard of, as a column beside the rows that ``ref`` names."""
    newest = About.objects.filter(subject_kind=subject_kind, subject_id=OuterRef(ref)).order_by("-event_id")
    return Subquery(newest.values("event__happened_at")[:1])


def tally(
    kinds: Collection[str], fields: Sequence[str], since: datetime, until: datetime
) -> dict[tuple[Cell, ...], int]:
    """Count events of some kinds in a period by kind and some of their facts: (kind, *facts) -> number."""
    parts = {f"fact_{number}": KeyTransform(name, "facts") for number, name in enumerate(fields)}
    rows = Event.objects.filter(kind__in=kinds, happened_at__gte=since, happened_at__lt=until)
    counted = rows.annotate(**parts).values_list("kind", *parts).annotate(number=Count("pk"))
    return {tuple(row[:-1]): row[-1] for row in counted.order_by()}


def newest(
    *,
    kinds: Collection[str] | None = None,
    by_users: Collection[int] | None = None,
    subject: tuple[str, int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[Event]:
    """Return the newest events that match, in ledger order backwards, from below an id on."""
    wanted = {
        "kind__in": kinds,
        "actor_user_id__in": by_users,
        "happened_at__gte": since,
        "happened_at__lt": until,
        "pk__lt": before,
    }
    rows = Event.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    if subject:
        about = About.objects.filter(subject_kind=subject[0], subject_id=subject[1])
        rows = rows.filter(pk__in=about.values("event_id"))
    return list(rows.order_by("-pk")[:limit])
