"""Spare parts: never below zero without saying so, every piece accounted for, promised days beside those taken."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.jobs.verify import parts_differ
from firstbell.kernel.errors import Denied, Missing, Refused, Stale
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from firstbell.parts.actions import (
    amend_kind,
    correct_parts,
    end_order,
    make_kind,
    order_parts,
    receive_order,
    receive_parts,
    scrap_parts,
    send_parts,
    set_reorder_point,
    take_usual_kinds,
)
from firstbell.parts.models import PartKind, PartMovement, PartOrder, PartStock
from firstbell.parts.queries import (
    deliveries,
    differences,
    left_for,
    low,
    models_without_parts,
    stock_for,
    to_order,
    value_of,
)
from tests import make

pytestmark = pytest.mark.django_db


@dataclass
class Room:
    """A depot with a store room and one kind of screen."""

    town: make.District
    store: Place
    screen: PartKind

    def act(self, **more: Any) -> dict[str, Any]:
        return {"by": self.town.technician, "at": self.town.at, "op": make.op()} | more

    def stock(self, pieces: int) -> PartStock:
        return receive_parts(kind_id=self.screen.pk, place_id=self.store.pk, pieces=pieces, **self.act())

    def count(self) -> int:
        return sum(row.count for row in PartStock.objects.everyone(reason="a test looks"))


@pytest.fixture
def room() -> Room:
    town = make.district()
    store = make_place(site_id=town.depot.pk, kind=Place.Kind.STORE, name="Store room", **make.system())
    kind: dict[str, Any] = {
        "sort": "screen",
        "name": "Panel 11.6",
        "supplier": "Lakeside Parts",
        "price_cents": 5200,
        "lead_days": 10,
    }
    return Room(town, store, make_kind(**kind, model_ids=[town.model.pk], **make.system()))


def test_what_arrives_is_there_and_is_worth_something(room: Room) -> None:
    room.stock(3)
    assert left_for(room.town.depot.pk, room.town.model.pk) == {"screen": 3}
    assert str(value_of(by=room.town.technician)) == "$156.00"
    assert events_of("parts.stock_changed").count() == 1


def test_a_part_is_taken_from_the_fullest_stock_that_fits(room: Room) -> None:
    room.stock(1)
    other = receive_parts(kind_id=room.screen.pk, place_id=room.town.bench.pk, pieces=4, **room.act())
    assert stock_for(room.town.depot.pk, "screen", room.town.model.pk) == other
    assert stock_for(room.town.depot.pk, "screen", make.district().model.pk) is None
    assert stock_for(room.town.depot.pk, "battery", room.town.model.pk) is None


def test_counted_scrapped_and_moved_add_up(room: Room) -> None:
    stock = room.stock(10)
    correct_parts(stock_id=stock.pk, counted=9, **room.act())
    scrap_parts(stock_id=stock.pk, pieces=2, **room.act())
    send_parts(stock_id=stock.pk, place_id=room.town.bench.pk, pieces=3, **room.act())
    reasons = list(PartMovement.objects.order_by("pk").values_list("reason", "change"))
    assert reasons == [("received", 10), ("counted", -1), ("scrapped", -2), ("sent", -3), ("arrived", 3)]
    assert room.count() == 7
    assert differences() == []


@pytest.mark.parametrize("verb", [scrap_parts, send_parts])
def test_more_than_there_is_cannot_go(room: Room, verb: Any) -> None:
    stock = room.stock(1)
    there = {"place_id": room.town.bench.pk} if verb is send_parts else {}
    with pytest.raises(Stale) as told:
        verb(stock_id=stock.pk, pieces=2, **there, **room.act())
    assert told.value.code == "part_not_there"
    assert room.count() == 1


def test_the_database_itself_refuses_fewer_than_none(room: Room) -> None:
    stock = room.stock(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartStock.objects.everyone(reason="a test breaks in").filter(pk=stock.pk).update(count=-1)


def test_a_count_that_nobody_moved_is_found_by_verify(room: Room) -> None:
    stock = room.stock(3)
    assert list(parts_differ()) == []
    PartStock.objects.everyone(reason="a test breaks in").filter(pk=stock.pk).update(count=7)
    assert differences() == [stock.pk]
    assert list(parts_differ()) == [f"stock {stock.pk} of parts holds another number than its movements add up to"]


def test_what_runs_low_is_to_be_ordered_once(room: Room) -> None:
    stock = room.stock(4)
    set_reorder_point(stock_id=stock.pk, reorder_at=3, **room.act())
    assert to_order(by=room.town.technician) == []
    scrap_parts(stock_id=stock.pk, pieces=2, **room.act())
    (row,) = to_order(by=room.town.technician)
    assert (row.pieces, row.coming, str(row.cost)) == (4, 0, "$208.00")
    order_parts(stock_id=stock.pk, pieces=4, **room.act())
    assert to_order(by=room.town.technician) == []
    assert list(low(by=room.town.technician)) == [stock]


def test_promised_and_taken_days_are_told_by_supplier(room: Room) -> None:
    stock = room.stock(1)
    order = order_parts(stock_id=stock.pk, pieces=5, **room.act())
    assert order.promised_days == 10
    later = room.town.at + timedelta(days=12)
    receive_order(order_id=order.pk, pieces=2, **room.act(at=room.town.at + timedelta(days=3)))
    assert deliveries(by=room.town.technician) == []
    receive_order(order_id=order.pk, pieces=3, **room.act(at=later))
    (told,) = deliveries(by=room.town.technician)
    assert (told.supplier, told.orders, told.promised, told.actual, told.in_time) == ("Lakeside Parts", 1, 10, 12, 0)
    assert room.count() == 6
    with pytest.raises(Stale):
        receive_order(order_id=order.pk, pieces=1, **room.act(at=later))


def test_more_than_was_ordered_is_a_delivery_of_its_own(room: Room) -> None:
    order = order_parts(stock_id=room.stock(1).pk, pieces=2, **room.act())
    with pytest.raises(Refused) as told:
        receive_order(order_id=order.pk, pieces=3, **room.act())
    assert told.value.code == "more_than_ordered"
    end_order(order_id=order.pk, **room.act())
    assert PartOrder.objects.everyone(reason="a test looks").get().ended_at is not None
    assert events_of("parts.order_ended").count() == 1


def test_the_usual_kinds_are_made_once_for_models_without_any(room: Room) -> None:
    other = make.district()
    make.device(other, other.schools[0])
    assert models_without_parts() == [other.model]
    take_usual_kinds(model_ids=(other.model.pk,), **make.system())
    take_usual_kinds(model_ids=(other.model.pk,), **make.system())
    assert PartKind.objects.filter(fits=other.model).count() == 7
    assert models_without_parts() == []


def test_a_new_price_leaves_orders_as_they_were(room: Room) -> None:
    order = order_parts(stock_id=room.stock(1).pk, pieces=1, **room.act())
    amend_kind(kind_id=room.screen.pk, supplier="Other", price_cents=100, lead_days=1, **make.system())
    row = PartOrder.objects.everyone(reason="a test looks").get(pk=order.pk)
    assert (row.unit_cents, row.supplier) == (5200, "Lakeside Parts")


@pytest.mark.parametrize("pieces", [0, -3, 10_000_000])
def test_numbers_that_cannot_be_are_refused(room: Room, pieces: int) -> None:
    with pytest.raises(Refused):
        room.stock(pieces)
    assert room.count() == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"sort": "sail"}, "part_unknown"), ({"name": " "}, "kind_name"), ({"name": "Panel 11.6"}, "kind_name"),
     ({"lead_days": 999}, "lead_days"), ({"price_cents": -1}, "pieces")],
)  # fmt: skip
def test_a_kind_says_what_it_is(room: Room, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as told:
        make_kind(**(make.system(sort="screen", name="Other", lead_days=1) | changed))
    assert told.value.code == code


def test_only_who_repairs_there_touches_a_stock(room: Room) -> None:
    stock, school = room.stock(3), room.town.schools[0]
    for stranger in (school.lead_actor, make.user("auditor", Role.AUDITOR)[1]):
        with pytest.raises(Missing):
            correct_parts(stock_id=stock.pk, counted=1, **room.act(by=stranger))
        with pytest.raises(Missing):
            receive_parts(kind_id=room.screen.pk, place_id=room.store.pk, pieces=1, **room.act(by=stranger))
    with pytest.raises(Denied):
        make_kind(sort="screen", name="Other", **room.act(by=school.lead_actor))
    assert room.count() == 3


def test_a_school_keeps_parts_of_its_own(room: Room) -> None:
    school = room.town.schools[0]
    act = room.act(by=school.lead_actor)
    receive_parts(kind_id=room.screen.pk, place_id=school.places["desk"].pk, pieces=2, **act)
    assert left_for(school.site.pk, room.town.model.pk) == {"screen": 2}
    assert left_for(room.town.depot.pk, room.town.model.pk) == {}
