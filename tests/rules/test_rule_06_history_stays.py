"""Rule 6: state and event are one transaction; history can't be changed or removed, and outlives what it is about."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from firstbell.decisions.actions import decide
from firstbell.devices.actions import custody as moving
from firstbell.devices.models import Custody
from firstbell.directory.actions import make_place
from firstbell.directory.events import PlaceCodeRenewed
from firstbell.directory.models import Place
from firstbell.ledger import actions as recording
from firstbell.ledger.actions import record
from firstbell.ledger.models import About, Event, Operation, Outbox
from firstbell.ledger.queries import history
from firstbell.loans.models import Loan
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from tests.rules.town import Town, build, without

pytestmark = pytest.mark.django_db
HISTORY: list[type[models.Model]] = [Event, About, Operation]


@pytest.fixture
def town() -> Town:
    return build()


def _counts() -> dict[str, int]:
    tables: list[Any] = [Event, About, Operation, Outbox, Custody]
    scoped = [Ticket, Loan, WorkOrder]
    found = {table.__name__: table.objects.count() for table in tables}
    return found | {table.__name__: table.objects.everyone(reason="a test").count() for table in scoped}


def test_when_the_event_cannot_be_written_nothing_has_happened(town, monkeypatch):
    before = _counts()

    def full_disk(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(recording, "write_events", full_disk)
    with pytest.raises(OSError, match="no space"):
        town.swap()
    assert _counts() == before


def test_when_the_change_fails_no_event_stays(town, monkeypatch):
    before = _counts()
    monkeypatch.setattr(moving, "change_status", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moving.hand_over(device_id=town.device.pk, person_id=town.ana.pk, **town.moment())
    assert _counts() == before


def test_without_the_transaction_half_of_it_would_stay(town, monkeypatch):
    """The control: the same failure, with the verb's transaction taken away, leaves a move without its event."""
    before = _counts()

    class NoTransaction:
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            return False

    monkeypatch.setattr(transaction, "atomic", NoTransaction)
    monkeypatch.setattr(moving, "_record_move", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        moving.relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment())
    assert _counts()["Custody"] == before["Custody"] + 1
    assert _counts()["Event"] == before["Event"]


def test_an_event_belongs_inside_a_verb(town):
    with pytest.raises(TypeError, match="inside a verb"):
        record(PlaceCodeRenewed(1), about=[], **town.moment())


@pytest.mark.parametrize("table", HISTORY)
def test_history_cannot_be_changed_or_removed(town, table):
    for rewrite in (lambda: table.objects.all().delete(), lambda: _touch(table), lambda: _truncate(table)):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rewrite()


@pytest.mark.parametrize("table", HISTORY)
def test_without_its_triggers_history_could_be_changed(town, table):
    with without(f"ALTER TABLE {table._meta.db_table} DISABLE TRIGGER USER"):
        assert _touch(table)


def _touch(table: type[models.Model]) -> int:
    column = {"Event": "kind", "About": "subject_kind", "Operation": "verb"}[table.__name__]
    return table._default_manager.all().update(**{column: "forged"})


def _truncate(table: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {table._meta.db_table} CASCADE")


def test_history_outlives_what_it_is_about(town):
    place = make_place(site_id=town.school.site.pk, kind=Place.Kind.ROOM, name="Room 99", **town.moment())
    kept = Place(pk=place.pk)
    place.delete()
    assert [event.kind for event in history(kept)] == ["directory.place_made"]


def test_an_answer_that_is_replaced_stays_on_record(town):
    for days in (1, 2, 3):
        act = town.moment() | {"by": town.district.office}
        decide(key="closet.days", value=days, **act)
    told = [event.facts["value"] for event in Event.objects.filter(kind="decisions.decided").order_by("id")]
    assert told == [1, 2, 3]


def test_every_verb_of_the_journey_leaves_its_event(town):
    town.swap()
    town.mend(hours=2)
    operations = set(Operation.objects.values_list("pk", flat=True))
    told = set(Event.objects.values_list("operation_id", flat=True))
    silent = Operation.objects.filter(pk__in=operations - told).values_list("verb", flat=True)
    assert set(silent) <= {"make_model"}
