"""Exports of what is seen. Cells that a spreadsheet would run as a formula are defused."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

RISKY = ("=", "+", "-", "@", "\t", "\r")


def defuse(cell: object) -> str:
    """Return a cell as text that no spreadsheet runs."""
    text = str(cell)
    return f"'{text}" if text.startswith(RISKY) else text


def csv_answer(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV download, UTF-8 with a mark that spreadsheets understand."""
    text = StringIO()
    csv.writer(text).writerows([defuse(cell) for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
