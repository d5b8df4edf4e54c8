"""Refusals, codes, tokens, tags and clocks."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.kernel import clock, codes
from firstbell.kernel.damage import Cause
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.identifiers import luhn_ok, normalise_serial, normalise_tag


def test_a_refusal_says_why_with_its_facts_and_its_rule():
    no = Refused("loaner_out", "{who} has {tag}.", decision="loans.days", who="Ana {x}", tag="L-1")
    assert no.sentence == "Ana {x} has L-1."
    assert str(no) == "loaner_out: Ana {x} has L-1."
    assert (no.code, no.decision, no.facts["tag"]) == ("loaner_out", "loans.days", "L-1")
    assert isinstance(Stale("x", "y"), Refused)
    assert str(Missing("Device")) == "Device"


def test_a_code_has_no_letters_that_look_alike():
    made = "".join(codes.new_code() for _ in range(200))
    assert set(made) <= set(codes.ALPHABET)
    assert not set("01OI") & set(codes.ALPHABET)
    assert len(codes.new_code(12)) == 12


def test_a_token_is_stored_as_a_digest():
    token = codes.new_token()
    assert len(token) >= 27
    assert codes.token_hash(token) == codes.token_hash(token) != codes.token_hash(token + "x")
    assert len(codes.token_hash(token)) == 64


def test_now_is_aware():
    assert clock.utc_now().tzinfo is UTC


def test_no_cause_says_whose_fault_it_was():
    said = {"accidental", "liquid", "wear", "defect", "unknown", "lost", "stolen"}
    assert {cause.value for cause in Cause} == said


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" ao333 ", "AO333"), ("AO\u200b333", "AO333"), ("ＡＯ３３３", "AO333"), ("straße", "STRASSE")],
)
def test_a_tag_has_one_form(typed, stored):
    assert normalise_tag(typed) == stored


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise_tag(normalise_tag(text)) == normalise_tag(text)


@pytest.mark.parametrize(
    ("scanned", "serial"),
    [("1S20X1S0AB00PF12ABCD", "PF12ABCD"), ("SC02ABCDEFGHJ", "C02ABCDEFGHJ"), ("5CD1234XYZ", "5CD1234XYZ")],
)
def test_a_scanners_prefix_is_dropped(scanned, serial):
    assert normalise_serial(scanned) == serial


@pytest.mark.parametrize(
    ("number", "right"),
    [("490154203237518", True), ("490154203237517", False), ("", False), ("49015420323751x", False), ("٤", False)],
)
def test_the_check_digit(number, right):
    assert luhn_ok(number) is right
