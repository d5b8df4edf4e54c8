"""Runs: planned from the wishes of a day, driven stop by stop, with partial loads and visits in vain."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from firstbell.courier import actions
from firstbell.courier.models import PickupRequest, Run, Stop
from firstbell.devices.models import Shipment
from firstbell.directory.models import Site
from firstbell.flows.rounds import Day, plan_day, propose, wishes
from firstbell.flows.transport import empty_box, fail_visit, load_one, note_failed_visit, pack_return, scan_in
from firstbell.kernel.actor import REPORTER, Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history, replay
from tests import make
from tests.courier.day import MONDAY, act, asked, mapped, planned, requests, runs
from tests.web.depot.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return mapped(3)


def _stops(run: Run) -> list[Stop]:
    return list(run.stops.select_related("site").order_by("position"))


def _waits(w: World, *counts: int) -> None:
    for school, count in zip(w.town.schools, counts, strict=False):
        if count:
            w.boxed(count, school)
    asked(w)


# --- Planning -----------------------------------------------------------------------------------------------------


def test_the_wishes_of_a_day_are_requests_and_what_goes_home(w: World) -> None:
    w.checked(2, w.town.schools[1])
    _waits(w, 3)
    found = {wish.site.pk: (wish.count, wish.to_bring) for wish in wishes(MONDAY, by=w.by, at=w.at)}
    assert found == {w.here.site.pk: (3, 0), w.town.schools[1].site.pk: (0, 2)}
    assert wishes(date(2026, 9, 19), by=w.by, at=w.at) == [], "on Saturday every school is closed"


def test_a_request_for_wednesday_is_no_wish_of_monday(w: World) -> None:
    make.decision("pickup.days", ["2"])
    _waits(w, 1)
    assert wishes(MONDAY, by=w.by, at=w.at) == []
    assert len(wishes(date(2026, 9, 16), by=w.by, at=w.at)) == 1


def test_a_day_becomes_runs_in_driving_order_with_times_and_requests(w: World) -> None:
    _waits(w, 2, 1, 4)
    (run,) = planned(w)
    stops = _stops(run)
    assert {stop.site_id for stop in stops} == {school.site.pk for school in w.town.schools}
    names = [stop.site.longitude or 0 for stop in stops]
    assert names in (sorted(names), sorted(names, reverse=True)), "they lie on a line"
    assert [stop.request for stop in stops] == [PickupRequest.objects.visible_to(w.by).get(site=s.site) for s in stops]
    assert {stop.expected for stop in stops} == {2, 1, 4}
    moments = [stop.arrives_at for stop in stops]
    assert all(moments)
    assert moments == sorted(moments, key=lambda moment: moment or w.at)
    assert (run.capacity, run.van, run.status, run.by_name) == (20, 1, "planned", False)
    assert 30_000 < run.metres < 50_000
    assert history(run)[0].kind == "courier.run_planned"
    assert wishes(MONDAY, by=w.by, at=w.at) == [], "planned once is enough"


def test_several_vans_share_what_one_cannot_carry(w: World) -> None:
    _waits(w, 3, 3, 3)
    day = Day(w.town.depot, MONDAY, vans=2, capacity=6)
    found = propose(day, wishes(MONDAY, by=w.by, at=w.at))
    assert [sum(stop.expected for stop in run.stops) <= 6 for run in found.runs] == [True, True]
    alone = propose(Day(w.town.depot, MONDAY, vans=1, capacity=6), wishes(MONDAY, by=w.by, at=w.at))
    assert len(alone.left) == 1, "what fits nowhere is said, and its request stays"


def test_more_than_a_van_carries_is_fetched_as_far_as_it_fits(w: World) -> None:
    _waits(w, 5)
    (run,) = planned(w, capacity=3)
    assert [stop.expected for stop in _stops(run)] == [5]


def test_schools_without_coordinates_come_last_by_name_and_it_is_said(w: World) -> None:
    blind = w.town.schools[0].site
    Site.objects.filter(pk=blind.pk).update(latitude=None, longitude=None)
    _waits(w, 1, 1, 1)
    found = propose(Day(w.town.depot, MONDAY, capacity=9), wishes(MONDAY, by=w.by, at=w.at))
    assert found.unmapped == (blind,)
    assert [stop.site_id for stop in found.runs[0].stops][-1] == blind.pk
    assert (found.runs[0].by_name, found.runs[0].stops[-1].arrives_at) == (True, None)
    Site.objects.filter(pk=w.town.depot.pk).update(latitude=None, longitude=None)
    w.town.depot.refresh_from_db()
    lost = propose(Day(w.town.depot, MONDAY, capacity=9), wishes(MONDAY, by=w.by, at=w.at))
    assert lost.unmapped == (w.town.depot,)
    names = sorted(school.site.name for school in w.town.schools)
    assert [Site.objects.get(pk=stop.site_id).name for stop in lost.runs[0].stops] == names


def test_with_hours_no_van_comes_before_a_school_opens(w: World) -> None:
    _waits(w, 1, 1)
    day = Day(w.town.depot, MONDAY, capacity=9, starts=time(5), hours=True)
    found = propose(day, wishes(MONDAY, by=w.by, at=w.at))
    first = min(stop.arrives_at for stop in found.runs[0].stops if stop.arrives_at)
    assert first.astimezone(w.at.tzinfo).isoformat() == "2026-09-14T11:30:00+00:00", "half past seven in New York"
    night = Day(w.town.depot, MONDAY, capacity=9, starts=time(20), hours=True)
    assert set(propose(night, wishes(MONDAY, by=w.by, at=w.at)).left) == {s.site.pk for s in w.town.schools[:2]}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"day": date(2026, 9, 13)}, "day_over"),
        ({"routes": ((0, 0),)}, "visited_twice"),
        ({"routes": ()}, "no_stops"),
        ({"routes": ((0, 1),), "capacity": 2}, "too_full"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_nothing_is_left_behind(
    w: World, wrong: dict[str, Any], code: str
) -> None:
    _waits(w, 2, 2)
    ids = [school.site.pk for school in w.town.schools]
    routes = tuple(tuple(ids[number] for number in route) for route in wrong.get("routes", ((0,),)))
    day = Day(w.town.depot, wrong.get("day", MONDAY), capacity=wrong.get("capacity", 9))
    before = len(list(replay()))
    with pytest.raises(Refused, match=code):
        plan_day(day=day, routes=routes, **act(w))
    assert runs() == []
    assert len(list(replay())) == before


def test_a_plan_that_somebody_else_made_meanwhile_is_not_made_twice(w: World) -> None:
    _waits(w, 1)
    planned(w)
    day = Day(w.town.depot, MONDAY)
    with pytest.raises(Refused, match="not_wanted"):
        plan_day(day=day, routes=((w.here.site.pk,),), **act(w))
    with pytest.raises(Missing):
        plan_day(day=day, routes=((w.town.depot.pk,),), **act(w))
    assert len(runs()) == 1


def test_the_database_keeps_one_run_for_each_van_and_day(w: World) -> None:
    _waits(w, 1)
    (run,) = planned(w)
    with pytest.raises(IntegrityError, match="one_run_per_van_and_day"), transaction.atomic():
        Run.objects.create(depot=run.depot, day=run.day, van=1, capacity=1, planned_at=w.at)


def test_a_second_plan_of_a_day_takes_the_next_van(w: World) -> None:
    _waits(w, 1)
    planned(w)
    _waits(w, 0, 2)
    assert [run.van for run in planned(w)] == [1, 2]


# --- Driving ------------------------------------------------------------------------------------------------------


def _driving(w: World, **more: Any) -> Run:
    (run,) = planned(w, **more)
    return actions.start_run(run_id=run.pk, **act(w))


def test_a_driver_collects_partly_fails_once_and_comes_back(w: World) -> None:
    first = w.boxed(3, w.town.schools[0])
    _waits(w, 0, 2)
    run = _driving(w, capacity=5)
    here, there = (school.site.pk for school in w.town.schools[:2])
    box = w.town.schools[0].places["pickup_box"].pk
    empty_box(place_id=box, only=(first[0].pk, first[1].pk), **act(w))
    left = actions.leave_stop(run_id=run.pk, site_id=here, **act(w))
    assert (left.outcome, left.collected, left.left) == ("visited", 2, 1)
    with pytest.raises(Refused, match="stops_open"):
        actions.end_run(run_id=run.pk, **act(w))
    fail_visit(site_id=there, reason="nobody", **act(w))
    failed = run.stops.get(site_id=there)
    assert (failed.outcome, failed.reason) == ("failed", "nobody")
    assert history(w.town.schools[1].places["pickup_box"])[0].kind == "flows.visit_failed"
    ended = actions.end_run(run_id=run.pk, **act(w))
    assert (ended.status, ended.ended_at) == ("ended", w.at)
    assert {row.site_id for row in requests()} == {here, there}, "what was left and what failed is still wanted"
    again = {wish.site.pk: wish.count for wish in wishes(date(2026, 9, 15), by=w.by, at=w.at)}
    assert again == {here: 1, there: 2}


def test_scans_one_by_one_count_for_the_stop_and_end_the_request_with_the_last(w: World) -> None:
    devices = w.boxed(2)
    asked(w)
    run = _driving(w)
    for device in devices:
        assert len(requests()) == 1
        load_one(place_id=w.here.places["pickup_box"].pk, device_id=device.pk, **act(w))
    assert requests() == []
    assert run.stops.get().collected == 2


def test_what_the_school_scans_in_counts_as_brought(w: World) -> None:
    w.checked(2)
    run_wish = wishes(MONDAY, by=w.by, at=w.at)
    assert [wish.to_bring for wish in run_wish] == [2]
    run = _driving(w)
    shipment = pack_return(site_id=w.here.site.pk, **act(w))
    scan_in(shipment_id=shipment.pk, **act(w, w.here.lead_actor))
    assert run.stops.get().brought == 2


def test_a_school_that_sends_its_box_off_itself_ends_its_request_and_is_no_stop_of_the_van(w: World) -> None:
    w.boxed(2)
    asked(w)
    run = _driving(w)
    empty_box(place_id=w.here.places["pickup_box"].pk, **act(w, w.here.lead_actor))
    assert requests() == []
    assert run.stops.get().collected == 0


def test_a_school_s_own_note_settles_no_stop(w: World) -> None:
    w.boxed()
    asked(w)
    run = _driving(w)
    note_failed_visit(place_id=w.here.places["pickup_box"].pk, reason="closed", **act(w, w.here.lead_actor))
    assert run.stops.get().outcome == ""


def test_a_run_that_does_not_take_place_gives_its_requests_back(w: World) -> None:
    w.boxed()
    asked(w)
    (run,) = planned(w)
    actions.call_off(run_id=run.pk, **act(w))
    assert runs() == []
    assert len(wishes(MONDAY, by=w.by, at=w.at)) == 1
    assert [again.van for again in planned(w)] == [1]
    with pytest.raises(Refused, match="run_not_planned"):
        actions.start_run(run_id=run.pk, **act(w))


# --- Who may, and when --------------------------------------------------------------------------------------------

VERBS: dict[str, Callable[..., Any]] = {
    "start": lambda run, **act: actions.start_run(run_id=run.pk, **act),
    "call_off": lambda run, **act: actions.call_off(run_id=run.pk, **act),
    "leave": lambda run, **act: actions.leave_stop(run_id=run.pk, site_id=run.stops.get().site_id, **act),
    "fail": lambda run, **act: fail_visit(site_id=run.stops.get().site_id, reason="road", **act),
    "end": lambda run, **act: actions.end_run(run_id=run.pk, **act),
}
OK, PLANNED, DRIVING, STOPS, SETTLED = "", "run_not_planned", "run_not_driving", "stops_open", "stop_settled"
TABLE = {
    #            planned  driving  settled  ended
    "start": (OK, PLANNED, PLANNED, PLANNED),
    "call_off": (OK, PLANNED, PLANNED, PLANNED),
    "leave": (DRIVING, OK, SETTLED, DRIVING),
    "end": (DRIVING, STOPS, OK, DRIVING),
}
STATES = ("planned", "driving", "settled", "ended")


def _in_state(w: World, state: str) -> Run:
    w.boxed()
    asked(w)
    (run,) = planned(w)
    steps = STATES.index(state)
    for step in ("start", "leave", "end")[:steps]:
        VERBS[step](run, **act(w))
    return Run.objects.visible_to(w.by).get(pk=run.pk)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", list(TABLE))
def test_a_run_goes_its_way_and_no_other(w: World, verb: str, state: str) -> None:
    run = _in_state(w, state)
    wanted = TABLE[verb][STATES.index(state)]
    if not wanted:
        VERBS[verb](run, **act(w))
        return
    with pytest.raises(Refused, match=wanted):
        VERBS[verb](run, **act(w))


@pytest.mark.parametrize("verb", list(VERBS))
def test_only_the_district_s_technicians_drive(w: World, verb: str) -> None:
    run = _in_state(w, "planned" if verb in {"start", "call_off"} else "driving")
    people: dict[str, Actor] = {
        role.value: make.user(role.value, role, w.here.site)[1]
        for role in (Role.COACH, Role.SCHOOL_ADMIN, Role.STUDENT_TECH)
        if role is not Role.STUDENT_TECH
    }
    people |= {"lead": w.here.lead_actor, "auditor": make.user("auditor", Role.AUDITOR)[1], "reporter": REPORTER}
    for name, stranger in people.items():
        with pytest.raises((Denied, Missing)):
            VERBS[verb](run, **act(w, stranger))
        assert Run.objects.visible_to(w.by).get(pk=run.pk).status == run.status, name


def test_planning_needs_the_right_to_carry(w: World) -> None:
    w.boxed()
    asked(w)
    day = Day(w.town.depot, MONDAY)
    for stranger in (w.here.lead_actor, make.user("coach", Role.COACH, w.here.site)[1]):
        with pytest.raises((Denied, Missing)):
            plan_day(day=day, routes=((w.here.site.pk,),), **act(w, stranger))
    assert runs() == []


def test_the_same_operation_twice_plans_and_starts_once(w: World) -> None:
    w.boxed()
    asked(w)
    told = act(w)
    day = Day(w.town.depot, MONDAY)
    first = plan_day(day=day, routes=((w.here.site.pk,),), **told)
    assert plan_day(day=day, routes=((w.here.site.pk,),), **told) == first
    start = act(w)
    actions.start_run(run_id=first.pk, **start)
    assert actions.start_run(run_id=first.pk, **start).status == "driving"
    assert len(runs()) == 1


def test_the_depot_receives_what_the_run_brought(w: World) -> None:
    devices = w.boxed(2)
    asked(w)
    run = _driving(w)
    empty_box(place_id=w.here.places["pickup_box"].pk, **act(w))
    actions.leave_stop(run_id=run.pk, site_id=w.here.site.pk, **act(w))
    actions.end_run(run_id=run.pk, **act(w))
    shipment = Shipment.objects.visible_to(w.by).get(to_site=w.town.depot)
    scan_in(shipment_id=shipment.pk, **act(w))
    assert {device.pk for device in devices} == {item.device_id for item in shipment.items.all()}
    assert w.at - w.town.at < timedelta(days=1)
