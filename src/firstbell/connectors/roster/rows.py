"""Checks the rows of one file; in a lenient reading mends them or leaves them out."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from firstbell.connectors.problems import Problem, ProblemLog, Severity
from firstbell.connectors.roster.header import Layout
from firstbell.connectors.roster.known import Known
from firstbell.connectors.roster.leniency import Leniency, severity_of
from firstbell.connectors.roster.records import Mode
from firstbell.connectors.roster.schema import Column, Table
from firstbell.connectors.roster.semantics import RULES
from firstbell.connectors.roster.values import Kind, check_datetime, kind_of

ACTIVE, REMOVED = "active", "tobedeleted"
_STATES = frozenset({ACTIVE, REMOVED})
_STATE_SPELLINGS = {"active": ACTIVE, "tobedeleted": REMOVED, "inactive": REMOVED, "deleted": REMOVED}


@dataclass(frozen=True, slots=True)
class _Cell:
    """A column that is checked, and its place in the row."""

    place: int
    column: Column
    kind: Kind | None


def _no_check(_cell: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Pointer:
    """A column that points at another table, and the hashes of the ids there."""

    place: int
    column: Column
    known: Collection[int]
    own: bool


class RowChecker:
    """Admits the rows of one file. Rows end with an empty cell: the content of columns that the file lacks.

    A ``first`` reading leaves references of a table to itself until ``settle``, when all its ids are known.
    """

    def __init__(
        self, version: str, table: Table, layout: Layout, mode: Mode, leniency: Leniency, known: Known, log: ProblemLog
    ) -> None:
        self._table = table
        self._width = layout.width
        self._places = layout.places
        self._mode = mode
        self._strict = leniency is Leniency.STRICT
        self._leniency = leniency
        self._known = known
        self._log = log
        self._status = layout.places["status"]
        self._modified = layout.places["dateLastModified"]
        cells = [cell for column in table.columns if (cell := self._cell(version, column)) is not None]
        self._checks = [
            (cell.place, cell.kind.check if cell.kind else _no_check, cell.column.required, cell) for cell in cells
        ]
        self._pointers = [
            _Pointer(layout.places[column.name], column, known.ids(column.target), column.target == table.name)
            for column in table.columns
            if column.target and known.judged(table.name, column.target)
        ]
        self._rule = RULES.get(table.name)
        self._later = (array("q"), array("q"))
        self.first = True

    def _cell(self, version: str, column: Column) -> _Cell | None:
        kind = kind_of(version, column.kind)
        if kind is None and not column.required:
            return None
        return _Cell(self._places[column.name], column, kind)

    def admit(self, number: int, row: list[str]) -> bool:
        """Check one row, mending it in place; return whether it is taken. Strictly every row is: the package is not."""
        if len(row) != self._width and not self._fit(number, row):
            return self._strict
        row.append("")
        sound = self._check_lifecycle(number, row)
        for place, check, required, cell in self._checks:
            text = row[place]
            if not text:
                sound = (not required or self._miss(number, cell.column)) and sound
            elif code := check(text):
                sound = self._mend(number, row, cell, code) and sound
        for pointer in self._pointers:
            text = row[pointer.place]
            if text and hash(text) not in pointer.known:
                sound = self._follow(number, row, pointer) and sound
        if self._rule is not None:
            self._apply(number, row)
        return sound

    def _fit(self, number: int, row: list[str]) -> bool:
        """Make a row as wide as the header where nothing is lost by it."""
        surplus = any(row[self._width :])
        severity = Severity.ROW if surplus else Severity.WARNING
        self._report("table.row_width_mismatch", Severity.REFUSED if self._strict else severity, number, "")
        row[:] = (row + [""] * self._width)[: self._width]
        return not surplus and not self._strict

    def _check_lifecycle(self, number: int, row: list[str]) -> bool:
        status, modified = row[self._status], row[self._modified]
        if self._mode is Mode.DELTA:
            return self._check_delta(number, row, status, modified)
        if not status and not modified:
            return True
        for place, name in ((self._status, "status"), (self._modified, "dateLastModified")):
            if row[place]:
                self._report("row.field_forbidden_in_bulk", self._forgiven(Severity.WARNING), number, name)
        row[self._status] = _STATE_SPELLINGS.get(status.strip().casefold(), ACTIVE)
        return True

    def _check_delta(self, number: int, row: list[str], status: str, modified: str) -> bool:
        code = "row.invalid_datetime" if modified else "row.field_required_in_delta"
        if not modified or check_datetime(modified):
            self._report(code, self._forgiven(Severity.WARNING), number, "dateLastModified")
        if status in _STATES:
            return True
        if not status:
            self._report("row.field_required_in_delta", self._forgiven(Severity.WARNING), number, "status")
            return True
        row[self._status] = _STATE_SPELLINGS.get(status.strip().casefold(), "")
        severity = Severity.WARNING if row[self._status] else Severity.ROW
        self._report("row.invalid_enum", self._forgiven(severity), number, "status")
        return self._strict or severity is Severity.WARNING

    def _miss(self, number: int, column: Column) -> bool:
        severity = Severity.ROW if column.essential else Severity.WARNING
        self._report("row.missing_required_value", self._forgiven(severity), number, column.name)
        return self._strict or not column.essential

    def _mend(self, number: int, row: list[str], cell: _Cell, code: str) -> bool:
        """Put the cell right, or empty it when we can do without; return False when the row can't stay."""
        if not self._strict and cell.kind is not None:
            row[cell.place] = cell.kind.mend(row[cell.place])
        lost = cell.column.essential and not row[cell.place]
        self._report(code, self._forgiven(Severity.ROW if lost else Severity.WARNING), number, cell.column.name)
        return not lost

    def _follow(self, number: int, row: list[str], pointer: _Pointer) -> bool:
        if self._known.absent(pointer.column.target):
            return self._follow_nowhere(number, pointer.column)
        listed = row[pointer.place].split(",") if pointer.column.kind == "ids" else [row[pointer.place]]
        dangling = [item for item in listed if hash(item) not in pointer.known]
        if not dangling:
            return True
        if pointer.own and self.first:
            self._postpone(number, dangling)
            return True
        return self._cut(number, row, pointer, [item for item in listed if hash(item) in pointer.known])

    def _follow_nowhere(self, number: int, column: Column) -> bool:
        severity = Severity.REFUSED if column.essential else Severity.WARNING
        facts = (("target", f"{column.target}.csv"),)
        self._report("reference.missing_target_file", self._forgiven(severity), number, column.name, facts)
        return True

    def _postpone(self, number: int, dangling: Sequence[str]) -> None:
        hashes, numbers = self._later
        for item in dangling:
            hashes.append(hash(item))
            numbers.append(number)

    def _cut(self, number: int, row: list[str], pointer: _Pointer, sound: Sequence[str]) -> bool:
        """Report a dangling reference; leniently take it off the row, or the row out when it says nothing without."""
        lost = pointer.column.essential and not sound
        self._report_dangling(number, pointer.column, Severity.ROW if lost else Severity.WARNING)
        if not self._strict:
            row[pointer.place] = ",".join(sound)
        return self._strict or not lost

    def _report_dangling(self, number: int, column: Column, severity: Severity) -> None:
        facts = (("target", f"{column.target}.csv"),)
        self._report("reference.missing_target_record", self._forgiven(severity), number, column.name, facts)

    def settle(self) -> None:
        """Judge the references of the table to itself, now that all its rows were seen."""
        own = next((pointer.column for pointer in self._pointers if pointer.own), None)
        hashes, numbers = self._later
        if own is not None:
            known = self._known.ids(self._table.name)
            for item, number in zip(hashes, numbers, strict=True):
                if item not in known:
                    self._report_dangling(number, own, Severity.WARNING)
        self.first = False

    def _apply(self, number: int, row: Sequence[str]) -> None:
        assert self._rule is not None
        for code, column in self._rule(row, self._places):
            self._report(code, severity_of(code, self._leniency), number, column)

    def _forgiven(self, severity: Severity) -> Severity:
        """Return what a fault costs that has this severity in a lenient reading."""
        return Severity.REFUSED if self._strict else severity

    def _report(
        self, code: str, severity: Severity, number: int, column: str, facts: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._log.add(Problem(code, severity, self._table.file, number, column, facts))
