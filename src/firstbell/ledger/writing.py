"""The one statement that writes events: in their order, each with its subjects and its place in the outbox."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from firstbell.kernel.actor import Actor
from firstbell.ledger.facts import Fact

Subject = tuple[str, int]
"""The model's name in lower case and the id of a row: what an event is about."""

WRITE = """
WITH told AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('ledger_event', 'id')) AS id, line.*
      FROM (SELECT * FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
                kind text, actor_kind text, actor_user_id bigint, operation_id uuid, facts jsonb,
                happened_at timestamptz, about jsonb)) WITH ORDINALITY AS read
             ORDER BY ordinality) AS line
), events AS (
    INSERT INTO ledger_event (id, kind, actor_kind, actor_user_id, operation_id, facts, happened_at)
    SELECT id, kind, actor_kind, actor_user_id, operation_id, facts, happened_at FROM told ORDER BY id
), subjects AS (
    INSERT INTO ledger_about (event_id, subject_kind, subject_id)
    SELECT told.id, one.subject ->> 0, (one.subject ->> 1)::bigint
      FROM told, jsonb_array_elements(told.about) WITH ORDINALITY AS one (subject, place)
     ORDER BY told.id, one.place
)
INSERT INTO ledger_outbox (event_id, attempts) SELECT id, 0 FROM told ORDER BY id
"""


Line = dict[str, Any]
"""One event as it will be written: its columns, and its subjects once each."""


def line(fact: Fact, about: Iterable[Subject], *, by: Actor, at: datetime, op: UUID) -> Line:
    """Return what is written for one event. Raises NotAFact here, where it was said, for what is none."""
    return {
        "kind": fact.kind,
        "actor_kind": by.kind.value,
        "actor_user_id": by.user_id,
        "operation_id": str(op),
        "facts": fact.as_json(),
        "happened_at": at.isoformat(),
        "about": sorted(set(about)),
    }


def write_events(lines: Sequence[Line]) -> int:
    """Write events, their ids in the order of the lines; return how many. No lines, no statement."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [json.dumps(lines)])
    return len(lines)
