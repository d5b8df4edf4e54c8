"""Which column of a file holds what. Strictly the order of the standard, leniently by name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from firstbell.connectors.problems import Problem, ProblemLog, Severity
from firstbell.connectors.roster import privacy
from firstbell.connectors.roster.leniency import Leniency, severity_of
from firstbell.connectors.roster.privacy import Dropped
from firstbell.connectors.roster.schema import Table

_PREFIX = "metadata."
_OTHER_NAMES = MappingProxyType(
    {
        "prefferedgivenname": "preferredGivenName",
        "preferredfirstname": "preferredGivenName",
        "prefferedfamilyname": "preferredFamilyName",
        "preferredlastname": "preferredFamilyName",
        "datalastmodified": "dateLastModified",
        "userid": "userIds",
        "agents": "agentSourcedIds",
        "grade": "grades",
        "birthdate": "birthDate",
        "usersourcedid": "sourcedId",
    }
)
"""Old (1.0) and misspelt names seen in real exports, lower case."""

MISSING = -1
"""The place of a column that the file does not have. Rows carry an empty cell at their end for it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns are: standard ones, kept extensions (by the name they get), and dropped ones with the reason.

    ``width`` is the number of cells of a sound row.
    """

    places: Mapping[str, int]
    extensions: Mapping[str, int]
    dropped: Sequence[tuple[int, Dropped]]
    width: int


def read_header(table: Table, cells: Sequence[str], leniency: Leniency, log: ProblemLog) -> Layout | None:
    """Return the layout, or None when the rows can't be read by it. What is wrong is logged."""
    reading = _Strict(table, cells) if leniency is Leniency.STRICT else _Lenient(table, cells)
    problems = list(reading.problems(leniency))
    for problem in problems:
        log.add(problem)
    if any(problem.severity is Severity.REFUSED for problem in problems):
        return None
    return reading.layout()


class _Reading:
    """One header against its table. ``matches[i]`` is the table's column that the i-th cell names, "" for none."""

    def __init__(self, table: Table, cells: Sequence[str]) -> None:
        self.table = table
        self.cells = cells
        self.names = [column.name for column in table.columns]
        self.matches = self.match()

    def match(self) -> list[str]:
        raise NotImplementedError

    def problems(self, leniency: Leniency) -> Iterator[Problem]:
        """Yield what is wrong, at its column where that has a known name, else at ``#n``."""
        for code, place in self.faults():
            yield Problem(code, severity_of(code, leniency), self.table.file, 1, place)
        for column in self.table.columns:
            if column.name not in self.matches:
                needed = leniency is Leniency.STRICT or column.required
                severity = Severity.REFUSED if needed else Severity.WARNING
                yield Problem("schema.missing_header", severity, self.table.file, 1, column.name)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield (code, column) for columns that are not where or what they should be."""
        standard = [name for name in self.matches if name]
        if standard != [name for name in self.names if name in standard]:
            yield from self._misplaced(standard)
        last = max((place for place, name in enumerate(self.matches) if name), default=MISSING)
        for place, cell in enumerate(self.cells):
            if not self.matches[place]:
                yield from self._stranger(place, cell, last)

    def _misplaced(self, standard: Sequence[str]) -> Iterator[tuple[str, str]]:
        expected = iter([name for name in self.names if name in standard])
        for name in standard:
            if name != next(expected, ""):
                yield "schema.header_order_mismatch", name

    def _stranger(self, place: int, cell: str, last: int) -> Iterator[tuple[str, str]]:
        if not cell.startswith(_PREFIX) or cell == _PREFIX:
            yield "schema.invalid_metadata_header", f"#{place + 1}"
        elif place < last:
            yield "schema.metadata_column_position", f"#{place + 1}"

    def layout(self) -> Layout:
        """Return where everything is."""
        places = {name: place for place, name in enumerate(self.matches) if name}
        kept = privacy.KEPT_EXTENSIONS.get(self.table.name, {})
        extensions: dict[str, int] = {}
        dropped = list(_marked(self.table, places))
        for place, cell in enumerate(self.cells):
            if self.matches[place]:
                continue
            name = cell.removeprefix(_PREFIX)
            if name.casefold() in kept:
                extensions.setdefault(kept[name.casefold()], place)
            else:
                dropped.append((place, privacy.reason_for(name)))
        return Layout({name: places.get(name, MISSING) for name in self.names}, extensions, dropped, len(self.cells))


class _Strict(_Reading):
    def match(self) -> list[str]:
        return [cell if cell in self.names else "" for cell in self.cells]

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from super().faults()
        yield from (("schema.duplicate_header", name) for name in _repeated(self.matches))


class _Lenient(_Reading):
    def match(self) -> list[str]:
        folded = {name.casefold(): name for name in self.names}
        taken: set[str] = set()
        return [_first_use(self._meant(cell, folded), taken) for cell in self.cells]

    def _meant(self, cell: str, folded: Mapping[str, str]) -> str:
        """Return the table's column that a header cell means, "" for none."""
        name = cell.strip().casefold()
        other = _OTHER_NAMES.get(name, "")
        return folded.get(name) or (other if other in self.names else "")

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from super().faults()
        for cell, name in zip(self.cells, self.matches, strict=True):
            if name and cell != name:
                yield "schema.misspelt_header", name
        if _repeated(self.cells):
            yield "schema.duplicate_header", ""


def _first_use(name: str, taken: set[str]) -> str:
    if name in taken:
        return ""
    taken.add(name)
    return name


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if name and times > 1]


def _marked(table: Table, places: Mapping[str, int]) -> Iterator[tuple[int, Dropped]]:
    for column in table.columns:
        if column.drop and column.name in places:
            yield places[column.name], privacy.COLUMNS[column.drop]
