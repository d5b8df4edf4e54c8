"""CSV as OneRoster wants it: UTF-8 (a BOM is ignored), RFC 4180 quotes, one line a row, no line break in a field.

The stricter grammar is what makes it quick: a line without quotes is split at its commas.
"""

import re
from collections.abc import Iterable, Iterator

from firstbell.connectors.problems import Broken

LONGEST_LINE = 256 * 1024
"""Bytes. The longest honest line lists the classes of a teacher or the guardians of a child."""

_BOM = b"\xef\xbb\xbf"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_QUOTED_ROW = re.compile(r'(?:"(?:[^"]|"")*+"|[^",]*+)(?:,(?:"(?:[^"]|"")*+"|[^",]*+))*+')
_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"]|"")*+)"|([^",]*+))')


def read_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, cells) of every line that is not blank; row 1 is the header.

    Raises Broken with ``csv.invalid_encoding``, ``csv.line_too_long``, ``csv.control_character``, ``csv.bad_line_end``,
    ``csv.line_break_in_field`` or ``csv.unescaped_quote`` and the row.
    """
    for number, raw in enumerate(lines, start=1):
        line = _decode(number, raw)
        if line:
            yield number, _split(number, line) if '"' in line else line.split(",")


def _decode(number: int, raw: bytes) -> str:
    if len(raw) >= LONGEST_LINE and not raw.endswith(b"\n"):
        raise Broken("csv.line_too_long", number, limit=LONGEST_LINE // 1024)
    if number == 1:
        raw = raw.removeprefix(_BOM)
    try:
        line = raw.rstrip(b"\r\n").decode()
    except UnicodeDecodeError:
        raise Broken("csv.invalid_encoding", number) from None
    if not line.isprintable():
        _check_controls(number, line)
    return line


def _check_controls(number: int, line: str) -> None:
    if "\r" in line:
        raise Broken("csv.bad_line_end", number)
    if _CONTROL.search(line):
        raise Broken("csv.control_character", number)


def _split(number: int, line: str) -> list[str]:
    if _QUOTED_ROW.fullmatch(line) is None:
        raise Broken(_quote_fault(line), number, f"#{_faulty_field(line)}")
    return [quoted.replace('""', '"') or plain for quoted, plain in _FIELD.findall(line)]


def _quote_fault(line: str) -> str:
    return "csv.unescaped_quote" if line.count('"') % 2 == 0 or not _opens_at_end(line) else "csv.line_break_in_field"


def _opens_at_end(line: str) -> bool:
    """Say whether the last field begins with a quote that this line does not close: the row goes on below."""
    return re.search(r'(?:^|,)"(?:[^"]|"")*+$', line) is not None


def _faulty_field(line: str) -> int:
    """Return the number of the first field whose quotes are wrong, counted from 1."""
    sound = _SOUND_START.match(line)
    return (len(_FIELD.findall(sound[0])) if sound else 0) + 1


_SOUND_START = re.compile(r'(?:"(?:[^"]|"")*+"|[^",]*+)(?:,(?:"(?:[^"]|"")*+"|[^",]*+)(?=,|$))*+(?=,|$)')
