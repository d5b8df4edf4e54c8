"""From the threshold to the depot: request, run, a partial load, a visit in vain, and the next day's run (H)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from firstbell.courier.models import Run
from firstbell.devices.queries import differences
from firstbell.directory.models import User
from firstbell.jobs.pickups import ask_for_pickups
from tests import make
from tests.axe import axe_violations
from tests.courier.day import mapped, requests
from tests.web.depot.world import World, custody, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def w() -> World:
    made = mapped(2)
    made.at = made.town.at - timedelta(days=3)  # a Friday
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 3)
    return made


@contextmanager
def _page(browser: Browser, live_server: Any, user: User) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, locale="en-US", viewport=PHONE)  # type: ignore[arg-type]  # playwright's options
    cookie = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def _plan(page: Page, vans: int = 1) -> Run:
    page.goto("/runs/plan")
    page.fill("#p-vans", str(vans))
    page.click("text=Work it out")
    assert axe_violations(page) == []
    page.click("text=Plan this run")
    expect(page.get_by_role("status").first).to_contain_text("1 run is planned.")
    return Run.objects.everyone(reason="a test looks").latest("pk")


def test_a_school_reaches_its_threshold_and_two_days_later_everything_is_at_the_depot(
    w: World, browser: Browser, live_server: Any
) -> None:
    here, there = w.town.schools
    first, second = w.boxed(3, here), w.boxed(3, there)
    with time_machine.travel(w.town.at, tick=True) as clock, _page(browser, live_server, w.tech) as page:
        ask_for_pickups(w.town.at)
        assert {row.site_id for row in requests()} == {here.site.pk, there.site.pk}

        run = _plan(page)
        page.goto(f"/runs/{run.code}")
        page.click("text=Start the run")
        expect(page.get_by_text("Stop 1 of 2")).to_be_visible()
        order = [stop.site.pk for stop in run.stops.select_related("site")]
        schools = sorted(w.town.schools, key=lambda school: order.index(school.site.pk))
        near, far = schools
        devices = first if near is here else second

        page.goto(f"/boxes/{near.places['pickup_box'].code}")  # one device does not fit
        page.get_by_label(devices[0].tag).uncheck()
        page.click("text=Take only the ticked ones")
        expect(page.get_by_role("status").first).to_contain_text("2 devices are on their way.")
        page.goto(f"/runs/{run.code}")
        assert axe_violations(page) == []
        page.click("text=Done here, on to the next stop")
        expect(page.get_by_role("status").first).to_contain_text("1 still wait there; the request stays open.")
        page.click("text=The visit is in vain")
        page.click("text=The road was closed")
        expect(page.get_by_role("status").first).to_contain_text("the road was closed")
        page.click("text=Back at the depot")
        _scan_in(page, 1)
        assert {row.site_id for row in requests()} == {here.site.pk, there.site.pk}

        clock.move_to(w.town.at + timedelta(days=1))
        again = _plan(page)
        page.goto(f"/runs/{again.code}")
        page.click("text=Start the run")
        for stop in again.stops.select_related("site"):
            school = near if stop.site_id == near.site.pk else far
            page.goto(f"/boxes/{school.places['pickup_box'].code}")
            page.locator(".takes-go button").click()
            expect(page.get_by_role("status").first).to_contain_text("way.")
            page.goto(f"/runs/{again.code}")
            page.click("text=Done here")
            expect(page.get_by_role("status").first).to_contain_text("fetched")
        page.click("text=Back at the depot")
        _scan_in(page, 2)
    assert requests() == []
    assert {custody(device).place for device in (*first, *second)} == {w.town.bench}
    assert [row.status for row in Run.objects.everyone(reason="a test looks").order_by("pk")] == ["ended", "ended"]
    assert differences() == []


def _scan_in(page: Page, shipments: int) -> None:
    expect(page).to_have_url("/receiving")
    for _ in range(shipments):
        page.get_by_role("button", name="Scan").first.click()
        expect(page.get_by_role("status").first).to_contain_text("in.")
        page.goto("/receiving")
