"""`python -m bench.roster [PEOPLE]`: a roster's first import and its daily repeat, beside raw COPY and merge.

Raw is what anybody would write in an hour: csv.reader over the same zip, COPY into staging tables, one merge into the
same tables with the same indexes and constraints. It checks nothing, compares nothing, can't say what it will change,
and its search words are lower case and no more. Both commit. The import runs in a process of its own, whose peak memory
is told. Promise: at least 25 % of raw speed, at most 300 MB.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.management import call_command
from django.db import connection, transaction

from bench.place import _point_to, _run
from firstbell.connectors.roster import read_package
from firstbell.connectors.roster.schema import TABLES
from firstbell.directory.models import Person, Site
from firstbell.flows.roster import apply_roster, changes, lay_out
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.clock import utc_now

PEOPLE = 1_000_000
SHARE, MEMORY_MB = 0.25, 300
STUDENTS, GUARDIANS, SCHOOL, ROOM = 0.56, 0.38, 600, 24
GIVEN = "Ana Ben Carla Đức Elif Farid Grace Hộ Iris José Khalid Linh Mateo Nour Olga Pia Quyên Rosa Sol Tariq".split()  # noqa: SIM905
FAMILY = "Aguilar Brandt Çelik Dang Evans Fuentes García Haddad Ito Jones Kovač Łoś Müller Nguyễn O'Neil".split()  # noqa: SIM905


class People:
    """Who is in the roster, by number: students, then guardians, then staff."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.students = int(people * STUDENTS)
        self.guardians = int(people * GUARDIANS)
        self.schools = max(1, self.students // SCHOOL)
        self.rooms = max(1, self.students // ROOM)

    def rows(self) -> Iterator[tuple[str, str, str, str, str, str, str, str]]:
        """Yield source id, role, given and family name, number, e-mail, school, guardian."""
        for number in range(self.people):
            given, family = GIVEN[number % 20], FAMILY[number // 20 % 15]
            student = number < self.students
            guardian = self.students <= number < self.students + self.guardians
            role = "student" if student else "guardian" if guardian else "teacher"
            agent = f"p{self.students + number % self.guardians}" if student else ""
            school = f"s{number % self.schools}"
            badge = "" if guardian else str(100_000 + number)
            yield f"p{number}", role, given, family, badge, f"{number}@example.org", school, agent

    def enrolments(self) -> Iterator[tuple[str, str, str]]:
        """Yield class, person, role: every student in a homeroom, a teacher in each."""
        first, staff = self.students + self.guardians, self.people - self.students - self.guardians
        for number in range(self.students):
            yield f"c{number % self.rooms}", f"p{number}", "student"
        for number in range(self.rooms):
            yield f"c{number}", f"p{first + number % staff}", "teacher"


def write_package(people: People, path: Path) -> None:
    """Write the OneRoster zip."""
    tables = {
        "orgs": ({"sourcedId": f"s{n}", "name": f"School {n}", "type": "school"} for n in range(people.schools)),
        "academicSessions": iter([_session()]),
        "courses": iter([{"sourcedId": "h", "title": "Homeroom", "orgSourcedId": "s0"}]),
        "classes": (_class(people, n) for n in range(people.rooms)),
        "users": map(_user, people.rows()),
        "roles": map(_role, people.rows()),
        "enrollments": (_enrolment(people, n, row) for n, row in enumerate(people.enrolments())),
    }
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as package:
        modes = [(f"file.{name}", "bulk" if name in tables else "absent") for name in TABLES["1.2"]]
        versions = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
        lines = "\n".join(",".join(row) for row in [("propertyName", "value"), *versions, *modes])
        package.writestr("manifest.csv", lines)
        for name, rows in tables.items():
            header = [column.name for column in TABLES["1.2"][name].columns]
            with package.open(f"{name}.csv", "w", force_zip64=True) as raw, io.TextIOWrapper(raw, "utf-8") as file:
                writer = csv.DictWriter(file, header, restval="")
                writer.writeheader()
                writer.writerows(rows)


def _session() -> dict[str, str]:
    days = {"startDate": "2026-08-12", "endDate": "2027-05-28", "schoolYear": "2027"}
    return {"sourcedId": "y", "title": "Year", "type": "schoolYear"} | days


def _class(people: People, number: int) -> dict[str, str]:
    school = {"schoolSourcedId": f"s{number % people.schools}", "termSourcedIds": "y", "courseSourcedId": "h"}
    title, room = f"Homeroom {number}", f"Room {number // people.schools}"
    return {"sourcedId": f"c{number}", "title": title, "classType": "homeroom", "location": room} | school


def _user(row: tuple[str, ...]) -> dict[str, str]:
    source, _kind, given, family, badge, email, _school, agent = row
    names = {"givenName": given, "familyName": family, "identifier": badge, "email": email}
    return {"sourcedId": source, "enabledUser": "true", "username": source, "agentSourcedIds": agent} | names


def _role(row: tuple[str, ...]) -> dict[str, str]:
    source, role, *_rest, school, _agent = row
    where = {"userSourcedId": source, "roleType": "primary", "orgSourcedId": school}
    return {"sourcedId": f"r{source}", "role": role} | where


def _enrolment(people: People, number: int, row: tuple[str, str, str]) -> dict[str, str]:
    group, person, role = row
    school = f"s{int(group[1:]) % people.schools}"
    words = {"classSourcedId": group, "schoolSourcedId": school, "userSourcedId": person, "role": role}
    return {"sourcedId": f"e{number}"} | words


MERGE = """
INSERT INTO directory_person AS d (kind, source_id, local_number, given_name, family_name, preferred_name, grade,
    language, email, site_id, active)
SELECT CASE r.role WHEN 'teacher' THEN 'staff' ELSE r.role END, u."sourcedId", u.identifier, u."givenName",
       u."familyName", u."preferredGivenName", u.grades, '', u.email, s.id, true
  FROM users u JOIN roles r ON r."userSourcedId" = u."sourcedId" JOIN directory_site s ON s.source_id = r."orgSourcedId"
ON CONFLICT (source_id) DO UPDATE SET kind = excluded.kind, local_number = excluded.local_number,
    given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email,
    site_id = excluded.site_id
 WHERE (d.kind, d.local_number, d.given_name, d.family_name, d.email, d.site_id) IS DISTINCT FROM
    (excluded.kind, excluded.local_number, excluded.given_name, excluded.family_name, excluded.email, excluded.site_id);
INSERT INTO directory_personword (person_id, word)
SELECT d.id, word FROM users u JOIN directory_person d ON d.source_id = u."sourcedId",
       regexp_split_to_table(lower(trim(concat_ws(' ', u."givenName", u."familyName", u.identifier))), '\\W+') word
 WHERE NOT EXISTS (SELECT FROM directory_personword w WHERE w.person_id = d.id);
INSERT INTO directory_guardianship (student_id, guardian_id)
SELECT s.id, g.id FROM users u
  JOIN directory_person s ON s.source_id = u."sourcedId"
  JOIN directory_person g ON g.source_id = u."agentSourcedIds"
 WHERE u."agentSourcedIds" <> ''
ON CONFLICT DO NOTHING;
INSERT INTO directory_enrolment (class_group_id, person_id, teacher)
SELECT c.id, d.id, e.role = 'teacher' FROM enrollments e
  JOIN directory_classgroup c ON c.source_id = e."classSourcedId"
  JOIN directory_person d ON d.source_id = e."userSourcedId"
ON CONFLICT DO NOTHING;
"""


def raw(path: Path) -> float:
    """Copy the three large files of the zip, row by row as csv reads them, and merge; return the seconds."""
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor, ZipFile(path) as package:
        cursor.execute("SET LOCAL work_mem = '96MB'")
        for name in ("users", "roles", "enrollments"):
            columns = ", ".join(f'"{column.name}" text' for column in TABLES["1.2"][name].columns)
            cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
            with package.open(f"{name}.csv") as file, cursor.copy(f"COPY {name} FROM STDIN") as copy:
                rows = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""))
                next(rows)
                for row in rows:
                    copy.write_row(row)
        cursor.execute("ANALYZE users, roles, enrollments")
        cursor.execute(MERGE)
    return time.perf_counter() - begun


def import_package(path: Path) -> dict[str, float]:
    """Import the zip as `firstbell roster import` does; return seconds, changes and peak memory in MB."""
    begun = time.perf_counter()
    package = read_package(path)
    read = time.perf_counter() - begun
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    with lay_out(package, digest=digest, at=utc_now()) as roster:
        total = changes(roster).total
        apply_roster(roster=roster, by=SYSTEM, at=utc_now(), op=uuid4())
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "read": read, "changes": total, "peak": peak}


def _apart(path: Path, database: str) -> dict[str, float]:
    """Import in a process of its own, so that its memory is its own."""
    words = [sys.executable, "-m", "bench.roster", "--import", str(path), database]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _fresh(name: str) -> None:
    connection.close()
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _run("CREATE DATABASE {}", name)
    _point_to(name)
    call_command("migrate", verbosity=0)


def main() -> int:
    """Measure both and print the ratio; ends with 1 when the promise is missed."""
    if "--import" in sys.argv:
        _point_to(sys.argv[3])
        print(json.dumps(import_package(Path(sys.argv[2]))))
        return 0
    people = People(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE)
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_package(people, folder / "roster.zip")
        return _compare(people, folder)


def _compare(people: People, folder: Path) -> int:
    _fresh("bench_firstbell_roster_raw")
    _prepare(people)
    raws = [raw(folder / "roster.zip") for _ in range(2)]
    _fresh("bench_firstbell_roster")
    ours = [_apart(folder / "roster.zip", "bench_firstbell_roster") for _ in range(2)]
    stored = Person.objects.everyone(reason="the benchmark counts").count()
    print(f"{people.people:,} people, {people.schools:,} schools, {people.rooms:,} homerooms; {stored:,} stored")
    missed = stored != people.people or ours[1]["changes"] != 0
    for name, seconds, found in zip(("first", "again"), raws, ours, strict=True):
        ratio = seconds / found["seconds"]
        bad = ratio < SHARE or found["peak"] > MEMORY_MB
        missed |= bad
        print(
            f"{'! ' if bad else '  '}{name}: import {found['seconds']:.1f} s (reading {found['read']:.1f} s), raw "
            f"{seconds:.1f} s: {ratio:.0%} of raw speed (promised {SHARE:.0%}); peak memory {found['peak']:.0f} MB"
        )
    return 1 if missed else 0


def _prepare(people: People) -> None:
    """Raw finds its schools and classes there: it makes people and their ties only."""
    schools = [
        Site(kind="school", name=f"School {n}", source_id=f"s{n}", identifier=str(n)) for n in range(people.schools)
    ]
    Site.objects.bulk_create(schools, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO directory_classgroup (source_id, site_id, title, homeroom, active) "
            "SELECT 'c' || n, s.id, 'Homeroom ' || n, true, true FROM generate_series(0, %s) n "
            "JOIN directory_site s ON s.identifier = (n %% %s)::text",
            [people.rooms - 1, people.schools],
        )


if __name__ == "__main__":
    sys.exit(main())
