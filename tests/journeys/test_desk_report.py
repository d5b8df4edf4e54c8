"""A report taken down at the desk, on the phone or from a teacher: a dead server loses none of its words."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from firstbell.tickets.models import Ticket
from tests import make
from tests.journeys.scanpage import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "It fell off the bus seat this morning."


class Server:
    """The server as the desk sees it: ``up``, or answering every report with an error."""

    def __init__(self, context: BrowserContext) -> None:
        self.up = True
        context.route(re.compile(r"/(reports|faults)$"), self._answer)

    def _answer(self, route: Route) -> None:
        if self.up or route.request.method == "GET":
            route.continue_()
        else:
            route.fulfill(status=500, body="<h1>Something broke</h1>", content_type="text/html")


@pytest.mark.parametrize("page_of", ["person", "fault"])
def test_words_taken_down_at_the_desk_outlive_a_server_that_is_down(
    page: Page, context: BrowserContext, live_server: Any, page_of: str
) -> None:
    town = make.district()
    here = town.schools[0]
    ana = make.person(here.site)
    device = make.device(town, here, ana)
    sign_in(context, live_server, here.lead)
    server = Server(context)
    address = f"/people/{ana.pk}" if page_of == "person" else f"/devices/{device.tag}/fault"
    page.goto(address)
    page.fill("#note", WORDS)
    server.up = False
    page.click(".choice[value=cracked]")
    expect(page.locator(".kept")).to_contain_text("Kept on this device")
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#note")).to_have_value(WORDS)
    assert not Ticket.objects.everyone(reason="a test looks").exists()
    server.up = True
    page.click("text=Send again now")
    expect(page.locator("#notices")).to_contain_text("Noted as ticket")
    (ticket,) = Ticket.objects.everyone(reason="a test looks")
    assert (ticket.note, ticket.symptom, ticket.device_id) == (WORDS, "cracked", device.pk)
    page.goto(address)
    expect(page.locator("#note")).to_have_value("")
