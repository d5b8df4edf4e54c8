"""Reads of the ledger."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from firstbell.ledger.models import About, Event, Operation

__all__ = ["Event", "events_of", "history", "replay"]


def history(subject: models.Model, *, limit: int = 200) -> list[Event]:
    """Return the newest events about a subject, newest first."""
    found = Event.objects.filter(about__subject_kind=subject._meta.model_name, about__subject_id=subject.pk)
    return list(found.order_by("-about__event_id")[:limit])


def events_of(*kinds: str) -> QuerySet[Event]:
    """Return the events of some kinds, in ledger order; all events where no kind is named."""
    rows = Event.objects.filter(kind__in=kinds) if kinds else Event.objects.all()
    return rows.order_by("id")


def replay(*kinds: str, batch: int = 2000) -> Iterator[Event]:
    """Yield every event of these kinds (of all, when none is named) in ledger order, with flat memory."""
    return events_of(*kinds).iterator(chunk_size=batch)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a replay needs it; ``key`` is the subject it was ordered by."""

    key: int
    kind: str
    facts: dict[str, Any]
    happened_at: datetime


def replay_by(key: str, *kinds: str, batch: int = 5000) -> Iterator[Told]:
    """Yield every event of these kinds subject by subject, each in ledger order, with flat memory.

    ``key`` is the fact that holds the subject's id; the database sorts.
    """
    rows = Event.objects.filter(kind__in=kinds).annotate(of=Cast(KT(f"facts__{key}"), models.BigIntegerField()))
    ordered = rows.order_by("of", "id").values_list("of", "kind", "facts", "happened_at")
    return (Told(*row) for row in ordered.iterator(chunk_size=batch))


def was_done(op: UUID) -> bool:
    """Say whether a command with this id was carried out already."""
    return Operation.objects.filter(pk=op).exists()


@dataclass(frozen=True)
class Heard:
    """When something was last heard of, and by which event."""

    event_id: int
    at: datetime


def last_heard(subject_kind: str, ids: Iterable[int]) -> dict[int, Heard]:
    """Return the newest event about each of these subjects, in one query."""
    found: dict[int, Heard] = {}
    newest = About.objects.filter(subject_kind=subject_kind, subject_id__in=list(ids)).order_by(
        "subject_id", "-event_id"
    )
    rows = newest.distinct("subject_id").values_list("subject_id", "event_id", "event__happened_at")
    for subject, event, happened in rows:
        found[subject] = Heard(event, happened)
    return found


def events_without_operation() -> Iterator[Event]:
    """Yield the events whose command is not on record; there are none unless somebody wrote past the verbs."""
    known = Operation.objects.filter(pk=models.OuterRef("operation_id"))
    return Event.objects.filter(~models.Exists(known)).order_by("id").iterator()


def latest_about(kind: str, subject_kind: str, ids: Iterable[int]) -> dict[int, Event]:
    """Return the newest event of one kind about each of these subjects, in one query."""
    rows = About.objects.filter(subject_kind=subject_kind, subject_id__in=list(ids), event__kind=kind)
    newest = rows.order_by("subject_id", "-event_id").distinct("subject_id").select_related("event")
    return {row.subject_id: row.event for row in newest}


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event about a subject since a moment, as far as it says that somebody had it before them."""

    subject_id: int
    kind: str
    reason: str
    place_id: int | None
    user_id: int | None
    happened_at: datetime


def sightings(subject_kind: str, kinds: Collection[str], since: datetime, ids: Collection[int]) -> list[Sighting]:
    """Return the events of some kinds about some subjects since a moment, by when they happened."""
    rows = About.objects.filter(subject_kind=subject_kind, event__kind__in=kinds, event__happened_at__gte=since)
    columns = ("subject_id", "event__kind", "event__facts", "event__actor_user_id", "event__happened_at")
    told = rows.filter(subject_id__in=ids).order_by("event__happened_at", "event_id").values_list(*columns)
    return [
        Sighting(pk, kind, facts.get("reason") or "", facts.get("place_id"), user, moment)
        for pk, kind, facts, user, moment in told
    ]
