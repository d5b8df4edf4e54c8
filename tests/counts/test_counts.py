"""A count: frozen from custody, scanned by several, credited by what happened elsewhere, reconciled, certified."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from firstbell.counts import actions
from firstbell.counts.actions import Scope
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import Tally, by_place, sources, tally, under_way_for
from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.scans import note_seen
from firstbell.devices.models import Custody, Device
from firstbell.directory.actions import make_place
from firstbell.directory.models import ClassGroup, Enrolment, Place
from firstbell.flows.counting import put_where_found, report_missing
from firstbell.flows.desk import swap_at_desk
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from firstbell.measures.accuracy import accuracy
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db
DUE = date(2026, 9, 25)


@dataclass
class Stage:
    """A school with a room and a cart, each with devices, and a count to be opened."""

    town: make.District
    here: make.School
    room: Place
    store: Place
    devices: list[Device]
    minutes: int = 0

    def act(self, by: Actor | None = None) -> dict[str, Any]:
        """Return the keywords of a verb, a minute later each time."""
        self.minutes += 1
        at = make.MONDAY + timedelta(minutes=self.minutes)
        return {"by": by or self.here.lead_actor, "at": at, "op": make.op()}

    def open(self, *, rehearsal: bool = False, **scope: Any) -> Count:
        usual: dict[str, Any] = {"kind": Count.Scope.EVERYTHING, "site_id": self.here.site.pk}
        wanted = Scope(**usual | scope)
        return actions.open_count(name="Spring count", scope=wanted, due_on=DUE, rehearsal=rehearsal, **self.act())

    def see(self, count: Count, device: Device, place: Place, **act: Any) -> CountLine:
        keywords = self.act() | act
        return actions.count_device(count_id=count.pk, device_id=device.pk, place_id=place.pk, **keywords)

    def line(self, count: Count, device: Device) -> CountLine:
        return count.lines.get(device=device)


@pytest.fixture
def stage() -> Stage:
    town = make.district(2)
    here = town.schools[0]
    store = make_place(site_id=here.site.pk, kind=Place.Kind.STORE, name="Store", **make.system())
    devices = [make.device(town, here) for _ in range(4)]
    for device in devices[:2]:
        relocate(device_id=device.pk, place_id=here.places["room"].pk, **make.system(at=make.MONDAY))
    for device in devices[2:]:
        relocate(device_id=device.pk, place_id=store.pk, **make.system(at=make.MONDAY))
    return Stage(town, here, here.places["room"], store, devices)


def _owned(stage: Stage) -> Device:
    return make.device(stage.town, stage.here, make.person(stage.here.site))


def test_the_list_is_frozen_from_custody_when_the_count_opens(stage: Stage) -> None:
    count = stage.open()
    assert (count.status, count.expected) == (Count.Status.OPEN, 4)
    make.device(stage.town, stage.here)
    relocate(device_id=stage.devices[0].pk, place_id=stage.store.pk, **stage.act())
    assert {row.device_id: row.place_id for row in count.lines.all()} == {
        stage.devices[0].pk: stage.room.pk,
        stage.devices[1].pk: stage.room.pk,
        stage.devices[2].pk: stage.store.pk,
        stage.devices[3].pk: stage.store.pk,
    }
    opened = events_of("counts.opened").get()
    assert opened.facts["expected"] == 4


def test_what_students_have_is_expected_in_their_homeroom(stage: Stage) -> None:
    student = make.person(stage.here.site)
    device = make.device(stage.town, stage.here, student)
    room = ClassGroup.objects.create(source_id="h1", site=stage.here.site, title="7A", homeroom=True, place=stage.room)
    Enrolment.objects.create(class_group=room, person=student)
    line = stage.line(stage.open(), device)
    assert (line.held, line.place_id) == (Custody.Kind.PERSON, stage.room.pk)


@pytest.mark.parametrize(
    ("status", "counted"), [("lost", False), ("stolen", False), ("retired", False), ("in_repair", True)]
)
def test_what_is_known_to_be_gone_is_not_expected(stage: Stage, status: str, counted: bool) -> None:
    Device.objects.everyone(reason="a test").filter(pk=stage.devices[0].pk).update(status=status)
    assert stage.open().lines.filter(device=stage.devices[0]).exists() is counted


def test_scopes(stage: Stage) -> None:
    assert stage.open(kind=Count.Scope.PLACES, place_ids=(stage.room.pk,)).expected == 2
    assert stage.open(kind=Count.Scope.MODELS, model_ids=(stage.town.model.pk,)).expected == 4
    other = make.device(stage.town, stage.here, make.person(stage.here.site))
    relocate(device_id=other.pk, place_id=stage.store.pk, **stage.act())
    store = stage.open(kind=Count.Scope.STORE, place_ids=(stage.store.pk,), seal="a-17")
    assert (store.expected, store.seal) == (2, "A-17")


def test_the_whole_district_is_counted_by_those_who_reach_it(stage: Stage) -> None:
    make.device(stage.town, stage.town.schools[1])
    scope = Scope(kind=Count.Scope.EVERYTHING)
    with pytest.raises(Denied):
        actions.open_count(name="All", scope=scope, due_on=DUE, **stage.act())
    count = actions.open_count(name="All", scope=scope, due_on=DUE, **stage.act(stage.town.office))
    assert count.expected == 5
    with pytest.raises(Missing):
        stage.see(count, stage.devices[0], stage.room)


def test_a_sample_has_the_size_that_is_needed_and_can_be_drawn_again(stage: Stage) -> None:
    for _ in range(80):
        make.device(stage.town, stage.here)
    sample: dict[str, Any] = {"kind": Count.Scope.SAMPLE, "confidence": 0.9, "max_rate": 0.1, "seed": 7}
    first, second = stage.open(**sample), stage.open(**sample)
    assert first.population == 84
    assert 0 < first.expected < 30
    drawn = [sorted(count.lines.values_list("device_id", flat=True)) for count in (first, second)]
    assert drawn[0] == drawn[1]
    other = stage.open(**sample | {"seed": 8})
    assert sorted(other.lines.values_list("device_id", flat=True)) != drawn[0]


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("", {}, "name_missing"),
    ("A", {"kind": Count.Scope.PLACES}, "no_place_chosen"),
    ("A", {"kind": Count.Scope.MODELS}, "no_model_chosen"),
    ("A", {"kind": Count.Scope.SAMPLE, "confidence": 1.0}, "sample_not_sensible"),
]


@pytest.mark.parametrize(("name", "scope", "code"), BAD)
def test_a_count_that_makes_no_sense_is_not_opened(stage: Stage, name: str, scope: Any, code: str) -> None:
    wanted = Scope(**({"kind": Count.Scope.EVERYTHING, "site_id": stage.here.site.pk} | scope))
    with pytest.raises(Refused) as refused:
        actions.open_count(name=name, scope=wanted, due_on=DUE, **stage.act())
    assert refused.value.code == code
    assert not Count.objects.everyone(reason="a test looks").exists()


def test_an_empty_scope_and_a_past_day_are_refused(stage: Stage) -> None:
    empty = make_place(site_id=stage.here.site.pk, kind=Place.Kind.ROOM, name="Empty", **make.system())
    with pytest.raises(Refused, match="nothing_expected"):
        stage.open(kind=Count.Scope.PLACES, place_ids=(empty.pk,))
    scope = Scope(kind=Count.Scope.EVERYTHING, site_id=stage.here.site.pk)
    with pytest.raises(Refused, match="due_in_the_past"):
        actions.open_count(name="A", scope=scope, due_on=date(2026, 9, 1), **stage.act())
    with pytest.raises(Missing):
        stage.open(kind=Count.Scope.PLACES, place_ids=(stage.town.schools[1].places["room"].pk,))


def test_each_kind_of_sighting_sorts_itself(stage: Stage) -> None:
    count = stage.open()
    stranger = make.device(stage.town, stage.here)
    stage.see(count, stage.devices[0], stage.room)
    stage.see(count, stage.devices[2], stage.room)
    stage.see(count, stranger, stage.store)
    assert tally(count) == Tally(expected=4, in_place=1, missing=2, misplaced=1, unexpected=1, unresolved=4)
    assert by_place(count)[stage.room.pk] == Tally(expected=2, in_place=1, missing=1, unresolved=1)
    assert by_place(count)[stage.store.pk] == Tally(expected=2, missing=1, misplaced=1, unexpected=1, unresolved=3)
    count.refresh_from_db()
    assert count.status == Count.Status.SCANNING


def test_what_people_carry_is_never_misplaced(stage: Stage) -> None:
    device = _owned(stage)
    count = stage.open()
    stage.see(count, device, stage.store)
    assert tally(count).misplaced == 0
    assert tally(count).in_place == 1


def test_a_scan_sent_twice_counts_once_and_moves_nothing(stage: Stage) -> None:
    count, act = stage.open(), stage.act()
    before = Custody.objects.count()
    first = stage.see(count, stage.devices[0], stage.store, **act)
    assert stage.see(count, stage.devices[0], stage.store, **act) == first
    assert events_of("counts.counted").count() == 1
    assert Custody.objects.count() == before


def test_the_last_look_counts_also_when_it_arrives_first(stage: Stage) -> None:
    count = stage.open()
    early, late = stage.act(), stage.act()
    stage.see(count, stage.devices[0], stage.store, **late)
    stage.see(count, stage.devices[0], stage.room, **early)
    assert stage.line(count, stage.devices[0]).seen_place == stage.store


def test_a_thing_on_no_record_is_a_difference(stage: Stage) -> None:
    count = stage.open()
    for _ in range(2):
        actions.count_stranger(count_id=count.pk, code=" x-1 ", place_id=stage.room.pk, **stage.act())
    assert count.lines.get(device=None).stranger == "X-1"
    assert tally(count).unexpected == 1
    assert "X-1" not in str(events_of("counts.stranger_found").values_list("facts"))


Elsewhere = Callable[[Stage, Device], object]


def _seen(stage: Stage, device: Device) -> object:
    return note_seen(device_id=device.pk, place_id=stage.store.pk, **stage.act())


def _moved(stage: Stage, device: Device) -> object:
    return relocate(device_id=device.pk, place_id=stage.store.pk, **stage.act())


def _swapped(stage: Stage, device: Device) -> object:
    loaner = make.loaner(stage.town, stage.here)
    return swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **stage.act())


@pytest.mark.parametrize(("elsewhere", "source"), [(_seen, "seen"), (_moved, "hand_over"), (_swapped, "swap")])
def test_what_was_seen_elsewhere_is_credited_with_its_source(stage: Stage, elsewhere: Elsewhere, source: str) -> None:
    device = _owned(stage)
    count = stage.open()
    elsewhere(stage, device)
    assert under_way_for(device.pk, make.MONDAY + timedelta(days=1)) == [count.pk]
    actions.credit_sightings(count_id=count.pk, device_ids=(device.pk,), **stage.act())
    assert stage.line(count, device).source == source
    assert under_way_for(device.pk, make.MONDAY + timedelta(days=1)) == []
    assert [row.facts["devices"] for row in events_of("counts.credited")] == [1]


def test_what_was_seen_before_the_count_is_not_credited(stage: Stage) -> None:
    _seen(stage, stage.devices[0])
    count = stage.open()
    actions.reconcile(count_id=count.pk, **stage.act())
    assert tally(count).missing == 4


def test_reconciling_credits_what_nobody_has_credited_yet(stage: Stage) -> None:
    count = stage.open()
    _seen(stage, stage.devices[2])
    actions.reconcile(count_id=count.pk, **stage.act())
    assert sources(count) == [(CountLine.Source.SEEN, 1)]


def test_device_management_credits_what_checked_in_since_the_start(stage: Stage) -> None:
    count = stage.open()
    now = make.MONDAY + timedelta(hours=1)
    heard: tuple[tuple[str, datetime], ...] = (
        (stage.devices[0].serial.lower(), now),
        (stage.devices[1].tag, make.MONDAY - timedelta(days=1)),
        ("unknown", now),
    )
    act = stage.act() | {"at": now}
    actions.credit_check_ins(count_id=count.pk, check_ins=heard, **act)
    assert [row.device_id for row in count.lines.exclude(seen_at=None)] == [stage.devices[0].pk]


def test_a_sealed_store_is_counted_by_its_number(stage: Stage) -> None:
    count = stage.open(kind=Count.Scope.STORE, place_ids=(stage.store.pk,), seal="A-17")
    for number, seal, code in ((2, "B-1", "seal_differs"), (3, "A-17", "number_differs")):
        with pytest.raises(Refused, match=code):
            actions.count_by_number(count_id=count.pk, number=number, seal=seal, **stage.act())
    actions.count_by_number(count_id=count.pk, number=2, seal="a-17", **stage.act())
    assert tally(count) == Tally(expected=2, in_place=2)
    with pytest.raises(Refused, match="not_a_store"):
        actions.count_by_number(count_id=stage.open().pk, number=4, seal="", **stage.act())


@pytest.fixture
def reconciling(stage: Stage) -> Count:
    """One in place, one misplaced, two missing, one unexpected."""
    count = stage.open()
    stage.see(count, stage.devices[0], stage.room)
    stage.see(count, stage.devices[2], stage.room)
    stage.see(count, make.device(stage.town, stage.here), stage.store)
    return actions.reconcile(count_id=count.pk, **stage.act())


def test_a_misplaced_device_is_put_where_it_was_found(stage: Stage, reconciling: Count) -> None:
    line = stage.line(reconciling, stage.devices[2])
    put_where_found(line_id=line.pk, **stage.act())
    assert Custody.objects.get(device=stage.devices[2], until=None).place == stage.room
    line.refresh_from_db()
    assert line.how == CountLine.How.PUT


def test_a_missing_device_is_reported(stage: Stage, reconciling: Count) -> None:
    line = stage.line(reconciling, stage.devices[1])
    report_missing(line_id=line.pk, **stage.act())
    line.refresh_from_db()
    assert line.ticket is not None
    assert (line.ticket.symptom, line.ticket.device_id) == ("missing", stage.devices[1].pk)
    assert make.fresh(stage.devices[1]).status == Device.Status.LOST


def test_a_refused_way_out_leaves_nothing_behind(stage: Stage, reconciling: Count) -> None:
    found = stage.line(reconciling, stage.devices[2])
    with pytest.raises(Refused, match="no_way_out"):
        report_missing(line_id=found.pk, **stage.act())
    assert not Ticket.objects.everyone(reason="a test looks").exists()
    assert make.fresh(stage.devices[2]).status != Device.Status.LOST
    with pytest.raises(Refused, match="nothing_to_put"):
        put_where_found(line_id=stage.line(reconciling, stage.devices[1]).pk, **stage.act())


def test_found_after_all_by_a_scan(stage: Stage, reconciling: Count) -> None:
    stage.see(reconciling, stage.devices[1], stage.room)
    assert tally(reconciling).missing == 1


def _settle(stage: Stage, count: Count) -> None:
    for line in count.lines.all():
        if line.device_id == stage.devices[0].pk:
            continue
        if line.seen_at:
            put_where_found(line_id=line.pk, **stage.act())
        elif line.device_id == stage.devices[1].pk:
            report_missing(line_id=line.pk, **stage.act())
        else:
            reason: dict[str, Any] = {"reason": "The teacher looks at home.", "due_on": DUE}
            actions.escalate(line_id=line.pk, user_id=stage.here.lead.pk, **reason, **stage.act())


def test_nothing_open_is_certified(stage: Stage, reconciling: Count) -> None:
    with pytest.raises(Refused, match="differences_open"):
        actions.certify(count_id=reconciling.pk, **stage.act())
    _settle(stage, reconciling)
    done = actions.certify(count_id=reconciling.pk, **stage.act())
    assert (done.expected, done.in_place, done.missing, done.unexpected, done.escalated) == (4, 1, 2, 1, 1)
    assert events_of("counts.certified").get().facts["in_place"] == 1
    with pytest.raises(Refused, match="count_certified"):
        stage.see(done, stage.devices[3], stage.store)


def test_a_difference_is_handed_on_only_with_a_reason(stage: Stage, reconciling: Count) -> None:
    line = stage.line(reconciling, stage.devices[1])
    act = stage.act()
    with pytest.raises(Refused, match="reason_missing"):
        actions.escalate(line_id=line.pk, user_id=stage.here.lead.pk, due_on=DUE, reason=" ", **act)
    past = date(2026, 9, 1)
    with pytest.raises(Refused, match="due_in_the_past"):
        actions.escalate(line_id=line.pk, user_id=stage.here.lead.pk, due_on=past, reason="x", **act)


def test_differences_wait_until_the_scanning_is_done(stage: Stage) -> None:
    count = stage.open()
    with pytest.raises(Refused, match="still_scanning"):
        report_missing(line_id=stage.line(count, stage.devices[1]).pk, **stage.act())
    with pytest.raises(Refused, match="still_scanning"):
        actions.certify(count_id=count.pk, **stage.act())


MAY_COUNT = {Role.IT_LEAD, Role.DISTRICT_TECH, Role.DISTRICT_IT}
MAY_CERTIFY = {Role.IT_LEAD, Role.DISTRICT_IT}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STUDENT_TECH])
def test_who_may_count_and_who_may_certify(stage: Stage, reconciling: Count, role: Role) -> None:
    actor = make.user("x", role, None if "district" in role else stage.here.site)[1]
    errors = {Denied, Missing}
    counted = _error(lambda: stage.see(reconciling, stage.devices[1], stage.room, **stage.act(actor)))
    assert (counted in errors) is (role not in MAY_COUNT)
    _settle(stage, reconciling) if role not in MAY_COUNT else None
    certified = _error(lambda: actions.certify(count_id=reconciling.pk, **stage.act(actor)))
    assert (certified in errors) is (role not in MAY_CERTIFY)


def _error(call: Callable[[], object]) -> type[Exception] | None:
    try:
        call()
    except (Denied, Missing, Refused) as error:
        return type(error)
    return None


def test_another_school_reaches_neither_count_nor_line(stage: Stage, reconciling: Count) -> None:
    there = stage.town.schools[1].lead_actor
    line = stage.line(reconciling, stage.devices[1])
    for verb in (
        lambda: stage.see(reconciling, stage.devices[1], stage.room, **stage.act(there)),
        lambda: actions.certify(count_id=reconciling.pk, **stage.act(there)),
        lambda: actions.resolve(line_id=line.pk, how=CountLine.How.FOUND, reason="x", **stage.act(there)),
        lambda: report_missing(line_id=line.pk, **stage.act(there)),
    ):
        with pytest.raises(Missing):
            verb()


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_runs_like_any_count_and_is_in_no_figure(stage: Stage, rehearsal: bool) -> None:
    count = stage.open(kind=Count.Scope.PLACES, place_ids=(stage.room.pk,), rehearsal=rehearsal)
    for device in stage.devices[:2]:
        stage.see(count, device, stage.room)
    actions.reconcile(count_id=count.pk, **stage.act())
    actions.certify(count_id=count.pk, **stage.act())
    months = accuracy(stage.town.office, None, make.MONDAY + timedelta(days=1))
    assert [month.expected for month in months] == ([] if rehearsal else [2])
