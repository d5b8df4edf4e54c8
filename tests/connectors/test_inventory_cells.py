"""What cells of a device list mean."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.connectors.inventory import Owner, OwnerKey, cells
from firstbell.connectors.problems import Unreadable


def refusal(parse, cell):
    with pytest.raises(Unreadable) as refused:
        parse(cell)
    return refused.value.code


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        (" x ", "x"),
        ('="9726005000"', "9726005000"),
        ("'057912", "057912"),
        ("'", "'"),
        ("-40", "-40"),
        ("=1+1", "=1+1"),
        ("Jose\u0301", "José"),
    ],
)
def test_excels_guards_are_taken_off(cell, meant):
    assert cells.clean(cell) == meant


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("277", 27_700),
        ("$1,234.50", 123_450),
        ("1234.5", 123_450),
        ("1.234,50", 123_450),
        ("1 234,50", 123_450),
        ("1,234", 123_400),
        ("277.0000", 27_700),
        ("USD 400", 40_000),
        ("0.05", 5),
        ("12,345.67", 1_234_567),
    ],
)
def test_prices(cell, cents):
    assert cells.price(cell) == cents


@pytest.mark.parametrize("cell", ["1.234", "1,234,50", "free", "-5", "(400)", "12.345", "1,23,456", "€5", "1e3", "."])
def test_prices_that_are_not_clear(cell):
    assert refusal(cells.price, cell) == "price.unclear"


def test_a_price_that_no_device_has():
    assert refusal(cells.price, "1,000,000") == "price.too_large"


@given(st.integers(0, 10_000_000))
def test_a_price_written_in_any_common_way_is_that_price(cents):
    amount = cents / 100
    for written in (f"{amount:.2f}", f"${amount:,.2f}", f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))):
        assert cells.price(written) == cents


@pytest.mark.parametrize("cell", ["6.37702E+15", "6,37702E+15", "9E+11"])
@pytest.mark.parametrize(
    "parse", [cells.tag, cells.serial, cells.imei, cells.iccid, cells.mdn, cells.eid, cells.owner_number]
)
def test_a_number_that_excel_shortened_is_refused_wherever_it_identifies(cell, parse):
    assert refusal(parse, cell) == "cell.scientific"


@pytest.mark.parametrize("cell", ["12-Sep", "Sep-12", "1-jan"])
def test_an_identifier_that_excel_made_a_date(cell):
    assert refusal(cells.tag, cell) == "cell.excel_date"


@pytest.mark.parametrize("cell", ["5E1234", "T12-SEP-4", "12-ABC", "SEP-1234"])
def test_identifiers_that_only_look_spoiled(cell):
    assert cells.serial(cell) == cell


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("#N/A", "cell.excel_error"),
        ("########", "cell.excel_error"),
        ("a\nb", "cell.line_break"),
        ("a\0b", "cell.control_character"),
        ("x" * 201, "cell.too_long"),
    ],
)
def test_text_that_is_none(cell, code):
    assert refusal(cells.text, cell) == code
    assert refusal(cells.serial, cell) == code


@pytest.mark.parametrize("cell", ["490154203237518", "49-015420-323751-8", "49 015420 323751 8", "4901542032375101"])
def test_an_imei(cell):
    assert cells.imei(cell) == "490154203237518"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("490154203237519", "imei.check_digit"),
        ("49015420323751", "imei.length"),
        ("A00000009296F3", "imei.length"),
        ("x", "imei.length"),
    ],
)
def test_what_is_no_imei(cell, code):
    assert refusal(cells.imei, cell) == code


@pytest.mark.parametrize("cell", ["89014103211118510720", "8901 4103 2111 1851 0720", "89014103211118510720F"])
def test_an_iccid(cell):
    assert cells.iccid(cell) == "89014103211118510720"
    assert cells.iccid_ok("89014103211118510720")
    assert cells.iccid_ok("8901410321111851072")
    assert not cells.iccid_ok("89014103211118510730")


@pytest.mark.parametrize("cell", ["1234567890123456789", "890141032", "8901410321111851072012", "sim"])
def test_what_is_no_iccid(cell):
    assert refusal(cells.iccid, cell) == "iccid.form"


@pytest.mark.parametrize("cell", ["972-600-5000", "(972) 600-5000", "9726005000", "19726005000", "+1 972 600 5000"])
def test_a_line_number(cell):
    assert cells.mdn(cell) == "+19726005000"


def test_a_line_number_abroad():
    assert cells.mdn("+49 30 123456") == "+4930123456"


@pytest.mark.parametrize("cell", ["600-5000", "0726005000", "9721005000", "+1 555", "phone", "+19721005000"])
def test_what_is_no_line_number(cell):
    assert refusal(cells.mdn, cell) == "mdn.form"


def test_an_eid_checks_itself():
    head = "89049032123451234512345678901" + "0"
    eid = f"{head}{98 - int(head + '00') % 97:02}"
    other = f"{int(eid) + 1:032}"

    assert cells.eid(eid) == eid
    assert refusal(cells.eid, other) == "eid.check_digit"
    assert refusal(cells.eid, "123") == "eid.form"


@pytest.mark.parametrize(
    ("cell", "owner"),
    [
        ("0042", Owner(OwnerKey.NUMBER, "0042")),
        ("Kid@Example.org", Owner(OwnerKey.EMAIL, "kid@example.org")),
        ("ABYRON7", Owner(OwnerKey.USERNAME, "abyron7")),
    ],
)
def test_an_owner_is_known_by_number_address_or_user_name(cell, owner):
    assert cells.owner(cell) == owner


@pytest.mark.parametrize("cell", ["Ada Byron", "Byron, Ada", "Byron,Ada"])
def test_an_owner_is_never_known_by_name(cell):
    assert refusal(cells.owner, cell) == "owner.looks_like_a_name"
    assert refusal(cells.owner_email, cell) == "owner.not_an_email"


@pytest.mark.parametrize(("day", "months", "later"), [
    (date(2024, 2, 29), 36, date(2027, 2, 28)),
    (date(2026, 12, 31), 2, date(2027, 2, 28)),
    (date(2026, 7, 13), 12, date(2027, 7, 13)),
    (date(2026, 7, 13), 0, date(2026, 7, 13)),
])  # fmt: skip
def test_months_later(day, months, later):
    assert cells.add_months(day, months) == later


@pytest.mark.parametrize(("cell", "months"), [("36", 36), ("36 months", 36), ("12 mo.", 12), ("1 Month", 1)])
def test_a_warranty_in_months(cell, months):
    assert cells.months(cell) == months


@pytest.mark.parametrize("cell", ["3 years", "lifetime", "-1", "36.5"])
def test_a_warranty_that_is_not_clear(cell):
    assert refusal(cells.months, cell) == "warranty.unclear"


PARSERS = [
    cells.text,
    cells.tag,
    cells.serial,
    cells.price,
    cells.months,
    cells.imei,
    cells.iccid,
    cells.mdn,
    cells.eid,
    cells.owner,
    cells.owner_number,
    cells.owner_email,
    cells.owner_username,
]


@given(st.sampled_from(PARSERS), st.text(max_size=50) | st.from_regex(r"[0-9 .,'$eE+\-]{1,40}", fullmatch=True))
def test_any_cell_is_understood_or_unreadable(parse, cell):
    with suppress(Unreadable):
        parse(cells.clean(cell))
