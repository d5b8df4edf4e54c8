"""The invented district: the size it should have, the same for ever, read by the readers that read anybody's files."""

import re
from collections import Counter

import pytest

from firstbell.connectors.inventory import OwnerKey, read_devices
from firstbell.connectors.roster import PersonKind, read_package
from firstbell.connectors.roster.privacy import Dropped
from firstbell.demo.invented.faults import REFUSED
from firstbell.demo.packages import DEPOT_ID, OFFICE_ID, Fault, Size, write_packages
from firstbell.kernel.identifiers import luhn_ok

SIZES = {Size.XS: (1_050, 3, 1_200), Size.S: (3_300, 6, 3_800)}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_packages(Size.XS, tmp_path_factory.mktemp("xs"))


@pytest.fixture(scope="module")
def roster(small):
    return read_package(small.roster)


@pytest.fixture(scope="module")
def outcomes(small):
    return list(read_devices(small.devices).outcomes())


@pytest.mark.parametrize("size", SIZES)
def test_a_district_has_its_size_and_loads_without_a_problem(size, tmp_path):
    packages = write_packages(size, tmp_path / "made")
    roster, devices = read_package(packages.roster), read_devices(packages.devices)

    students, schools, rows = SIZES[size]
    kinds = Counter(person.kind for person in roster.people())
    assert roster.problems == ()
    assert kinds == {
        PersonKind.STUDENT: students,
        PersonKind.STAFF: packages.meta.staff,
        PersonKind.GUARDIAN: packages.meta.guardians,
    }
    assert sum(org.kind == "school" for org in roster.orgs()) == schools == len(packages.meta.schools)
    assert devices.rows == packages.meta.devices == rows
    assert devices.problems == ()


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(small, tmp_path):
    again, other = write_packages(Size.XS, tmp_path / "again"), write_packages(Size.XS, tmp_path / "other", seed=2)

    assert again.roster.read_bytes() == small.roster.read_bytes()
    assert again.devices.read_bytes() == small.devices.read_bytes()
    assert again.meta == small.meta
    assert other.roster.read_bytes() != small.roster.read_bytes()
    assert other.devices.read_bytes() != small.devices.read_bytes()


def test_nothing_is_left_lying_beside_the_two_files(small):
    assert {file.name for file in small.roster.parent.iterdir()} == {"roster.zip", "devices.csv"}


def test_there_is_a_depot_and_an_office(roster):
    orgs = {org.id: org for org in roster.orgs()}

    assert orgs[DEPOT_ID].name == "Central repair depot"
    assert orgs[DEPOT_ID].kind == orgs[OFFICE_ID].kind == "department"
    assert any(DEPOT_ID in person.org_ids for person in roster.people())


def test_every_student_has_one_homeroom_with_a_room_at_their_school(roster):
    homerooms = {place.id: place for place in roster.classes() if place.kind == "homeroom"}
    rooms = Counter(
        enrollment.person_id
        for enrollment in roster.enrollments()
        if enrollment.class_id in homerooms and enrollment.role == "student"
    )

    students = {person.id for person in roster.people() if person.kind is PersonKind.STUDENT}
    assert set(rooms) == students
    assert set(rooms.values()) == {1}
    assert all(re.fullmatch(r"Room \d{3}", place.location) for place in homerooms.values())


def test_secondary_students_have_scheduled_classes_too(roster):
    kinds = Counter(place.kind for place in roster.classes())

    assert kinds["scheduled"] > kinds["homeroom"] > 0


def test_families_speak_several_languages_and_siblings_share_guardians(roster):
    people = {person.id: person for person in roster.people()}
    pairs = list(roster.guardianships())

    assert {"en", "es", "vi", "ar", "zh"} <= {people[pair.guardian_id].language for pair in pairs}
    assert any(not person.preferred_given_name.isascii() for person in people.values())
    children = Counter(pair.guardian_id for pair in pairs)
    assert max(children.values()) > 1
    assert len({pair.student_id for pair in pairs}) > 0.9 * 1_050


def test_lunch_is_in_the_file_and_not_in_what_is_read(roster):
    assert roster.dropped == {Dropped.LUNCH: 1_050}


def test_exactly_the_planted_faults_are_refused(small, outcomes):
    planted = {row for fault in REFUSED for row in small.meta.planted.get(fault, ())}

    assert small.meta.planted[Fault.TAG_REPEATED]
    assert {outcome.row for outcome in outcomes if outcome.device is None} == planted


def test_the_rates_of_mild_faults_are_those_of_audits(tmp_path):
    planted = write_packages(Size.S, tmp_path).meta.planted

    serials = (Fault.SERIAL_UNTIDY, Fault.SERIAL_LETTER_O, Fault.SERIAL_MISSING, Fault.SERIAL_EXCEL)
    assert 0.025 < sum(len(planted.get(fault, ())) for fault in serials) / 3_800 < 0.05
    assert 0.04 < len(planted[Fault.NO_PLACE]) / 3_800 < 0.06


def test_owners_are_people_of_the_roster_save_those_who_left(small, roster, outcomes):
    numbers = {person.identifier for person in roster.people() if person.identifier}
    strangers = [
        outcome.row
        for outcome in outcomes
        if outcome.device and outcome.device.owner and outcome.device.owner.value not in numbers
    ]

    assert strangers == list(small.meta.planted[Fault.UNKNOWN_OWNER])
    keys = {outcome.device.owner.by for outcome in outcomes if outcome.device and outcome.device.owner}
    assert keys == {OwnerKey.NUMBER}


def test_nobody_has_two_devices_and_no_identifier_comes_twice(outcomes):
    devices = [outcome.device for outcome in outcomes if outcome.device]

    for field in ("tag", "serial", "imei", "iccid", "mdn", "owner"):
        values = Counter(getattr(device, field) for device in devices if getattr(device, field))
        assert set(values.values()) == {1}, field


def test_connected_devices_have_sound_numbers_of_the_ranges_kept_for_tests(outcomes):
    connected = [outcome.device for outcome in outcomes if outcome.device and outcome.device.imei]

    assert 0.2 < len(connected) / len(outcomes) < 0.8
    assert all(device.imei.startswith("00") and luhn_ok(device.imei) for device in connected)
    assert all(luhn_ok(device.iccid) for device in connected)
    assert all(re.fullmatch(r"\+1\d{3}55501\d{2}", device.mdn) for device in connected)


def test_each_school_lends_from_its_library_desk(small, outcomes):
    desks = {
        outcome.device.site
        for outcome in outcomes
        if outcome.device and outcome.device.status == "Loaner" and outcome.device.place == "Library desk"
    }

    assert desks == {school.name for school in small.meta.schools}


def test_sites_of_devices_are_organisations_of_the_roster(roster, outcomes):
    names = {org.name for org in roster.orgs()}

    assert {outcome.device.site for outcome in outcomes if outcome.device} <= names | {""}


def test_every_address_is_of_a_domain_kept_for_examples(roster):
    domains = {person.email.rpartition(".")[2] for person in roster.people()}

    assert domains == {"example"}
