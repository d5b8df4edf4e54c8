"""A later roster, as it comes every night: a few students have moved away. Their devices are still with them."""

import csv
import io
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from firstbell.connectors.roster.schema import TABLES
from firstbell.directory.models import Person

_VERSION = "1.2"
_CHANGED = "2026-11-01T00:00:00.000Z"


def write_delta(path: Path, gone: list[Person]) -> None:
    """Write a OneRoster delta package that marks these people as gone."""
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        package.writestr("manifest.csv", _csv(_manifest()))
        package.writestr("users.csv", _csv(_users(gone)))


def _manifest() -> list[list[str]]:
    files = [[f"file.{name}", "delta" if name == "users" else "absent"] for name in TABLES[_VERSION]]
    return [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", _VERSION], *files]


def _users(gone: list[Person]) -> list[list[str]]:
    header = [column.name for column in TABLES[_VERSION]["users"].columns]
    rows = [header]
    for person in gone:
        told = {
            "sourcedId": person.source_id,
            "status": "tobedeleted",
            "dateLastModified": _CHANGED,
            "enabledUser": "false",
            "username": person.source_id,
            "givenName": person.given_name,
            "familyName": person.family_name,
            "identifier": person.local_number,
        }
        rows.append([told.get(name, "") for name in header])
    return rows


def _csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
