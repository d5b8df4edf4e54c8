"""The tables behind the headline, and what anybody may download of them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import Line, set_line
from firstbell.devices.models import Device
from firstbell.directory.models import Person, RoleHeld
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.losses import report_gone
from firstbell.flows.transport import note_failed_visit
from firstbell.incidents.models import Incident
from firstbell.kernel.roles import Role
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.measures.levels import Month, by_month
from firstbell.measures.reach import reach_of
from firstbell.tickets.actions import (
    Report,
    finish_team_task,
    hand_up,
    note_self_help,
    open_ticket,
    resolve,
    set_skill,
    take,
    take_team_task,
)
from firstbell.tickets.models import Ticket
from tests import make
from tests.measures.test_clocks import Journey
from tests.web.board.test_district import client, office, shown

pytestmark = pytest.mark.django_db

MON = make.MONDAY
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
THURSDAY = MON + 3 * DAY
PARTS = ["", "/repairs", "/costs", "/loaners", "/standstill", "/records"]
QUERIES = {"": 15, "/loaners": 16, "/standstill": 14, "/records": 20}
"""What a part may ask at most, where it is more than ten: a query for each table, and for each fault of a record."""


def report(here: make.School, symptom: str = "internet", channel: Ticket.Channel = Ticket.Channel.QR) -> Ticket:
    content = Report(site_id=here.site.pk, symptom=symptom)
    return open_ticket(report=content, channel=channel, by=here.lead_actor, at=MON, op=make.op())


def cells(page: str, row: str) -> list[str]:
    """Return the cells of the first table row that begins with these words."""
    line = page.split(f'<th scope="row">{row}</th>')[1].partition("</tr>")[0]
    return [cell.split(">")[-1] for cell in line.split("</td>")[:-1]]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_stands_without_anything_to_count(part: str) -> None:
    assert shown(office(), f"/figures{part}")
    make.district()
    assert shown(office(), f"/figures{part}")


def test_who_solved_it_is_counted_by_the_highest_level_reached() -> None:
    town = make.district()
    here = town.schools[0]
    _helper, actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    task = report(here)
    take_team_task(ticket_id=task.pk, by=actor, at=MON + 5 * MINUTE, op=make.op())
    finish_team_task(ticket_id=task.pk, solved=True, by=actor, at=MON + 9 * MINUTE, op=make.op())
    resolve(ticket_id=report(here, "signin").pk, by=here.lead_actor, at=MON + HOUR, op=make.op())
    report(here)
    note_self_help(site_id=here.site.pk, place_id=None, code="slow", by=actor, at=MON, op=make.op())
    page = shown(office(), "/figures")
    assert cells(page, "Self-help") == ["1", "33%"]
    assert cells(page, "Student team") == ["1", "33%"]
    assert cells(page, "School IT") == ["1", "33%"]
    assert "67% were solved by self-help or the student team" in page
    assert cells(page, "QR code") == ["3", "100%", "5 min", "33%"]


def test_pick_ups_in_time_and_what_was_late_with_the_reason() -> None:
    case = Journey()
    case.swap(MON)
    box = case.here.places["pickup_box"].pk
    note_failed_visit(place_id=box, reason="no_room", by=case.town.technician, at=MON + DAY, op=make.op())
    page = shown(office(), "/figures/repairs", at=MON + HOUR)
    assert cells(page, "Pick-up") == ["–", "0", "0", "1"]
    page = shown(office(), "/figures/repairs")
    assert cells(page, "Pick-up") == ["0%", "0", "1", "0"]
    assert cells(page, case.own.tag)[1] == "Pick-up"
    assert cells(page, case.own.tag)[3] == "no room in the car"


def test_repairs_by_fault_with_cost_and_the_way_they_took() -> None:
    case = Journey()
    case.swap(MON)
    case.carry(MON + 4 * HOUR)
    case.repair(MON + DAY)
    case.bring(MON + 2 * DAY)
    case.end(MON + 2 * DAY + 3 * HOUR)
    page = shown(office(), "/figures/repairs")
    assert "100% of repairs took the way of the plan" in page
    assert "100% of pick-ups were in time" in page
    assert "$" in page


def test_who_got_a_loaner_and_until_when_the_reserve_lasts() -> None:
    town = make.district()
    here = town.schools[0]
    spares = [make.loaner(town, here) for _ in range(3)]
    own = [make.device(town, here, make.person(here.site)) for _ in range(4)]
    for broken, spare in zip(own[:2], spares, strict=False):
        swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, by=here.lead_actor, at=MON, op=make.op())
    take_in(device_id=own[2].pk, no_loaner="none_left", by=here.lead_actor, at=MON, op=make.op())
    take_in(device_id=own[3].pk, no_loaner="not_asked", by=here.lead_actor, at=MON, op=make.op())
    page = shown(office(), "/figures/loaners")
    assert "67% of those who wanted a loaner got one" in page
    assert cells(page, here.site.name)[:3] == ["until September 24", "1", "2"]
    assert "1 school runs out of loaners" in page
    given = page.split('id="given"')[1]
    assert cells(given, here.site.name) == ["3", "2", "1", "0", "67%", "1"], "whom nobody asked counts for no share"


def test_overdue_loaners_are_shown_by_age_and_losses_by_what_became_of_them() -> None:
    town = make.district(schools=2)
    here, other = town.schools
    spares = [make.loaner(town, here) for _ in range(4)]

    def lent(spare: Device, at: datetime) -> None:
        who: dict[str, Any] = {"person_id": make.person(here.site).pk, "reason": Loan.Reason.OTHER}
        lend(device_id=spare.pk, **who, by=here.lead_actor, at=at, op=make.op())

    lent(spares[3], MON)
    gone: dict[str, Any] = {"cause": Incident.Cause.LOST, "where": Incident.Where.OUTSIDE, "happened_at": MON}
    report_gone(device_id=spares[3].pk, **gone, by=here.lead_actor, at=MON, op=make.op())
    make.decision("loans.days", 1)
    for spare, ago in zip(spares, (4, 11, 28), strict=False):  # due a day later: on Thursday 4, 8 and 21 days ago
        lent(spare, MON - ago * DAY)
    page = shown(office(), "/figures/loaners")
    assert "3 loaners are overdue" in page
    late, lost = page.split('id="overdue"')[1], page.split('id="losses"')[1]
    assert cells(late, here.site.name) == ["1", "1", "1", "3", "21"]
    assert cells(lost, here.site.name) == ["1", "0", "1", "0", "25%"]
    assert other.site.name not in late.split("</table>")[0]


def test_records_are_counted_for_everybody_and_named_for_those_who_may_see_devices() -> None:
    town = make.district()
    here = town.schools[0]
    owned = make.device(town, here, make.person(here.site), tag="OF-LEAVER")
    Person.objects.everyone(reason="a test").update(active=False)
    lone, mobile = make.device(town, here, tag="NOBODYS"), make.device(town, here, tag="MOBILE")
    every = Device.objects.everyone(reason="a test")
    every.filter(pk__in=[lone.pk, mobile.pk]).update(status=Device.Status.IN_SERVICE)
    set_line(device_id=mobile.pk, line=Line(imei="490154203237518"), **make.system())
    page = shown(client(here.lead), "/figures/records")
    assert cells(page, "in service and nobody&#x27;s") == ["2", "MOBILE, NOBODYS"]
    assert cells(page, "belongs to somebody who has left") == ["1", owned.tag]
    assert cells(page, "of a mobile model, without IMEI or SIM number on record")[0] == "3"
    coach = client(make.user("coach", Role.COACH, here.site)[0])
    page = shown(coach, "/figures/records")
    assert cells(page, "in service and nobody&#x27;s") == ["2", "–"]
    assert "NOBODYS" not in page


def test_a_school_counts_its_own_and_every_table_can_be_downloaded() -> None:
    town = make.district(schools=2)
    here, other = town.schools
    report(here)
    report(other)
    lead = client(here.lead)
    assert other.site.name not in shown(lead, "/figures")
    rows = shown(lead, "/exports/figures/help/channels?weeks=12").splitlines()
    assert rows[1].startswith("QR code,1,")
    with time_machine.travel(THURSDAY, tick=False):
        for address in ("/figures/nothing", "/exports/figures/help/nothing", "/exports/figures/nothing/levels"):
            assert lead.get(address).status_code == 404


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("part", PARTS)
def test_each_part_asks_as_little_of_a_large_district(part: str, size: int, django_assert_max_num_queries: Any) -> None:
    town = make.district(schools=size)
    for here in town.schools:
        own, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
        swap_at_desk(device_id=own.pk, loaner_id=spare.pk, by=here.lead_actor, at=MON, op=make.op())
        report(here)
    signed_in = office()
    with django_assert_max_num_queries(QUERIES.get(part, 10)):
        shown(signed_in, f"/figures{part}")


def test_the_teams_share_is_told_month_by_month() -> None:
    town = make.district()
    here = town.schools[0]
    _helper, actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    task = report(here)
    take_team_task(ticket_id=task.pk, by=actor, at=MON + 5 * MINUTE, op=make.op())
    finish_team_task(ticket_id=task.pk, solved=True, by=actor, at=MON + 9 * MINUTE, op=make.op())
    for number in range(2):
        resolve(ticket_id=report(here, "signin").pk, by=here.lead_actor, at=MON + (number + 1) * HOUR, op=make.op())
    report(here)
    page = shown(office(), "/figures")
    assert cells(page, "September 2026") == ["3", "1", "33%"]
    assert "The student team solved 33% of the tickets of September" in page
    assert by_month(reach_of(town.office), MON + 150 * DAY) == [Month(date(2026, 9, 1), 3, 1)]
    assert by_month(reach_of(town.office), MON + 200 * DAY) == [], "half a year ago"


def test_minutes_saved_are_what_school_it_takes_for_tickets_of_the_kind() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    _helper, actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    page = shown(office(), "/figures")
    assert "Nothing to compare yet" in page
    for _number in range(2):
        task = report(here, "slow")
        take_team_task(ticket_id=task.pk, by=actor, at=MON + 5 * MINUTE, op=make.op())
        finish_team_task(ticket_id=task.pk, solved=True, by=actor, at=MON + 9 * MINUTE, op=make.op())
    assert "Nothing to compare yet" in shown(office(), "/figures"), "school IT had none in hand"
    for symptom, minutes in (("slow", 20), ("slow", 30), ("slow", 40), ("signin", 90)):
        ticket = report(there, symptom)
        take(ticket_id=ticket.pk, by=there.lead_actor, at=MON, op=make.op())
        resolve(ticket_id=ticket.pk, by=there.lead_actor, at=MON + minutes * MINUTE, op=make.op())
    page = shown(office(), "/figures")
    assert cells(page.split('id="saved"')[1], here.site.name) == ["2", "8 min", "60 min"]
    assert "The student team saved school IT 60 min" in page
    assert cells(page.split('id="minutes"')[1], "Student team") == ["2", "8 min", "4 min"]
    assert there.site.name not in page.split('id="saved"')[1].partition("</table>")[0]


def test_how_soon_the_team_came_from_the_report_to_the_helper() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    _helper, actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    for minutes in (4, 6, 40):
        take_team_task(ticket_id=report(here).pk, by=actor, at=MON + minutes * MINUTE, op=make.op())
    report(here)
    take(ticket_id=report(there, "signin").pk, by=there.lead_actor, at=MON + MINUTE, op=make.op())
    page = shown(office(), "/figures").split('id="arrivals"')[1].partition("</table>")[0]
    assert cells(page, here.site.name) == ["3", "6 min", "40 min"]
    assert there.site.name not in page, "school IT is no student helper"
    assert "The student team took half of its tasks within 6 min" in page


def test_what_helpers_are_trusted_with_is_told_school_by_school() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    helpers = [make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[0] for _ in range(2)]
    held = RoleHeld.objects.get(user=helpers[0])
    act: dict[str, Any] = {"helper_id": held.pk, "by": here.lead_actor, "at": MON}
    set_skill(skill="slow", level="learning", op=make.op(), **act)
    set_skill(skill="flat", level="locked", op=make.op(), **act)
    page = shown(office(), "/figures").split('id="skills"')[1]
    assert cells(page, here.site.name) == ["2", "3.0", "0.5"], "four and two of four; one of them learns one"
    assert f'<th scope="row">{there.site.name}</th>' not in page.partition("</table>")[0], "it has no helpers"
    make.decision("levels.team_start", ["slow"], here.site)
    assert cells(shown(office(), "/figures").split('id="skills"')[1], here.site.name) == ["2", "0.5", "0.5"]


def test_what_a_record_lacks_is_counted_and_every_device_can_be_downloaded() -> None:
    town = make.district()
    here = town.schools[0]
    lone = [make.device(town, here, tag=f"PLAIN-{number:02}") for number in range(60)]
    whole, stuck, lost = (make.device(town, here, tag=tag) for tag in ("WHOLE", "STUCK", "LOST"))
    every = Device.objects.everyone(reason="a test")
    every.filter(pk=whole.pk).update(price_cents=30000, purchased_on=MON.date(), funding_source="Levy")
    every.filter(pk=stuck.pk).update(status=Device.Status.IN_REPAIR)
    every.filter(pk=lost.pk).update(status=Device.Status.LOST)
    lead = client(here.lead)
    page = shown(lead, "/figures/records")
    number = str(len(lone) + 2)
    for fault in ("without a price", "without a purchase date", "without a funding source"):
        assert cells(page, fault)[0] == number
    assert cells(page, "in repair, and no repair is open") == ["1", "STUCK"]
    assert cells(page, "lost or stolen, and nobody reported it") == ["1", "LOST"]
    rows = shown(lead, "/exports/figures/records/devices").splitlines()
    assert sum(row.startswith("without a price,") for row in rows) == len(lone) + 2
    assert f"without a price,{lone[-1].tag},{lone[-1].serial},{here.site.name}" in rows
    assert not any(row.startswith("without") and "WHOLE" in row for row in rows)
    coach = client(make.user("coach", Role.COACH, here.site)[0])
    assert "PLAIN" not in shown(coach, "/exports/figures/records/devices")


def test_a_repair_that_is_open_without_being_in_repair_is_an_orphan() -> None:
    case = Journey()
    case.swap(MON)
    page = shown(office(), "/figures/records")
    assert cells(page, "its repair is open, and it is not in repair")[0] == "0"
    Device.objects.everyone(reason="a test").filter(pk=case.own.pk).update(status=Device.Status.IN_SERVICE)
    page = shown(office(), "/figures/records")
    assert cells(page, "its repair is open, and it is not in repair") == ["1", case.own.tag]


def test_hours_without_a_device_school_by_school_students_and_staff_apart() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    type(here.site).objects.filter(pk=here.site.pk).update(enrolment=50)
    for kind, hours in (("student", 3), ("student", 1), ("staff", 2)):
        own, spare = make.device(town, here, make.person(here.site, kind=kind)), make.loaner(town, here)
        take_in(device_id=own.pk, by=here.lead_actor, at=MON, op=make.op())
        person = own.assignments.get().person_id
        act: dict[str, Any] = {"by": here.lead_actor, "at": MON + hours * HOUR, "op": make.op()}
        assert person is not None
        lend(device_id=spare.pk, person_id=person, reason=Loan.Reason.REPAIR, **act)
    page = shown(office(), "/figures/standstill", at=MON + DAY)
    assert cells(page, here.site.name) == ["6.0 h", "12.0 h", "2", "3.0 h", "1", "2.0 h"]
    assert cells(page, there.site.name) == ["0.0 h", "–", "0", "–", "0", "–"]


def test_what_lies_idle_is_told_with_its_age_and_week_by_week() -> None:
    make.decision("intake.place", "desk")
    town = make.district()
    here = town.schools[0]
    own = [make.device(town, here, make.person(here.site)) for _ in range(2)]
    take_in(device_id=own[0].pk, symptom="cracked", by=here.lead_actor, at=MON, op=make.op())
    take_in(device_id=own[1].pk, symptom="cracked", by=here.lead_actor, at=MON + 8 * DAY, op=make.op())
    page = shown(office(), "/figures/standstill", at=MON + 9 * DAY)
    assert "2 broken devices lie idle" in page
    assert cells(page.split('id="idle"')[1], here.site.name) == ["2", "8.0 h", "7 school days"]
    weeks = cells(page.split('id="idle-weeks"')[1], here.site.name)
    assert weeks == ["0", "0", "0", "0", "0", "1", "2"]
    box = here.places["pickup_box"].pk
    for device in own:
        relocate(device_id=device.pk, place_id=box, by=here.lead_actor, at=MON + 10 * DAY, op=make.op())
    page = shown(office(), "/figures/standstill", at=MON + 10 * DAY + HOUR)
    assert cells(page.split('id="idle-weeks"')[1], here.site.name) == ["0", "0", "0", "0", "0", "1", "0"]
    assert "Nothing lies idle. Good." in page


def test_who_handed_up_and_why_and_the_time_at_each_level() -> None:
    town = make.district()
    here = town.schools[0]
    ticket = report(here, "signin")
    act: dict[str, Any] = {"by": here.lead_actor, "op": make.op()}
    hand_up(ticket_id=ticket.pk, why="rights", words="No console here.", at=MON + 2 * HOUR, **act)
    page = shown(office(), "/figures", at=MON + 5 * HOUR)
    table = page.split('id="handed-up"')[1]
    assert cells(table, "IT lead") == ["it needs rights we don&#x27;t have", "1"]
    levels = page.split('id="time-at-level"')[1]
    assert cells(levels, "School IT") == ["1", "2.0 h", "2.0 h"]
    assert cells(levels, "District") == ["1", "3.0 h", "3.0 h"]
    assert "No console here." not in page


def test_the_time_from_the_desk_to_the_courier_stands_beside_the_share() -> None:
    case = Journey()
    case.swap(MON)
    case.carry(MON + 4 * HOUR)
    page = shown(office(), "/figures/repairs")
    assert cells(page.split('id="dispatch"')[1], case.here.site.name) == ["1", "4.0 h", "4.0 h", "100%"]
