"""What the guides tell people to do, done as they tell it: the motions that no other story walks through."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from firstbell.directory.models import User
from firstbell.kernel.roles import Role
from firstbell.repairs.queries import order_of
from tests import make
from tests.scenery import Scene, scene
from tests.web.depot.world import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made() -> Scene:
    return scene()


@pytest.fixture
def page_of(browser: Browser, live_server: Any) -> Iterator[Callable[[User], Page]]:
    opened = []

    def open_page(user: User) -> Page:
        context = browser.new_context(base_url=live_server.url, locale="en-US")
        opened.append(context)
        cookie = signed_in(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


def tap(page: Page, words: str) -> None:
    page.get_by_role("button", name=words).first.click()


def open_up(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).first.click()


def told(page: Page, words: str) -> None:
    expect(page.locator("#main, [role=status]").filter(has_text=words).first).to_be_visible()


def test_desk_lends_takes_back_gives_and_sets_aside(made: Scene, page_of: Callable[[User], Page]) -> None:
    spare = make.device(made.town, made.school, tag="LM-2000")
    page = page_of(made.users[Role.IT_LEAD])
    page.goto("/devices/L-0147")
    page.get_by_label("Left at home").check()
    page.get_by_label("Scan a badge, or type a number or name").fill("Yara Haddad")
    tap(page, "Lend")
    told(page, "Yara Haddad has L-0147 now.")
    page.goto("/devices/L-0147")
    told(page, "How does it look?")
    tap(page, "Good")
    told(page, "L-0147 is back on the loaner shelf.")
    page.goto(f"/devices/{spare.tag}")
    page.get_by_label("Scan a badge, or type a number or name").fill("Priya Shah")
    tap(page, "Give")
    page.get_by_label("Needed for a course").check()
    tap(page, "Give")
    told(page, "LM-2000 belongs to Priya Shah now.")
    page.goto("/devices/L-0148")
    open_up(page, "More")
    tap(page, "Set it aside")
    page.goto("/devices/L-0148")
    tap(page, "It is fine: ready again")
    told(page, "L-0148 is ready again.")


def test_desk_works_the_queue_by_keys(made: Scene, page_of: Callable[[User], Page]) -> None:
    page = page_of(made.users[Role.IT_LEAD])
    page.goto("/desk")
    expect(page.get_by_role("link", name="Does not turn on").first).to_be_visible()
    page.keyboard.press("Alt+t")
    told(page, "You have it now.")
    page.goto(f"/tickets/{made.waiting.code}")
    page.keyboard.press("Alt+w")
    told(page, "Solved. Well done.")


def test_courier_leaves_one_behind_and_says_why_a_box_stays_full(made: Scene, page_of: Callable[[User], Page]) -> None:
    page = page_of(made.users[Role.DISTRICT_TECH])
    page.goto(f"/boxes/{made.school.places['pickup_box'].code}")
    page.get_by_label("LM-1046").uncheck()
    tap(page, "Take only the ticked ones")
    told(page, "3 devices are on their way.")
    page.goto(f"/boxes/{made.school.places['pickup_box'].code}")
    open_up(page, "The box can't be emptied")
    tap(page, "Nobody was there")
    told(page, "Noted: nobody was there. The school sees it too.")


def test_bench_waits_for_a_part(made: Scene, page_of: Callable[[User], Page]) -> None:
    order = order_of(made.devices[4].pk)
    assert order is not None
    page = page_of(made.users[Role.DISTRICT_TECH])
    page.goto(f"/bench/{order.code}")
    open_up(page, "Another part, price or time, or not repaired yet")
    page.get_by_label("The fault").select_option(index=1)
    page.get_by_label("Part", exact=True).select_option("usual")
    tap(page, "The part isn't here")
    told(page, "LM-1044 waits for a part.")


def test_district_decides_and_gives_a_role(made: Scene, page_of: Callable[[User], Page]) -> None:
    page = page_of(made.users[Role.DISTRICT_IT])
    page.goto("/plan/intake.stand_in")
    page.get_by_label("another device for good").check()
    tap(page, "Decide")
    page.goto("/plan")
    told(page, "another device for good")
    page.goto("/roles")
    page.get_by_label("Person").first.press_sequentially("carla n")
    expect(page.locator("#people option")).to_have_text("Carla Nguyen")
    page.get_by_label("Person").first.fill(made.users[Role.COACH].username)
    page.get_by_label("Role", exact=True).select_option("auditor")
    tap(page, "Give the role")
    expect(page.get_by_role("row").filter(has_text="Carla Nguyen").filter(has_text="Auditor")).to_be_visible()
