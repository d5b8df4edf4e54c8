"""Lists of device management: which serial it heard from, and when. Any CSV with a serial and a last-seen column."""

import csv
from datetime import UTC, datetime
from io import StringIO

SERIAL = ("serialnumber", "serial", "deviceserial", "serialno")
SEEN = ("lastsync", "lastcheckin", "lastseen", "lastsyncdatetime", "mostrecentsynctime", "lastupdate")
MOST = 300_000
"""Rows that are read at most."""


class NotAList(ValueError):
    """The file has no column for the serial, or none for the moment."""


def read_check_ins(text: str) -> list[tuple[str, datetime]]:
    """Return (serial, moment) of each row with both; a moment without a zone is UTC. Raises NotAList."""
    reader = csv.reader(StringIO(text.lstrip("\ufeff")))
    head = [_plain(cell) for cell in next(reader, [])]
    serial, seen = _column(head, SERIAL), _column(head, SEEN)
    found = []
    for row, _number in zip(reader, range(MOST), strict=False):
        moment = _moment(row[seen]) if len(row) > max(serial, seen) else None
        if moment and row[serial].strip():
            found.append((row[serial].strip(), moment))
    return found


def _plain(cell: str) -> str:
    return "".join(letter for letter in cell.lower() if letter.isalnum())


def _column(head: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in head:
            return head.index(name)
    raise NotAList(names[0])


def _moment(cell: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
