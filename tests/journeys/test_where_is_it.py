"""Journey I: where is my device, and when is it back? The reporter or the family opens the link they were given."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from firstbell.flows.desk import swap_at_desk
from firstbell.flows.report import report_problem
from firstbell.flows.transport import empty_box, scan_in
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make
from tests.journeys.counting import Actions
from tests.journeys.scanpage import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_family_sees_in_one_action_where_it_is_and_when_it_is_back(
    page: Page, context: BrowserContext, live_server: Any
) -> None:
    town = make.district()
    here, now = town.schools[0], utc_now()
    device, loaner = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    told = Report(here.site.pk, "cracked", device_id=device.pk, reporter=Ticket.Reporter.FAMILY)
    act: dict[str, Any] = {"by": REPORTER, "at": now - timedelta(hours=5), "op": make.op()}
    receipt = report_problem(report=told, channel=Ticket.Channel.QR, **act)
    lead: dict[str, Any] = {"by": here.lead_actor, "at": now - timedelta(hours=4), "op": make.op()}
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, **lead)
    courier: dict[str, Any] = {"by": town.technician, "at": now - timedelta(hours=2)}
    shipment = empty_box(place_id=here.places["pickup_box"].pk, op=make.op(), **courier)
    scan_in(shipment_id=shipment.pk, op=make.op(), **courier)
    actions = Actions(page, budget=1, name="I")
    actions.goto_scan(f"/s/{receipt.token}")
    expect(page.get_by_text("Your device is being repaired")).to_be_visible()
    day = page.locator(".expected b").inner_text()
    assert re.search(r"day, ", day)
    actions.report()
    sign_in(context, live_server, here.lead)
    for address in (f"/devices/{device.tag}", f"/tickets/{receipt.ticket.code}"):
        page.goto(address)
        expect(page.locator(".expected")).to_contain_text(day)
