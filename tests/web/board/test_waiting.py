"""The board “What waits where”: who sees which schools, what is said of them, and how little it asks."""

import re
from typing import Any

import pytest
import time_machine

from firstbell.kernel.roles import Role
from tests import make
from tests.courier.day import asked, mapped, planned
from tests.web.depot.world import World, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return mapped(2)


def shown(user: Any, address: str = "/waiting") -> str:
    return re.sub(r"\s+", " ", signed_in(user).get(address).getvalue().decode())


def test_the_district_sees_what_waits_where_and_when_the_courier_comes(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 2)
    w.boxed(2)
    asked(w)
    office = make.user("office", Role.DISTRICT_IT)[0]
    with time_machine.travel(w.at, tick=False):
        page = shown(office)
        assert "2 <span" in page
        assert "1 request is on no run yet" in page
        assert "2 × Chromebook" in page
        assert "asked: enough devices wait" in page
        assert "no day yet" in page
        planned(w)
        page = shown(office)
        assert "Today, van 1" in page
        assert "on no run yet" not in page


def test_a_school_s_lead_sees_the_own_school_and_cannot_plan(w: World) -> None:
    w.boxed()
    with time_machine.travel(w.at, tick=False):
        page = shown(w.here.lead)
    assert w.here.site.name in page
    assert w.town.schools[1].site.name not in page
    assert "Plan a day" not in page


def test_late_is_said_and_the_list_is_a_file(w: World) -> None:
    w.boxed()
    w.later(days=4)
    office = make.user("office", Role.DISTRICT_IT)[0]
    with time_machine.travel(w.at, tick=False):
        assert "1 school is late" in shown(office)
        rows = shown(office, "/exports/waiting?as=csv")
    assert "Will wait by then" in rows
    assert w.here.site.name in rows


@pytest.mark.parametrize("size", [1, 6])
def test_it_asks_as_little_of_a_large_district(size: int, django_assert_max_num_queries: Any) -> None:
    w = mapped(size)
    for school in w.town.schools:
        w.boxed(1, school)
    asked(w)
    client = signed_in(make.user("office", Role.DISTRICT_IT)[0])
    with time_machine.travel(w.at, tick=False), django_assert_max_num_queries(10):
        client.get("/waiting")
