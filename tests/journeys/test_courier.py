"""A courier's day: boxes emptied at schools, scanned in at the depot, repaired devices brought back (journey H)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from firstbell.devices.models import Shipment
from firstbell.devices.queries import differences
from firstbell.directory.models import User
from firstbell.tickets.models import Ticket
from tests.axe import axe_violations
from tests.journeys.counting import Actions, burst
from tests.web.depot.world import World, custody, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}
OUT, BACK, SCHOOLS = 4, 3, 3  # devices a school; the day has three schools


@pytest.fixture
def w() -> World:
    made = world(SCHOOLS)
    made.at = timezone.now() - timedelta(days=1)
    return made


@contextmanager
def _page(browser: Browser, live_server: Any, user: User, **look: Any) -> Iterator[Page]:
    """A browser in which somebody is signed in; signing in is not counted."""
    context = browser.new_context(base_url=live_server.url, locale="en-US", **look)
    cookie = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def _newest(school_site: int) -> Shipment:
    rows = Shipment.objects.everyone(reason="a test looks").filter(to_site_id=school_site)
    return rows.latest("pk")


def test_a_courier_needs_a_scan_or_two_a_school_not_one_a_device(w, browser, live_server):
    budget = 2 * SCHOOLS * OUT + 2 * SCHOOLS * BACK + 2 * SCHOOLS
    for school in w.town.schools:
        w.checked(BACK, school)
    boxed = [device for school in w.town.schools for device in w.boxed(OUT, school)]
    with _page(browser, live_server, w.tech, viewport=PHONE) as phone:
        day = Actions(phone, budget=budget, name="H")
        phone.goto("/returns")
        for school in w.town.schools:  # in the morning, at the depot: pack what goes home
            day.tap(f"text=Pack {BACK} for {school.site.name}")
            expect(phone.get_by_role("status").first).to_contain_text("packed")
            phone.goto("/returns")
        phone.goto("/pickups")
        expect(phone.locator(".stop")).to_have_count(SCHOOLS)
        for school in w.town.schools:
            day.goto_scan(f"/r/{school.places['pickup_box'].code}")  # the camera on the box's code
            day.tap(f"text=Take all {OUT} to the depot")
            expect(phone.get_by_role("status").first).to_contain_text("on their way")
            back = _newest(school.site.pk)
            with _page(browser, live_server, school.lead) as desk, day.on(desk):
                desk.goto("/receiving")
                day.scan(back.code)  # both sides are confirmed: the school scans what was brought
                expect(desk.get_by_role("status").first).to_contain_text("are in")
        phone.goto("/receiving")
        for shipment in Shipment.objects.everyone(reason="a test looks").filter(to_site=w.town.depot, received_at=None):
            day.scan(shipment.code)
            expect(phone.get_by_role("status").first).to_contain_text(shipment.code)
    day.report()
    assert day.count == 5 * SCHOOLS
    assert {custody(device).site for device in boxed} == {w.town.depot}
    assert {ticket_of(device).waiting_on for device in boxed} == {Ticket.WaitingOn.REPAIR}
    assert differences() == []


def test_the_bench_takes_a_scan_and_one_tap(w, browser, live_server):
    order = w.on_bench()[0]
    with _page(browser, live_server, w.tech) as page:
        bench = Actions(page, budget=2, name="A, at the bench")
        page.goto("/bench")
        bench.scan(order.device.tag)
        expect(page.locator("#fixes")).to_be_visible()
        assert axe_violations(page) == []
        bench.tap("text=Screen replaced")
        expect(page.get_by_role("status").first).to_contain_text("Screen replaced")
    bench.report()


def test_scanning_the_box_twice_empties_it(w, browser, live_server):
    devices = w.boxed(2)
    code = w.here.places["pickup_box"].code
    with _page(browser, live_server, w.tech) as page:
        page.goto("/pickups")
        burst(page, code)
        expect(page.get_by_role("button", name="Take all 2 to the depot")).to_be_visible()
        burst(page, code)
        expect(page.get_by_text("0 of 2 scanned in")).to_be_visible()
    assert {custody(device).kind for device in devices} == {"shipment"}


def test_fast_scans_of_devices_are_all_taken_although_the_server_is_away_for_one(w, browser, live_server):
    shipment, devices = w.sent(5)
    lost: list[str] = []

    def sometimes(route: Route) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/shipments/{shipment.code}")
        page.route("**/arrivals", sometimes)
        for device in devices:
            burst(page, device.tag)
        expect(page.get_by_text("5 devices, all arrived")).to_be_visible(timeout=15_000)
        expect(page.get_by_role("link", name="To the bench")).to_be_visible()
    assert len(lost) == 1
    assert {custody(device).place for device in devices} == {w.town.bench}


def test_a_device_that_is_not_on_the_manifest_is_told_and_taken_in_all_the_same(w, browser, live_server):
    shipment, _devices = w.sent(2)
    extra = w.boxed()[0]
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/shipments/{shipment.code}")
        burst(page, extra.tag)
        expect(page.get_by_role("alert")).to_contain_text(f"{extra.tag} is not on this manifest")
        assert axe_violations(page) == []
        page.click(f"text=Take {extra.tag} in all the same")
        expect(page.get_by_role("status").first).to_contain_text("although it was not on the manifest")
    assert custody(extra).place == w.town.bench
