"""Many rows at once, by COPY, and many events by the statement that writes them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import connection, models
from psycopg.types.json import Jsonb

from firstbell.kernel.actor import Actor
from firstbell.ledger.actions import Begun, Op
from firstbell.ledger.facts import Fact
from firstbell.ledger.models import Operation
from firstbell.ledger.writing import Subject, line, write_events

BATCH = 10_000
"""Events written by one statement; bounds the memory of a long import."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be written; ``op`` where each has an operation of its own."""

    fact: Fact
    about: Sequence[Subject]
    op: UUID | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One operation that a bulk verb carried out: its id, content, and its result as (model label, id)."""

    op: UUID
    verb: str
    fingerprint: str
    result: tuple[str, int] | None = None


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows into a table by COPY and return how many. The names come from our own code, never from input."""
    count = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_models(instances: Sequence[models.Model]) -> int:
    """Write new instances with all of their columns; all of them have reserved ids, or none has."""
    if not instances:
        return 0
    meta = instances[0]._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key or instances[0].pk is not None]
    rows = ([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in instances)
    return copy_rows(f'"{meta.db_table}"', [f'"{field.column}"' for field in fields], rows)


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Return ids that no other row of this table will get, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def record_many(entries: Iterable[Entry], *, by: Actor, at: datetime, op: Op) -> int:
    """Write events with their subjects and their places in the outbox, in this order; return how many."""
    if not isinstance(op, Begun):
        raise TypeError("record_many belongs inside a verb")
    op.write()
    lines = (line(entry.fact, entry.about, by=by, at=at, op=entry.op or op.id) for entry in entries)
    count = 0
    while batch := list(islice(lines, BATCH)):
        count += write_events(batch)
    return count


def done_before(ops: Iterable[UUID]) -> set[UUID]:
    """Return which of these operations were carried out earlier."""
    return set(Operation.objects.filter(pk__in=list(ops)).values_list("pk", flat=True))


def note_done(operations: Iterable[Done], *, by: Actor) -> int:
    """Remember operations for ever, as ``verb`` does for one: sent again, they have no second effect."""
    columns = ["id", "verb", "actor_kind", "actor_user_id", "fingerprint", "result"]
    rows = (
        (done.op, done.verb, by.kind.value, by.user_id, done.fingerprint, Jsonb(_result(done.result)))
        for done in operations
    )
    return copy_rows(Operation._meta.db_table, columns, rows)


def _result(subject: tuple[str, int] | None) -> dict[str, object]:
    return {"model": subject[0], "id": subject[1]} if subject else {}
