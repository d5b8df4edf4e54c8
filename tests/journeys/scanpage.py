"""A phone with the scan page open, and a network that can be taken away: what the stories of the scan line share."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from firstbell.directory.models import User
from tests.journeys.counting import burst
from tests.web.depot.world import signed_in

PHONE = {"width": 390, "height": 844}
UNSENT = "#unsent"
KEPT = """() => new Promise((done, fail) => { const asked = indexedDB.open('firstbell-scan'); asked.onerror = fail;
  asked.onsuccess = () => { const rows = asked.result.transaction('scans').objectStore('scans').getAll();
    rows.onsuccess = () => { asked.result.close(); done(rows.result) } } })"""


@contextmanager
def phone(browser: Browser, live_server: Any, user: User, **look: Any) -> Iterator[BrowserContext]:
    """Yield a browser profile in which somebody is signed in."""
    options = {"viewport": PHONE, "locale": "en-US"} | look
    context = browser.new_context(base_url=live_server.url, **options)
    sign_in(context, live_server, user)
    yield context
    context.close()


def sign_in(context: BrowserContext, live_server: Any, user: User) -> None:
    """Sign in without the form, as a person whose session has run out would."""
    cookie = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def opened(context: BrowserContext, mode: str = "") -> Page:
    """Open the scan page, with one of its modes chosen."""
    page = context.new_page()
    page.goto("/scan/line")
    ready(page)
    if mode:
        choose(page, mode)
    return page


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-scan-ready]", state="attached")


def choose(page: Page, mode: str) -> None:
    page.get_by_role("button", name=mode, exact=True).click()


def scan(page: Page, code: str) -> None:
    """Scan a code and wait until the page says so."""
    burst(page, code)
    expect(page.locator("#last")).to_contain_text(code)


def kept(page: Page) -> list[dict[str, Any]]:
    """Return the scans that lie in the phone's store."""
    return list(page.evaluate(KEPT))


def acknowledged(page: Page) -> list[float]:
    """Return how long each scan took until the page had kept and shown it, in milliseconds."""
    return [
        float(one)
        for one in json.loads(
            page.evaluate("JSON.stringify(performance.getEntriesByName('scan').map(e => e.duration))")
        )
    ]


def settled(page: Page) -> None:
    """Wait until everything is sent."""
    expect(page.locator(UNSENT)).to_have_text("All sent", timeout=20_000)
