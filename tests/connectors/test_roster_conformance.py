"""The published OneRoster 1.2 conformance packages: every valid one loads, every faulty one is refused at its fault."""

import json
import zipfile

import pytest

from firstbell.connectors.problems import Severity
from firstbell.connectors.roster import Mode, read_package
from firstbell.connectors.roster.leniency import Leniency
from firstbell.connectors.roster.schema import TABLES
from tests.conftest import MISSING
from tests.connectors.rosters import CONFORMANCE, SHARED, pack

INDEX = CONFORMANCE / "index.json"


@pytest.fixture(autouse=True)
def conformance_packages():
    if not INDEX.exists():
        MISSING.add("the OneRoster conformance packages beside the checkout (../shared/data/oneroster)")
        pytest.skip("no conformance packages beside the checkout")


_ENTRIES = json.loads(INDEX.read_text()) if INDEX.exists() else {"valid": [], "negative": []}
_LOCATIONS = {
    "negative/invalid-manifest-header.zip": {("manifest.invalid_header", "manifest.csv", 1, "")},
    "negative/unknown-zip-entry.zip": {("package.unknown_file", "extra.csv", 0, "")},
    "negative/csv-quote-failure.zip": {("csv.unescaped_quote", "users.csv", 2, "#2")},
    "negative/schema-header-and-metadata-failures.zip": {
        ("schema.header_order_mismatch", "users.csv", 1, "status"),
        ("schema.header_order_mismatch", "users.csv", 1, "sourcedId"),
        ("schema.metadata_column_position", "classes.csv", 1, "#2"),
        ("schema.invalid_metadata_header", "resources.csv", 1, "#10"),
    },
    "negative/field-parser-failures.zip": {
        ("row.invalid_year", "academicSessions.csv", 2, "schoolYear"),
        ("row.invalid_guid", "courses.csv", 2, "orgSourcedId"),
        ("row.invalid_boolean", "users.csv", 2, "enabledUser"),
        ("row.missing_required_value", "categories.csv", 2, "title"),
        ("row.invalid_integer", "categories.csv", 2, "weight"),
        ("row.invalid_date", "lineItems.csv", 2, "assignDate"),
        ("row.invalid_float", "lineItems.csv", 2, "resultValueMin"),
        ("row.invalid_enum", "results.csv", 2, "scoreStatus"),
        ("row.invalid_boolean", "results.csv", 2, "inProgress"),
        ("row.invalid_list", "scoreScales.csv", 2, "scoreScaleValue"),
    },
    "negative/bulk-lifecycle-status-failure.zip": {
        ("row.field_forbidden_in_bulk", "users.csv", 2, "status"),
        ("row.field_forbidden_in_bulk", "users.csv", 2, "dateLastModified"),
    },
    "negative/duplicate-sourcedid-failure.zip": {("reference.duplicate_sourced_id", "users.csv", 3, "sourcedId")},
    "negative/missing-target-record-failure.zip": {
        ("reference.missing_target_record", "lineItems.csv", 2, "categorySourcedId"),
    },
}
_CASCADES = {
    "reference.missing_target_record",
    "reference.duplicate_sourced_id",
    "schema.missing_header",
    "semantic.person_without_role",
}
"""What follows from a planted fault: a user whose row is doubled leaves another missing."""


@pytest.mark.parametrize("entry", _ENTRIES["valid"], ids=lambda entry: entry["name"])
@pytest.mark.parametrize("leniency", Leniency)
def test_a_valid_package_loads_without_any_problem(entry, leniency):
    package = read_package(CONFORMANCE / entry["file"], leniency=leniency)

    assert not package.refused
    assert package.problems == ()
    assert package.version == "1.2"


@pytest.mark.parametrize("entry", _ENTRIES["valid"], ids=lambda entry: entry["name"])
def test_the_files_of_a_valid_package_have_the_mode_it_says(entry):
    package = read_package(CONFORMANCE / entry["file"])

    supplied = {f"{name}.csv": mode for name, mode in package.modes.items() if mode is not Mode.ABSENT}
    if "suppliedFiles" in entry:
        assert set(supplied) == set(entry["suppliedFiles"])
    if "mode" in entry:
        assert set(supplied.values()) == {Mode(entry["mode"])}


def test_the_people_of_a_valid_package_come_out_whole():
    package = read_package(CONFORMANCE / "valid/rostering-bulk-package.zip")

    people = {person.id: person for person in package.people()}
    assert set(people) == {"user-agent", "user-1"}
    assert people["user-1"].org_ids == ("org-1",)
    assert people["user-1"].grades == ("09",)
    assert [org.id for org in package.orgs()] == ["org-root", "org-1"]
    assert [session.school_year for session in package.sessions()] == [2025, 2025]
    assert [place.location for place in package.classes()] == ["Room 101"]
    assert [enrollment.person_id for enrollment in package.enrollments()] == ["user-1"]


@pytest.mark.parametrize("entry", _ENTRIES["negative"], ids=lambda entry: entry["name"])
def test_a_faulty_package_is_refused_with_the_expected_codes(entry):
    package = read_package(CONFORMANCE / entry["file"])

    refusals = [problem for problem in package.problems if problem.severity is Severity.REFUSED]
    codes = {problem.code for problem in refusals}
    assert package.refused
    assert all(problem.file for problem in refusals)
    expected = set(entry.get("expectedCodes", codes))
    assert expected <= codes
    assert codes - expected <= _CASCADES


@pytest.mark.parametrize("file", _LOCATIONS)
def test_a_fault_is_reported_at_its_file_row_and_column(file):
    package = read_package(CONFORMANCE / file)

    places = {(problem.code, problem.file, problem.row, problem.column) for problem in package.problems}
    assert _LOCATIONS[file] <= places


def test_no_problem_repeats_what_a_cell_says():
    package = read_package(CONFORMANCE / "negative/diagnostic-safety-pii.zip")

    assert package.refused
    assert "safety" not in repr(package.problems)


def test_a_package_that_lost_its_school_is_refused():
    """The control: what loads above does not load for any odd reason."""
    files = {}
    with zipfile.ZipFile(CONFORMANCE / "valid/full-bulk-package.zip") as opened:
        for name in opened.namelist():
            files[name] = opened.read(name).replace(b"org-1,,,North School", b"org-2,,,North School")

    package = read_package(pack(files))

    assert package.refused
    assert {problem.code for problem in package.problems} == {"reference.missing_target_record"}


def test_the_header_only_templates_of_version_1_1_load_leniently():
    folder = SHARED / "oneroster" / "v1p1_nicelion" / "oneroster-example-csv"
    package = read_package(pack({file.name: file.read_bytes() for file in folder.iterdir()}), leniency=Leniency.LENIENT)

    assert not package.refused
    assert package.version == "1.1"
    assert {problem.severity for problem in package.problems} == {Severity.WARNING}
    assert list(package.people()) == []


def test_the_two_thousand_users_of_a_1_1_export_come_out_with_their_families():
    """A vendor's own dialect: status in bulk, ids without braces, a role that 1.1 does not have."""
    users = SHARED / "oneroster" / "v1p1_nicelion" / "outputs" / "test-csv.csv"
    text = users.read_text()
    orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
    org_ids = sorted({line.split(",")[4] for line in text.splitlines()[1:]})
    orgs += "".join(f"{org_id},,,School,school,,\n" for org_id in org_ids)
    present = {"orgs", "users"}
    manifest = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"
    manifest += "".join(f"file.{name},{'bulk' if name in present else 'absent'}\n" for name in TABLES["1.1"])

    package = read_package(
        pack({"manifest.csv": manifest, "orgs.csv": orgs, "users.csv": text}), leniency=Leniency.LENIENT
    )

    assert not package.refused
    assert package.rows["users"] == len(text.splitlines()) - 1
    assert {person.kind.value for person in package.people()} >= {"student", "guardian"}
    assert sum(1 for _pair in package.guardianships()) > 0
