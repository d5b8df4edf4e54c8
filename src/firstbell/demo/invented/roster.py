"""Writes an invented district as a OneRoster 1.2 bulk package, school by school, in the memory of one school."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from firstbell.connectors.roster.schema import TABLES
from firstbell.demo.invented.people import SUBJECTS, Guardian, Homeroom, SchoolPeople, Staff, Student
from firstbell.demo.invented.schools import (
    DEPOT_ID,
    DEPOT_NAME,
    DISTRICT_ID,
    DISTRICT_NAME,
    DOMAIN,
    OFFICE_ID,
    OFFICE_NAME,
    TIME_ZONE,
    School,
)

FIRST_DAY, LAST_DAY, MID_YEAR = date(2026, 8, 12), date(2027, 5, 28), date(2027, 1, 11)
"""Of the school year; the last day and the middle are exclusive ends, as OneRoster has them."""

_VERSION = "1.2"
_FILES = ("academicSessions", "orgs", "courses", "classes", "users", "roles", "enrollments")
_ORG_EXTENSIONS = ("address1", "city", "latitude", "longitude", "timeZone")
_USER_EXTENSIONS = ("language", "lunchStatus")
_YEAR, _FALL, _SPRING = "session-2027", "session-2027-1", "session-2027-2"
_ZIP_TIME = (2026, 8, 1, 0, 0, 0)
_COMPRESSION = 4
_COPY_BYTES = 1 << 20
_NO_EXTRA = ("", "")

Cells = Sequence[object]


class _Writer(Protocol):
    def writerow(self, row: Iterable[object], /) -> object: ...

    def writerows(self, rows: Iterable[Iterable[object]], /) -> object: ...


class RosterWriter:
    """Adds schools and people to the package that ``roster_writer`` opened."""

    def __init__(self, writers: dict[str, _Writer]) -> None:
        self._write = {name: writer.writerow for name, writer in writers.items()}
        self._roles = 0
        self._enrollments = 0

    def add_district(self) -> None:
        """Write the district, its office and depot, the sessions and the courses."""
        self._org(DISTRICT_ID, DISTRICT_NAME, "district", "", "")
        self._org(DEPOT_ID, DEPOT_NAME, "department", "DEPOT", DISTRICT_ID)
        self._org(OFFICE_ID, OFFICE_NAME, "department", "OFFICE", DISTRICT_ID)
        for row_id, title, kind, begins, ends, parent in (
            (_YEAR, "School year 2026-27", "schoolYear", FIRST_DAY, LAST_DAY, ""),
            (_FALL, "Fall semester", "semester", FIRST_DAY, MID_YEAR, _YEAR),
            (_SPRING, "Spring semester", "semester", MID_YEAR, LAST_DAY, _YEAR),
        ):
            self._write["academicSessions"]((row_id, "", "", title, kind, begins, ends, parent, LAST_DAY.year))
        for title in ("Homeroom", *SUBJECTS):
            self._write["courses"]((_course(title), "", "", _YEAR, title, "", "", DISTRICT_ID, "", ""))

    def add_staff(self, staff: Iterable[Staff]) -> None:
        """Write people who work for the district."""
        for person in staff:
            self._staff(person)

    def add_school(self, people: SchoolPeople) -> None:
        """Write a school with everybody in it."""
        school = people.school
        extensions = (school.address, "Wrenfield", school.latitude, school.longitude, TIME_ZONE)
        self._org(school.org_id, school.name, "school", f"W{school.number:03}", DISTRICT_ID, extensions)
        self.add_staff(people.staff)
        for homeroom in people.homerooms:
            for student in homeroom.students:
                self._student(student, school)
            self._homeroom(homeroom, school)

    def _org(self, row_id: str, name: str, kind: str, identifier: str, parent: str, extensions: Cells = ()) -> None:
        blanks = [""] * (len(_ORG_EXTENSIONS) - len(extensions))
        self._write["orgs"]((row_id, "", "", name, kind, identifier, parent, *extensions, *blanks))

    def _staff(self, person: Staff) -> None:
        contacts = (person.email, "", "")
        self._user(person.id, person.email.partition("@")[0], (person.given, person.family), person.number, contacts)
        self._role(person.id, person.role, person.org_id)

    def _student(self, student: Student, school: School) -> None:
        names = (student.given, student.family.name)
        contacts = (f"{student.username}@students.{DOMAIN}", "", "")
        agents = ",".join(guardian.id for guardian in student.family.guardians)
        extra = (student.family.group.language, student.lunch)
        self._user(student.id, student.username, names, student.number, contacts, agents, student.grade, extra=extra)
        self._role(student.id, "student", school.org_id)
        for guardian in student.new_guardians:
            self._guardian(guardian, school)

    def _guardian(self, guardian: Guardian, school: School) -> None:
        contacts = (guardian.email, guardian.phone, guardian.phone)
        self._user(
            guardian.id,
            guardian.id,
            (guardian.given, guardian.family),
            "",
            contacts,
            preferred=guardian.own_letters,
            extra=(guardian.language, ""),
        )
        self._role(guardian.id, guardian.role, school.org_id)

    def _user(
        self,
        row_id: str,
        username: str,
        names: tuple[str, str],
        identifier: str,
        contacts: tuple[str, str, str],
        agents: str = "",
        grade: str = "",
        preferred: tuple[str, str] = _NO_EXTRA,
        extra: tuple[str, str] = _NO_EXTRA,
    ) -> None:
        row = (row_id, "", "", "true", username, "", *names, "", identifier, *contacts, agents, grade, "", "")
        self._write["users"]((*row, preferred[0], "", preferred[1], "", "", *extra))

    def _role(self, person_id: str, role: str, org_id: str) -> None:
        self._roles += 1
        row = (f"role-{self._roles}", "", "", person_id, "primary", role, FIRST_DAY, "", org_id, "")
        self._write["roles"](row)

    def _homeroom(self, homeroom: Homeroom, school: School) -> None:
        self._class(homeroom.id, homeroom.title, homeroom, "homeroom", "Homeroom", homeroom.teacher, school)
        for number, (subject, teacher) in enumerate(homeroom.subjects, start=1):
            title = f"{subject} {homeroom.title.removeprefix('Homeroom ')}"
            self._class(f"{homeroom.id}-{number}", title, homeroom, "scheduled", subject, teacher, school)

    def _class(
        self, row_id: str, title: str, homeroom: Homeroom, kind: str, course: str, teacher: Staff, school: School
    ) -> None:
        row = (
            row_id,
            "",
            "",
            title,
            homeroom.grade,
            _course(course),
            "",
            kind,
            teacher.room,
            school.org_id,
            _YEAR,
            "",
            "",
            "",
        )
        self._write["classes"](row)
        self._enroll(row_id, school, teacher.id, "teacher", "true")
        for student in homeroom.students:
            self._enroll(row_id, school, student.id, "student", "")

    def _enroll(self, class_id: str, school: School, person_id: str, role: str, primary: str) -> None:
        self._enrollments += 1
        row_id = f"enrollment-{self._enrollments}"
        row = (row_id, "", "", class_id, school.org_id, person_id, role, primary, FIRST_DAY, "")
        self._write["enrollments"](row)


def _course(title: str) -> str:
    return f"course-{title.casefold().replace(' ', '-')}"


@contextmanager
def roster_writer(path: Path) -> Iterator[RosterWriter]:
    """Open a package for writing; it is packed into ``path`` at the end. The same rows give the same bytes."""
    with TemporaryDirectory(dir=path.parent, prefix=".roster-") as folder, ExitStack() as files:
        spools = {name: Path(folder, f"{name}.csv") for name in _FILES}
        opened = {
            name: files.enter_context(spool.open("w", encoding="utf-8", newline="")) for name, spool in spools.items()
        }
        writers: dict[str, _Writer] = {name: csv.writer(file) for name, file in opened.items()}
        for name, writer in writers.items():
            writer.writerow(_header(name))
        yield RosterWriter(writers)
        files.close()
        _pack(path, spools)


def _header(name: str) -> list[str]:
    extensions = {"orgs": _ORG_EXTENSIONS, "users": _USER_EXTENSIONS}.get(name, ())
    return [column.name for column in TABLES[_VERSION][name].columns] + [f"metadata.{word}" for word in extensions]


def _pack(path: Path, spools: dict[str, Path]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as package:
        package.writestr(_entry("manifest.csv"), _manifest())
        for name, spool in spools.items():
            with spool.open("rb") as source, package.open(_entry(f"{name}.csv"), "w", force_zip64=True) as target:
                while piece := source.read(_COPY_BYTES):
                    target.write(piece)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _ZIP_TIME)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _manifest() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", _VERSION)])
    writer.writerows((f"file.{name}", "bulk" if name in _FILES else "absent") for name in TABLES[_VERSION])
    writer.writerows([("source.systemName", "Firstbell demo"), ("source.systemCode", "firstbell-demo")])
    return text.getvalue()
