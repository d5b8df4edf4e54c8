"""Reads delimited text whatever program wrote it: encoding and delimiter are found out, never asked for.

UTF-8 with or without BOM, UTF-16 (Excel's "Unicode text"), else Windows-1252; lines end with LF, CRLF or CR alone.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from firstbell.connectors.problems import Broken
from firstbell.connectors.zips import Source

DELIMITERS = (",", ";", "\t", "|")
LONGEST_CELL = 10_000
"""Characters. A longer cell is a quote that was never closed."""

_CHUNK = 1 << 20
_END = "\x1e(end)\x1e"
"""Comes after the last line: a quote that is still open swallows it."""
_PROBE = 4096
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Row = tuple[int, bool, list[str]]
"""Number of the row as a spreadsheet shows it, whether it spans several lines, its cells."""


@contextmanager
def open_binary(source: Source) -> Iterator[BinaryIO]:
    """Open a path, or go to the start of an open file and leave it open afterwards."""
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield opened
    else:
        source.seek(0)
        yield source


def find_encoding(source: Source) -> str:
    """Return the name of the encoding. Raises Broken: ``file.empty``, ``file.binary``, ``file.encoding``."""
    with open_binary(source) as opened:
        start = opened.read(_PROBE)
    if not start:
        raise Broken("file.empty")
    for encoding in _candidates(start):
        if _decodes(source, encoding):
            return encoding
    raise Broken("file.encoding")


def _candidates(start: bytes) -> tuple[str, ...]:
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            return (encoding,)
    if b"\0" not in start:
        return ("utf-8", "cp1252")
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) * 4 < len(start) or min(even, odd):
        raise Broken("file.binary")
    return ("utf-16-le" if odd else "utf-16-be",)


def _decodes(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with open_binary(source) as opened:
        try:
            while chunk := opened.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def read_text(source: Source, encoding: str, delimiter: str) -> Iterator[Row]:
    """Yield every row, blank ones included. Raises Broken ``file.cell_too_large``, ``file.quote_open`` with the row."""
    with open_binary(source) as opened:
        decoded = io.TextIOWrapper(opened, encoding=encoding, newline="")
        try:
            yield from _rows(decoded, delimiter)
        finally:
            decoded.detach()


def _rows(lines: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(chain(lines, [_END]), delimiter=delimiter)
    number, lines_before = 0, 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except csv.Error:
            raise Broken("file.cell_too_large", number, limit=LONGEST_CELL) from None
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            raise Broken("file.quote_open", number)
        if max(map(len, cells), default=0) > LONGEST_CELL:
            raise Broken("file.cell_too_large", number, limit=LONGEST_CELL)
        yield number, reader.line_num - lines_before > 1, cells
        lines_before = reader.line_num
