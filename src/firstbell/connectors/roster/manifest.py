"""manifest.csv: which version, which files, and whether each is the whole truth or a list of changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from firstbell.connectors.problems import Broken, Problem, ProblemLog, Severity
from firstbell.connectors.roster.leniency import Leniency, severity_of
from firstbell.connectors.roster.lines import read_rows
from firstbell.connectors.roster.records import Mode
from firstbell.connectors.roster.schema import TABLES

FILE = "manifest.csv"
_HEADER = ["propertyName", "value"]
_VERSIONS = {"1.1": "1.1", "1.2": "1.2", "1.2.0": "1.2", "1.2.1": "1.2"}
_SOURCE = {"source.systemName", "source.systemCode"}
_MANIFEST_VERSION = "1.0"
_MODES = frozenset(Mode)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says of itself. ``modes`` by table name, without ``.csv``."""

    version: str
    modes: Mapping[str, Mode]


class ManifestReader:
    """Reads one manifest and logs what is wrong with it. ``present`` are the tables that the zip does hold."""

    def __init__(self, present: frozenset[str], leniency: Leniency, log: ProblemLog) -> None:
        self._present = present
        self._leniency = leniency
        self._log = log

    def read(self, lines: Iterable[bytes]) -> Manifest | None:
        """Return the manifest, or None when it says too little to go on."""
        try:
            values = self._values(read_rows(lines))
        except Broken as broken:
            self._log.add(broken.problem(FILE))
            return None
        version = self._version(values)
        if version is None:
            return None
        self._note_unknown(values, version)
        return Manifest(version, {name: self._mode(name, values) for name in TABLES[version]})

    def _values(self, rows: Iterator[tuple[int, list[str]]]) -> dict[str, tuple[int, str]]:
        """Return property name -> (row, value)."""
        _number, header = next(rows, (1, []))
        if header != _HEADER:
            self._fault("manifest.invalid_header", 1)
        values: dict[str, tuple[int, str]] = {}
        for number, cells in rows:
            if len(cells) != len(_HEADER):
                self._fault("manifest.row_width_mismatch", number)
            elif cells[0] in values:
                self._fault("manifest.duplicate_property", number)
            else:
                values[cells[0]] = (number, cells[1].strip())
        return values

    def _version(self, values: Mapping[str, tuple[int, str]]) -> str | None:
        row, manifest_version = values.get("manifest.version", (0, ""))
        if manifest_version != _MANIFEST_VERSION:
            self._fault("manifest.unsupported_version", row)
        row, stated = values.get("oneroster.version", (0, ""))
        version = _VERSIONS.get(stated)
        if version is None:
            self._log.add(Problem("manifest.unsupported_oneroster", Severity.REFUSED, FILE, row))
        return version

    def _note_unknown(self, values: Mapping[str, tuple[int, str]], version: str) -> None:
        known = {"manifest.version", "oneroster.version", *_SOURCE, *(f"file.{name}" for name in TABLES[version])}
        for name, (row, _value) in values.items():
            if name not in known:
                self._log.add(Problem("manifest.unknown_property", Severity.WARNING, FILE, row))

    def _mode(self, name: str, values: Mapping[str, tuple[int, str]]) -> Mode:
        present = name in self._present
        if f"file.{name}" not in values:
            self._fault("manifest.missing_property", 0, file=f"{name}.csv")
            return Mode.BULK if present else Mode.ABSENT
        row, stated = values[f"file.{name}"]
        if stated not in _MODES:
            self._fault("manifest.invalid_file_mode", row, file=f"{name}.csv")
            return self._meant(stated, present=present)
        return self._agreed(name, row, Mode(stated))

    def _meant(self, stated: str, *, present: bool) -> Mode:
        """Return the mode meant by a blank or oddly written value."""
        if not present:
            return Mode.ABSENT
        return Mode.DELTA if stated.casefold() == Mode.DELTA else Mode.BULK

    def _agreed(self, name: str, row: int, stated: Mode) -> Mode:
        """Return the stated mode, after comparing it with what the zip holds."""
        present = name in self._present
        if stated is Mode.ABSENT and present:
            self._fault("manifest.file_unexpected", row, file=f"{name}.csv")
        if stated is not Mode.ABSENT and not present:
            self._fault("manifest.file_missing", row, file=f"{name}.csv")
        return stated if present else Mode.ABSENT

    def _fault(self, code: str, row: int, **facts: str) -> None:
        self._log.add(Problem(code, severity_of(code, self._leniency), FILE, row, "", tuple(facts.items())))
