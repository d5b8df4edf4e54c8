"""What follows from an event: who is told of what, once, and nobody of what they did themselves."""

from datetime import date, time, timedelta

import pytest

from firstbell.directory.actions import Hours, note_absence, set_hours
from firstbell.directory.models import Place, Site
from firstbell.flows.desk import take_in
from firstbell.flows.report import report_problem
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.jobs.drain import drain_all
from firstbell.jobs.reactions import REACTIONS
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.roles import Role
from firstbell.ledger.facts import KINDS
from firstbell.notices.models import Notice
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, admit, open_ticket, resolve
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    made = make.district()
    drain_all(at=made.at)
    return made


def report(town, *, by=REPORTER, **more):
    here = town.schools[0]
    told = Report(site_id=here.site.pk, place_id=here.places["room"].pk, **({"symptom": "cracked"} | more))
    return open_ticket(report=told, channel=Ticket.Channel.QR, by=by, at=town.at, op=make.op())


def told(kind):
    rows = Notice.objects.everyone(reason="a test looks").filter(kind=kind)
    return sorted(rows.values_list("user_id", flat=True))


def test_every_kind_in_the_table_can_be_written():
    assert set(REACTIONS) <= set(KINDS)


def test_a_new_ticket_is_told_to_its_owner(town):
    report(town)
    drain_all(at=town.at)
    assert told(Notice.Kind.NEW_TICKET) == [town.schools[0].lead.pk]
    assert told(Notice.Kind.CLASS_STOPPER) == []


def test_nobody_is_told_of_the_ticket_they_opened_themselves(town):
    report(town, by=town.schools[0].lead_actor)
    drain_all(at=town.at)
    assert told(Notice.Kind.NEW_TICKET) == []


def test_what_is_solved_before_the_worker_comes_is_not_told(town):
    ticket = report(town)
    resolve(ticket_id=ticket.pk, by=town.office, at=town.at, op=make.op())
    drain_all(at=town.at)
    assert told(Notice.Kind.NEW_TICKET) == []


def test_a_flood_calls_nobody_until_somebody_admits_a_report(town):
    here = town.schools[0]
    told_of = Report(site_id=here.site.pk, symptom="cracked", class_stopper=True)
    receipt = report_problem(
        report=told_of, channel=Ticket.Channel.QR, doubt="room", by=REPORTER, at=town.at, op=make.op()
    )
    drain_all(at=town.at)
    assert told(Notice.Kind.CLASS_STOPPER) == []
    admit(ticket_id=receipt.ticket.pk, by=town.office, at=town.at, op=make.op())
    drain_all(at=town.at)
    assert told(Notice.Kind.CLASS_STOPPER) == [here.lead.pk]


def test_a_class_stopper_calls_lead_deputy_and_the_team_on_duty(town):
    here = town.schools[0]
    deputy, _actor = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)
    on_duty, _actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    make.user("at home", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    held = on_duty.roles.get()
    set_hours(role_held_id=held.pk, hours=[Hours(0, time(8), time(9), present=True)], **make.system())
    report(town, class_stopper=True)
    drain_all(at=town.at)
    assert told(Notice.Kind.CLASS_STOPPER) == sorted([here.lead.pk, deputy.pk, on_duty.pk])
    assert told(Notice.Kind.NEW_TICKET) == []


def test_who_is_away_is_not_called_and_district_it_stands_in(town):
    here = town.schools[0]
    day = town.at.date()
    note_absence(user_id=here.lead.pk, first_day=day, last_day=day, **make.system())
    report(town, class_stopper=True)
    drain_all(at=town.at)
    assert told(Notice.Kind.CLASS_STOPPER) == [town.office.user_id]


def to_depot(town, count=2):
    """Hand in some devices and send them to the depot; return shipment and devices."""
    here = town.schools[0]
    broken = [make.device(town, here, make.person(here.site)) for _ in range(count)]
    for device in broken:
        take_in(device_id=device.pk, symptom="cracked", by=here.lead_actor, at=town.at, op=make.op())
    at = town.at + timedelta(hours=2)
    return empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=at, op=make.op()), broken


def test_a_short_shipment_is_told_to_both_sides(town):
    shipment, broken = to_depot(town)
    at = town.at + timedelta(hours=3)
    one = (broken[0].pk,)
    scan_in(shipment_id=shipment.pk, device_ids=one, by=town.technician, at=at, op=make.op())
    drain_all(at=at)
    assert told(Notice.Kind.SHIPMENT_SHORT) == sorted(
        [town.schools[0].lead.pk, town.technician.user_id, town.checker.user_id]
    )
    numbers = Notice.objects.everyone(reason="a test looks").filter(shipment=shipment).values_list("number", flat=True)
    assert set(numbers) == {1}


def test_a_complete_shipment_is_not_told(town):
    shipment, _broken = to_depot(town)
    scan_in(shipment_id=shipment.pk, by=town.technician, at=town.at + timedelta(hours=3), op=make.op())
    drain_all(at=town.at)
    assert told(Notice.Kind.SHIPMENT_SHORT) == []


def test_what_turned_up_before_the_worker_comes_is_not_told(town):
    shipment, broken = to_depot(town)
    at = town.at + timedelta(hours=3)
    for device in broken:
        scan_in(shipment_id=shipment.pk, device_ids=(device.pk,), by=town.technician, at=at, op=make.op())
    drain_all(at=at)
    assert told(Notice.Kind.SHIPMENT_SHORT) == []


def repaired(town, *, passed=True):
    shipment, broken = to_depot(town, count=1)
    at = town.at + timedelta(hours=3)
    scan_in(shipment_id=shipment.pk, by=town.technician, at=at, op=make.op())
    order = order_of(broken[0].pk)
    assert order
    repair(work_order_id=order.pk, fault="screen", by=town.technician, at=at, op=make.op())
    check(work_order_id=order.pk, passed=passed, by=town.checker, at=at, op=make.op())
    return at


def test_lead_hears_of_a_checked_repair_and_of_its_arrival(town):
    here = town.schools[0]
    at = repaired(town)
    drain_all(at=at)
    assert told(Notice.Kind.REPAIR_CHECKED) == [here.lead.pk]
    back = pack_return(site_id=here.site.pk, by=town.technician, at=at, op=make.op())
    scan_in(shipment_id=back.pk, by=town.technician, at=at + timedelta(hours=1), op=make.op())
    drain_all(at=at)
    assert told(Notice.Kind.REPAIRS_AT_SCHOOL) == [here.lead.pk]


def test_a_failed_check_is_not_told(town):
    drain_all(at=repaired(town, passed=False))
    assert told(Notice.Kind.REPAIR_CHECKED) == []


def test_technicians_of_a_depot_go_before_those_of_the_district(town):
    shipment, broken = to_depot(town)
    local, _actor = make.user("local tech", Role.DISTRICT_TECH, town.depot)
    at = town.at + timedelta(hours=3)
    scan_in(shipment_id=shipment.pk, device_ids=(broken[0].pk,), by=town.technician, at=at, op=make.op())
    drain_all(at=at)
    assert told(Notice.Kind.SHIPMENT_SHORT) == sorted([town.schools[0].lead.pk, local.pk])


def test_a_school_without_anybody_is_served_by_nobody():
    site = Site.objects.create(kind=Site.Kind.SCHOOL, name="Nobody's", timezone="America/New_York")
    place = Place.objects.create(site=site, kind=Place.Kind.ROOM, name="1")
    told_of = Report(site_id=site.pk, place_id=place.pk, symptom="cracked", class_stopper=True)
    at = make.MONDAY
    open_ticket(report=told_of, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=make.op())
    assert drain_all(at=at) == 1
    assert told(Notice.Kind.CLASS_STOPPER) == []
    assert at.date() == date(2026, 9, 14)
