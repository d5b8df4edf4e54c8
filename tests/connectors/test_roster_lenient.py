"""What real exports do against the standard: refused to the letter; leniently mended, or left out row by row."""

import pytest

from firstbell.connectors.problems import Severity
from firstbell.connectors.roster import read_package
from firstbell.connectors.roster.leniency import Leniency
from tests.connectors.rosters import (
    csv_text,
    files_of,
    found,
    header,
    manifest_text,
    pack,
    package_of,
    sample,
    table_text,
)


def strictly(tables, **options):
    return read_package(package_of(tables, **options))


def leniently(tables, **options):
    return read_package(package_of(tables, **options), leniency=Leniency.LENIENT)


def codes(package, severity):
    return {code for code, found_severity in package.problem_counts if found_severity is severity}


def test_a_sound_package_reads_the_same_in_both():
    strict, lenient = strictly(sample()), leniently(sample())

    assert lenient.problems == ()
    assert list(strict.people()) == list(lenient.people())
    assert list(strict.enrollments()) == list(lenient.enrollments())
    assert list(strict.guardianships()) == list(lenient.guardianships())


@pytest.mark.parametrize(("cell", "removed"), [("active", False), ("inactive", True), ("tobedeleted", True)])
def test_status_in_a_bulk_file(cell, removed):
    tables = sample()
    tables["users"][0].update(status=cell, dateLastModified="2026-08-01")

    assert codes(strictly(tables), Severity.REFUSED) == {"row.field_forbidden_in_bulk"}
    package = leniently(tables)
    assert codes(package, Severity.WARNING) == {"row.field_forbidden_in_bulk"}
    assert next(package.people()).removed is removed


@pytest.mark.parametrize(
    ("table", "column", "cell", "code"),
    [
        ("users", "enabledUser", "TRUE", "row.invalid_boolean"),
        ("classes", "classType", "Homeroom", "row.invalid_enum"),
        ("roles", "role", "Student", "row.invalid_enum"),
        ("enrollments", "beginDate", "8/17/2026", "row.invalid_date"),
        ("enrollments", "classSourcedId", " k ", "row.invalid_guid"),
        ("users", "grades", "05,", "row.invalid_list"),
    ],
)
def test_a_near_miss_is_mended(table, column, cell, code):
    tables = sample()
    tables[table][0][column] = cell

    assert codes(strictly(tables), Severity.REFUSED) >= {code}
    package = leniently(tables)
    assert codes(package, Severity.WARNING) == {code}
    assert package.rows == leniently(sample()).rows
    people = {person.id: person for person in package.people()}
    assert people["kid"].enabled
    assert people["kid"].kind == "student"


@pytest.mark.parametrize(
    ("table", "column", "cell", "code"),
    [
        ("roles", "role", "boss", "row.invalid_enum"),
        ("enrollments", "userSourcedId", "nobody", "reference.missing_target_record"),
        ("enrollments", "classSourcedId", "", "row.missing_required_value"),
        ("users", "sourcedId", "two words", "row.invalid_guid"),
        ("classes", "schoolSourcedId", "s9", "reference.missing_target_record"),
    ],
)
def test_a_row_beyond_mending_is_left_out_and_the_others_are_taken(table, column, cell, code):
    tables = sample()
    tables[table].append({**tables[table][0], "sourcedId": "extra", column: cell})

    package = leniently(tables)

    assert not package.refused
    assert found(package, Severity.ROW) >= {(code, f"{table}.csv", len(tables[table]) + 1, column)}
    assert package.rows[table] == len(tables[table]) - 1


def test_what_hangs_on_a_row_left_out_is_left_out_too():
    tables = sample()
    tables["users"][0]["sourcedId"] = "not an id"

    package = leniently(tables)

    assert {person.id for person in package.people()} == {"mum", "teach"}
    assert [enrollment.id for enrollment in package.enrollments()] == ["e2"]
    assert list(package.guardianships()) == []


def test_a_child_stays_when_only_the_guardian_is_missing():
    tables = sample()
    tables["users"][0]["agentSourcedIds"] = "mum,gone"

    package = leniently(tables)

    assert codes(package, Severity.WARNING) == {"reference.missing_target_record"}
    assert next(package.people()).agent_ids == ("mum",)


def test_the_second_of_two_rows_with_one_id_is_left_out():
    tables = sample()
    tables["users"].append({**tables["users"][0], "givenName": "Eve"})
    tables["enrollments"].append(dict(tables["enrollments"][0]))

    package = leniently(tables)

    assert [person.given_name for person in package.people()] == ["Ada", "Anne", "Mary"]
    assert [enrollment.id for enrollment in package.enrollments()] == ["e1", "e2"]
    assert codes(package, Severity.ROW) == {"reference.duplicate_sourced_id"}


def test_columns_in_another_order_misspelt_or_unknown():
    tables = sample()
    names = header("users")
    names.remove("status")
    names.reverse()
    written = ["prefferedGivenName" if name == "preferredGivenName" else name for name in names]
    rows = [
        [row.get(name, "Addie" if name == "preferredGivenName" else "") for name in names] for row in tables["users"]
    ]
    tables["users"] = csv_text([[*written, "ext_bus"], *([*row, "7"] for row in rows)])

    assert strictly(tables).refused
    package = leniently(tables)
    assert codes(package, Severity.WARNING) == {
        "schema.header_order_mismatch",
        "schema.misspelt_header",
        "schema.invalid_metadata_header",
        "schema.missing_header",
    }
    assert next(package.people()).preferred_given_name == "Addie"
    assert next(package.people()).family_name == "Byron"


def test_a_column_that_is_required_cannot_be_absent():
    tables = sample()
    tables["users"] = csv_text([["sourcedId", "givenName"], ["kid", "Ada"]])

    assert ("schema.missing_header", "users.csv", 1, "familyName") in found(leniently(tables), Severity.REFUSED)


def test_rows_of_another_width_than_the_header():
    tables = sample()
    text = table_text("orgs", tables["orgs"])
    tables["orgs"] = text.replace("s2,,,South,school,,d", "s2,,,South,school").replace(
        "District,district,,", "D,district,,,"
    )

    package = leniently(tables)
    assert codes(package, Severity.WARNING) == {"table.row_width_mismatch"}
    assert [org.id for org in package.orgs()] == ["d", "s1", "s2"]

    tables["orgs"] = text.replace("North,school", "North,East,school")
    package = leniently(tables)
    assert ("table.row_width_mismatch", "orgs.csv", 3, "") in found(package, Severity.ROW)
    assert [org.id for org in package.orgs()] == ["d", "s2"]


def test_files_in_a_folder_with_other_capitals_and_a_stranger_among_them():
    files = {f"export/{name}": content for name, content in files_of(sample()).items()}
    files["export/Users.CSV"] = files.pop("export/users.csv")
    files["export/readme.txt"] = "hello"
    files["__MACOSX/._users.csv"] = "x"

    assert read_package(pack(files)).refused
    package = read_package(pack(files), leniency=Leniency.LENIENT)
    assert codes(package, Severity.WARNING) == {
        "package.nested_folder",
        "package.file_name_case",
        "package.unknown_file",
    }
    assert package.rows["users"] == 3


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_bom_and_line_ends_do_not_matter_even_strictly(bom, line_end):
    files = {
        name: bom + str(text).replace("\r\n", "\n").encode().replace(b"\n", line_end)
        for name, text in files_of(sample()).items()
    }

    package = read_package(pack(files))

    assert package.problems == ()
    assert next(package.people()).id == "kid"


def test_a_manifest_with_blank_modes():
    files = files_of(sample())
    files["manifest.csv"] = manifest_text({}).replace(",absent", ",")

    assert read_package(pack(files)).refused
    package = read_package(pack(files), leniency=Leniency.LENIENT)
    assert codes(package, Severity.WARNING) == {"manifest.invalid_file_mode"}
    assert package.rows["users"] == 3


def test_a_delta_row_without_a_state_is_active_and_one_with_an_unknown_state_is_left_out():
    tables = {"orgs": [{"sourcedId": f"o{number}", "name": "X", "type": "school"} for number in range(3)]}
    for row, status in zip(tables["orgs"], ("", "Inactive", "sleeping"), strict=True):
        row.update(status=status, dateLastModified="2026-11-22T00:00:00.000Z")

    package = leniently(tables, mode="delta")

    assert [(org.id, org.removed) for org in package.orgs()] == [("o0", False), ("o1", True)]
    assert ("row.invalid_enum", "orgs.csv", 4, "status") in found(package, Severity.ROW)


def test_files_we_do_not_keep_are_only_counted():
    tables = sample()
    tables["demographics"] = [{"sourcedId": "nobody", "birthDate": "yesterday"}]

    package = leniently(tables)

    assert package.problems == ()
    assert sum(package.dropped.values()) == 2  # one row, and the lunch identifier of the sample


@pytest.mark.parametrize("leniency", Leniency)
def test_an_essential_file_that_is_missing_is_refused_in_either(leniency):
    tables = sample()
    del tables["orgs"]

    package = read_package(package_of(tables), leniency=leniency)

    assert ("reference.missing_target_file", "classes.csv", 2, "schoolSourcedId") in found(package, Severity.REFUSED)


def test_a_manifest_that_does_not_mention_a_file_that_is_there():
    files = files_of(sample())
    lines = str(files["manifest.csv"]).splitlines(keepends=True)
    files["manifest.csv"] = "".join(line for line in lines if "file.users," not in line and "file.results," not in line)

    assert read_package(pack(files)).refused
    package = read_package(pack(files), leniency=Leniency.LENIENT)
    assert codes(package, Severity.WARNING) == {"manifest.missing_property"}
    assert package.rows["users"] == 3


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("enrollments", "beginDate", "soon"),
        ("users", "enabledUser", "perhaps"),
        ("academicSessions", "schoolYear", "27"),
    ],
)
def test_a_cell_that_we_can_do_without_is_emptied(table, column, cell):
    tables = sample()
    tables[table][0][column] = cell

    package = leniently(tables)

    assert {problem.severity for problem in package.problems} == {Severity.WARNING}
    assert package.rows == leniently(sample()).rows
    assert next(package.people()).enabled
    assert (next(package.enrollments()).begins is None) is (table == "enrollments")
