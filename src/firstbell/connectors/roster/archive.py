"""Finds the files of a roster inside the zip, however the sender packed them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipInfo

from firstbell.connectors.problems import Problem, ProblemLog, Severity
from firstbell.connectors.roster.leniency import Leniency, severity_of
from firstbell.connectors.roster.lines import LONGEST_LINE
from firstbell.connectors.roster.schema import TABLES
from firstbell.connectors.zips import Source, ZipLimits, check_entries, open_zip, raw_lines

MANIFEST = "manifest"
_TABLES = (MANIFEST, *dict.fromkeys(name for tables in TABLES.values() for name in tables))
_BY_FOLDED = {f"{name}.csv".casefold(): name for name in _TABLES}


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip and where each table of the roster is in it. Opened anew for every reading, so nothing stays open."""

    source: Source
    places: Mapping[str, str]

    def lines(self, table: str) -> Iterator[bytes]:
        """Yield the raw lines of a table; raise Broken where the zip is damaged."""
        with open_zip(self.source) as opened:
            yield from raw_lines(opened, self.places[table], LONGEST_LINE)


def find_tables(source: Source, limits: ZipLimits, leniency: Leniency, log: ProblemLog) -> Archive:
    """Return where the tables are; log files that should not be there. Raises Broken when the zip is unsafe."""
    with open_zip(source) as opened:
        entries = check_entries(opened, limits)
    places: dict[str, str] = {}
    for entry in entries:
        table = _table_of(entry, leniency, log)
        if table in places:
            log.add(Problem("package.duplicate_file", Severity.REFUSED, f"{table}.csv"))
        elif table:
            places[table] = entry.filename
    if MANIFEST not in places:
        log.add(Problem("package.missing_manifest", Severity.REFUSED, "manifest.csv"))
    return Archive(source, places)


def _table_of(entry: ZipInfo, leniency: Leniency, log: ProblemLog) -> str:
    """Return the table that this file of the zip holds, "" for none."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    table = _BY_FOLDED.get(path.name.casefold(), "")
    if not table or "__MACOSX" in path.parts:
        log.add(Problem("package.unknown_file", severity_of("package.unknown_file", leniency), _shown(path.name)))
        return ""
    if len(path.parts) > 1:
        log.add(Problem("package.nested_folder", severity_of("package.nested_folder", leniency), f"{table}.csv"))
    if path.name != f"{table}.csv":
        log.add(Problem("package.file_name_case", severity_of("package.file_name_case", leniency), f"{table}.csv"))
    return table


def _shown(name: str) -> str:
    """Return a stranger's file name fit for a message: short, no control characters."""
    return "".join(letter for letter in name[:60] if letter.isprintable())
