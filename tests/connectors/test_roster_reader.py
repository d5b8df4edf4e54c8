"""What comes out of a sound package, and what is never kept of one."""

from datetime import date

import pytest

from firstbell.connectors.problems import Severity
from firstbell.connectors.roster import Guardianship, Mode, PersonKind, UserId, read_package
from firstbell.connectors.roster.privacy import Dropped
from firstbell.connectors.roster.reader import PackageRefused
from tests.connectors.rosters import files_of, found, pack, package_of, sample, table_text


def read(tables, **options):
    return read_package(package_of(tables, **options))


def test_a_person_has_all_roles_and_schools():
    package = read(sample())

    people = {person.id: person for person in package.people()}
    assert people["teach"].kind is PersonKind.STAFF
    assert people["teach"].org_ids == ("s1", "s2")
    assert people["kid"].kind is PersonKind.STUDENT
    assert people["kid"].primary_org_id == "s1"
    assert people["mum"].kind is PersonKind.GUARDIAN
    assert people["kid"].identifier == "0042"


def test_classes_and_enrollments_come_typed():
    package = read(sample())

    (homeroom,) = package.classes()
    first, second = package.enrollments()
    assert (homeroom.kind, homeroom.location, homeroom.grades) == ("homeroom", "Room 12", ("05",))
    assert (first.begins, first.ends, first.primary) == (date(2026, 8, 12), date(2027, 5, 28), False)
    assert (second.role, second.primary, second.ends) == ("teacher", True, None)


def test_guardians_are_found_from_either_side_and_once():
    tables = sample()
    assert list(read(tables).guardianships()) == [Guardianship("kid", "mum"), Guardianship("kid", "teach")]

    tables["users"][0]["agentSourcedIds"] = ""
    assert list(read(tables).guardianships()) == [Guardianship("kid", "mum"), Guardianship("kid", "teach")]

    tables["users"][1]["agentSourcedIds"] = ""
    assert list(read(tables).guardianships()) == [Guardianship("kid", "teach")]


def test_a_1_1_package_has_roles_and_schools_on_the_row():
    tables = sample()
    del tables["roles"]
    for user, role, orgs in zip(tables["users"], ("student", "parent", "teacher"), ("s1", "s1", "s2,s1"), strict=True):
        user.update(role=role, orgSourcedIds=orgs)

    package = read(tables, version="1.1")

    people = {person.id: person for person in package.people()}
    assert package.version == "1.1"
    assert package.problems == ()
    assert people["teach"].org_ids == ("s2", "s1")
    assert [role.primary for role in people["teach"].roles] == [True, False]
    assert {person.kind for person in people.values()} == {PersonKind.STUDENT, PersonKind.GUARDIAN, PersonKind.STAFF}


def test_a_person_who_is_student_and_something_else_is_a_student():
    tables = sample()
    tables["roles"].append(
        {"sourcedId": "r9", "userSourcedId": "kid", "roleType": "secondary", "role": "aide", "orgSourcedId": "s2"}
    )

    assert next(read(tables).people()).kind is PersonKind.STUDENT


def test_a_delta_package_may_point_at_what_was_sent_before():
    tables = {"users": sample()["users"][:1]}
    tables["users"][0].update(status="tobedeleted", dateLastModified="2026-11-22T00:00:00.000Z")

    package = read(tables, mode="delta")

    (person,) = package.people()
    assert package.modes["users"] is Mode.DELTA
    assert package.modes["orgs"] is Mode.ABSENT
    assert person.removed
    assert person.kind is PersonKind.UNKNOWN


def test_language_is_kept_and_everything_else_beyond_the_standard_is_dropped_and_counted():
    tables = sample()
    extensions = {
        "metadata.language": "ES",
        "metadata.lunchStatus": "F",
        "metadata.iepFlag": "yes",
        "metadata.ethnicity": "x",
        "metadata.lockerCode": "17-4-33",
    }
    tables["users"][0].update(extensions, password="hunter2", middleName="Augusta", pronouns="she")
    tables["users"] = table_text("users", tables["users"], extra=list(extensions))

    package = read(tables)

    kid = next(package.people())
    assert kid.language == "es"
    assert kid.user_ids == (UserId("LDAP", "k1"),)
    assert package.dropped == {
        Dropped.LUNCH: 2,
        Dropped.PROGRAMME: 1,
        Dropped.DEMOGRAPHICS: 2,
        Dropped.OTHER: 1,
        Dropped.PASSWORD: 1,
        Dropped.NAME_PART: 1,
    }
    assert not {"F", "hunter2", "Augusta", "17-4-33"}.intersection(map(str, kid))


def test_demographics_are_counted_by_row_and_no_column_of_them_comes_out():
    tables = sample()
    tables["demographics"] = [{"sourcedId": "kid", "birthDate": "2015-12-10", "sex": "female", "white": "true"}]

    package = read(tables)

    assert package.dropped[Dropped.DEMOGRAPHICS] == 1
    assert not any("2015" in str(person) or "2015-12-10" in repr(person) for person in package.people())


def test_a_school_keeps_its_address_extensions():
    tables = sample()
    tables["orgs"][1].update({"metadata.city": "Wrenfield", "metadata.principalSsn": "078-05-1120"})
    tables["orgs"] = table_text("orgs", tables["orgs"], extra=["metadata.city", "metadata.principalSsn"])

    package = read(tables)

    assert [org.details for org in package.orgs()] == [{}, {"city": "Wrenfield"}, {}]
    assert package.dropped[Dropped.DEMOGRAPHICS] == 1


def test_rows_of_a_refused_package_cannot_be_had():
    tables = sample()
    tables["users"][0]["enabledUser"] = "perhaps"

    package = read(tables)

    assert package.refused
    with pytest.raises(PackageRefused):
        list(package.people())


def test_rows_can_be_read_again_and_side_by_side():
    package = read(sample())

    once, twice = package.people(), package.people()
    assert [left.id for left, _right in zip(once, twice, strict=True)] == ["kid", "mum", "teach"]


def test_a_package_on_disk_is_read_by_its_path(tmp_path):
    path = tmp_path / "roster.zip"
    path.write_bytes(package_of(sample()).getvalue())

    assert read_package(path).rows["users"] == 3


def test_two_primary_roles_at_one_school_are_refused():
    tables = sample()
    tables["roles"][3]["orgSourcedId"] = "s1"

    assert found(read(tables), Severity.REFUSED) == {("semantic.multiple_primary_roles", "roles.csv", 5, "roleType")}


def test_people_without_a_role_are_warned_of_by_number_only():
    tables = sample()
    del tables["roles"][0]

    package = read(tables)

    (problem,) = package.problems
    assert (problem.code, problem.severity, problem.row) == ("semantic.person_without_role", Severity.WARNING, 0)
    assert dict(problem.facts) == {"count": 1}


def test_a_repeated_id_is_found_in_a_table_that_nothing_points_at():
    tables = sample()
    tables["enrollments"][1]["sourcedId"] = "e1"

    assert found(read(tables)) == {("reference.duplicate_sourced_id", "enrollments.csv", 3, "sourcedId")}


def test_a_table_may_point_at_its_own_later_rows():
    tables = sample()
    tables["orgs"].reverse()
    assert read(tables).problems == ()

    tables["orgs"][0]["parentSourcedId"] = "nowhere"
    assert found(read(tables)) == {("reference.missing_target_record", "orgs.csv", 2, "parentSourcedId")}


def test_all_faults_are_counted_and_the_first_ones_kept():
    tables = sample()
    tables["enrollments"] = [
        {**tables["enrollments"][0], "sourcedId": f"e{number}", "role": "boss"} for number in range(500)
    ]

    package = read(tables)

    assert package.problem_counts["row.invalid_enum", Severity.REFUSED] == 500
    assert len(package.problems) == 20


def test_a_file_that_the_version_does_not_have_is_unknown():
    files = files_of(sample(), version="1.2")
    files["manifest.csv"] = str(files["manifest.csv"]).replace("1.2", "1.1")

    assert ("package.unknown_file", "roles.csv", 0, "") in found(read_package(pack(files)))


def test_a_table_that_the_package_lacks_has_no_rows():
    package = read({"orgs": sample()["orgs"]})

    assert [list(rows) for rows in (package.people(), package.classes(), package.enrollments())] == [[], [], []]


@pytest.mark.parametrize("cell", ["2026-02-30", "soon", "2026-8-17"])
def test_what_is_no_day_is_refused(cell):
    tables = sample()
    tables["roles"][0]["beginDate"] = cell

    assert found(read(tables)) == {("row.invalid_date", "roles.csv", 2, "beginDate")}
