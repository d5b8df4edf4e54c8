"""A courier's day on the scan page, half of it out of reach: every device scanned at every hand-over (journey H)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from firstbell.devices.models import Shipment
from firstbell.devices.queries import differences
from tests.journeys.counting import Actions
from tests.journeys.scanpage import UNSENT, opened, phone, settled
from tests.web.depot.world import World, custody, world

pytestmark = pytest.mark.django_db(transaction=True)

OUT, BACK, SCHOOLS = 3, 2, 2


@pytest.fixture
def w() -> World:
    made = world(SCHOOLS)
    made.at = timezone.now() - timedelta(days=1)
    return made


def test_a_courier_s_day_is_a_scan_a_device_and_hand_over_and_two_a_school(
    w: World, browser: Browser, live_server: Any
) -> None:
    schools = w.town.schools
    for school in schools:
        w.checked(BACK, school)
    boxed = {school.site.pk: w.boxed(OUT, school) for school in schools}
    with phone(browser, live_server, w.tech) as context:
        desk = context.new_page()
        desk.goto("/returns")
        for school in schools:  # at the depot, in the morning
            desk.click(f"text=Pack {BACK} for {school.site.name}")
            expect(desk.get_by_role("status").first).to_contain_text("packed")
            desk.goto("/returns")
        desk.close()
        home = {
            row.to_site_id: row
            for row in Shipment.objects.everyone(reason="a test looks")
            .exclude(to_site=w.town.depot)
            .filter(received_at=None)
        }
        page = opened(context, "Load, unload")
        day = Actions(page, budget=SCHOOLS * (2 * OUT + BACK + 2), name="H, scanned one by one")
        context.set_offline(True)
        for school in schools:
            back = home[school.site.pk]
            day.scan(back.code)
            for item in back.items.select_related("device"):
                day.scan(item.device.tag)
                expect(page.locator("#last")).to_contain_text(item.device.tag)
            day.scan(school.places["pickup_box"].code)
            for device in boxed[school.site.pk]:
                day.scan(device.tag)
                expect(page.locator("#last")).to_contain_text(device.tag)
        expect(page.locator(UNSENT)).to_have_text(f"{SCHOOLS * (OUT + BACK)} not sent")
        context.set_offline(False)
        settled(page)
        page.reload()  # at the depot: what is on board is known by now, no shipment has to be scanned
        page.wait_for_selector("html[data-scan-ready]", state="attached")
        for devices in boxed.values():
            for device in devices:
                day.scan(device.tag)
                expect(page.locator("#last")).to_contain_text(device.tag)
        settled(page)
    day.report()
    assert {custody(device).place for devices in boxed.values() for device in devices} == {w.town.bench}
    loads = Shipment.objects.everyone(reason="a test looks").filter(to_site=w.town.depot, status=Shipment.Status.CLOSED)
    assert sorted(row.items.count() for row in loads)[-SCHOOLS:] == [OUT] * SCHOOLS
    assert {item.device.at_site_id for row in home.values() for item in row.items.select_related("device")} == set(home)
    assert differences() == []
