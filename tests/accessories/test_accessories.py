"""Counted stock: never below zero, every piece accounted for."""

import pytest
from django.db import IntegrityError, transaction

from firstbell.accessories.actions import (
    correct_count,
    issue_accessory,
    lend_for_day,
    make_kind,
    note_gone,
    note_returned,
    receive_stock,
    replace,
    set_reorder_point,
)
from firstbell.accessories.models import AccessoryKind, Holding, Stock
from firstbell.accessories.queries import differences, held_by, low, with_device
from firstbell.kernel.errors import Denied, Missing, Refused, Stale
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from tests import make
from tests.seasons.school import Ready, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Ready:
    return ready()


def test_what_arrives_is_there_and_low_stock_shows(here):
    stock = here.stock(10)
    set_reorder_point(stock_id=stock.pk, reorder_at=4, **here.act())
    assert list(low(by=here.school.lead_actor)) == []
    correct_count(stock_id=stock.pk, counted=4, **here.act())
    assert list(low(by=here.school.lead_actor)) == [stock]
    assert differences() == []


def test_a_charger_goes_with_a_device_and_with_its_person(here):
    person = make.person(here.school.site)
    device, stock = make.device(here.town, here.school, person), here.stock(2)
    holding = issue_accessory(stock_id=stock.pk, device_id=device.pk, **here.act())
    assert held_by(person) == with_device(device) == [holding]
    assert here.count() == 1
    note_returned(holding_id=holding.pk, place_id=here.store.pk, **here.act())
    assert held_by(person) == []
    assert here.count() == 2
    with pytest.raises(Stale):
        note_returned(holding_id=holding.pk, place_id=here.store.pk, **here.act())
    assert differences() == []


def test_a_loan_for_the_day_is_due_the_same_day(here):
    person, stock = make.person(here.school.site), here.stock(1)
    holding = lend_for_day(stock_id=stock.pk, person_id=person.pk, **here.act())
    assert str(holding.due_on) == "2026-09-14"
    with pytest.raises(Stale) as told:
        lend_for_day(stock_id=stock.pk, person_id=person.pk, **here.act())
    assert told.value.code == "none_left"
    assert here.count() == 0


def test_a_lost_one_is_replaced_and_both_are_told(here):
    person = make.person(here.school.site)
    device, stock = make.device(here.town, here.school, person), here.stock(2)
    old = issue_accessory(stock_id=stock.pk, device_id=device.pk, **here.act())
    new = replace(holding_id=old.pk, stock_id=stock.pk, end=Holding.End.LOST, **here.act())
    assert with_device(device) == [new]
    assert here.count() == 0
    assert events_of("accessories.ended").count() == 1
    assert events_of("accessories.given").count() == 2
    note_gone(holding_id=new.pk, end=Holding.End.BROKEN, **here.act())
    assert with_device(device) == []


def test_the_database_itself_refuses_fewer_than_none(here):
    stock = here.stock(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stock.objects.everyone(reason="a test breaks in").filter(pk=stock.pk).update(count=-1)


def test_a_count_that_nobody_moved_is_found(here):
    stock = here.stock(3)
    Stock.objects.everyone(reason="a test breaks in").filter(pk=stock.pk).update(count=7)
    assert differences() == [stock.pk]


def test_a_charger_of_another_model_is_refused(here):
    other = make_kind(
        sort=AccessoryKind.Sort.CHARGER, name="Old", model_ids=[make.district().model.pk], **make.system()
    )
    stock = receive_stock(kind_id=other.pk, place_id=here.store.pk, pieces=1, **here.act())
    with pytest.raises(Refused) as told:
        issue_accessory(stock_id=stock.pk, device_id=make.device(here.town, here.school).pk, **here.act())
    assert told.value.code == "does_not_fit"


@pytest.mark.parametrize("pieces", [0, -3, 10_000_000])
def test_numbers_that_cannot_be_are_refused(here, pieces):
    with pytest.raises(Refused):
        receive_stock(kind_id=here.charger.pk, place_id=here.store.pk, pieces=pieces, **here.act())
    assert here.count() == 0


def test_only_who_works_there_touches_a_stock(here):
    stock = here.stock(3)
    stranger = make.user("stranger", Role.IT_LEAD, make.school().site)[1]
    with pytest.raises(Missing):
        correct_count(stock_id=stock.pk, counted=1, **here.act(by=stranger))
    with pytest.raises(Missing):
        receive_stock(kind_id=here.charger.pk, place_id=here.store.pk, pieces=1, **here.act(by=stranger))
    with pytest.raises(Denied):
        make_kind(sort=AccessoryKind.Sort.CORD, name="Cord", **here.act())
    assert here.count() == 3
