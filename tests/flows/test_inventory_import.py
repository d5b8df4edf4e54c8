"""Device lists into the inventory: the same rules, rows and events as verb by verb, and never twice."""

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firstbell.connectors.inventory import read_devices
from firstbell.devices.actions.custody import hand_over
from firstbell.devices.actions.inventory import Line, Purchase, assign, change_serial, register, set_aside, set_line
from firstbell.devices.actions.inventory_bulk import Arrival, register_many
from firstbell.devices.models import Assignment, Custody, Device, DeviceCode, DeviceModel, MobileLine
from firstbell.devices.queries import by_code, differences
from firstbell.directory.models import Person, Place
from firstbell.flows.inventory_import import Options, RowResult, Standing, What, import_devices
from firstbell.kernel.actor import SYSTEM, Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.models import About, Event, Operation, Outbox
from firstbell.loans.models import PoolDevice
from tests import make

pytestmark = pytest.mark.django_db
ICCID, OTHER = "8901999000000000012", "8901999000000000020"
WRONG = ICCID[:-1] + str((int(ICCID[-1]) + 1) % 10)
HEADER = "Asset Tag,Serial Number,Manufacturer,Model,Site,Room,Owner Number,Status,Purchase Date,Purchase Price,ICCID\n"


@pytest.fixture
def town() -> make.District:
    return make.district()


def take(
    *lines: str, header: str = HEADER, options: Options | None = None, by: Actor = SYSTEM, dry_run: bool = False
) -> list[RowResult]:
    """Import a list of these lines."""
    content = (header + "".join(f"{row}\n" for row in lines)).encode()
    file = read_devices(BytesIO(content))
    assert not file.refused, file.problems
    digest = sha256(content).hexdigest()
    taken = options or Options()
    return list(import_devices(file, digest=digest, options=taken, dry_run=dry_run, by=by, at=make.MONDAY))


def only(*lines: str, **more: Any) -> tuple[What, list[str]]:
    """Import one line; return what became of it and the codes of its notes."""
    (result,) = take(*lines, **more)
    return result.what, [note.code for note in result.notes]


def device(tag: str) -> Device:
    return Device.objects.everyone(reason="a test looks").get(tag=tag)


def where(tag: str) -> Custody:
    return Custody.objects.select_related("place", "person").get(device__tag=tag, until__isnull=True)


# --- One row --------------------------------------------------------------------------------------------------------


def test_a_device_with_an_owner_is_theirs_and_in_their_hands(town):
    here = town.schools[0]
    ana = make.person(here.site)
    row = f"a1, sn1 ,Acme,Book,{here.site.name},Room 12,{ana.local_number},In use,2025-07-14,$314.00,{ICCID}"
    assert only(row) == (What.ADDED, [])
    made = device("A1")
    assert (made.serial, made.status, made.price_cents, made.purchased_on) == (
        "SN1",
        Device.Status.IN_SERVICE,
        31_400,
        date(2025, 7, 14),
    )
    assert where("A1").person == ana
    assert Assignment.objects.get(device=made).person == ana
    assert by_code(ICCID, by=SYSTEM) == made
    assert differences() == []


def test_an_owner_is_found_by_e_mail_without_regard_to_case(town):
    ana = make.person(town.schools[0].site, email="Ana.Reyes@Example.org")
    header = "Asset Tag,Serial,Owner Email\n"
    assert only("A1,S1,ana.reyes@EXAMPLE.org", header=header) == (What.ADDED, [])
    assert where("A1").person == ana


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("In stock", Device.Status.IN_STOCK),
        ("in_use", Device.Status.IN_SERVICE),
        ("Broken", Device.Status.QUARANTINED),
        ("In Repair", Device.Status.QUARANTINED),
        ("Lost", Device.Status.LOST),
        ("stolen", Device.Status.STOLEN),
        ("Retired", Device.Status.RETIRED),
        ("", Device.Status.IN_STOCK),
    ],
)
def test_statuses(town, word, status):
    site = town.schools[0].site.name
    assert only(f"A1,S1,Acme,Book,{site},Room 12,,{word},,,") == (What.ADDED, [])
    assert device("A1").status == status
    assert differences() == []


def test_a_loaner_joins_the_pool_of_its_school(town):
    here = town.schools[0]
    take(f"A1,S1,Acme,Book,{here.site.name},Loaner shelf,,Loaner,,,")
    entry = PoolDevice.objects.everyone(reason="a test looks").get()
    assert (entry.site, entry.until, device("A1").is_loaner) == (here.site, None, True)
    ana = make.person(here.site)
    what, codes = only(f"A2,S2,Acme,Book,{here.site.name},Loaner shelf,{ana.local_number},Loaner,,,")
    assert (what, codes) == (What.REFUSED, ["loaner_owned"])


def test_an_unknown_place_is_the_store_room_made_once(town):
    site = town.schools[0].site
    results = take(*(f"A{n},S{n},Acme,Book,{site.name},Nowhere,,In stock,,," for n in range(3)))
    assert [[note.code for note in row.notes] for row in results] == [["place_unknown"]] * 3
    assert Place.objects.filter(site=site, kind=Place.Kind.STORE).count() == 1
    assert where("A0").place == Place.objects.get(site=site, kind=Place.Kind.STORE)


def test_the_site_is_the_one_named_the_owner_s_or_the_one_given(town):
    here = town.schools[0]
    ana = make.person(here.site)
    assert only(f"A1,S1,,,,,{ana.local_number},,,,")[0] is What.ADDED
    assert only("A2,S2,,,,,,,,,") == (What.REFUSED, ["site_missing"])
    assert only("A2,S2,,,,,,,,,", options=Options(site=here.site.code)) == (What.ADDED, ["place_missing"])
    assert only("A3,S3,,,Atlantis,,,,,,") == (What.REFUSED, ["site_unknown"])


@pytest.mark.parametrize(
    ("who", "code"), [("999", "owner_unknown"), ("twice", "owner_ambiguous"), ("gone", "owner_left")]
)
def test_an_owner_who_is_not_to_be_found_costs_the_assignment_never_the_device(town, who, code):
    here = town.schools[0]
    for name in ("twice", "twice", "gone"):
        row = make.person(here.site, active=name != "gone")
        Person.objects.everyone(reason="a test").filter(pk=row.pk).update(local_number=name)
    what, codes = only(f"A1,S1,Acme,Book,{here.site.name},Room 12,{who},,,,")
    assert (what, codes) == (What.ADDED, [code])
    assert not Assignment.objects.exists()


def test_what_single_verbs_refuse_is_refused(town):
    site = town.schools[0].site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,,,")
    assert only(f"A2,S1,Acme,Book,{site},Room 12,,In stock,,,") == (What.REFUSED, ["serial_taken"])
    assert only(f"A2,,Acme,Book,{site},Room 12,,In stock,,,") == (What.REFUSED, ["tag_and_serial"])
    assert only(f"{'T' * 41},S9,Acme,Book,{site},Room 12,,In stock,,,") == (What.REFUSED, ["too_long"])
    assert only(f"A3,S3,Acme,Book,{site},Room 12,,Eaten,,,") == (What.REFUSED, ["status_unknown"])
    known = Options(statuses={"eaten": Standing.BROKEN})
    assert only(f"A3,S3,Acme,Book,{site},Room 12,,Eaten,,,", options=known)[0] is What.ADDED


def test_a_sim_that_is_elsewhere_or_wrong_costs_the_line_never_the_device(town):
    site = town.schools[0].site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,,,{ICCID}")
    assert only(f"A2,S2,Acme,Book,{site},Room 12,,In stock,,,{ICCID}") == (What.ADDED, ["sim_elsewhere"])
    what, codes = only(f"A3,S3,Acme,Book,{site},Room 12,,In stock,,,{WRONG}")
    assert (what, codes) == (What.ADDED, ["iccid.check_digit", "iccid_wrong"])
    assert list(MobileLine.objects.values_list("device__tag", flat=True)) == ["A1"]


# --- Again, and again with corrections ------------------------------------------------------------------------------


def _count() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Event, About, Outbox, Operation, DeviceCode, Custody, Assignment))


def test_the_same_list_again_changes_nothing_even_where_life_went_on(town):
    here = town.schools[0]
    ana, ben = make.person(here.site), make.person(here.site)
    row = f"A1,S1,Acme,Book,{here.site.name},Room 12,{ana.local_number},In use,,,"
    take(row)
    hand_over(device_id=device("A1").pk, person_id=ben.pk, **make.system(at=make.MONDAY + timedelta(hours=1)))
    before = _count()
    assert only(row) == (What.UNCHANGED, [])
    assert _count() == before
    assert where("A1").person == ben


def test_a_corrected_list_corrects_what_a_list_knows_better(town):
    here = town.schools[0]
    ana, ben = make.person(here.site), make.person(here.site)
    site = here.site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,2025-07-14,100,", f"A2,S2,Acme,Book,{site},Room 12,,In stock,,,")
    rows = (
        f"A1,S1X,Acme,Book,{site},Elsewhere,{ana.local_number},In use,,120,{ICCID}",
        f"A2,S2,Acme,Book,{site},Room 12,,In stock,,,",
    )
    assert [row.what for row in take(*rows)] == [What.CHANGED, What.UNCHANGED]
    made = device("A1")
    assert (made.serial, made.price_cents, made.purchased_on) == ("S1X", 12_000, None), "an empty cell clears"
    assert where("A1").person == ana
    assert MobileLine.objects.get(device=made).iccid == ICCID
    amended = Event.objects.get(kind="devices.amended")
    assert amended.facts["fields"] == ["price_cents", "purchased_on", "serial"]
    other = f"A1,S1X,Acme,Book,{site},Elsewhere,{ben.local_number},In use,,120,{ICCID}"
    assert only(other) == (What.REFUSED, ["has_owner"])
    assert differences() == []


def test_a_column_that_is_absent_leaves_its_field_alone(town):
    site = town.schools[0].site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,2025-07-14,100,")
    assert only("A1,S1,100", header="Asset Tag,Serial,PO Number\n")[0] is What.CHANGED
    assert (device("A1").purchased_on, device("A1").order_number) == (date(2025, 7, 14), "100")


def test_a_row_without_a_tag_is_known_by_its_serial(town):
    site = town.schools[0].site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,,,")
    assert only("S1,PO-9", header="Serial,PO Number\n") == (What.CHANGED, [])
    assert device("A1").order_number == "PO-9"


def test_a_list_from_before_a_board_was_replaced_brings_nothing_back(town):
    site = town.schools[0].site.name
    row = f"A1,S1,Acme,Book,{site},Room 12,,In stock,,,"
    take(row)
    change_serial(device_id=device("A1").pk, serial="S9", **make.system())
    assert only(row, options=Options(site=site)) == (What.UNCHANGED, [])
    assert device("A1").serial == "S9"
    assert only("S1,PO-9", header="Serial,PO Number\n") == (What.CHANGED, [])
    assert (device("A1").order_number, device("A1").serial) == ("PO-9", "S9")


def test_a_tag_on_another_device_is_refused(town):
    site = town.schools[0].site.name
    take(f"A1,S1,Acme,Book,{site},Room 12,,In stock,,,")
    assert only(f"A1,ZZ,Acme,Slate,{site},Room 12,,In stock,,,") == (What.REFUSED, ["tag_reused"])


def test_another_mapping_of_the_same_file_is_another_import(town):
    ana = make.person(town.schools[0].site)
    row, header = f"A1,S1,{town.schools[0].site.name},{ana.local_number}", "Asset Tag,Serial,School,Whose\n"
    take(row, header=header)
    content = (header + row + "\n").encode()
    columns = {"tag": "Asset Tag", "serial": "Serial", "site": "School", "owner_number": "Whose"}
    file = read_devices(BytesIO(content), columns=columns)
    options = Options(columns=columns)
    digest = sha256(content).hexdigest()
    (result,) = import_devices(file, digest=digest, options=options, by=SYSTEM, at=make.MONDAY)
    assert result.what is What.CHANGED
    assert where("A1").person == ana


def test_a_dry_run_says_the_same_and_writes_nothing(town):
    site = town.schools[0].site.name
    ana = make.person(town.schools[0].site)
    rows = (
        f"A1,S1,Acme,Brand new model,{site},Nowhere,,In stock,,,",
        f"A2,S2,Acme,Book,{site},Room 12,{ana.local_number},In use,,,",
        f"A3,S2,Acme,Book,{site},Room 12,,In stock,,,",
    )
    before = (_count(), DeviceModel.objects.count(), Place.objects.count())
    dry = take(*rows, dry_run=True)
    assert (_count(), DeviceModel.objects.count(), Place.objects.count()) == before
    assert dry == take(*rows)


# --- Who may --------------------------------------------------------------------------------------------------------


def test_only_those_who_may_import_and_only_at_their_sites():
    town = make.district(schools=2)
    here, there = town.schools
    _user, local = make.user("it", Role.DISTRICT_IT, here.site)
    rows = [f"A{n},S{n},Acme,{town.model.name},{row.site.name},Room 12,,,,," for n, row in enumerate((here, there))]
    take(f"M,M,Acme,{town.model.name},{here.site.name},Room 12,,,,,")
    assert [(row.what, [note.code for note in row.notes]) for row in take(*rows, by=local)] == [
        (What.ADDED, []),
        (What.REFUSED, ["site_not_yours"]),
    ]
    with pytest.raises(Denied):
        take("X1,X1,,,,,,,,,", by=here.lead_actor)


def test_the_bulk_verb_asks_for_the_reach_itself(town):
    far = make.district()
    local = make.user("it", Role.DISTRICT_IT, town.schools[0].site)[1]
    place = far.schools[0].places["room"]
    arrival = Arrival(op=make.op(), tag="A1", serial="S1", model_id=town.model.pk, place_id=place.pk)
    with pytest.raises(Missing):
        register_many(arrivals=[arrival], by=local, at=make.MONDAY, op=make.op())
    twin = Arrival(op=make.op(), tag="a1", serial="S2", model_id=town.model.pk, place_id=place.pk)
    with pytest.raises(Refused, match="tag_taken"):
        register_many(arrivals=[arrival, twin], by=SYSTEM, at=make.MONDAY, op=make.op())
    assert not Device.objects.everyone(reason="a test looks").exists()


# --- The same as verb by verb ---------------------------------------------------------------------------------------


def _told(pk: int) -> list[tuple[str, dict[str, Any], list[str]]]:
    """Events about a device, without its own id."""
    found = Event.objects.filter(about__subject_kind="device", about__subject_id=pk).order_by("id")
    return [
        (
            event.kind,
            {name: value for name, value in event.facts.items() if name != "device_id"},
            sorted(About.objects.filter(event=event).values_list("subject_kind", flat=True)),
        )
        for event in found
    ]


def _rows(pk: int) -> list[Any]:
    left_out = {"id", "device_id", "code", "tag", "serial", "iccid"}
    tables = (
        Device.objects.everyone(reason="a test looks").filter(pk=pk),
        Custody.objects.filter(device_id=pk).order_by("pk"),
        Assignment.objects.filter(device_id=pk),
        MobileLine.objects.filter(device_id=pk),
    )
    return [
        [{name: value for name, value in row.items() if name not in left_out} for row in table.values()]
        for table in tables
    ]


@pytest.mark.parametrize("broken", [False, True])
def test_many_at_once_write_the_rows_and_events_of_single_verbs(town, broken):
    here = town.schools[0]
    ana = make.person(here.site)
    make.device(town, here, ana)  # each of the two is a further one: a list needs no reason of its own
    place = here.places["room"]
    bought = Purchase(date(2025, 7, 14), 31_400, "Levy", "PO-1", date(2028, 7, 13))
    lines = [Line(iccid=ICCID, carrier="Meadowlark"), Line(iccid=OTHER, carrier="Meadowlark")]

    def words() -> dict[str, Any]:
        return make.system(at=make.MONDAY)

    one = register(tag="V1", serial="V1", model_id=town.model.pk, place_id=place.pk, purchase=bought, **words())
    set_line(device_id=one.pk, line=lines[0], **words())
    assign(device_id=one.pk, person_id=ana.pk, **words())
    if broken:
        set_aside(device_id=one.pk, **words())
    else:
        hand_over(device_id=one.pk, person_id=ana.pk, **words())
    arrival = Arrival(
        op=make.op(),
        tag="V2",
        serial="V2",
        model_id=town.model.pk,
        place_id=place.pk,
        purchase=bought,
        line=lines[1],
        owner_id=ana.pk,
        in_hand=not broken,
        status=Device.Status.QUARANTINED if broken else Device.Status.IN_SERVICE,
    )
    register_many(arrivals=[arrival], by=SYSTEM, at=make.MONDAY, op=make.op())
    two = device("V2")
    assert _told(two.pk) == _told(one.pk)
    assert _rows(two.pk) == _rows(one.pk)
    assert Counter(map(len, two.codes.values_list("code", flat=True))) == Counter(
        map(len, one.codes.values_list("code", flat=True))
    )
    mine = Event.objects.filter(about__subject_kind="device", about__subject_id=two.pk)
    assert set(mine.values_list("operation_id", flat=True)) == {arrival.op}
    assert Operation.objects.get(pk=arrival.op).result == {"model": "devices.device", "id": two.pk}
    assert Outbox.objects.filter(event__in=mine).count() == mine.count()
    assert differences() == []


CELLS = st.tuples(
    st.sampled_from(["A1", "A2", "A3", "a 1", ""]),
    st.sampled_from(["S1", "S2", "S3", "s-1", ""]),
    st.sampled_from(["Book", "Slate"]),
    st.sampled_from(["Room 12", "Nowhere", ""]),
    st.sampled_from(["", "0", "1", "gone"]),
    st.sampled_from(["In use", "In stock", "Loaner", "Broken", "Lost", "Retired", "Odd"]),
    st.sampled_from(["", ICCID]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(st.lists(CELLS, max_size=5), min_size=1, max_size=3))
def test_after_any_lists_the_ledger_tells_what_the_tables_hold(town, lists):
    here = town.schools[0]
    people = [make.person(here.site), make.person(here.site)]
    numbers = {"0": people[0].local_number, "1": people[1].local_number, "gone": "none", "": ""}
    for rows in lists:
        lines = [
            f"{tag},{serial},Acme,{model},{here.site.name},{place},{numbers[who]},{status},,,{sim}"
            for tag, serial, model, place, who, status, sim in rows
        ]
        if not lines:
            continue
        take(*lines)
        again = take(*lines)
        assert not {What.ADDED, What.CHANGED} & {result.what for result in again}
    assert differences() == []
