"""Days as files write them; what could be two days is refused."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.connectors.days import DayOrder, parse_day, proven_order
from firstbell.connectors.problems import Unreadable

JANUARY = date(2026, 1, 23)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-23",
        "2026/1/23",
        "2026-01-23T08:00:00.000Z",
        "2026-01-23 08:00",
        "20260123",
        "1/23/2026",
        "23/1/2026",
        "23.01.26",
        "1-23-26",
        "1/23/2026 0:00",
        "23-Jan-2026",
        "23 January 2026",
        "Jan 23, 2026",
        "january 23 2026",
        " 2026-01-23 ",
    ],
)
def test_one_day_in_many_forms(text):
    assert parse_day(text) == JANUARY


@pytest.mark.parametrize("text", ["3/4/2026", "03.04.26", "12-11-2026"])
def test_what_could_be_two_days_is_refused_unless_the_order_is_said(text):
    with pytest.raises(Unreadable) as refusal:
        parse_day(text)
    assert refusal.value.code == "date.ambiguous"

    assert parse_day(text, DayOrder.MONTH_FIRST) != parse_day(text, DayOrder.DAY_FIRST)


def test_the_same_number_twice_is_one_day():
    assert parse_day("5/5/2026") == date(2026, 5, 5)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-02-30", "13/13/2026", "1/2", "46000", "99991231", "0001-01-01", "5 Foo 2026", "1/23-2026"],
)
def test_what_is_no_day(text):
    with pytest.raises(Unreadable) as refusal:
        parse_day(text)
    assert refusal.value.code == "date.unclear"


def test_an_order_that_does_not_fit_is_not_bent():
    with pytest.raises(Unreadable):
        parse_day("1/23/2026", DayOrder.DAY_FIRST)


@pytest.mark.parametrize(("text", "year"), [("1/23/69", 2069), ("1/23/70", 1970), ("1/23/00", 2000)])
def test_two_digit_years(text, year):
    assert parse_day(text).year == year


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("1/23/2026", DayOrder.MONTH_FIRST),
        ("23/1/2026", DayOrder.DAY_FIRST),
        ("3/4/2026", None),
        ("5/5/2026", None),
        ("2026-01-23", None),
        ("", None),
    ],
)
def test_the_order_that_a_date_proves(text, order):
    assert proven_order(text) is order


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_unreadable(text):
    with suppress(Unreadable):
        assert isinstance(parse_day(text), date)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d %b %Y", "%B %d, %Y"]))
def test_what_is_written_clearly_is_read(day, form):
    text = day.strftime(form)
    if form == "%Y%m%d" and day.year >= 2100:
        text = day.isoformat()
    assert parse_day(text) == day
