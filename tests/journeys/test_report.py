"""Journey E: report a problem from a classroom in three actions, also when the school's network does not help."""

import re
import time
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from firstbell.ledger.queries import replay
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptoms
from tests import make
from tests.axe import axe_violations
from tests.journeys.counting import Actions
from tools import messages

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
SEND = "section:visible button.primary"


@pytest.fixture(autouse=True)
def _catalogues() -> None:
    messages.main()


@pytest.fixture
def here() -> make.School:
    return make.district().schools[0]


@pytest.fixture
def room(here: make.School) -> str:
    return f"/r/{here.places['room'].code}"


def tickets() -> list[Ticket]:
    return list(Ticket.objects.everyone(reason="a test looks").order_by("pk"))


def test_a_problem_is_reported_in_three_actions(page: Page, room: str) -> None:
    actions = Actions(page, budget=3, name="E")
    begun = time.monotonic()
    actions.goto_scan(room)
    actions.tap(".choice:has-text('Does not turn on')")
    expect(page.get_by_role("heading", name="Try this first")).to_be_visible()
    actions.tap("text=Still broken: send >> visible=true")
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    took = time.monotonic() - begun
    print(f"journey E: {took:.1f} s of 15, reading not counted")  # noqa: T201 -- the figure is the point
    actions.report()
    (ticket,) = tickets()
    assert (ticket.symptom, ticket.place.name if ticket.place else "") == ("dead", "Room 12")
    assert page.get_by_text(f"{ticket.code[:4]} {ticket.code[4:]}").is_visible()


def test_what_works_again_is_said_in_three_actions(page: Page, room: str) -> None:
    actions = Actions(page, budget=3, name="E, solved by self-help")
    actions.goto_scan(room)
    actions.tap(".choice:has-text('No internet')")
    actions.tap("text=It works now >> visible=true")
    expect(page.get_by_role("heading", name="Good! It works again")).to_be_visible()
    actions.report()
    assert tickets() == []
    assert len(list(replay("tickets.self_helped"))) == 1


def test_a_teacher_says_in_three_actions_that_the_class_stands_still(page: Page, room: str) -> None:
    actions = Actions(page, budget=3, name="E, staff")
    actions.goto_scan(room)
    actions.tap(".choice:has-text('No internet')")
    actions.tap("text=It stops my class >> visible=true")
    expect(page.get_by_text("Stay in class: somebody comes to you")).to_be_visible()
    actions.report()
    assert [(ticket.class_stopper, ticket.reporter) for ticket in tickets()] == [(True, "staff")]


def test_the_count_can_fail(page: Page, room: str) -> None:
    actions = Actions(page, budget=1, name="too long")
    actions.goto_scan(room)
    actions.tap(".choice:has-text('No internet')")
    with pytest.raises(AssertionError):
        actions.report()


def test_it_all_works_without_script(browser: Browser, live_server, room: str) -> None:
    page = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    page.goto(room)
    page.click(".choice:has-text('Cracked or broken part')")
    expect(page.get_by_role("heading", name="What's wrong?")).to_be_hidden()
    page.click("text=Add a note or the device's tag >> visible=true")
    page.fill("textarea >> visible=true", "The corner is gone")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert [ticket.note for ticket in tickets()] == ["The corner is gone"]


def test_it_all_works_by_keyboard(page: Page, room: str) -> None:
    page.goto(room)
    while not page.evaluate("document.activeElement.matches('.choice[href=\"#slow\"]')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Slow, frozen or an app fails")).to_be_visible()
    while not page.evaluate("document.activeElement.matches('#slow button.primary')"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()


def test_back_leads_to_the_symptoms_again(page: Page, room: str) -> None:
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    page.go_back()
    expect(page.get_by_role("heading", name="What's wrong?")).to_be_visible()
    page.click(".choice:has-text('Does not turn on')")
    page.click("text=Back >> visible=true")
    expect(page.get_by_role("heading", name="What's wrong?")).to_be_visible()


class Line:
    """The school's line to the server: ``up`` or not; remembers the operation of each try."""

    def __init__(self, context: BrowserContext) -> None:
        self.up = True
        self.ops: list[str] = []
        context.route(re.compile(r"/(tickets|messages)$"), self._carry)

    def _carry(self, route: Route) -> None:
        found = re.search(r"op=([0-9a-f-]{36})", route.request.post_data or "")
        self.ops.append(found[1] if found else "")
        if self.up:
            route.continue_()
        else:
            route.abort()


def test_a_report_outlives_a_dead_line_and_is_one_ticket(page: Page, context: BrowserContext, room: str) -> None:
    line = Line(context)
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    line.up = False
    page.click(SEND)
    expect(page.locator(".kept")).to_contain_text("Kept on this device")
    assert tickets() == []
    line.up = True
    page.click("text=Send again now")
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert len(tickets()) == 1
    assert len(line.ops) >= 2
    assert len(set(line.ops)) == 1


def test_a_class_stopper_is_still_one_after_a_reload_with_a_dead_line(page: Page, context: BrowserContext, room: str):
    line = Line(context)
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    line.up = False
    page.click("text=It stops my class >> visible=true")
    expect(page.locator(".kept")).to_be_visible()
    page.goto("about:blank")
    page.goto(room)
    expect(page.locator(".kept")).to_be_visible()
    line.up = True
    page.click("text=Send again now")
    expect(page.get_by_text("Stay in class: somebody comes to you")).to_be_visible()
    assert [ticket.class_stopper for ticket in tickets()] == [True]
    assert len(set(line.ops)) == 1


def test_an_answer_that_got_lost_makes_no_second_ticket(page: Page, context: BrowserContext, room: str) -> None:
    lost: list[int] = []

    def swallow(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    context.route(re.compile(r"/tickets$"), swallow)
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    page.click(SEND)
    page.click("text=Send again now")
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert len(tickets()) == 1


def test_two_taps_a_way_back_and_a_reload_are_one_ticket(page: Page, room: str) -> None:
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    page.dblclick(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    page.reload()
    page.go_back()
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert len(tickets()) == 1


def test_without_script_a_way_back_is_one_ticket_too(browser: Browser, live_server, room: str) -> None:
    page = browser.new_context(base_url=live_server.url, java_script_enabled=False).new_page()
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    for _ in range(2):
        page.click(SEND)
        expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
        page.go_back()
    assert len(tickets()) == 1


@pytest.mark.parametrize("changed", [False, True])
def test_with_a_tag_too_a_way_back_and_another_send_is_known(page: Page, here: make.School, changed: bool) -> None:
    page.goto(f"/r/{here.places['room'].code}#dead")
    page.click("text=Add a note or the device's tag >> visible=true")
    page.fill("#dead-note", "It fell")
    page.fill("#dead-tag", "AO-1")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    page.go_back()
    if changed:
        page.evaluate("document.querySelector('#dead details').open = true")
        page.fill("#dead-note", "It fell in the rain")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    said = [ticket.note for ticket in tickets()] + [str(word.body) for one in tickets() for word in one.messages.all()]
    assert said[0] == "It fell\nTag: AO-1"
    assert any("in the rain" in words for words in said[1:]) is changed
    assert len(said) == 1 + changed


def test_another_problem_after_a_way_back_is_another_ticket(page: Page, room: str) -> None:
    page.goto(room)
    page.click(".choice:has-text('No internet')")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    page.go_back()
    page.click("text=Back >> visible=true")
    page.click(".choice:has-text('Does not turn on')")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert [ticket.symptom for ticket in tickets()] == ["internet", "dead"]


def test_what_is_refused_is_said_in_place_and_the_words_stay(page: Page, room: str) -> None:
    page.goto(f"{room}#other")
    page.evaluate("document.querySelector('#other-note').removeAttribute('maxlength')")
    page.fill("#other-note", "x" * 2001)
    page.click(SEND)
    expect(page.get_by_role("alert")).to_contain_text("at most 2000 characters")
    assert len(page.input_value("#other-note")) == 2001
    page.fill("#other-note", "Short now")
    page.click(SEND)
    expect(page.get_by_role("heading", name="We have your report")).to_be_visible()
    assert [ticket.note for ticket in tickets()] == ["Short now"]


def test_the_receipt_goes_along_on_a_phone(page: Page, room: str, tmp_path) -> None:
    page.goto(f"{room}#dead")
    page.click(SEND)
    page.click("text=Take it to a phone")
    picture = tmp_path / "qr.png"
    page.locator(".qr").screenshot(path=picture)
    (read,) = zxingcpp.read_barcodes(Image.open(picture))
    assert read.text == page.url


LOOKS: dict[str, Any] = {
    "phone": {"viewport": PHONE},
    "dark": {"viewport": PHONE, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "spanish": {"viewport": PHONE, "locale": "es-US"},
    "right to left": {"viewport": PHONE, "locale": "ar"},
    "laptop": {"viewport": {"width": 1280, "height": 800}},
}


@pytest.mark.parametrize("look", LOOKS)
def test_every_public_page_is_for_everyone(browser: Browser, live_server, room: str, look: str) -> None:
    page = browser.new_context(base_url=live_server.url, **LOOKS[look]).new_page()
    steps = [f"{room}#{one.code}" for one in symptoms()]
    found = []
    for url in ["/", "/find?code=NOPE", "/sign-in", "/nothing", room, *steps, f"{room}/works"]:
        page.goto("about:blank")
        page.goto(url)
        found += _faults(page, url)
    page.goto(f"{room}#slow")
    page.click("#slow details summary")
    found += _faults(page, "details")
    page.click(SEND)
    page.wait_for_url("**/s/*")
    page.click("details.more summary")
    found += _faults(page, "receipt")
    assert found == []


def _faults(page: Page, name: str) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll('main a.choice, main button, main summary')].filter(e => e.checkVisibility())
        .map(e => e.getBoundingClientRect()).filter(r => r.height < 44).length"""
    )
    return [f"{name}: {fault}" for fault in [*axe_violations(page), *["too wide"] * wide, *["small target"] * small]]
