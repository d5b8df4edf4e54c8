"""Builds small OneRoster packages for tests: a district, a school, a class, a student, her mother and a teacher."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from firstbell.connectors.problems import Severity
from firstbell.connectors.roster import Package
from firstbell.connectors.roster.schema import TABLES

SHARED = Path(__file__).parents[3] / "shared" / "data"
CONFORMANCE = SHARED / "oneroster" / "v1p2_conformance"

Rows = list[dict[str, str]]


def sample() -> dict[str, Any]:
    """Return a sound bulk 1.2 package as rows by table; a test may put a table's text in their place."""
    return {
        "academicSessions": [
            _row("y", title="Year", type="schoolYear", startDate="2026-08-12", endDate="2027-05-28", schoolYear="2027")
        ],
        "orgs": [
            _row("d", name="District", type="district"),
            _row("s1", name="North", type="school", identifier="001", parentSourcedId="d"),
            _row("s2", name="South", type="school", parentSourcedId="d"),
        ],
        "courses": [_row("c", title="Homeroom", orgSourcedId="d")],
        "classes": [_homeroom()],
        "users": _people(),
        "roles": [
            _row("r1", userSourcedId="kid", roleType="primary", role="student", orgSourcedId="s1"),
            _row("r2", userSourcedId="mum", roleType="primary", role="parent", orgSourcedId="s1"),
            _row("r3", userSourcedId="teach", roleType="primary", role="teacher", orgSourcedId="s1"),
            _row("r4", userSourcedId="teach", roleType="primary", role="teacher", orgSourcedId="s2"),
        ],
        "enrollments": [
            _enrollment("e1", "kid", role="student", beginDate="2026-08-12", endDate="2027-05-28"),
            _enrollment("e2", "teach", role="teacher", primary="true"),
        ],
    }


def _row(sourced_id: str, **cells: str) -> dict[str, str]:
    return {"sourcedId": sourced_id, **cells}


def _homeroom() -> dict[str, str]:
    return _row(
        "k",
        title="Homeroom 5-A",
        grades="05",
        courseSourcedId="c",
        classType="homeroom",
        location="Room 12",
        schoolSourcedId="s1",
        termSourcedIds="y",
    )


def _people() -> Rows:
    kid = _row("kid", enabledUser="true", username="kid1", givenName="Ada", familyName="Byron", identifier="0042")
    kid |= {"agentSourcedIds": "mum", "grades": "05", "primaryOrgSourcedId": "s1", "email": "kid@example.org"}
    kid["userIds"] = "{LDAP:k1},{Lunch:F}"
    mum = _row("mum", enabledUser="true", username="mum1", givenName="Anne", familyName="Byron", agentSourcedIds="kid")
    teacher = _row("teach", enabledUser="true", username="t1", givenName="Mary", familyName="Somerville")
    return [kid, mum | {"sms": "+15555550100"}, teacher | {"agentSourcedIds": "kid"}]


def _enrollment(sourced_id: str, person_id: str, **cells: str) -> dict[str, str]:
    return _row(sourced_id, classSourcedId="k", schoolSourcedId="s1", userSourcedId=person_id, **cells)


def header(table: str, version: str = "1.2") -> list[str]:
    """Return the standard's header of a table."""
    return [column.name for column in TABLES[version][table].columns]


def csv_text(cells: Sequence[Sequence[str]]) -> str:
    """Return cells as CSV with CRLF."""
    text = io.StringIO()
    csv.writer(text).writerows(cells)
    return text.getvalue()


def table_text(table: str, rows: Rows, version: str = "1.2", extra: Sequence[str] = ()) -> str:
    """Return rows as the CSV of a table, with extension columns to the right."""
    names = [*header(table, version), *extra]
    return csv_text([names, *([row.get(name, "") for name in names] for row in rows)])


def manifest_text(modes: Mapping[str, str], version: str = "1.2") -> str:
    """Return a manifest; tables that are not named are absent."""
    lines = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", version)]
    return csv_text(lines + [(f"file.{name}", modes.get(name, "absent")) for name in TABLES[version]])


def pack(files: Mapping[str, str | bytes], **options: int) -> io.BytesIO:
    """Return a zip of these files by their full names."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", options.get("compression", zipfile.ZIP_DEFLATED)) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    packed.seek(0)
    return packed


def files_of(tables: Mapping[str, Rows | str], mode: str = "bulk", version: str = "1.2") -> dict[str, str | bytes]:
    """Return the files of a package; a table may be given as text."""
    files: dict[str, str | bytes] = {
        f"{name}.csv": rows if isinstance(rows, str) else table_text(name, rows, version)
        for name, rows in tables.items()
    }
    return {"manifest.csv": manifest_text(dict.fromkeys(tables, mode), version), **files}


def package_of(tables: Mapping[str, Rows | str], mode: str = "bulk", version: str = "1.2") -> io.BytesIO:
    """Return the zip of a package."""
    return pack(files_of(tables, mode, version))


def found(package: Package, severity: Severity | None = None) -> set[tuple[str, str, int, str]]:
    """Return (code, file, row, column) of a package's problems."""
    return {
        (problem.code, problem.file, problem.row, problem.column)
        for problem in package.problems
        if severity is None or problem.severity is severity
    }
