"""What lies broken with nobody's turn, and which alarms sound when."""

from datetime import timedelta

import pytest

from firstbell.decisions.queries import plan
from firstbell.devices.actions.inventory import clear_for_use, set_aside
from firstbell.flows.bench import check, finish, give_up
from firstbell.flows.desk import take_in
from firstbell.flows.transport import empty_box, scan_in
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission, Role
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.measures.alarms import Alarm, alarms
from firstbell.measures.closet import idle, since_of, untouched
from firstbell.measures.reach import reach_of
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, open_ticket, take
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db

MON = make.MONDAY
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def tags(by: Actor) -> list[str]:
    return [device.tag for device in sorted(idle(by), key=since_of)]


def sounding(by: Actor, at: object) -> dict[Alarm, int]:
    reach = reach_of(by)
    found = alarms(by, reach, plan(), at)  # type: ignore[arg-type]
    return {alarm: counts.total() for alarm, counts in found.items() if counts}


class Case:
    """A device that was taken in broken."""

    def __init__(self, intake: str = "desk") -> None:
        make.decision("intake.place", intake)
        self.town = make.district(schools=2)
        self.here = self.town.schools[0]
        self.lead = self.here.lead_actor
        self.owner = make.person(self.here.site)
        self.own = make.device(self.town, self.here, self.owner)

    def take_in(self) -> None:
        take_in(device_id=self.own.pk, by=self.lead, at=MON, op=make.op())

    def to_depot(self) -> None:
        box = self.here.places["pickup_box"].pk
        out = empty_box(place_id=box, by=self.town.technician, at=MON + HOUR, op=make.op())
        scan_in(shipment_id=out.pk, by=self.town.technician, at=MON + 2 * HOUR, op=make.op())

    @property
    def order_id(self) -> int:
        order = order_of(self.own.pk)
        assert order is not None
        return order.pk


def test_a_repair_that_waits_where_nobody_fetches_it_is_idle() -> None:
    case = Case()
    assert tags(case.lead) == []
    case.take_in()
    assert tags(case.lead) == [case.own.tag]
    assert tags(case.town.schools[1].lead_actor) == []


def test_in_the_pick_up_box_on_the_road_and_on_the_bench_it_has_its_next_step() -> None:
    case = Case("pickup_box")
    case.take_in()
    assert tags(case.lead) == []
    case.to_depot()
    assert tags(case.town.technician) == []


def test_beyond_repair_it_waits_for_a_decision() -> None:
    case = Case("pickup_box")
    case.take_in()
    case.to_depot()
    give_up(work_order_id=case.order_id, by=case.town.technician, at=MON + DAY, op=make.op())
    assert tags(case.town.technician) == [case.own.tag]


def test_a_checked_repair_waits_for_its_person_and_is_not_idle() -> None:
    make.decision("repair.where", "school")
    make.decision("repair.quality_check", "same_person")
    case = Case()
    case.take_in()
    finish(work_order_id=case.order_id, fault="screen", by=case.lead, at=MON + HOUR, op=make.op())
    assert tags(case.lead) == [case.own.tag]
    check(work_order_id=case.order_id, passed=True, by=case.lead, at=MON + 2 * HOUR, op=make.op())
    assert tags(case.lead) == []


def test_what_was_set_aside_is_idle_until_somebody_has_looked() -> None:
    case = Case()
    spare = make.loaner(case.town, case.here)
    set_aside(device_id=spare.pk, by=case.lead, at=MON, op=make.op())
    assert tags(case.lead) == [spare.tag]
    clear_for_use(device_id=spare.pk, by=case.lead, at=MON + HOUR, op=make.op())
    assert tags(case.lead) == []


def test_what_lies_on_a_shelf_and_is_reported_broken_is_idle_and_what_is_in_hand_is_not() -> None:
    case = Case()
    spare = make.loaner(case.town, case.here)
    for device in (spare, case.own):
        report = Report(site_id=case.here.site.pk, symptom="dead", device_id=device.pk)
        open_ticket(report=report, channel=Ticket.Channel.QR, by=case.lead, at=MON, op=make.op())
    assert tags(case.lead) == [spare.tag]


def test_a_report_that_nobody_has_begun_on_is_listed_until_somebody_does() -> None:
    case = Case()
    report = Report(site_id=case.here.site.pk, symptom="dead", device_id=case.own.pk)
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=case.lead, at=MON, op=make.op())
    assert list(untouched(case.lead)) == [ticket]
    assert sounding(case.lead, MON + 2 * DAY) == {}
    assert sounding(case.lead, MON + 2 * DAY + MINUTE) == {Alarm.UNTOUCHED: 1}
    take(ticket_id=ticket.pk, by=case.lead, at=MON + 3 * DAY, op=make.op())
    assert sounding(case.lead, MON + 4 * DAY) == {}


@pytest.mark.parametrize(("days", "late_after"), [(None, 2), (4, 4)])
def test_the_closet_is_alarmed_after_the_days_of_the_plan_not_counting_weekends(
    days: int | None, late_after: int
) -> None:
    if days:
        make.decision("closet.days", days)
    case = Case()
    case.take_in()
    due = MON + late_after * DAY
    assert sounding(case.lead, due) == {}
    assert sounding(case.lead, due + MINUTE) == {Alarm.CLOSET: 1}


def test_each_alarm_sounds_in_its_time() -> None:
    case = Case("pickup_box")
    spare = make.loaner(case.town, case.here)
    case.take_in()
    lend(device_id=spare.pk, person_id=case.owner.pk, reason=Loan.Reason.REPAIR, by=case.lead, at=MON, op=make.op())
    assert sounding(case.lead, MON + 2 * DAY + MINUTE) == {Alarm.PICKUP: 1}
    case.to_depot()
    assert sounding(case.lead, MON + 3 * DAY) == {}
    assert sounding(case.lead, MON + 3 * DAY + 3 * HOUR) == {Alarm.SILENT: 1}
    assert sounding(case.lead, MON + 14 * DAY) == {Alarm.SILENT: 1}
    assert sounding(case.lead, MON + 15 * DAY) == {Alarm.SILENT: 1, Alarm.LOAN: 1}


def test_a_school_without_a_lead_is_alarmed_at_once() -> None:
    case = Case()
    case.here.lead.roles.update(until=MON.date())
    assert sounding(case.town.office, MON) == {Alarm.NO_LEAD: 1}


def test_alarms_are_one_question_whatever_there_is(django_assert_num_queries: object) -> None:
    case = Case()
    case.take_in()
    reach, answers = reach_of(case.town.office), plan()
    assert reach.times
    with django_assert_num_queries(1):  # type: ignore[operator]
        alarms(case.town.office, reach, answers, MON + 5 * DAY)


def test_those_who_may_see_figures_but_no_devices_hear_the_same_alarms() -> None:
    case = Case()
    case.take_in()
    coach = make.user("coach", Role.COACH, case.here.site)[1]
    assert tags(coach) == []
    assert [device.tag for device in idle(coach, Permission.SEE_MEASURES)] == [case.own.tag]
    assert sounding(coach, MON + 5 * DAY) == {Alarm.CLOSET: 1}
