"""What a cell of each kind may hold, and how near misses of real exports are mended.

A check returns "" or the code of what is wrong; a mend returns the cell as it should have been, or "" when nobody can
tell. Neither ever puts the cell into a message.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from firstbell.connectors.days import parse_day
from firstbell.connectors.problems import Unreadable
from firstbell.connectors.roster.vocabulary import RESOURCE_ROLES, SCORE_STATES, VOCABULARIES, Vocabulary

Check = Callable[[str], str]
Mend = Callable[[str], str]

_ID = re.compile(r"[0-9A-Za-z./@_\-]{1,255}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z")
_YEAR = re.compile(r"[0-9]{4}")
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,2})?")
_BOOLEANS = MappingProxyType(
    {"true": "true", "false": "false", "1": "true", "0": "false", "yes": "true", "no": "false"}
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How to check and mend the cells of a column."""

    check: Check
    mend: Mend


def check_id(cell: str) -> str:
    """Check a sourcedId."""
    return "" if _ID.fullmatch(cell) else "row.invalid_guid"


def _check_ids(cell: str) -> str:
    if _ID.fullmatch(cell):
        return ""
    return _check_list(cell) or next((code for item in cell.split(",") if (code := check_id(item))), "")


def _check_list(cell: str) -> str:
    return "row.invalid_list" if "" in cell.split(",") else ""


def _check_boolean(cell: str) -> str:
    return "" if cell in {"true", "false"} else "row.invalid_boolean"


def _check_date(cell: str) -> str:
    return "" if _DATE.fullmatch(cell) and _is_day(cell) else "row.invalid_date"


def check_datetime(cell: str) -> str:
    """Check a moment in UTC, such as 2026-11-22T00:00:00.000Z."""
    match = _DATETIME.fullmatch(cell)
    return "" if match and _is_day(match[1]) else "row.invalid_datetime"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matching(pattern: re.Pattern[str], code: str) -> Check:
    return lambda cell: "" if pattern.fullmatch(cell) else code


def _among(words: Vocabulary | frozenset[str]) -> Check:
    return lambda cell: "" if cell in words else "row.invalid_enum"


def _each_among(words: frozenset[str]) -> Check:
    return lambda cell: _check_list(cell) or ("" if words.issuperset(cell.split(",")) else "row.invalid_enum")


def _trimmed(check: Check) -> Mend:
    def mend(cell: str) -> str:
        trimmed = cell.strip()
        return "" if check(trimmed) else trimmed

    return mend


def _mend_list(cell: str) -> str:
    return ",".join(item.strip() for item in cell.split(",") if item.strip())


def _mend_ids(cell: str) -> str:
    return ",".join(item.strip() for item in cell.split(",") if not check_id(item.strip()))


def _mend_boolean(cell: str) -> str:
    return _BOOLEANS.get(cell.strip().casefold(), "")


def _mend_date(cell: str) -> str:
    try:
        return parse_day(cell).isoformat()
    except Unreadable:
        return ""


def _trimmed_kind(check: Check) -> Kind:
    return Kind(check, _trimmed(check))


_PLAIN: Mapping[str, Kind] = MappingProxyType(
    {
        "id": _trimmed_kind(check_id),
        "ids": Kind(_check_ids, _mend_ids),
        "list": Kind(_check_list, _mend_list),
        "boolean": Kind(_check_boolean, _mend_boolean),
        "date": Kind(_check_date, _mend_date),
        "year": _trimmed_kind(_matching(_YEAR, "row.invalid_year")),
        "integer": _trimmed_kind(_matching(_INTEGER, "row.invalid_integer")),
        "float": _trimmed_kind(_matching(_FLOAT, "row.invalid_float")),
        "score_status": _trimmed_kind(_among(SCORE_STATES)),
        "resource_roles": Kind(_each_among(RESOURCE_ROLES), _mend_list),
    }
)


def kind_of(version: str, name: str) -> Kind | None:
    """Return how this kind of column is checked in this version; None for free text."""
    if name == "text":
        return None
    if name in _PLAIN:
        return _PLAIN[name]
    words = VOCABULARIES[version, name]
    return Kind(_among(words), words.spelling)
