"""Somebody prints a room's label and keeps the register of posters, in a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from firstbell.tickets.models import HungPoster
from firstbell.web.desk.posters import School
from tests import make
from tests.axe import axe_violations
from tests.web.depot.world import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

LAPTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.mark.parametrize("look", [{"viewport": LAPTOP}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_a_rooms_label_is_printed_and_its_poster_noted(
    browser: Browser, live_server: Any, look: Any, tmp_path: Path
) -> None:
    town = make.district()
    here, room = town.schools[0], town.schools[0].places["room"]
    context = browser.new_context(base_url=live_server.url, locale="en-US", **look)
    cookie = signed_in(here.lead).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/places/{room.code}")
    page.click("text=Print a label")
    expect(page.locator("p[role=status]")).to_contain_text("1 label")
    assert axe_violations(page) == []
    page.screenshot(path=tmp_path / "labels.png", full_page=True)
    with page.expect_request("**/labels/sheet") as sent:
        page.click("text=Print 1 label")
    answer = sent.value.response()
    assert answer is not None
    assert answer.headers["content-type"] == "application/pdf"
    page = context.new_page()
    page.goto("/posters")
    assert axe_violations(page) == []
    page.screenshot(path=tmp_path / "posters.png", full_page=True)
    version = School(room.site).room(room).version
    page.goto(f"/posters/{room.code}/{version}")
    page.click("button:has-text('It hangs')")
    expect(page.locator("body")).to_contain_text(f"the poster of {room.name} hangs")
    assert HungPoster.objects.get(place=room).version == version
    context.close()
