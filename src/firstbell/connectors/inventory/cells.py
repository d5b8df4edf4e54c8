"""What the cells of a device list mean. Each function returns the value or raises Unreadable with a code."""

import re
import unicodedata
from calendar import monthrange
from datetime import date
from decimal import Decimal

from firstbell.connectors.inventory.records import Owner, OwnerKey
from firstbell.connectors.problems import Unreadable
from firstbell.kernel.identifiers import luhn_ok, normalise_serial, normalise_tag

LONGEST_TEXT = 200
"""Characters of any cell we keep."""

_SIGNS = "=+-@"
"""What a guarded cell of an export may begin with."""
_GUARD = re.compile(r'="(.*)"', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+\d+")
_EXCEL_DATE = re.compile(r"(?:\d{1,2}-(?P<a>[A-Za-z]{3})|(?P<b>[A-Za-z]{3})-\d{2})")
_EXCEL_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|#+)")
_MONTHS = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
_PLACEHOLDERS = frozenset(
    {"N/A", "NA", "NONE", "NULL", "UNKNOWN", "TBD", "?", "-", "--", "0", "X", "NOTAG", "NOSERIAL"}
)
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_SEPARATORS = re.compile(r"[\s.\-]")
_PRICE = re.compile(r"(?:usd|us\$|\$)?\s*([0-9][0-9.,' ]*)\s*(?:usd|\$)?", re.IGNORECASE)
_CENTS = re.compile(r"([.,])([0-9]{1,2}|[0-9]{2}0{2,})$")
_GROUPS = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")
_LARGEST_PRICE = Decimal(100_000)
_IMEI, _IMEISV, _EID, _EID_CHECK = 15, 16, 32, 97
_ICCID = re.compile(r"89\d{16,18}")
_NANP = re.compile(r"1?([2-9]\d{2}[2-9]\d{6})")
_INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")


def clean(cell: str) -> str:
    """Return the cell as a person would read it: trimmed, in one line, without Excel's guards ``="..."`` and ``'``."""
    text = cell.strip() if cell.isascii() else unicodedata.normalize("NFC", cell).strip()
    guarded = _GUARD.fullmatch(text) if text.startswith("=") else None
    if guarded:
        text = guarded[1].strip()
    if text.startswith("'") and len(text) > 1 and (text[1].isalnum() or text[1] in _SIGNS):
        text = text[1:]
    return text


def text(cell: str) -> str:
    """Return free text of one line. Codes: ``cell.`` excel_error, line_break, control_character, too_long."""
    if not cell.isprintable():
        _check_controls(cell)
    if len(cell) > LONGEST_TEXT:
        raise Unreadable("cell.too_long", limit=LONGEST_TEXT)
    if cell.startswith("#") and _EXCEL_ERROR.fullmatch(cell):
        raise Unreadable("cell.excel_error")
    return " ".join(cell.split())


def _check_controls(cell: str) -> None:
    if "\n" in cell or "\r" in cell:
        raise Unreadable("cell.line_break")
    if _CONTROL.search(cell):
        raise Unreadable("cell.control_character")


def is_placeholder(cell: str) -> bool:
    """Say whether an identifier cell says "none" in other words."""
    return normalise_tag(cell) in _PLACEHOLDERS


def _identifier(cell: str) -> str:
    """Return an identifier that Excel has not spoiled. Codes: ``cell.scientific``, ``cell.excel_date``."""
    identifier = text(cell)
    if _SCIENTIFIC.fullmatch(identifier):
        raise Unreadable("cell.scientific")
    spoiled = _EXCEL_DATE.fullmatch(identifier)
    if spoiled and (spoiled["a"] or spoiled["b"]).casefold() in _MONTHS:
        raise Unreadable("cell.excel_date")
    return identifier


def tag(cell: str) -> str:
    """Return the asset tag in its one form."""
    return normalise_tag(_identifier(cell))


def serial(cell: str) -> str:
    """Return the serial number in its one form."""
    return normalise_serial(_identifier(cell))


def price(cell: str) -> int:
    """Return cents for 277, $1,234.50, 1.234,50. Codes: ``price.unclear`` (1.234, 3 decimals), ``price.too_large``."""
    match = _PRICE.fullmatch(cell)
    if match is None:
        raise Unreadable("price.unclear")
    amount = _amount(match[1].strip())
    if amount > _LARGEST_PRICE:
        raise Unreadable("price.too_large", limit=int(_LARGEST_PRICE))
    return int(amount * 100)


def _amount(number: str) -> Decimal:
    """Return the number; a point or comma before its last one or two digits (and zeros) is the decimal one."""
    cents = _CENTS.search(number)
    whole = number[: cents.start()] if cents else number
    groups = _GROUPS.fullmatch(whole)
    if groups:
        if groups[1] == (cents[1] if cents else "."):
            raise Unreadable("price.unclear")
        whole = whole.replace(groups[1], "")
    if not whole.isdigit():
        raise Unreadable("price.unclear")
    return Decimal(f"{whole}.{cents[2] if cents else 0}")


def months(cell: str) -> int:
    """Return a number of months, as in 36 or "36 months"."""
    match = re.fullmatch(r"(\d{1,3})\s*(?:m|mo|months?)?\.?", cell, re.IGNORECASE)
    if match is None:
        raise Unreadable("warranty.unclear")
    return int(match[1])


def add_months(day: date, count: int) -> date:
    """Return the day so many months later, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + count, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _digits(cell: str, code: str) -> str:
    digits = _SEPARATORS.sub("", _identifier(cell))
    if not (digits.isascii() and digits.isdigit()):
        raise Unreadable(code)
    return digits


def imei(cell: str) -> str:
    """Return 15 digits. 16 (with software version) lose their last two and get the check digit they lack.

    Codes: ``imei.length`` (14 digits may be a MEID), ``imei.check_digit``.
    """
    digits = _digits(cell, "imei.length")
    if len(digits) == _IMEISV:
        return next(digits[:14] + check for check in "0123456789" if luhn_ok(digits[:14] + check))
    if len(digits) != _IMEI:
        raise Unreadable("imei.length")
    if not luhn_ok(digits):
        raise Unreadable("imei.check_digit")
    return digits


def iccid(cell: str) -> str:
    """Return 18 to 20 digits starting with 89, the filler F taken off. Code: ``iccid.form``.

    The check digit is the caller's question (``iccid_ok``): some lists leave it out.
    """
    digits = re.sub(r"[fF]$", "", _SEPARATORS.sub("", _identifier(cell)))
    if not _ICCID.fullmatch(digits):
        raise Unreadable("iccid.form")
    return digits


def iccid_ok(digits: str) -> bool:
    """Say whether the number, or its first 19 digits, end in their Luhn check digit."""
    return luhn_ok(digits) or luhn_ok(digits[:19])


def mdn(cell: str) -> str:
    """Return an E.164 number; ten digits are taken for North America. Code: ``mdn.form``."""
    number = re.sub(r"[\s().\-/]", "", _identifier(cell))
    north_american = _NANP.fullmatch(number.removeprefix("+"))
    if north_american:
        return f"+1{north_american[1]}"
    if _INTERNATIONAL.fullmatch(number) and not number.startswith("+1"):
        return number
    raise Unreadable("mdn.form")


def eid(cell: str) -> str:
    """Return 32 digits of an eSIM. Codes: ``eid.form``, ``eid.check_digit`` (the whole modulo 97 must be 1)."""
    digits = _digits(cell, "eid.form")
    if len(digits) != _EID:
        raise Unreadable("eid.form")
    if int(digits) % _EID_CHECK != 1:
        raise Unreadable("eid.check_digit")
    return digits


def owner_number(cell: str) -> Owner:
    """Return an owner by student or staff number, kept as text: leading zeros count."""
    return Owner(OwnerKey.NUMBER, _identifier(cell))


def owner_email(cell: str) -> Owner:
    """Return an owner by e-mail address. Code: ``owner.not_an_email``."""
    address = text(cell).casefold()
    if not _EMAIL.fullmatch(address):
        raise Unreadable("owner.not_an_email")
    return Owner(OwnerKey.EMAIL, address)


def owner_username(cell: str) -> Owner:
    """Return an owner by user name. Code: ``owner.looks_like_a_name``."""
    name = text(cell)
    if " " in name or "," in name:
        raise Unreadable("owner.looks_like_a_name")
    return Owner(OwnerKey.USERNAME, name.casefold())


def owner(cell: str) -> Owner:
    """Return an owner by whichever of the three the cell holds."""
    if "@" in cell:
        return owner_email(cell)
    return owner_number(cell) if cell.isdigit() else owner_username(cell)
