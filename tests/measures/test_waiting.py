"""What waits where, and how much will wait by then: simple enough to be worked out by hand."""

from datetime import date, timedelta

import pytest

from firstbell.decisions.queries import plan
from firstbell.measures.reach import reach_of
from firstbell.measures.waiting import Standing, forecast, rate_of, standings
from tests import make
from tests.courier.day import asked, mapped, planned
from tests.web.depot.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return mapped(3)


def rows(w: World) -> list[Standing]:
    return standings(reach_of(w.by), plan(), w.at)


def test_the_longest_waiting_comes_first_and_what_waits_is_told_by_kind(w: World) -> None:
    second, first = w.town.schools[1], w.town.schools[2]
    w.boxed(1, first)
    w.later(hours=1)
    w.boxed(3, second)
    found = rows(w)
    assert [row.site for row in found] == [first.site, second.site, w.here.site]
    assert [row.count for row in found] == [1, 3, 0]
    assert found[1].boxed is not None
    assert found[1].boxed.kinds == (("chromebook", 3),)
    assert found[2].due is None


def test_the_next_visit_is_that_of_the_van_and_else_that_of_the_rule(w: World) -> None:
    make.decision("pickup.days", ["2"])
    w.boxed()
    assert {row.visit for row in rows(w)} == {date(2026, 9, 16)}
    make.decision("pickup.rule", "demand", w.town.schools[2].site)
    assert {row.site: row.visit for row in rows(w)}[w.town.schools[2].site] is None
    asked(w)
    planned(w, day=date(2026, 9, 17))
    row = next(row for row in rows(w) if row.site == w.here.site)
    assert (row.visit, row.stop is not None) == (date(2026, 9, 17), True)


def test_the_rate_is_what_came_in_over_the_school_days_of_four_weeks(w: World) -> None:
    w.sent(6)
    w.boxed(4)
    w.at += timedelta(days=14)  # 18 school days in these four weeks: Labor Day and the day itself are counted rightly
    school = reach_of(w.by).times[w.here.site.pk]
    today = w.at.date()
    days = school.days_after(today - timedelta(weeks=4), today)
    assert days == 19
    row = next(row for row in rows(w) if row.site == w.here.site)
    assert row.rate == pytest.approx(10 / 19)
    ahead = today + timedelta(days=7)
    assert forecast(4, row.rate, school, ahead, w.at) == 4 + round(5 * 10 / 19)


def test_without_any_history_nothing_is_foretold(w: World) -> None:
    school = reach_of(w.by).times[w.here.site.pk]
    assert rate_of(0, school, w.at) is None
    assert forecast(0, None, school, w.at.date() + timedelta(days=7), w.at) == 0
    assert forecast(3, 2.0, school, None, w.at) == 3, "nobody knows when the courier comes"
    assert forecast(3, 2.0, school, w.at.date(), w.at) == 3, "it comes today"
