"""Repairs with a vendor and under a cover, as people do them: by the depot, straight, lapsed, used up, missed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from firstbell.claims.models import Claim
from firstbell.decisions.register import VENDOR_FILES, VENDOR_RETURN, VENDOR_ROUTE
from firstbell.devices.models import Device
from firstbell.devices.queries import differences
from firstbell.directory.models import User
from firstbell.jobs.drain import drain_all
from firstbell.tickets.models import Ticket
from firstbell.vendors.actions import map_word
from firstbell.vendors.models import VendorCase, VendorStatus
from tests import make
from tests.axe import axe_violations
from tests.vendors.outside import Outside, claim_of, fresh, outside, the_claim
from tests.web.depot.world import custody, signed_in, ticket_of

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def o() -> Outside:
    made = outside()
    made.w.at = timezone.now() - 2 * DAY
    return made


@contextmanager
def _page(browser: Browser, live_server: Any, user: User, **look: Any) -> Iterator[Page]:
    """A browser in which somebody is signed in."""
    context = browser.new_context(base_url=live_server.url, locale="en-US", **look)
    cookie = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def _case(device: Device) -> VendorCase:
    return VendorCase.objects.everyone(reason="a test looks").get(device=device)


def _said(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text)


def test_by_way_of_the_depot_with_a_tracking_number_and_a_list_of_the_vendor(o, browser, live_server, tmp_path):
    o.says(tracking="yes", days="5")
    for word, means in (("received", VendorStatus.RECEIVED), ("shipped", VendorStatus.SENT_BACK)):
        map_word(vendor_id=o.vendor.pk, word=word, means=means, **o.act())
    order = o.w.on_bench()[0]
    with _page(browser, live_server, o.w.tech) as page:
        page.goto(f"/bench/{order.code}")
        page.click("text=Hand it to a vendor")
        page.select_option("#n-fault", "board")
        page.fill("#n-number", "RMA-77")
        page.click("text=Open the case")
        page.click("text=Send the box")  # without its number: refused, since the vendor offers one
        expect(page.get_by_role("alert")).to_contain_text("write the tracking number")
        assert axe_violations(page) == []
        page.fill("#p-tracking-1", "1Z-OUT")
        page.click("text=Send the box")
        _said(page, "It is on its way to the vendor.")
        assert ticket_of(order.device).waiting_on == Ticket.WaitingOn.VENDOR
        news = tmp_path / "news.csv"
        news.write_text("RMA,Status,Tracking\nRMA-77,Shipped,1Z-BACK\nRMA-00,Shipped,\n")
        page.goto(f"/vendors/{o.vendor.code}")
        page.set_input_files("#list", news)
        page.click("text=Look through it")
        expect(page.get_by_text("no open case by that name").first).to_be_visible()
        assert axe_violations(page) == []
        page.click("text=Take 1 line over")
        _said(page, "The news are taken over.")
        page.goto("/receiving")
        page.get_by_role("button", name="Scan 1 in").click()
        _said(page, "is in")
        page.goto("/vendors?state=here")
        page.get_by_role("link", name=order.device.tag).click()
        page.get_by_text("It works", exact=True).click()
        page.fill("#cost", "95")
        page.click("text=End the case")
        _said(page, "The case is ended.")
        page.goto("/returns")
        page.click("text=Pack 1 for")
    assert custody(order.device).kind == "shipment"
    assert fresh(_case(order.device)).outcome == "repaired"
    assert differences() == []


def test_straight_from_the_school_and_back_where_the_plan_lets_it(o, browser, live_server):
    for question in (VENDOR_ROUTE, VENDOR_FILES, VENDOR_RETURN):
        make.decision(question.key, "school")
    make.decision("intake.place", "desk")
    device = o.w.boxed()[0]
    with _page(browser, live_server, o.w.here.lead) as page:
        page.goto(f"/devices/{device.tag}")
        page.click("text=Hand it to a vendor")
        page.click("text=Open the case")
        page.click("text=Send the box")
        _said(page, "It is on its way to the vendor.")
        page.get_by_text("without a word?").locator("xpath=..").get_by_role("button", name="It is here").click()
        _said(page, "It is scanned in.")
        page.click("text=End the case")
        _said(page, "The case is ended.")
        page.goto(f"/devices/{device.tag}")
        expect(page.get_by_text("Your turn: give it back to")).to_be_visible()
    assert custody(device).place == o.w.here.places["return_shelf"]
    assert differences() == []


def _found(o: Outside, page: Page, code: str, fix: str = "Screen replaced") -> None:
    page.goto(f"/bench/{code}")
    page.click(f"text={fix}")
    _said(page, fix)
    drain_all(at=timezone.now())


def test_a_protection_that_has_lapsed_pays_nothing_and_the_bench_sees_it(o, browser, live_server):
    order = o.w.on_bench()[0]
    o.covered(order.device, until=(timezone.now() - 9 * DAY).date())
    with _page(browser, live_server, o.w.tech) as page:
        page.goto(f"/bench/{order.code}")
        expect(page.get_by_text("ended").first).to_be_visible()
        _found(o, page, order.code)
        page.goto("/claims")
        expect(page.get_by_text("No claim waits to be sent")).to_be_visible()
        page.goto("/claims/missed")
        expect(page.get_by_text("No claim was missed")).to_be_visible()
    assert claim_of(order) is None


def test_the_last_claim_of_a_year_is_used_on_purpose_and_the_next_one_is_not_covered(o, browser, live_server):
    drain_all(at=timezone.now())
    order = o.w.on_bench()[0]
    o.covered(order.device, terms=o.terms(claims_a_year=1))
    with _page(browser, live_server, o.w.tech) as page:
        _found(o, page, order.code)
        page.goto("/claims")
        expect(page.get_by_text("last of its year")).to_be_visible()
        page.get_by_role("link", name=order.device.tag).click()
        page.click("text=It is sent")
        expect(page.get_by_role("alert")).to_contain_text("the last claim of this device")
        assert axe_violations(page) == []
        page.check("#last")
        page.click("button:has-text('It is sent')")
        _said(page, "The claim is sent.")
        page.click("text=They paid")
        _said(page, "Noted.")
        page.goto(f"/devices/{order.device.tag}")
        expect(page.get_by_text("used up this year")).to_be_visible()
    assert the_claim(order).status == Claim.Status.PAID


def test_a_covered_repair_that_nobody_claimed_appears_on_the_list_and_can_be_claimed_from_it(o, browser, live_server):
    order = o.w.on_bench()[0]
    office = User.objects.get(pk=o.w.town.office.user_id)
    with _page(browser, live_server, o.w.tech) as page:
        _found(o, page, order.code)
    with _page(browser, live_server, office) as page:
        page.goto("/cover")
        page.fill("#n-name", "Campus Care")
        page.get_by_text("Accident", exact=True).click()
        page.fill("#t-claims", "2")
        page.fill("#t-since", "2026-08-01")
        page.get_by_role("button", name="Enter it").click()
        _said(page, "The cover is entered.")
        page.click("text=Its devices and next terms")
        page.fill("#g-tags", f"{order.device.tag}\nNO-SUCH")
        page.get_by_text("on one day for all").click()
        page.fill("#g-day", "2026-08-01")
        page.fill("#g-months", "36")
        page.click("text=Look which ones")
        expect(page.get_by_text("1 device would get it")).to_be_visible()
        expect(page.get_by_text("NO-SUCH")).to_be_visible()
        assert axe_violations(page) == []
        page.click("text=Give it to this device")
        _said(page, "1 device has this cover now.")
        page.goto("/claims/missed")
        expect(page.get_by_role("link", name=order.device.tag)).to_be_visible()
        page.get_by_role("button", name="Claim it now").click()
        page.click("button:has-text('It is sent')")
        _said(page, "The claim is sent.")
        page.goto("/claims/missed")
        expect(page.get_by_text("No claim was missed")).to_be_visible()
    assert the_claim(order).status == Claim.Status.SENT
