"""Amounts of money."""

import pytest

from firstbell.kernel.money import Money, read_money


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        ("12.5", 1250),
        (" $12.50 ", 1250),
        ("0.05", 5),
        ("", None),
        ("12.505", None),
        ("-3", None),
        ("x", None),
    ],
)
def test_what_people_type(text, cents):
    assert read_money(text) == (None if cents is None else Money(cents))


def test_sums_shares_and_caps():
    assert Money(500) + Money(250) - Money(50) == Money(700)
    assert Money(333).percent(50) == Money(167)
    assert Money(500).capped(Money(300)) == Money(300)
    assert Money(200).capped(Money(300)) == Money(200)


def test_it_reads_as_people_write_it():
    assert [str(Money(cents)) for cents in (0, 5, 123456, -250)] == ["$0.00", "$0.05", "$1,234.56", "-$2.50"]
