"""Clocks are read, never stored: against the reference papers, and through a whole repair."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firstbell.decisions.queries import plan
from firstbell.flows.bench import check, finish
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import hand_back
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.schooltime import SchoolTime
from firstbell.ledger.queries import replay
from firstbell.measures.alarms import Alarm, alarms
from firstbell.measures.clocks import Clock, Kind, Reading, breaches, shares, ticket_clocks, trip_clocks
from firstbell.measures.reach import reach_of
from firstbell.measures.trips import Trip, trips
from firstbell.repairs.clocks import due_within_48_hours
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, open_ticket, take
from firstbell.tickets.models import Ticket
from tests import make

MON = make.MONDAY
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

LOUISVILLE = ("America/Kentucky/Louisville", "07:30", "15:30", ["2026-09-07", "2026-11-26", "2026-11-27"])
OWN_CASES = {
    # opened: 48 hours on the clock, 16 open hours, 2 school days
    "2026-09-04T14:00-04:00": ("2026-09-06T14:00-04:00", "2026-09-09T14:00-04:00", "2026-09-09T14:00-04:00"),
    "2026-09-05T11:00-04:00": ("2026-09-07T11:00-04:00", "2026-09-09T15:30-04:00", "2026-09-10T07:30-04:00"),
    "2026-11-25T13:00-05:00": ("2026-11-27T13:00-05:00", "2026-12-01T13:00-05:00", "2026-12-01T13:00-05:00"),
    "2026-03-06T10:00-05:00": ("2026-03-08T11:00-04:00", "2026-03-10T10:00-04:00", "2026-03-10T10:00-04:00"),
}


def _school(zone: str, opens: str, closes: str, holidays: list[str]) -> SchoolTime:
    hours = {day: (time.fromisoformat(opens), time.fromisoformat(closes)) for day in range(5)}
    return SchoolTime(ZoneInfo(zone), hours, frozenset(map(date.fromisoformat, holidays)))


def _three_readings(school: SchoolTime, opened: str) -> list[datetime | None]:
    start = datetime.fromisoformat(opened)
    return [due_within_48_hours(school, start, reading) for reading in ("elapsed", "open_hours", "school_days")]


@pytest.mark.parametrize("opened", OWN_CASES)
def test_48_hours_are_read_in_three_ways(opened: str) -> None:
    wanted = [datetime.fromisoformat(due) for due in OWN_CASES[opened]]
    assert _three_readings(_school(*LOUISVILLE), opened) == wanted


def test_48_hours_agree_with_the_reference_to_the_minute(vectors: Any) -> None:
    family = vectors["sla_calendar"]
    school = _school(family["tz"], family["open"], family["close"], family["holidays"])
    for case in family["cases"]:
        wanted = [datetime.fromisoformat(case[key]) for key in ("elapsed_48h", "open_16h", "school_days_2")]
        assert _three_readings(school, case["opened"]) == wanted
    pause = {key: datetime.fromisoformat(value) for key, value in family["pause"].items() if isinstance(value, str)}
    assert school.seconds_between(pause["start"], pause["end"]) == family["pause"]["open_hours"] * 3600
    assert school.seconds_between(pause["pause_from"], pause["pause_to"]) == family["pause"]["paused"] * 3600


class Journey:
    """One repair by way of the depot, with the hours at which each hand-over happened."""

    def __init__(self) -> None:
        self.town = make.district()
        self.here = self.town.schools[0]
        self.own = make.device(self.town, self.here, make.person(self.here.site))
        self.spare = make.loaner(self.town, self.here)

    def swap(self, at: datetime) -> None:
        lead = self.here.lead_actor
        swap_at_desk(device_id=self.own.pk, loaner_id=self.spare.pk, symptom="cracked", by=lead, at=at, op=make.op())

    def carry(self, at: datetime) -> None:
        box = self.here.places["pickup_box"].pk
        out = empty_box(place_id=box, by=self.town.technician, at=at, op=make.op())
        scan_in(shipment_id=out.pk, by=self.town.technician, at=at + HOUR, op=make.op())

    def repair(self, at: datetime) -> None:
        order = order_of(self.own.pk)
        assert order is not None
        finish(work_order_id=order.pk, fault="screen", by=self.town.technician, at=at, op=make.op())
        check(work_order_id=order.pk, passed=True, by=self.town.checker, at=at + HOUR, op=make.op())

    def bring(self, at: datetime) -> None:
        back = pack_return(site_id=self.here.site.pk, by=self.town.technician, at=at, op=make.op())
        scan_in(shipment_id=back.pk, by=self.here.lead_actor, at=at + HOUR, op=make.op())

    def end(self, at: datetime) -> None:
        hand_back(device_id=self.own.pk, loaner_id=self.spare.pk, by=self.here.lead_actor, at=at, op=make.op())

    def read(self, at: datetime) -> tuple[Trip, dict[Kind, Clock]]:
        reach = reach_of(self.here.lead_actor)
        (trip,) = trips(reach, MON - DAY, at)
        return trip, {clock.kind: clock for clock in trip_clocks(trip, Reading(at, plan(), reach.times))}


@pytest.mark.django_db
def test_a_repair_on_the_way_of_the_plan_keeps_its_four_clocks() -> None:
    case = Journey()
    case.swap(MON)
    case.carry(MON + 4 * HOUR)
    case.repair(MON + DAY)
    case.bring(MON + 2 * DAY)
    case.end(MON + 2 * DAY + 3 * HOUR)
    trip, clocks = case.read(MON + 3 * DAY)
    assert trip.way == "box shipment depot shipment shelf person"
    assert trip.followed
    assert trip.cents > 0
    assert [(clock.kind, clock.minutes, clock.state) for clock in clocks.values()] == [
        (Kind.PICKUP, 4 * 60, "fine"),
        (Kind.REPAIR, 4 * 60, "fine"),  # Monday 13:30-15:30, Tuesday 07:30-09:30
        (Kind.RETURN, 8 * 60, "fine"),
        (Kind.HAND_BACK, 2 * 60, "fine"),
    ]


@pytest.mark.django_db
def test_a_box_that_nobody_empties_runs_late_and_says_why() -> None:
    case = Journey()
    case.swap(MON)
    _trip, clocks = case.read(MON + 2 * DAY)
    assert (clocks[Kind.PICKUP].state, clocks[Kind.PICKUP].in_time) == ("soon", None)
    trip, clocks = case.read(MON + 2 * DAY + timedelta(minutes=1))
    late = clocks[Kind.PICKUP]
    assert (late.state, late.in_time, late.stopped) == ("late", False, None)
    school = case.here.site.pk
    for visit, reason in {
        (school, MON + DAY, "no_room"): "no_room",
        (school, MON - DAY, "no_room"): "",
        (school + 1, MON + DAY, "no_room"): "",
    }.items():
        (breach,) = breaches([(trip, late)], [visit], {})
        assert breach.reason == reason
    assert set(clocks) == {Kind.PICKUP}


@pytest.mark.django_db
def test_a_due_time_follows_the_plan_and_is_stored_nowhere() -> None:
    case = Journey()
    case.swap(MON)
    before = len(list(replay("repairs.opened")))
    make.decision("pickup.reading", "elapsed")
    assert case.read(MON + HOUR)[1][Kind.PICKUP].due == MON + 2 * DAY
    friday = MON + 4 * DAY
    make.decision("pickup.reading", "open_hours")
    assert case.read(friday)[1][Kind.PICKUP].due == MON + 2 * DAY
    assert len(list(replay("repairs.opened"))) == before


@pytest.mark.django_db
def test_a_repair_at_school_needs_no_courier() -> None:
    make.decision("repair.where", "school")
    make.decision("repair.quality_check", "same_person")
    make.decision("intake.place", "desk")
    case = Journey()
    case.swap(MON)
    order = order_of(case.own.pk)
    assert order is not None
    lead = case.here.lead_actor
    finish(work_order_id=order.pk, fault="screen", checked=True, by=lead, at=MON + DAY, op=make.op())
    case.end(MON + 3 * DAY)
    trip, clocks = case.read(MON + 4 * DAY)
    assert trip.followed
    assert {kind: clock.state for kind, clock in clocks.items()} == {Kind.REPAIR: "fine", Kind.HAND_BACK: "late"}


@pytest.mark.django_db
def test_a_detour_is_not_the_way_of_the_plan() -> None:
    case = Journey()
    make.decision("intake.place", "desk")
    case.swap(MON)
    make.decision("repair.where", "school")
    order = order_of(case.own.pk)
    assert order is not None
    trip, _clocks = case.read(MON + HOUR)
    assert (trip.way, trip.followed) == ("desk", False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stopper", "answered_after", "state"),
    [
        (False, 2 * HOUR, "fine"),
        (False, 2 * HOUR + timedelta(seconds=1), "late"),
        (True, timedelta(minutes=11), "late"),
    ],
)
def test_an_answer_is_a_persons_and_a_waiting_class_gets_it_sooner(
    stopper: bool, answered_after: timedelta, state: str
) -> None:
    town = make.district()
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="signin", class_stopper=stopper)
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=MON, op=make.op())
    reading = Reading(MON + timedelta(minutes=1), plan(), reach_of(here.lead_actor).times)
    assert [clock.stopped is None for clock in ticket_clocks(ticket, reading)] == [False, True, True]
    take(ticket_id=ticket.pk, by=here.lead_actor, at=MON + answered_after, op=make.op())
    ticket.refresh_from_db()
    clocks = {clock.kind: clock for clock in ticket_clocks(ticket, Reading(MON + DAY, plan(), reading.times))}
    assert clocks[Kind.RECEIPT].state == "fine"
    assert clocks[Kind.ANSWER].state == state
    assert clocks[Kind.TRIAGE].state == "late"


@pytest.mark.django_db
def test_shares_leave_out_what_still_runs() -> None:
    case = Journey()
    case.swap(MON)
    running = case.read(MON + HOUR)[1][Kind.PICKUP]
    late = case.read(MON + 3 * DAY)[1][Kind.PICKUP]
    share = shares([running, late], lambda clock: clock.kind)[Kind.PICKUP]
    assert (share.kept, share.late, share.running, share.share) == (0, 1, 1, 0.0)
    assert shares([running], lambda clock: clock.kind)[Kind.PICKUP].share is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "due"),
    [
        (None, MON + 2 * DAY),  # two school days, the safe reading
        (["1"], MON + DAY + 7 * HOUR),  # Tuesday until the school closes
        (["4"], MON + 2 * DAY),  # Friday is too late for 48 hours
    ],
)
def test_where_the_couriers_days_are_decided_the_next_one_counts(days: list[str] | None, due: datetime) -> None:
    if days:
        make.decision("pickup.days", days)
    case = Journey()
    case.swap(MON)
    reach = reach_of(case.here.lead_actor)
    assert case.read(MON + HOUR)[1][Kind.PICKUP].due == due
    waiting = alarms(case.here.lead_actor, reach, plan(), due)
    assert not waiting[Alarm.PICKUP], "on the minute it is in time"
    late = alarms(case.here.lead_actor, reach, plan(), due + timedelta(minutes=1))
    assert late[Alarm.PICKUP] == {case.here.site.pk: 1}


@pytest.mark.django_db
def test_the_plan_says_how_long_a_repair_a_hand_back_and_a_waiting_class_may_take() -> None:
    case = Journey()
    case.swap(MON)
    case.carry(MON + 4 * HOUR)
    case.repair(MON + 2 * DAY)
    case.bring(MON + 3 * DAY)
    case.end(MON + 7 * DAY)

    def states() -> tuple[str, str]:
        clocks = case.read(MON + 8 * DAY)[1]
        return clocks[Kind.REPAIR].state, clocks[Kind.HAND_BACK].state

    assert states() == ("fine", "late")
    make.decision("repair.days", 1)
    make.decision("handback.days", 5)
    assert states() == ("late", "fine")


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "state"), [(10, "late"), (15, "fine")])
def test_the_plan_says_how_soon_a_waiting_class_gets_an_answer(minutes: int, state: str) -> None:
    here = make.district().schools[0]
    make.decision("channels.class_stopper_minutes", minutes)
    report = Report(site_id=here.site.pk, symptom="signin", class_stopper=True)
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=MON, op=make.op())
    take(ticket_id=ticket.pk, by=here.lead_actor, at=MON + timedelta(minutes=11), op=make.op())
    ticket.refresh_from_db()
    reading = Reading(MON + DAY, plan(), reach_of(here.lead_actor).times)
    assert {clock.kind: clock.state for clock in ticket_clocks(ticket, reading)}[Kind.ANSWER] == state


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "silent"), [(3, 1), (9, 0)])
def test_the_plan_says_when_a_device_without_news_is_silent(days: int, silent: int) -> None:
    case = Journey()
    case.swap(MON)
    case.carry(MON + 4 * HOUR)
    make.decision("status.silent_days", days)
    reach = reach_of(case.here.lead_actor)
    sounding = alarms(case.here.lead_actor, reach, plan(), MON + 8 * DAY)
    assert sounding[Alarm.SILENT].get(case.here.site.pk, 0) == silent
