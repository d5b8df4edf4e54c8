"""Tags, serials and check digits in their one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.kernel.identifiers import luhn_ok, normalise_serial, normalise_tag


@pytest.mark.parametrize("written", ["AO333", "ao333", " AO 333 ", "ＡＯ３３３", "ao\u200b333\ufeff", "AO\u00a0333"])
def test_a_tag_has_one_form(written):
    assert normalise_tag(written) == "AO333"


@pytest.mark.parametrize(
    ("written", "serial"),
    [
        ("5cd1234abc", "5CD1234ABC"),
        ("1S20XXS00000PF123456", "PF123456"),
        ("SDMPQ1234ABCD", "DMPQ1234ABCD"),
        ("S123", "S123"),
        ("1S123", "1S123"),
        ("0O1I", "0O1I"),
        ("", ""),
    ],
)
def test_a_serial_has_one_form_and_loses_a_scanners_prefix(written, serial):
    assert normalise_serial(written) == serial


@given(st.text())
def test_normalising_a_tag_twice_changes_nothing(text):
    assert normalise_tag(normalise_tag(text)) == normalise_tag(text)


@pytest.mark.parametrize("number", ["490154203237518", "352099001761481", "89014103211118510720", "0"])
def test_numbers_with_a_right_check_digit(number):
    assert luhn_ok(number)


@pytest.mark.parametrize("number", ["490154203237519", "", "49015420323751X", "４９０１５４２０３２３７５１８", "-18"])
def test_numbers_without_one(number):
    assert not luhn_ok(number)


@given(st.from_regex(r"[0-9]{1,20}", fullmatch=True), st.data())
def test_one_changed_digit_is_always_noticed(digits, data):
    number = next(digits + check for check in "0123456789" if luhn_ok(digits + check))
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[place]))

    assert not luhn_ok(number[:place] + other + number[place + 1 :])
