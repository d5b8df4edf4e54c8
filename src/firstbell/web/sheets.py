"""How a list becomes a file: CSV that no spreadsheet runs, or a workbook. Row by row, in flat memory."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO
from tempfile import TemporaryFile
from typing import BinaryIO

import xlsxwriter
from django.utils.functional import Promise
from xlsxwriter.worksheet import Worksheet

from firstbell.kernel.formulas import defuse

MARK = "\ufeff"
LONGEST = 32_767
"""Characters that a cell of a workbook holds."""
ROWS = 1_048_576
"""Rows that a sheet of a workbook holds."""
CHUNK = 64 * 1024
_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Cell = object
Row = Sequence[Cell]


class Form(StrEnum):
    """How a list is written. ``excel`` is CSV with the mark by which Excel knows UTF-8."""

    CSV = "csv"
    EXCEL = "excel"
    XLSX = "xlsx"

    @property
    def ending(self) -> str:
        """Return how the file's name ends."""
        return "xlsx" if self is Form.XLSX else "csv"

    @property
    def kind(self) -> str:
        """Return the media type."""
        if self is Form.XLSX:
            return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return "text/csv; charset=utf-8"


def plain(cell: Cell) -> str:
    """Return a cell as CSV holds it: days and moments as ISO says, numbers as they are, text defused."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    if isinstance(cell, (int, float, Decimal, date)):
        return str(cell)
    return defuse(str(cell))


def csv_chunks(head: Sequence[str | Promise], rows: Iterable[Row], *, mark: bool) -> Iterator[bytes]:
    """Yield a CSV file in pieces."""
    text = StringIO()
    text.write(MARK if mark else "")
    writer = csv.writer(text)
    writer.writerow([defuse(str(word)) for word in head])
    for row in rows:
        writer.writerow([plain(cell) for cell in row])
        if text.tell() > CHUNK:
            yield _taken(text)
    yield _taken(text)


def _taken(text: StringIO) -> bytes:
    found = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return found


def write_workbook(file: BinaryIO, title: str, head: Sequence[str | Promise], rows: Iterable[Row]) -> None:
    """Write a workbook; text stays text whatever it looks like, and a long list goes on on further sheets."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(file, options) as book:
        _Book(book, title, [str(word) for word in head]).fill(rows)


class _Book:
    """Writes rows into sheets."""

    def __init__(self, book: xlsxwriter.Workbook, title: str, head: Sequence[str]) -> None:
        self._book = book
        self._title = re.sub(r"[\[\]:*?/\\']", " ", title)[:24] or "1"
        self._head = head
        self._bold = book.add_format({"bold": True})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def fill(self, rows: Iterable[Row]) -> None:
        number, sheets = 0, 1
        sheet = self._sheet(sheets)
        for row in rows:
            number += 1
            if number == ROWS:
                number, sheets = 1, sheets + 1
                sheet = self._sheet(sheets)
            for column, cell in enumerate(row):
                self._write(sheet, number, column, cell)

    def _sheet(self, number: int) -> Worksheet:
        sheet = self._book.add_worksheet(self._title if number == 1 else f"{self._title} {number}")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(self._head) - 1, 0), 18)
        for column, word in enumerate(self._head):
            sheet.write_string(0, column, word, self._bold)
        return sheet

    def _write(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, datetime):
            sheet.write_datetime(row, column, cell, self._moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), self._day)  # noqa: DTZ001 -- a day has no zone
        elif isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, _XML.sub(" ", str(cell))[:LONGEST])


def chunks(form: Form, title: str, head: Sequence[str | Promise], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a file of this form in pieces."""
    if form is not Form.XLSX:
        yield from csv_chunks(head, rows, mark=form is Form.EXCEL)
        return
    with TemporaryFile() as file:
        write_workbook(file, title, head, rows)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece
