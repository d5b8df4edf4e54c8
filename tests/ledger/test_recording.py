"""A verb's events are written when it ends: in order, by one statement; what is refused inside leaves none."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from firstbell.kernel.actor import SYSTEM, Actor
from firstbell.kernel.errors import Refused
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.bulk import Entry, record_many
from firstbell.ledger.facts import KINDS, Fact
from firstbell.ledger.models import About, Event, Outbox
from tests import make

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Noted(Fact):
    kind: ClassVar[str] = "tests.noted"
    number: int


KINDS.pop(Noted.kind)  # nobody outside these tests knows it


@verb
def note(*, number: int, refuse: bool = False, by: Actor, at: datetime, op: Op) -> None:
    record(Noted(number), about=[("ticket", number), ("device", 7), ("device", 7)], by=by, at=at, op=op)
    if refuse:
        raise Refused("no", "no")


@verb
def note_around(*, many: bool = False, by: Actor, at: datetime, op: Op) -> None:
    note(number=1, by=by, at=at, op=op)
    with pytest.raises(Refused), transaction.atomic():
        note(number=2, refuse=True, by=by, at=at, op=op)
    if many:
        record_many([Entry(Noted(number), [("device", 7)]) for number in (3, 4)], by=by, at=at, op=op)
    note(number=5, by=by, at=at, op=op)


def said(**more: Any) -> dict[str, Any]:
    return {"by": SYSTEM, "at": make.MONDAY, "op": make.op()} | more


def told() -> list[int]:
    return [event.facts["number"] for event in Event.objects.filter(kind=Noted.kind).order_by("pk")]


def test_an_event_is_written_with_its_subjects_once_each_and_its_place_in_the_outbox():
    op = make.op()
    note(number=1, **said(op=op))
    (event,) = Event.objects.filter(kind=Noted.kind)
    assert (event.operation_id, event.happened_at, event.actor_kind) == (op, make.MONDAY, "system")
    subjects = About.objects.filter(event=event).order_by("pk")
    assert list(subjects.values_list("subject_kind", "subject_id")) == [("device", 7), ("ticket", 1)]
    assert Outbox.objects.get(event=event).attempts == 0


def test_an_inner_verb_that_is_refused_leaves_no_event_where_the_outer_goes_on():
    note_around(**said())
    assert told() == [1, 5]


def test_many_at_once_stand_between_what_was_recorded_before_and_after():
    note_around(many=True, **said())
    assert told() == [1, 3, 4, 5]


def test_a_verb_that_is_refused_leaves_nothing():
    with pytest.raises(Refused):
        note(number=1, refuse=True, **said())
    assert told() == []


def test_a_verb_of_many_events_writes_them_by_one_statement():
    with CaptureQueriesContext(connection) as caught:
        note_around(**said())
    writes = [query["sql"] for query in caught.captured_queries if "INSERT" in query["sql"]]
    assert [sql.count("ledger_event (") for sql in writes] == [1, 0], "the events, then the operation"


def test_the_same_command_again_writes_nothing():
    again = said()
    note(number=1, **again)
    note(number=1, **again)
    assert told() == [1]
