"""Rooms and storage: charging places (S122), kits of the morning round (S106), storage of new devices (S134)."""

from datetime import timedelta
from typing import Any

import pytest

from firstbell.decisions.register import CHARGING_PLACES, KIT_SIZE, STORAGE_GRADE
from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import register
from firstbell.devices.actions.inventory_bulk import Arrival, refusals, register_many
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.kernel.errors import Refused
from firstbell.loans.queries import free_loaners
from firstbell.rounds.models import Charging
from tests import make
from tests.web.desk.conftest import Desk

pytestmark = pytest.mark.django_db


def _charging() -> list[tuple[int, int]]:
    return list(Charging.objects.everyone(reason="a test looks").values_list("places", "working"))


def test_rooms_with_too_few_charging_places_come_first(desk: Desk) -> None:
    make.decision(CHARGING_PLACES.key, 6)
    room = desk.here.places["room"]
    assert "not looked at yet" in desk.client.get("/charging").content.decode()
    desk.post(f"/places/{room.code}/charging", places=8, working=5)
    page = desk.client.get("/charging").content.decode()
    assert "5 of 6 work" in page
    assert "0 with enough (0 %)" in page
    desk.post(f"/places/{room.code}/charging", places=8, working=8)
    assert "1 with enough (100 %)" in desk.client.get("/charging").content.decode()
    assert "8" in desk.client.get("/exports/charging?format=csv").getvalue().decode()
    assert _charging() == [(8, 8)]


@pytest.mark.parametrize(("places", "working"), [(4, 5), (-1, 0), (1000, 1), ("many", 1), (4, "")])
def test_impossible_numbers_are_refused_in_words(desk: Desk, places: object, working: object) -> None:
    answer = desk.post(f"/places/{desk.here.places['room'].code}/charging", places=places, working=working)
    assert answer.status_code == 422
    assert "charging places" in answer.content.decode()
    assert _charging() == []


def test_loaners_in_a_kit_are_offered_to_nobody_and_the_kit_says_what_it_lacks(desk: Desk) -> None:
    make.decision(KIT_SIZE.key, 2)
    loaner, other = make.loaner(desk.town, desk.here), make.loaner(desk.town, desk.here)
    kit = make_place(site_id=desk.here.site.pk, kind=Place.Kind.KIT, name="Round bag", **make.system())
    relocate(device_id=loaner.pk, place_id=kit.pk, by=desk.here.lead_actor, at=make.MONDAY, op=make.op())
    offered = [row.device.tag for row in free_loaners(desk.here.site.pk, by=desk.here.lead_actor)]
    assert offered == [other.tag]
    shelf = desk.here.places["loaner_shelf"].pk
    page = desk.client.get("/loans?view=kits").content.decode()
    assert "1 of 2 there" in page
    assert kit.code in page
    relocate(
        device_id=loaner.pk, place_id=shelf, by=desk.here.lead_actor, at=make.MONDAY + timedelta(hours=1), op=make.op()
    )
    offered = [row.device.tag for row in free_loaners(desk.here.site.pk, by=desk.here.lead_actor)]
    assert sorted(offered) == sorted([loaner.tag, other.tag]), "out of the kit, it is the desk's again"


def test_new_devices_wait_only_where_the_plan_lets_them(desk: Desk) -> None:
    store = make_place(site_id=desk.here.site.pk, kind=Place.Kind.STORE, name="Room 9", **make.system())
    new: dict[str, Any] = {"serial": "SN1", "model_id": desk.town.model.pk, "place_id": store.pk}
    arrival = Arrival(op=make.op(), tag="NEW-2", serial="SN2", model_id=desk.town.model.pk, place_id=store.pk)
    make.decision(STORAGE_GRADE.key, "keys")
    desk.post(f"/places/{store.code}/security", security="locked", counted_daily="1")
    with pytest.raises(Refused, match="not_secured"):
        register(tag="NEW-1", **new, **make.system())
    assert [refusal.code for refusal in refusals([arrival]).values()] == ["not_secured"]
    with pytest.raises(Refused, match="not_secured"):
        register_many(arrivals=[arrival], **make.system())
    desk.post(f"/places/{store.code}/security", security="alarm", counted_daily="1")
    register(tag="NEW-1", **new, **make.system())
    register_many(arrivals=[arrival], **make.system())
    store.refresh_from_db()
    assert (store.security, store.counted_daily) == ("alarm", True)


def test_a_security_that_is_none_is_refused(desk: Desk) -> None:
    store = make_place(site_id=desk.here.site.pk, kind=Place.Kind.STORE, name="Room 9", **make.system())
    assert desk.post(f"/places/{store.code}/security", security="dog").status_code == 422
