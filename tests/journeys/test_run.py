"""From the threshold to the depot: request, run, a partial load, a visit in vain, and the next day's run (H)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass
class Day:
    """One day's run on the driver's phone."""

    page: Page
    run: Run
    schools: dict[int, make.School]

    @property
    def order(self) -> list[make.School]:
        """Return the schools in driving order."""
        return [self.schools[stop.site_id] for stop in self.run.stops.all()]

    def goto(self) -> None:
        """Open the driver's page."""
        self.page.goto(f"/runs/{self.run.code}")
        assert axe_violations(self.page) == []

    def start(self) -> None:
        """Leave the depot."""
        self.goto()
        self.page.click("text=Start the run")
        expect(self.page.get_by_text(f"Stop 1 of {len(self.schools)}")).to_be_visible()

    def empty(self, school: make.School, without: str = "") -> None:
        """Empty a school's box, or leave one device in it that does not fit, and drive on."""
        self.page.goto(f"/boxes/{school.places['pickup_box'].code}")
        if without:
            self.page.get_by_label(without).uncheck()
        self.page.locator(".takes-go button").click()
        expect(self.page.get_by_role("status").first).to_contain_text("way.")
        self.goto()
        self.page.click("text=Done here")
        still = "1 still wait there; the request stays open." if without else "fetched"
        expect(self.page.get_by_role("status").first).to_contain_text(still)

    def fail(self, why: str) -> None:
        """Say why the next stop is in vain."""
        self.page.click("text=The visit is in vain")
        self.page.click(f"text={why}")
        expect(self.page.get_by_role("status").first).to_contain_text("The request stays open")

    def come_back(self, shipments: int) -> None:
        """End the run and scan in what it brought."""
        self.page.click("text=Back at the depot")
        for _ in range(shipments):
            self.page.goto("/receiving")
            self.page.locator("[data-scan-code]").first.click()
            expect(self.page.get_by_role("status").first).to_contain_text("in.")


def test_a_school_reaches_its_threshold_and_the_next_day_everything_is_at_the_depot(
    w: World, browser: Browser, live_server: Any
) -> None:
    schools = {school.site.pk: school for school in w.town.schools}
    devices = {pk: w.boxed(3, school) for pk, school in schools.items()}
    with time_machine.travel(w.town.at, tick=True) as clock:
        ask_for_pickups(w.town.at)
        assert {row.site_id for row in requests()} == schools.keys()
        with _page(browser, live_server, w.tech) as page:
            monday = Day(page, _plan(page), schools)
            monday.start()
            near = monday.order[0]
            monday.empty(near, without=devices[near.site.pk][0].tag)
            monday.fail("The road was closed")
            monday.come_back(1)
        assert {row.site_id for row in requests()} == schools.keys(), "both are still wanted"

        clock.move_to(w.town.at + timedelta(days=1))
        with _page(browser, live_server, w.tech) as page:
            tuesday = Day(page, _plan(page), schools)
            tuesday.start()
            for school in tuesday.order:
                tuesday.empty(school)
            tuesday.come_back(2)
    assert requests() == []
    assert {custody(one).place for mine in devices.values() for one in mine} == {w.town.bench}
    assert [row.status for row in Run.objects.everyone(reason="a test looks").order_by("pk")] == ["ended", "ended"]
    assert differences() == []
