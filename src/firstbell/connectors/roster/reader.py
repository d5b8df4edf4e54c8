"""Reads a OneRoster package: first everything is checked, then rows are handed out, so nothing is half imported."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar

from firstbell.connectors.problems import Broken, Problem, ProblemLog, Severity
from firstbell.connectors.roster.archive import MANIFEST, Archive, find_tables
from firstbell.connectors.roster.build import (
    PersonReader,
    Row,
    class_reader,
    enrollment_reader,
    org_reader,
    session_reader,
)
from firstbell.connectors.roster.header import Layout
from firstbell.connectors.roster.known import Known
from firstbell.connectors.roster.leniency import Leniency, severity_of
from firstbell.connectors.roster.lines import read_rows
from firstbell.connectors.roster.manifest import Manifest, ManifestReader
from firstbell.connectors.roster.privacy import Dropped
from firstbell.connectors.roster.records import (
    Enrollment,
    Guardianship,
    Mode,
    Org,
    Person,
    PersonKind,
    SchoolClass,
    Session,
)
from firstbell.connectors.roster.rows import RowChecker
from firstbell.connectors.roster.scan import Findings, Scan
from firstbell.connectors.roster.schema import TABLES
from firstbell.connectors.zips import Source, ZipLimits

_T = TypeVar("_T")
_NOTHING: Mapping[str, Mode] = MappingProxyType({})


class PackageRefused(Exception):
    """Rows were asked of a package that is refused."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from, and how they are read the second time."""

    archive: Archive
    manifest: Manifest
    findings: Findings
    leniency: Leniency

    def sound_rows(self, table: str, layout: Layout) -> Iterator[list[str]]:
        """Yield the rows that are taken, mended as in the first pass."""
        rows = read_rows(self.archive.lines(table))
        next(rows, None)
        left_out = self.findings.left_out.get(table, set())
        admit = self._admit(table, layout)
        for number, row in rows:
            if admit(number, row) and number not in left_out:
                yield row

    def _admit(self, table: str, layout: Layout) -> Callable[[int, list[str]], bool]:
        if self.leniency is Leniency.STRICT:
            return _admit_sound
        version, mode = self.manifest.version, self.manifest.modes[table]
        known = self.findings.known
        checker = RowChecker(version, TABLES[version][table], layout, mode, self.leniency, known, ProblemLog(keep=0))
        checker.first = False
        return checker.admit


def _admit_sound(_number: int, row: list[str]) -> bool:
    """Admit a row of a package that a strict reading found sound; add the cell of missing columns."""
    row.append("")
    return True


@dataclass(frozen=True, slots=True)
class Package:
    """A checked package.

    ``version`` is "1.1" or "1.2" ("" when not known); ``modes`` and ``rows`` (rows that are taken) go by table name
    without ``.csv``; ``dropped`` counts what is not kept, by reason: cells of columns, rows of whole files.
    ``problems`` holds the first 20 of a kind and place, ``problem_counts`` counts all of them.
    The rows come from the zip each time they are asked for: it must stay where it is.
    """

    version: str
    modes: Mapping[str, Mode]
    rows: Mapping[str, int]
    dropped: Mapping[Dropped, int]
    problems: tuple[Problem, ...]
    problem_counts: Mapping[tuple[str, Severity], int]
    _source: _Source | None = field(repr=False)

    @property
    def refused(self) -> bool:
        """Whether the package can't be taken at all."""
        return self._source is None

    def orgs(self) -> Iterator[Org]:
        """Yield districts, schools and departments."""
        return self._read("orgs", org_reader)

    def sessions(self) -> Iterator[Session]:
        """Yield school years and terms."""
        return self._read("academicSessions", session_reader)

    def people(self) -> Iterator[Person]:
        """Yield students, staff and guardians in the order of users.csv, each with all of their roles."""
        known = self._rows_source.findings.known
        return self._read("users", lambda layout: PersonReader(layout, known))

    def classes(self) -> Iterator[SchoolClass]:
        """Yield homerooms and scheduled classes."""
        return self._read("classes", class_reader)

    def enrollments(self) -> Iterator[Enrollment]:
        """Yield who is in which class."""
        return self._read("enrollments", enrollment_reader)

    def guardianships(self) -> Iterator[Guardianship]:
        """Yield each pair of student and guardian once, whichever of the two lists the other.

        An agent is a guardian when listed with a student and no student himself, whatever his own role says: a teacher
        may be somebody's mother.
        """
        known = self._rows_source.findings.known
        from_students: set[int] = set()
        for person in self.people():
            if person.kind is PersonKind.STUDENT:
                from_students.update(hash((person.id, agent_id)) for agent_id in person.agent_ids)
        for person in self.people():
            yield from _pairs(person, known, from_students)

    @property
    def _rows_source(self) -> _Source:
        if self._source is None:
            raise PackageRefused
        return self._source

    def _read(self, table: str, reader: Callable[[Layout], Callable[[Row], _T]]) -> Iterator[_T]:
        source = self._rows_source
        layout = source.findings.layouts.get(table)
        if layout is None:
            return iter(())
        return map(reader(layout), source.sound_rows(table, layout))


def _pairs(person: Person, known: Known, from_students: set[int]) -> Iterator[Guardianship]:
    """Yield the pairs that this row tells of and no student's row has told."""
    for agent_id in dict.fromkeys(person.agent_ids):
        agent_is_student = known.kind(agent_id) is PersonKind.STUDENT
        if person.kind is PersonKind.STUDENT:
            if not agent_is_student:
                yield Guardianship(person.id, agent_id)
        elif agent_is_student and hash((agent_id, person.id)) not in from_students:
            yield Guardianship(agent_id, person.id)


def read_package(source: Source, *, leniency: Leniency = Leniency.STRICT, limits: ZipLimits | None = None) -> Package:
    """Check a zip and return the package; never raises for what the zip holds: see ``Package.problems``.

    ``source`` is a path or an open seekable file, which must stay open while rows are read. Cost: about 10 µs a row for
    the check, as much again for handing rows out; memory see ``known.py``.
    """
    log = ProblemLog()
    try:
        archive = find_tables(source, limits or ZipLimits(), leniency, log)
    except Broken as broken:
        log.add(broken.problem(""))
        return _refusal(None, log)
    manifest = _read_manifest(archive, leniency, log)
    if manifest is None or log.refused:
        return _refusal(manifest, log)
    findings = Scan(archive, manifest, leniency, log).run()
    return _package(manifest, log, _Source(archive, manifest, findings, leniency))


def _package(manifest: Manifest, log: ProblemLog, source: _Source) -> Package:
    findings = source.findings
    taken = None if log.refused else source
    return Package(manifest.version, manifest.modes, findings.rows, findings.dropped, log.kept, log.counts, taken)


def _read_manifest(archive: Archive, leniency: Leniency, log: ProblemLog) -> Manifest | None:
    if MANIFEST not in archive.places:
        return None
    present = frozenset(archive.places) - {MANIFEST}
    manifest = ManifestReader(present, leniency, log).read(archive.lines(MANIFEST))
    if manifest is not None:
        code = "package.unknown_file"
        for table in sorted(present.difference(manifest.modes)):
            log.add(Problem(code, severity_of(code, leniency), f"{table}.csv"))
    return manifest


def _refusal(manifest: Manifest | None, log: ProblemLog) -> Package:
    version, modes = (manifest.version, manifest.modes) if manifest else ("", _NOTHING)
    return Package(version, modes, {}, {}, log.kept, log.counts, None)
