"""Turns the cells of one row into a device, or into the reasons why not."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

from firstbell.connectors.days import DayOrder, parse_day
from firstbell.connectors.inventory import cells
from firstbell.connectors.inventory.clashes import Clashes, Identity
from firstbell.connectors.inventory.records import DeviceRow, Outcome, Owner
from firstbell.connectors.problems import Problem, Severity, Unreadable

Parse = Callable[[str], Any]

_TEXTS = [
    "manufacturer",
    "model",
    "model_number",
    "site",
    "place",
    "status",
    "funding_source",
    "po_number",
    "condition",
    "carrier",
]
_OWNERS = ("owner_number", "owner_email", "owner_username", "owner")
_PARSERS: Mapping[str, Parse] = MappingProxyType(
    dict.fromkeys(_TEXTS, lru_cache(maxsize=4096)(cells.text))
    | {
        "tag": cells.tag,
        "serial": cells.serial,
        "owner_number": cells.owner_number,
        "owner_email": cells.owner_email,
        "owner_username": cells.owner_username,
        "owner": cells.owner,
        "purchase_price_cents": cells.price,
        "warranty_months": cells.months,
        "imei": cells.imei,
        "iccid": cells.iccid,
        "mdn": cells.mdn,
        "eid": cells.eid,
    }
)
_DAYS = ("purchased_on", "warranty_until")


class RowReader:
    """Reads rows by where the fields are. ``file`` is the name that problems carry; a display name, not a path.

    A cell that can't be read costs the row: left out alone, it would clear the field of the device.
    """

    def __init__(
        self, file: str, columns: Mapping[str, int], width: int, day_order: DayOrder | None, clashes: Clashes
    ) -> None:
        self._file = file
        self._width = width
        self._clashes = clashes
        self._note = columns.get("notes")
        parsers = {**_PARSERS, **dict.fromkeys(_DAYS, _day_parser(day_order))}
        self._fields = [(field, place, parsers[field]) for field, place in columns.items() if field in parsers]

    def identity(self, number: int, row: Sequence[str]) -> Identity:
        """Return what the row's device is known by; an unreadable cell counts as empty here."""
        values = {
            field: self._quietly(parse, row[place])
            for field, place, parse in self._fields
            if field in {"tag", "serial", "manufacturer"} and place < len(row)
        }
        maker = values.get("manufacturer", "").casefold()
        return Identity(number, values.get("tag", ""), values.get("serial", ""), maker)

    def _quietly(self, parse: Parse, cell: str) -> str:
        text = cells.clean(cell)
        try:
            return "" if not text or cells.is_placeholder(text) else str(parse(text))
        except Unreadable:
            return ""

    def read(self, number: int, row: Sequence[str], *, spans_lines: bool) -> Outcome:
        """Return what becomes of the row."""
        problems: list[Problem] = list(self._misfits(number, row, spans_lines=spans_lines))
        values: dict[str, Any] = {}
        for field, place, parse in self._fields:
            text = cells.clean(row[place]) if place < len(row) else ""
            if text:
                self._parse(number, field, parse, text, values, problems)
        problems.extend(self._conflicts(number, values))
        if any(problem.severity is not Severity.WARNING for problem in problems):
            return Outcome(number, None, tuple(problems))
        return Outcome(number, self._device(values, row), tuple(problems))

    def _misfits(self, number: int, row: Sequence[str], *, spans_lines: bool) -> list[Problem]:
        """Return what is wrong with the row's width. A short row of one line is one whose last cells are empty."""
        if any(cell.strip() for cell in row[self._width :]):
            return [self._problem("row.too_long", Severity.ROW, number)]
        if len(row) < self._width and spans_lines:
            return [self._problem("row.too_short", Severity.ROW, number)]
        return []

    def _parse(
        self, number: int, field: str, parse: Parse, text: str, values: dict[str, Any], problems: list[Problem]
    ) -> None:
        if field in {"tag", "serial"} and cells.is_placeholder(text):
            problems.append(self._problem("cell.placeholder", Severity.WARNING, number, field))
            return
        try:
            values[field] = parse(text)
        except Unreadable as fault:
            problems.append(self._problem(fault.code, Severity.ROW, number, field, fault.facts))
        else:
            if field == "iccid" and not cells.iccid_ok(values[field]):
                problems.append(self._problem("iccid.check_digit", Severity.WARNING, number, field))

    def _conflicts(self, number: int, values: Mapping[str, Any]) -> list[Problem]:
        if not values.get("tag") and not values.get("serial"):
            return [self._problem("row.no_identity", Severity.ROW, number)]
        return [
            self._problem(f"{field}.repeated", Severity.ROW, number, field, (("other", self._clashes[field, number]),))
            for field in ("tag", "serial")
            if (field, number) in self._clashes
        ]

    def _device(self, values: dict[str, Any], row: Sequence[str]) -> DeviceRow:
        owners: list[Owner] = [values.pop(field) for field in _OWNERS if field in values]
        months = values.pop("warranty_months", None)
        if months is not None and "purchased_on" in values:
            values.setdefault("warranty_until", cells.add_months(values["purchased_on"], months))
        values["owner"] = owners[0] if owners else None
        values["notes_dropped"] = int(
            self._note is not None and self._note < len(row) and bool(row[self._note].strip())
        )
        return DeviceRow(**values)

    def _problem(
        self, code: str, severity: Severity, row: int, field: str = "", facts: tuple[tuple[str, int | str], ...] = ()
    ) -> Problem:
        return Problem(code, severity, self._file, row, field, facts)


def _day_parser(order: DayOrder | None) -> Callable[[str], date]:
    return lru_cache(maxsize=4096)(partial(parse_day, order=order))
