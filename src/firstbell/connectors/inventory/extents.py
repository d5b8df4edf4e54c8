"""How far a sheet reaches.

python-calamine spreads a sheet out over the whole rectangle that holds its cells and takes the process down when memory
does not suffice: a cell at XFD1048576 has to be noticed before.
"""

import zipfile
from collections.abc import Iterable, Mapping
from xml.parsers import expat

from firstbell.connectors.problems import Broken
from firstbell.connectors.zips import raw_lines

_PIECE = 1 << 20
_LETTERS = 26
_XML = (".xml", ".rels")
_SHEET_MARK = b"sheetData"


def largest_extent(opened: zipfile.ZipFile, names: Iterable[str]) -> int:
    """Return columns x rows of the widest spread sheet among these parts of a workbook.

    Any part may be named as a sheet. One that is no sound XML, or hides a sheet under another name, raises Broken.
    """
    return max((_part_extent(opened, name) for name in names), default=0)


def _part_extent(opened: zipfile.ZipFile, name: str) -> int:
    pieces = raw_lines(opened, name, _PIECE)
    if name.endswith(_XML):
        return _extent(pieces)
    if any(_SHEET_MARK in piece for piece in pieces):
        raise Broken("file.damaged")
    return 0


def _extent(pieces: Iterable[bytes]) -> int:
    ruler = _Ruler()
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = ruler.meet
    parser.StartDoctypeDeclHandler = ruler.refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as fault:
        raise Broken("file.damaged") from fault
    return ruler.columns * ruler.rows


class _Ruler:
    """Walks through rows and cells as a spreadsheet program does: each stands where it says, else after the last."""

    def __init__(self) -> None:
        self.columns = 0
        self.rows = 0
        self._column = 0
        self._row = 0

    def meet(self, name: str, attributes: Mapping[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif kind == "c":
            self._step(attributes.get("r", ""))
        else:
            return
        self.columns, self.rows = max(self.columns, self._column), max(self.rows, self._row)

    def _step(self, place: str) -> None:
        letters = place.rstrip("0123456789")
        self._column = _column(letters) if letters else self._column + 1
        self._row = int(place[len(letters) :]) if letters else self._row

    def refuse(self, *_declaration: object) -> None:
        """Refuse a document type: no workbook has one, and its entities could grow without end."""
        raise Broken("file.damaged")


def _column(letters: str) -> int:
    """Return 1 for A, 27 for AA. Raises ValueError for what is no column."""
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + int(letter, 36) - 9
    return number
