"""Asset tags, serial numbers and check digits as people type them and scanners read them."""

import re
import unicodedata

_HIDDEN = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_LENOVO_SCAN = re.compile(r"1S[0-9A-Z]{10}([0-9A-Z]{8})")
_APPLE_SCAN = re.compile(r"S([0-9A-Z]{12})")
_LUHN_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def normalise_tag(text: str) -> str:
    """Return the asset tag in the one form it is stored and compared in: upper case, no blanks, plain digits.

    Tags are unique in a district without regard to case: pupils type "ao333" for "AO333".
    """
    compact = _HIDDEN.sub("", unicodedata.normalize("NFKC", text)).upper()
    return compact if compact.isascii() else unicodedata.normalize("NFKC", compact)


def normalise_serial(text: str) -> str:
    """Return the serial number in the one form it is stored and compared in: as a tag, without a scanner's prefix.

    Lenovo's code reads ``1S`` + 10 characters of machine type + the 8 of the serial; Apple's ``S`` + the 12 of the
    serial. O and 0, I and 1 are left as they are: only a person can tell.
    """
    serial = normalise_tag(text)
    scanned = _LENOVO_SCAN.fullmatch(serial) or _APPLE_SCAN.fullmatch(serial)
    return scanned[1] if scanned else serial


def luhn_ok(number: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1; IMEI and ICCID use it)."""
    if not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[0::2]) + sum(_LUHN_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0
