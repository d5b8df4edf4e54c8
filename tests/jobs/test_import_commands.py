"""`firstbell roster import` and `firstbell devices import`, as an operator types them."""

import csv
import json
import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from firstbell.devices.actions.inventory import assign, register
from firstbell.devices.models import Device
from firstbell.directory.actions import make_place
from firstbell.directory.models import Person, Place, Site
from firstbell.ledger.models import Event
from tests import make
from tests.conftest import MISSING
from tests.connectors import rosters

pytestmark = pytest.mark.django_db
INDEX = rosters.CONFORMANCE / "index.json"
ENTRIES = json.loads(INDEX.read_text()) if INDEX.exists() else {"valid": [], "negative": []}


@pytest.fixture
def conformance():
    if not INDEX.exists():
        MISSING.add("the OneRoster conformance packages beside the checkout (../shared/data/oneroster)")
        pytest.skip("no conformance packages beside the checkout")


def run(*words) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*(str(word) for word in words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(*words) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as stopped:
        call_command(*(str(word) for word in words), stdout=out, stderr=err)
    return str(stopped.value), err.getvalue()


def rows() -> tuple[int, ...]:
    everyone = Person.objects.everyone(reason="a test looks")
    devices = Device.objects.everyone(reason="a test looks")
    return Site.objects.count(), everyone.count(), devices.count(), Place.objects.count(), Event.objects.count()


# --- Rosters --------------------------------------------------------------------------------------------------------


def _names(kind):
    return [entry["file"] if isinstance(entry, dict) else entry for entry in ENTRIES[kind]]


def test_all_packages_are_there(conformance):
    assert (len(ENTRIES["valid"]), len(ENTRIES["negative"])) == (10, 16)


@pytest.mark.parametrize("path", sorted(rosters.CONFORMANCE.glob("valid/*.zip")), ids=lambda path: path.stem)
def test_every_valid_conformance_package_loads_and_a_second_time_changes_nothing(path):
    run("roster", "import", path)
    people = Person.objects.everyone(reason="a test looks").count()
    assert people == (0 if path.stem == "manifest-only-package" else 2)
    told, _ = run("roster", "import", path)
    assert "Nothing to change" in told


@pytest.mark.parametrize("path", sorted(rosters.CONFORMANCE.glob("negative/*.zip")), ids=lambda path: path.stem)
def test_every_faulty_conformance_package_is_refused_with_its_places_and_changes_nothing(path):
    advice, told = refused("roster", "import", path)
    assert rows() == (0, 0, 0, 0, 0)
    assert "nothing was changed" in advice
    assert "export it again" in advice
    assert re.search(r"^\S+( row \d+)?( \S+)?: [a-z]+\.[a-z_0-9]+: \S.*$", told, re.MULTILINE), told
    assert "Secret" not in told


def test_a_fault_is_told_with_file_row_column_and_code(conformance):
    _advice, told = refused("roster", "import", rosters.CONFORMANCE / "negative/duplicate-sourcedid-failure.zip")
    assert "users.csv row 3 sourcedId: reference.duplicate_sourced_id: " in told


def test_a_roster_is_shown_before_it_is_applied(tmp_path):
    path = tmp_path / "roster.zip"
    path.write_bytes(rosters.package_of(rosters.sample()).getvalue())
    told, _ = run("roster", "import", path, "--dry-run")
    assert rows() == (0, 0, 0, 0, 0)
    assert re.search(r"North \(new\) +0 +3 +0 +0 +1 +0 +0", told)
    assert "Dry run" in told
    told, _ = run("roster", "import", path)
    assert "Applied." in told
    assert Site.objects.count() == 3


def test_the_brake_asks_for_a_second_look_and_devices_of_leavers_are_listed(tmp_path):
    path = tmp_path / "roster.zip"
    path.write_bytes(rosters.package_of(rosters.sample()).getvalue())
    run("roster", "import", path)
    kid = Person.objects.everyone(reason="a test").get(source_id="kid")
    model = make.district().model
    store = make_place(site_id=Site.objects.get(name="North").pk, kind=Place.Kind.STORE, name="Store", **make.system())
    device = register(tag="A1", serial="S1", model_id=model.pk, place_id=store.pk, **make.system())
    assign(device_id=device.pk, person_id=kid.pk, **make.system())
    tables = rosters.sample()
    del tables["users"][0], tables["roles"][0], tables["enrollments"][0]
    tables["users"] += [
        {"sourcedId": f"n{n}", "enabledUser": "true", "username": "n", "givenName": "N", "familyName": "N"}
        for n in range(3)
    ]
    for row in tables["users"]:
        row["agentSourcedIds"] = ""
    tables["roles"] += [
        {"sourcedId": f"q{n}", "userSourcedId": f"n{n}", "roleType": "primary", "role": "student", "orgSourcedId": "s1"}
        for n in range(3)
    ]
    path.write_bytes(rosters.package_of(tables).getvalue())
    told, _ = run("roster", "import", path)  # a school of three is too small for the brake
    assert "1 devices of people who have left" in told
    assert re.search(r"A1 +Ada Byron +North +theirs", told)
    big = {"orgs": tables["orgs"]}
    path.write_bytes(rosters.package_of(big | {"users": tables["users"][:1], "roles": tables["roles"][:1]}).getvalue())
    advice, _ = refused("roster", "import", path)
    assert "--confirm" in advice
    told, _ = run("roster", "import", path, "--confirm")
    assert "Applied." in told


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "not there" in refused("roster", "import", tmp_path / "x.zip")[0]
    assert "not there" in refused("devices", "import", tmp_path / "x.csv")[0]


# --- Device lists ---------------------------------------------------------------------------------------------------


@pytest.fixture
def school():
    return make.district().schools[0]


def test_a_list_is_told_row_by_row_and_repeated_without_effect(tmp_path, school):
    path, report = tmp_path / "list.csv", tmp_path / "report.csv"
    text = f"Asset Tag;Serial;Model;School;Room\nA1;S1;Book;{school.site.name};Room 12\nA2;;Book;{school.site.name};\n"
    path.write_bytes(text.encode("cp1252"))
    told, _ = run("devices", "import", path, "--dry-run")
    assert "1 added, 0 changed, 0 unchanged, 1 refused." in told
    assert rows()[2] == 0
    told, _ = run("devices", "import", path, "--report", report)
    assert "row 3 A2 refused: tag_and_serial: " in told
    with report.open() as file:
        assert [(row["row"], row["what"]) for row in csv.DictReader(file)] == [("2", "added"), ("3", "refused")]
    told, _ = run("devices", "import", path)
    assert "0 added, 0 changed, 1 unchanged, 1 refused." in told


@pytest.mark.parametrize("words", [["--dry-run"], []])
def test_a_list_of_which_no_row_can_be_taken_ends_as_a_failure(tmp_path, school, words):
    path = tmp_path / "list.csv"
    path.write_text(f"Asset Tag,Serial,Model,School\nA1,,Book,{school.site.name}\n")
    said, _ = refused("devices", "import", path, *words)
    assert "No row of this list can be taken" in said
    assert rows()[2] == 0


def test_columns_and_statuses_can_be_mapped(tmp_path, school):
    path = tmp_path / "list.csv"
    path.write_text(f"Etikett,Serial,Model,School,Status\nA1,S1,Book,{school.site.name},Shelved away\n")
    told, _ = refused("devices", "import", path)
    assert "No row of this list can be taken" in told
    words = ("--map", "Etikett=tag", "--status", "shelved away=in stock")
    told, _ = run("devices", "import", path, *words)
    assert "1 added" in told
    assert Device.objects.everyone(reason="a test looks").get().tag == "A1"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["--map", "Etikett=nosuch"], "There is no field nosuch"),
        (["--status", "x=eaten"], "A status means one of"),
        (["--site", "NOSUCH"], "There is no site"),
    ],
)
def test_a_wrong_word_is_explained(tmp_path, school, words, advice):
    path = tmp_path / "list.csv"
    path.write_text("Asset Tag,Serial\nA1,S1\n")
    assert advice in refused("devices", "import", path, *words)[0]


def test_a_list_without_known_columns_asks_for_them(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n")
    advice, _ = refused("devices", "import", path)
    assert "header.missing" in advice
    assert "--map" in advice
    assert "Its columns: a, b." in advice
