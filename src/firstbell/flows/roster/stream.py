"""From the reader's records to COPY, as fast as text goes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import TypeVar

from django.db import connection

from firstbell.connectors.roster import Enrollment, Mode, Package, Person, PersonKind, RoleAt, SchoolClass
from firstbell.directory.words import name_words
from firstbell.flows.roster.rooms import Rooms
from firstbell.flows.roster.sites import Sites

_BLOCK = 10_000
"""Rows written by one COPY."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Row = TypeVar("Row")
_BOOLEAN = ("f", "t")
_KINDS = {kind: kind.value for kind in PersonKind} | {PersonKind.UNKNOWN: ""}


def line(*cells: str) -> str:
    """Return one line of COPY's text format. Cells with a backslash, tab or line end are rare and cost more."""
    text = "\t".join(cells)
    if "\\" in text or "\n" in text or "\r" in text or text.count("\t") != len(cells) - 1:
        return "\t".join(cell.translate(_ESCAPES) for cell in cells)
    return text


class Stream:
    """Writes one package into the staging tables."""

    def __init__(
        self, package: Package, sites: Sites, rooms: Rooms, day: date, progress: Callable[[str, int], None]
    ) -> None:
        self._package = package
        self._sites = sites.ids
        self._rooms = rooms
        self._day = day
        self._progress = progress
        self._tells_all_roles = package.version == "1.1" or package.modes.get("roles") is Mode.BULK
        self._members: list[str] = []
        self._agents: list[str] = []

    def write(self) -> None:
        """Write people, classes and enrolments."""
        self._people()
        for done in self._blocks("roster_class", self._class_line, self._package.classes()):
            self._progress("classes", done)
        for done in self._blocks("roster_enrolment", self._enrolment_line, self._package.enrollments()):
            self._progress("enrollments", done)

    def _people(self) -> None:
        for done in self._blocks("roster_person", self._person_line, self._package.people()):
            _copy("roster_member", self._members)
            _copy("roster_agent", self._agents)
            self._members.clear()
            self._agents.clear()
            self._progress("users", done)

    def _blocks(self, table: str, as_line: Callable[[Row], str], rows: Iterator[Row]) -> Iterator[int]:
        """Write rows block by block and yield how many there were so far.

        The lines of a block are made before its COPY begins: making them may ask the database something.
        """
        done = 0
        while lines := [as_line(row) for row in islice(rows, _BLOCK)]:
            _copy(table, lines)
            done += len(lines)
            yield done

    def _person_line(self, person: Person) -> str:
        roles = [role for role in person.roles if role.ends is None or role.ends > self._day]
        whole = self._tells_all_roles and bool(person.roles)
        gone = person.removed or (whole and not roles)
        main, others = self._sites_of(person, roles, whole=whole)
        source, given, family, preferred = person.id, person.given_name, person.family_name, person.preferred_given_name
        given, family, preferred, number = given[:120], family[:120], preferred[:120], person.identifier[:64]
        if not gone:
            self._members += [line(source, str(site)) for site in others]
        self._agents += [line(source, agent) for agent in person.agent_ids]
        return line(
            source,
            _KINDS[person.kind],
            number,
            given,
            family,
            preferred,
            person.grades[0][:12] if person.grades else "",
            person.language[:12],
            person.email[:254],
            str(main),
            " ".join(name_words(given, family, preferred, number)),
            _BOOLEAN[gone],
            _BOOLEAN[whole],
        )

    def _sites_of(self, person: Person, roles: Sequence[RoleAt], *, whole: bool) -> tuple[int, list[int]]:
        """Return the first site of a person (0: none, or it stays what it is) and the further ones."""
        first = whole or any(role.primary for role in roles)
        orgs = [person.primary_org_id] if first else []
        ids = dict.fromkeys(self._sites[org] for org in [*orgs, *(role.org_id for role in roles)] if org in self._sites)
        return next(iter(ids), 0) if first else 0, list(ids)[1 if first else 0 :]

    def _class_line(self, row: SchoolClass) -> str:
        site = self._sites.get(row.school_id, 0)
        place = 0 if row.removed else self._rooms.find(site, row.location)
        homeroom = row.kind == "homeroom"
        return line(row.id, row.title[:160], _BOOLEAN[homeroom], str(site), str(place), _BOOLEAN[row.removed])

    def _enrolment_line(self, row: Enrollment) -> str:
        gone = row.removed or (row.ends is not None and row.ends <= self._day)
        return line(row.class_id, row.person_id, _BOOLEAN[row.role != "student"], _BOOLEAN[gone])


def _copy(table: str, lines: list[str]) -> None:
    if lines:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            copy.write("\n".join(lines) + "\n")
