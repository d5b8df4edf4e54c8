"""Reads the first (or a named) sheet of an .xlsx workbook as rows of text, through python-calamine."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from firstbell.connectors.inventory.extents import largest_extent
from firstbell.connectors.inventory.texts import Row, open_binary
from firstbell.connectors.problems import Broken
from firstbell.connectors.zips import Source, ZipLimits, check_entries, open_zip

ZIP_START = b"PK\x03\x04"
OLD_EXCEL_START = b"\xd0\xcf\x11\xe0"

_LIMITS = ZipLimits(files=2000, total_mb=256)
_MOST_CELLS = 3_000_000
_EXACT_BELOW = 10**15
"""Excel keeps 15 digits of a number; of a longer serial or ICCID the rest is lost."""

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_sheet(source: Source, sheet: str | None) -> Iterator[Row]:
    """Yield the rows of a sheet, blank ones included.

    Raises Broken: ``file.too_many_cells`` for a sheet whose corners lie further apart than an honest list's,
    ``file.no_sheet``, ``file.no_workbook``, ``file.damaged``.
    """
    _check_extent(source)
    with open_binary(source) as opened:
        workbook = _open(io.BytesIO(opened.read()))
    names = workbook.sheet_names
    if not names or (sheet is not None and sheet not in names):
        raise Broken("file.no_sheet")
    rows = _cells(workbook, sheet or names[0])
    for number, cells in enumerate(rows, start=1):
        yield number, False, [_text(cell) for cell in cells]


def _open(file: io.BytesIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(file)
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as fault:
        raise Broken("file.damaged") from fault


def _cells(workbook: CalamineWorkbook, name: str) -> list[list[Cell]]:
    try:
        return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, ValueError, OSError) as fault:
        raise Broken("file.damaged") from fault


def _check_extent(source: Source) -> None:
    """Refuse a workbook that would be spread out over more memory than it is worth."""
    try:
        with open_zip(source) as opened:
            names = [entry.filename for entry in check_entries(opened, _LIMITS)]
            largest = largest_extent(opened, names)
    except Broken as broken:
        bomb = broken.code in {"package.too_large", "package.compression_ratio", "package.too_many_files"}
        raise Broken("file.bomb" if bomb else "file.damaged") from broken
    if not any(name.startswith("xl/") for name in names):
        raise Broken("file.no_workbook")
    if largest > _MOST_CELLS:
        raise Broken("file.too_many_cells", limit=_MOST_CELLS)


def _text(cell: Cell) -> str:
    """Return a cell as text: whole numbers without ".0", days as YYYY-MM-DD, spoiled numbers as Excel shows them."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and abs(cell) >= _EXACT_BELOW:
        return f"{cell:.5E}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell)
