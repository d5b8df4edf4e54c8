"""Rosters into the directory: what changes, what never does, and what stops."""

from copy import deepcopy
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell.connectors.roster import read_package
from firstbell.devices.actions.custody import hand_over
from firstbell.devices.actions.inventory import assign, register
from firstbell.devices.models import Assignment, Custody
from firstbell.devices.queries import differences
from firstbell.directory.actions import make_place
from firstbell.directory.models import ClassGroup, Enrolment, Guardianship, Membership, Person, PersonWord, Place, Site
from firstbell.directory.queries import find_people
from firstbell.flows.roster import Changes, apply_roster, changes, lay_out, over_brake, unsettled
from firstbell.flows.roster.report import GroupLeaving, SiteChange
from firstbell.flows.roster.stream import line
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Denied, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event, Operation
from tests import make
from tests.connectors import rosters

pytestmark = pytest.mark.django_db
_digests = count(1)


def take(tables, mode="bulk", *, by=SYSTEM, at=make.MONDAY, op=None, confirmed=False, mapping=None) -> Changes:
    """Apply a package as a sender would have sent it; return what it changed."""
    package = read_package(rosters.package_of(_as(mode, tables), mode))
    assert not package.refused, package.problems
    with lay_out(package, digest=f"{next(_digests):064}", at=at, mapping=mapping) as roster:
        wanted = changes(roster)
        apply_roster(roster=roster, confirmed=confirmed, by=by, at=at, op=op or make.op())
    return wanted


def _as(mode, tables):
    """Rows of a delta say whether they are active and since when."""
    if mode == "bulk":
        return tables
    stamp = {"status": "active", "dateLastModified": "2026-09-14T00:00:00.000Z"}
    return {name: [stamp | row for row in rows] for name, rows in tables.items()}


def person(source_id: str) -> Person:
    return Person.objects.everyone(reason="a test looks").get(source_id=source_id)


def people() -> set[str]:
    rows = Person.objects.everyone(reason="a test looks").filter(active=True)
    return set(rows.values_list("source_id", flat=True))


def school_of(students: int, staff: int = 0) -> dict[str, Any]:
    """A package of one school with numbered students and staff."""
    tables: dict[str, Any] = {"orgs": rosters.sample()["orgs"][:2], "users": [], "roles": []}
    for number in range(students + staff):
        kind = "student" if number < students else "teacher"
        name = f"{kind}{number}"
        tables["users"].append(
            {"sourcedId": name, "enabledUser": "true", "username": name, "givenName": "A", "familyName": "B"}
        )
        tables["roles"].append(
            {
                "sourcedId": f"r{number}",
                "userSourcedId": name,
                "roleType": "primary",
                "role": kind,
                "orgSourcedId": "s1",
            }
        )
    return tables


def without(tables: dict[str, Any], *names: str) -> dict[str, Any]:
    kept = deepcopy(tables)
    kept["users"] = [row for row in kept["users"] if row["sourcedId"] not in names]
    kept["roles"] = [row for row in kept["roles"] if row["userSourcedId"] not in names]
    return kept


# --- What it makes ------------------------------------------------------------------------------------------------


def test_a_package_becomes_sites_people_classes_and_their_ties():
    wanted = take(rosters.sample())
    assert (wanted.added, wanted.changed, wanted.left) == (3, 0, 0)
    kid, mum, teacher = person("kid"), person("mum"), person("teach")
    assert (kid.kind, kid.local_number, kid.grade, kid.email) == ("student", "0042", "05", "kid@example.org")
    assert (mum.kind, teacher.kind) == ("guardian", "staff")
    assert str(kid.site) == "North"
    assert Guardianship.objects.get(guardian=mum).student == kid
    assert Guardianship.objects.filter(guardian=teacher, student=kid).exists(), "a teacher may be somebody's mother"
    assert Membership.objects.get(person=teacher).site.name == "South"
    homeroom = ClassGroup.objects.get()
    assert homeroom.homeroom
    assert homeroom.place is not None
    assert (homeroom.place.name, homeroom.place.kind, homeroom.place.site.name) == ("Room 12", "room", "North")
    assert set(Enrolment.objects.values_list("person__source_id", "teacher")) == {("kid", False), ("teach", True)}
    assert {site.name: (site.kind, site.enrolment) for site in Site.objects.all()} == {
        "District": ("office", 0),
        "North": ("school", 1),
        "South": ("school", 0),
    }
    assert find_people("ada by", by=SYSTEM) == [kid]
    assert find_people("0042", by=SYSTEM) == [kid]


def test_it_writes_one_event_for_itself_and_one_for_each_site_and_room():
    take(rosters.sample())
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert sorted(kinds) == [
        "directory.place_made",
        "directory.roster_applied",
        *["directory.site_opened"] * 3,
    ]
    applied = Event.objects.get(kind="directory.roster_applied")
    assert applied.facts == {"added": 3, "changed": 0, "left": 0, "sites": 3, "bulk": True}


def test_the_second_time_nothing_changes():
    take(rosters.sample())
    assert take(rosters.sample()).total == 0


def test_only_what_differs_is_written():
    tables = rosters.sample()
    take(tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT source_id, ctid FROM directory_person")
        before = dict(cursor.fetchall())
    tables["users"][0]["grades"] = "06"
    wanted = take(tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT source_id, ctid FROM directory_person")
        after = dict(cursor.fetchall())
    assert {name for name in before if before[name] != after[name]} == {"kid"}
    assert (wanted.added, wanted.changed, wanted.left) == (0, 1, 0)


def test_a_new_name_is_found_and_the_old_one_no_more():
    tables = rosters.sample()
    take(tables)
    tables["users"][0]["familyName"] = "Đặng Øster"
    take(tables)
    assert find_people("dang", by=SYSTEM) == [person("kid")]
    assert find_people("byron 0042", by=SYSTEM) == []
    assert PersonWord.objects.filter(person=person("kid")).count() == 4


def test_languages_come_from_the_one_extension_that_is_kept():
    tables = rosters.sample()
    names = [*rosters.header("users"), "metadata.language"]
    rows = [[row.get(name, "") for name in names[:-1]] + ["es"] for row in tables["users"]]
    tables["users"] = rosters.csv_text([names, *rows])
    take(tables)
    assert person("mum").language == "es"


@pytest.mark.parametrize("name", ["a\\b", "tab\there", "new\nline", "\\N", 'quote"d', "\\.", "O'Neil", "名前"])
def test_any_name_survives_the_copy(name):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t (a text, b text) ON COMMIT DROP")
        with cursor.copy("COPY t FROM STDIN") as copy:
            copy.write(line(name, "end") + "\n")
        cursor.execute("SELECT a, b FROM t; ")
        assert cursor.fetchall() == [(name, "end")]
        cursor.execute("DROP TABLE t")


# --- Sites ----------------------------------------------------------------------------------------------------------


def _org(source_id, name, kind, parent="d"):
    return {"sourcedId": source_id, "name": name, "type": kind, "parentSourcedId": parent}


def test_offices_and_depots_are_told_by_type_and_name():
    tables = {
        "orgs": [
            _org("d", "Wren Schools", "district", ""),
            _org("o", "District office", "department"),
            _org("w", "Repair center", "department"),
            _org("x", "Music", "department"),
            _org("st", "The state", "state", ""),
            _org("s", "Depot Road School", "school"),
        ]
    }
    take(tables)
    kinds = dict(Site.objects.values_list("name", "kind"))
    assert kinds == {"District office": "office", "Repair center": "depot", "Depot Road School": "school"}


def test_a_new_site_has_its_address_and_coordinates_from_the_roster_and_the_office_s_word_stays():
    rows = [_org("d", "Wren Schools", "district", ""), _org("s", "Elm", "school"), _org("t", "Oak", "school")]
    extensions = ("metadata.address1", "metadata.city", "metadata.latitude", "metadata.longitude")
    told = [("", "", "", ""), ("12 Oak Lane", "Wren", "38.2527", "-85.7585"), ("", "", "north", "")]
    names = rosters.header("orgs")
    cells = [[row.get(name, "") for name in names] + list(more) for row, more in zip(rows, told, strict=True)]
    tables = {"orgs": rosters.csv_text([[*names, *extensions], *cells])}
    take(tables)
    elm, oak = (Site.objects.get(source_id=source) for source in ("s", "t"))
    assert (elm.address, str(elm.latitude), str(elm.longitude)) == ("12 Oak Lane, Wren", "38.25270", "-85.75850")
    assert (oak.address, oak.latitude, oak.longitude) == ("", None, None)
    Site.objects.filter(pk=elm.pk).update(address="Back gate", latitude=None, longitude=None)
    take(tables)
    elm.refresh_from_db()
    assert (elm.address, elm.latitude) == ("Back gate", None)


def test_a_mapping_goes_before_names_and_a_site_entered_by_hand_is_taken_over():
    town = make.district()
    depot = town.depot
    tables = {
        "orgs": [_org("d", "D", "district", ""), _org("x", "Music", "department"), _org("n", "Nowhere", "school")]
    }
    take(tables, mapping={"x": depot.code, "n": "none"})
    depot.refresh_from_db()
    assert depot.source_id == "x"
    assert not Site.objects.filter(name="Nowhere").exists()
    by_name = {"orgs": [_org("d", "D", "district", ""), _org("s", town.schools[0].site.name.upper(), "school")]}
    take(by_name)
    assert Site.objects.get(source_id="s").pk == town.schools[0].site.pk


def test_a_mapping_to_no_site_is_refused():
    with pytest.raises(Refused, match="site_unknown"):
        take({"orgs": [_org("d", "D", "district", "")]}, mapping={"d": "NOSUCH"})


def test_a_school_that_is_listed_no_more_stays_open_and_is_told():
    tables = rosters.sample()
    take(tables)
    tables["orgs"] = tables["orgs"][:2]
    tables["roles"] = tables["roles"][:3]
    wanted = take(tables)
    assert wanted.sites_unlisted == ("South",)
    assert Site.objects.get(name="South").closed_on is None


# --- Who leaves -----------------------------------------------------------------------------------------------------


def test_whom_a_bulk_file_lists_no_more_has_left_and_may_come_back():
    tables = school_of(30)
    take(tables)
    wanted = take(without(tables, "student3"), at=make.MONDAY + timedelta(days=1))
    assert (wanted.left, person("student3").active, person("student3").left_on) == (1, False, date(2026, 9, 15))
    wanted = take(tables)
    assert (wanted.changed, person("student3").active, person("student3").left_on) == (1, True, None)


def test_a_delta_touches_only_whom_it_lists():
    take(school_of(30))
    row = {"sourcedId": "student3", "enabledUser": "true", "username": "x", "givenName": "New", "familyName": "Name"}
    gone = row | {"sourcedId": "student4", "status": "tobedeleted"}
    wanted = take({"users": [row, gone]}, "delta")
    assert (wanted.added, wanted.changed, wanted.left) == (0, 1, 1)
    assert person("student3").given_name == "New"
    assert (person("student3").kind, str(person("student3").site)) == ("student", "North"), "told no role: it stays"
    assert not person("student4").active
    assert len(people()) == 29


def test_a_delta_with_one_more_role_takes_no_other_role_away():
    take(rosters.sample())
    row = next(row for row in rosters.sample()["users"] if row["sourcedId"] == "teach")
    role = {
        "sourcedId": "r9",
        "userSourcedId": "teach",
        "roleType": "secondary",
        "role": "parent",
        "orgSourcedId": "s2",
    }
    wanted = take({"users": [row], "roles": [role]}, "delta")
    assert wanted.total == 0
    assert (person("teach").kind, str(person("teach").site)) == ("staff", "North")
    ended = role | {"sourcedId": "r4", "role": "teacher", "endDate": "2026-09-14"}
    assert take({"users": [row], "roles": [ended]}, "delta").left == 0, "other roles go on"


def test_roles_and_places_in_class_that_have_ended_count_no_more():
    tables = rosters.sample()
    take(tables)
    tables["roles"][3]["endDate"] = "2026-09-14"
    tables["enrollments"][0]["endDate"] = "2026-09-14"
    take(tables)
    assert not Membership.objects.exists()
    assert list(Enrolment.objects.values_list("person__source_id", flat=True)) == ["teach"]
    tables["roles"][0]["endDate"] = "2026-09-14"
    assert take(tables).left == 1


def test_classes_end_and_guardians_lose_their_say():
    tables = rosters.sample()
    take(tables)
    tables["classes"] = [tables["classes"][0] | {"sourcedId": "k2"}]
    del tables["enrollments"]
    for row in tables["users"]:
        row["agentSourcedIds"] = ""
    wanted = take(tables)
    assert not ClassGroup.objects.get(source_id="k").active
    assert ClassGroup.objects.get(source_id="k2").active
    assert not Guardianship.objects.exists()
    assert wanted.links["guardians_ended"] == 2
    assert Enrolment.objects.count() == 2, "no enrolments were sent, so none has ended"


def test_what_cannot_be_placed_is_left_out_and_counted():
    tables = school_of(3)
    tables["users"].append(
        {"sourcedId": "nobody", "enabledUser": "true", "username": "n", "givenName": "N", "familyName": "N"}
    )
    wanted = take(tables)
    assert wanted.skipped == {"people": 1}
    assert "nobody" not in people()


# --- The brake ------------------------------------------------------------------------------------------------------


def test_the_brake_stops_a_truncated_export_and_nothing_has_changed():
    tables = school_of(30)
    take(tables)
    events = Event.objects.count()
    cut = without(tables, *(f"student{number}" for number in range(4)))
    with pytest.raises(Refused, match="roster_brake") as stopped:
        take(cut)
    assert stopped.value.decision == "roster.brake"
    assert "4 of 30" in stopped.value.sentence
    assert len(people()) == 30
    assert Event.objects.count() == events
    assert take(cut, confirmed=True).left == 4


def test_below_the_brake_it_goes_through():
    """The negative control: the same change passes under a brake that is set wider, and a smaller one at once."""
    tables = school_of(30)
    take(tables)
    assert take(without(tables, "student0", "student1", "student2")).left == 3
    make.decision("roster.brake", 50)
    assert take(without(tables, *(f"student{number}" for number in range(12)))).left == 9


def test_half_of_the_staff_leaving_stops_it_though_few_of_all_leave():
    tables = school_of(90, staff=8)
    take(tables)
    with pytest.raises(Refused, match="roster_brake"):
        take(without(tables, *(f"teacher{number}" for number in range(90, 95))))
    assert take(without(tables, *(f"teacher{number}" for number in range(90, 94)))).left == 4


@pytest.mark.parametrize(
    ("people_there", "left", "percent", "stops"),
    [
        (4, 4, 10, False),
        (5, 1, 10, True),
        (30, 3, 10, False),
        (31, 4, 10, True),
        (10, 6, 100, True),
        (10, 5, 100, False),
    ],
)
def test_the_brake_counts_groups_of_five_and_more(people_there, left, percent, stops):
    groups = (GroupLeaving(1, "student", people_there, left),)
    found = over_brake(Changes((SiteChange(1, "North", left=left, people=people_there),), groups), percent)
    assert (found is not None) is stops


# --- Rule 13 --------------------------------------------------------------------------------------------------------


def test_no_roster_ends_an_assignment_or_moves_a_device():
    take(school_of(30))
    town = make.district()
    site = Site.objects.get(name="North")
    place = make_place(site_id=site.pk, kind=Place.Kind.STORE, name="Store", **make.system(at=make.MONDAY))
    device = register(tag="A1", serial="S1", model_id=town.model.pk, place_id=place.pk, **make.system(at=make.MONDAY))
    assign(device_id=device.pk, person_id=person("student3").pk, **make.system(at=make.MONDAY))
    hand_over(device_id=device.pk, person_id=person("student3").pk, **make.system(at=make.MONDAY))
    assert unsettled(by=SYSTEM) == [], "the negative control: nobody who is here is on the list"

    take(without(school_of(30), "student3"), confirmed=True)
    assert not person("student3").active
    assert Assignment.objects.get(device=device).until is None
    assert Custody.objects.get(device=device, until__isnull=True).person == person("student3")
    (row,) = unsettled(by=SYSTEM)
    assert (row.tag, row.owned, row.held, row.site) == ("A1", True, True, "North")
    assert differences() == []


# --- Who may, and twice ---------------------------------------------------------------------------------------------


def test_only_somebody_for_the_whole_district_may():
    town = make.district()
    take(school_of(5), by=town.office, at=town.at)
    school = town.schools[0]
    for actor in (school.lead_actor, town.technician, make.user("it", Role.DISTRICT_IT, school.site)[1]):
        with pytest.raises(Denied):
            take(school_of(6), by=actor, at=town.at)
    assert len(people() & {f"student{number}" for number in range(6)}) == 5


def test_the_same_operation_sent_twice_has_one_effect():
    package = read_package(rosters.package_of(school_of(5)))
    op = make.op()
    for _ in range(2):
        with lay_out(package, digest="0" * 64, at=make.MONDAY) as roster:
            apply_roster(roster=roster, by=SYSTEM, at=make.MONDAY, op=op)
    assert Event.objects.filter(kind="directory.roster_applied").count() == 1
    assert Operation.objects.filter(verb="apply_roster").count() == 1


def test_looking_changes_nothing():
    package = read_package(rosters.package_of(rosters.sample()))
    with lay_out(package, digest="0" * 64, at=make.MONDAY) as roster:
        assert changes(roster).total > 0
    assert (Site.objects.count(), len(people()), Event.objects.count()) == (0, 0, 0)


# --- Privacy --------------------------------------------------------------------------------------------------------


def test_lunch_status_and_the_like_reach_no_table():
    canary = "CANARY7731"
    tables = rosters.sample()
    extra = ["metadata.lunchStatus", "metadata.iep", "metadata.anything"]
    names = rosters.header("users")
    rows = [[row.get(name, "") for name in names] + [canary] * 3 for row in tables["users"]]
    rows[0][names.index("password")] = rows[0][names.index("middleName")] = canary
    rows[0][names.index("userIds")] = f"{{Lunch:{canary}}}"
    tables["users"] = rosters.csv_text([[*names, *extra], *rows])
    take(tables)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{canary}%"])
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT count(*) FROM directory_person t WHERE t::text ILIKE %s", ["%Somerville%"])
        assert cursor.fetchone() == (1,), "the negative control: what is kept is found in this way"


# --- Any rosters in any order ---------------------------------------------------------------------------------------

NAMES = st.sampled_from(["Ana", "Bo", "Çelik", "Đỗ", "null", "O'Hara", 'Two "Words"', "back\\slash"])
SCHOOLS = st.sampled_from(["s1", "s2"])
ROSTERS = st.dictionaries(
    st.sampled_from([f"p{number}" for number in range(6)]),
    st.tuples(NAMES, SCHOOLS, st.sampled_from(["student", "teacher", "parent"]), st.booleans()),
    min_size=1,
)


def _tables(roster) -> dict[str, Any]:
    tables: dict[str, Any] = {"orgs": rosters.sample()["orgs"], "users": [], "roles": []}
    for name, (given_name, school, role, both) in roster.items():
        tables["users"].append(
            {"sourcedId": name, "enabledUser": "true", "username": name, "givenName": given_name, "familyName": "Z"}
        )
        other = "s2" if school == "s1" else "s1"
        for org in [school, other] if both else [school]:
            role_id, kind = f"r-{name}-{org}", "primary" if org == school else "secondary"
            tables["roles"].append(
                {"sourcedId": role_id, "userSourcedId": name, "roleType": kind, "role": role, "orgSourcedId": org}
            )
    return tables


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROSTERS, min_size=1, max_size=4))
def test_after_any_rosters_the_directory_is_what_the_last_one_says(sequence):
    words = {"student": "student", "teacher": "staff", "parent": "guardian"}
    for roster in sequence:
        take(_tables(roster), confirmed=True)
    last = sequence[-1]
    rows = Person.objects.everyone(reason="a test looks").filter(active=True).select_related("site")
    stored = {row.source_id: (row.given_name, row.site.source_id, row.kind) for row in rows if row.site}
    assert stored == {name: (given_name, school, words[role]) for name, (given_name, school, role, _) in last.items()}
    members = set(Membership.objects.filter(person__active=True).values_list("person__source_id", flat=True))
    assert members == {name for name, (*_rest, both) in last.items() if both}
    assert take(_tables(last)).total == 0
