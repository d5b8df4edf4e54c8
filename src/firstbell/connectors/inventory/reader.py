"""Reads a list of devices: finds out how it is written, what its columns mean, and what becomes of each row."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from firstbell.connectors.days import DayOrder, proven_order
from firstbell.connectors.inventory.clashes import Clashes, Identity, find_clashes
from firstbell.connectors.inventory.columns import IDENTITY, check_once, match_aliases, match_given, product
from firstbell.connectors.inventory.records import Outcome
from firstbell.connectors.inventory.rows import RowReader
from firstbell.connectors.inventory.sheets import OLD_EXCEL_START, ZIP_START, read_sheet
from firstbell.connectors.inventory.texts import DELIMITERS, Row, find_encoding, open_binary, read_text
from firstbell.connectors.problems import Broken, Problem
from firstbell.connectors.zips import Source

_SAMPLES = 2
_HEADER_WITHIN = 20
"""Rows in which the header is looked for: exports put titles above it."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A file that can be read over and over, and where its header is."""

    rows: Callable[[], Iterator[Row]]
    format: str
    header_row: int
    headers: tuple[str, ...]
    columns: Mapping[str, int]

    def body(self) -> Iterator[Row]:
        """Yield the rows below the header that are not blank."""
        for number, spans_lines, cells in self.rows():
            if number > self.header_row and any(map(str.strip, cells)):
                yield number, spans_lines, cells


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A device list that was looked through once.

    ``format`` tells how it is written ("utf-8 ,", "xlsx"), ``product`` by what, where that shows;
    ``columns`` is field -> number of its column counted from 1:
    a field that is missing here is absent from the file and must be left as it is, while an empty cell of a column that
    is there clears the field. ``headers`` are for the person who maps columns; they are not for logs.
    ``day_order`` is the order that the file's dates prove, when they prove only one: a suggestion.
    """

    format: str
    product: str
    header_row: int
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    rows: int
    day_order: DayOrder | None
    problems: tuple[Problem, ...]
    _outcomes: Callable[[], Iterator[Outcome]] = field(repr=False)

    @property
    def refused(self) -> bool:
        """Whether the file can't be read at all."""
        return bool(self.problems)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what becomes of each row, in the file's order. Reads the file again: it must stay where it is."""
        return self._outcomes()


def read_devices(
    source: Source,
    *,
    name: str = "devices",
    columns: Mapping[str, str] | None = None,
    day_order: DayOrder | None = None,
    sheet: str | None = None,
) -> DeviceFile:
    """Look through a CSV or .xlsx file; never raises for what it holds: see ``problems`` and each row's outcome.

    ``columns`` maps fields (``columns.ALIASES``) to headers and then counts alone; without it, known headers are found.
    ``day_order`` says how to take 3/4/2026; without it such a row is refused. ``name`` is what problems call the file.
    Rows are streamed (CSV); a sheet is held in memory, so that it may have 3 million cells at most.
    """
    try:
        table = _find_table(source, columns, sheet)
    except Broken as broken:
        return _refusal(name, broken, ())
    try:
        check_once(table.headers, table.columns, table.header_row)
        count, order, clashes = _look_through(table)
    except Broken as broken:
        return _refusal(name, broken, table.headers)

    def outcomes() -> Iterator[Outcome]:
        reader = RowReader(name, table.columns, len(table.headers), day_order, clashes)
        for number, spans_lines, cells in table.body():
            yield reader.read(number, cells, spans_lines=spans_lines)

    shown = {field_: place + 1 for field_, place in table.columns.items()}
    named = product(table.headers)
    return DeviceFile(table.format, named, table.header_row, table.headers, shown, count, order, (), outcomes)


@dataclass(frozen=True, slots=True)
class Glance:
    """How a list seems to be written, from its first rows: enough to say what its columns mean."""

    product: str
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    samples: tuple[tuple[str, ...], ...]
    problems: tuple[Problem, ...]


def glance(source: Source, *, name: str = "devices", sheet: str | None = None) -> Glance:
    """Look at the beginning of a list; ``samples`` are its first rows, for the person who says what columns mean."""
    try:
        table = _find_table(source, None, sheet)
        samples = tuple(tuple(cells) for _number, _spans_lines, cells in islice(table.body(), _SAMPLES))
    except Broken as broken:
        return Glance("", (), {}, (), (broken.problem(name),))
    shown = {field_: place + 1 for field_, place in table.columns.items()}
    return Glance(product(table.headers), table.headers, shown, samples, ())


def read_mapped(
    source: Source, *, name: str, columns: Mapping[str, str], day_order: DayOrder | None = None
) -> DeviceFile:
    """Look through a list by the columns that are known and, before these, the ones that somebody has mapped."""
    known = read_devices(source, name=name, day_order=day_order)
    if not columns:
        return known
    headers = {field_: known.headers[place - 1] for field_, place in known.columns.items()}
    mapped = set(columns.values())
    kept = {field_: header for field_, header in headers.items() if header not in mapped}
    return read_devices(source, name=name, columns=kept | dict(columns), day_order=day_order)


def _refusal(name: str, broken: Broken, headers: tuple[str, ...]) -> DeviceFile:
    return DeviceFile("", "", 0, headers, {}, 0, None, (broken.problem(name),), lambda: iter(()))


def _look_through(table: _Table) -> tuple[int, DayOrder | None, Clashes]:
    """Count the rows, find the day order that the dates prove, and the rows that clash."""
    if not IDENTITY.intersection(table.columns):
        raise Broken("header.missing")
    reader = RowReader("", table.columns, len(table.headers), None, {})
    places = [table.columns[field_] for field_ in ("purchased_on", "warranty_until") if field_ in table.columns]
    orders: set[DayOrder | None] = set()
    count = 0

    def identities() -> Iterator[Identity]:
        nonlocal count
        count = 0
        for number, _spans_lines, cells in table.body():
            count += 1
            orders.update(proven_order(cells[place]) for place in places if place < len(cells))
            yield reader.identity(number, cells)

    clashes = find_clashes(identities)
    orders.discard(None)
    return count, orders.pop() if len(orders) == 1 else None, clashes


def _find_table(source: Source, given: Mapping[str, str] | None, sheet: str | None) -> _Table:
    """Return the reading of the file in which most columns are understood, or else the one with most columns."""
    candidates = [_best_header(rows, name, given) for name, rows in _readings(source, sheet)]
    return max(candidates, key=lambda table: (len(table.columns), len(table.headers)))


def _readings(source: Source, sheet: str | None) -> Iterator[tuple[str, Callable[[], Iterator[Row]]]]:
    """Yield each way in which the file may be meant: a sheet, or text by one of the delimiters."""
    with open_binary(source) as opened:
        start = opened.read(len(ZIP_START))
    if start == OLD_EXCEL_START:
        raise Broken("file.old_excel")
    if start == ZIP_START:
        yield "xlsx", lambda: read_sheet(source, sheet)
        return
    encoding = find_encoding(source)
    for delimiter in DELIMITERS:
        yield f"{encoding} {delimiter}", _text_reading(source, encoding, delimiter)


def _text_reading(source: Source, encoding: str, delimiter: str) -> Callable[[], Iterator[Row]]:
    return lambda: read_text(source, encoding, delimiter)


def _best_header(rows: Callable[[], Iterator[Row]], name: str, given: Mapping[str, str] | None) -> _Table:
    """Return the reading with the best of the first rows as its header; the widest, where none is understood."""
    best = _Table(rows, name, 0, (), {})
    for number, _spans_lines, cells in islice(_until_broken(rows()), _HEADER_WITHIN):
        columns = _understood(cells, given)
        if (len(columns), len(cells)) > (len(best.columns), len(best.headers)):
            best = _Table(rows, name, number, tuple(cells), columns)
    return best


def _understood(cells: Sequence[str], given: Mapping[str, str] | None) -> Mapping[str, int]:
    columns = match_aliases(cells) if given is None else match_given(cells, given)
    return columns if IDENTITY.intersection(columns) else {}


def _until_broken(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield rows as far as quotes hold: by the wrong delimiter they may not."""
    try:
        yield from rows
    except Broken as broken:
        if broken.code not in {"file.cell_too_large", "file.quote_open"}:
            raise
