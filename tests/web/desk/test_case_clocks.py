"""The clocks of one case on its pages: what is due, what was kept, what was late and since when."""

from datetime import timedelta

import pytest

from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box, scan_in
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.web.desk.case_clocks import Line, case_clocks
from firstbell.web.desk.clocks import clocks_for
from tests import make
from tests.web.desk.conftest import Desk, Says

HOUR = timedelta(hours=1)


def _lines(ticket: Ticket, after: timedelta) -> dict[str, Line]:
    orders = WorkOrder.objects.everyone(reason="a test looks").filter(ticket=ticket)
    fresh = Ticket.objects.everyone(reason="a test looks").get(pk=ticket.pk)
    clocks = clocks_for([ticket.site], make.MONDAY + after)
    found = case_clocks(ticket=fresh, orders=orders, clocks=clocks, zone=ticket.site.timezone)
    return {line.name: line for line in found}


def _carry(desk: Desk) -> None:
    """The courier empties the box, and the depot scans in what came."""
    by, at = desk.town.technician, make.MONDAY + 2 * HOUR
    sent = empty_box(place_id=desk.here.places["pickup_box"].pk, by=by, at=at, op=make.op())
    scan_in(shipment_id=sent.pk, by=by, at=at, op=make.op())


@pytest.fixture
def swapped(desk: Desk) -> Ticket:
    device, loaner = desk.device(desk.person()), desk.loaner()
    return swap_at_desk(
        device_id=device.pk,
        loaner_id=loaner.pk,
        symptom="cracked",
        by=desk.here.lead_actor,
        at=make.MONDAY,
        op=make.op(),
    )


def test_a_running_clock_says_when_it_is_due_and_then_that_it_is_late(swapped: Ticket) -> None:
    assert _lines(swapped, HOUR)["Pick-up"] == Line("Pick-up", "fine", "due Wed, 8:30 a.m.")
    assert _lines(swapped, 30 * HOUR)["Pick-up"].words == "due tomorrow, 8:30 a.m."
    late = _lines(swapped, 73 * HOUR)["Pick-up"]
    assert (late.kind, late.words) == ("late", "late: was due yesterday, 8:30 a.m.")


def test_a_clock_that_was_kept_says_how_long_it_took(desk: Desk, swapped: Ticket) -> None:
    _carry(desk)
    lines = _lines(swapped, 3 * HOUR)
    assert (lines["Pick-up"].kind, lines["Pick-up"].words) == ("fine", "2 school hours")
    assert lines["Repair"].words.startswith("due ")
    assert "Receipt" not in lines


def test_its_page_shows_them(desk: Desk, swapped: Ticket, says: Says) -> None:
    page = desk.client.get(f"/tickets/{swapped.code}")
    assert says(page, "Clocks")
    assert says(page, "late: was due")


def test_its_page_and_its_devices_page_tell_the_day_its_owner_reads(desk: Desk, swapped: Ticket, says: Says) -> None:
    _carry(desk)
    assert swapped.device is not None
    pages = [desk.client.get(f"/tickets/{swapped.code}"), desk.client.get(f"/devices/{swapped.device.tag}")]
    day = pages[0].context["expected"]
    assert [page.context["expected"] for page in pages] == [day, day]
    assert day > make.MONDAY.date()
    assert all(says(page, "Expected back by") for page in pages)


def test_who_waits_for_no_repair_is_told_no_day(desk: Desk, says: Says) -> None:
    ticket = desk.report(desk.device(desk.person()), "slow")
    assert not says(desk.client.get(f"/tickets/{ticket.code}"), "Expected back by")


def test_a_case_at_the_depot_costs_a_few_queries_more(
    desk: Desk, swapped: Ticket, django_assert_max_num_queries
) -> None:
    _carry(desk)
    desk.client.get("/desk")
    with django_assert_max_num_queries(19):  # its clocks: three; the day it is expected: repair, hours, plan
        desk.client.get(f"/tickets/{swapped.code}")
