"""The promises of the small scripts, told in a real browser against the built files: `pytest frontend/checks`.

No server is needed: the browser's requests are answered here, so that one can be down, slow or wrong on purpose.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, sync_playwright

BUILT = Path(__file__).resolve().parents[2] / "src/firstbell/web/static/firstbell"
HOME = "http://firstbell.test"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
WORDS = (
    '<template id="words" data-kept="Kept" data-again="Again" data-slow="Slow" data-restored="Still here"></template>'
)
STREET = """<script type="module" src="/street.js"></script><main id="main" tabindex="-1"><div id="notices"></div>
<form method="post" action="/report" data-keep="report"><input type="hidden" name="op">
<label><input type="radio" name="symptom" value="screen">Screen</label><textarea name="words"></textarea>
<input type="password" name="code" value=""><button>Send</button></form></main>"""
DESK = """<script type="module" src="/desk.js"></script>
<form data-scanline action="/scan"><input id="scan" name="code"></form><ol id="scan-trail"></ol>
<main id="main" tabindex="-1"><textarea id="free"></textarea><button id="swap" data-key="Enter">Swap</button>
<button id="repair" data-key="r">Repair</button></main>"""


class Server:
    """Answers for the pages' server; `mood` says how it is today."""

    def __init__(self) -> None:
        self.mood = "well"
        self.ops: list[str] = []

    def answer(self, route: Route) -> None:
        name = route.request.url.removeprefix(HOME).strip("/")
        if route.request.method == "POST":
            self.report(route)
        elif name.endswith(".js"):
            route.fulfill(content_type="text/javascript", body=(BUILT / name).read_text("utf-8"))
        else:
            body = {"street": STREET, "desk": DESK}.get(name, "")
            route.fulfill(content_type="text/html", body=f"<!doctype html><title>{name}</title>{body}{WORDS}")

    def report(self, route: Route) -> None:
        found = re.search(r"op=([0-9a-f-]{36})", route.request.post_data or "")
        self.ops.append(found[1] if found else "")
        if self.mood == "down":
            route.abort()
        else:
            status = {"broken": 503, "picky": 422}.get(self.mood, 200)
            body = STREET if status == 422 else '<main id="main"><h1>Thank you</h1></main>'
            route.fulfill(status=status, content_type="text/html", body=body)


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def server(browser_page: Page) -> Iterator[Server]:
    answering = Server()
    browser_page.route("**/*", answering.answer)
    yield answering
    browser_page.evaluate("localStorage.clear()")
    browser_page.unroute_all()


def burst(page: Page, code: str) -> None:
    """As a scanner types: far below 50 ms between characters, then Enter."""
    devtools = page.context.new_cdp_session(page)
    for letter in code:
        devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": letter, "key": letter})
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": letter})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r"})
    devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Enter"})


def desk(page: Page) -> Page:
    page.goto(f"{HOME}/desk")
    page.evaluate("""() => { window.scans = []; window.clicks = [];
        document.addEventListener('firstbell:scan', e => { e.preventDefault(); scans.push(e.detail.code) });
        document.addEventListener('click', e => clicks.push(e.target.id)) }""")
    return page


def street(page: Page) -> Page:
    page.goto(f"{HOME}/street")
    return page


def test_a_scan_arrives_wherever_the_focus_is(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    burst(page, "L-0142")
    page.focus("#repair")
    burst(page, "L 143")
    assert page.evaluate("scans") == ["L-0142", "L 143"]
    assert page.evaluate("clicks") == []


def test_a_scan_into_another_field_leaves_it_as_it_was(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    page.focus("#free")
    page.keyboard.type("Hello", delay=90)
    page.wait_for_timeout(80)
    burst(page, "5CD1234")
    assert (page.evaluate("scans"), page.input_value("#free")) == (["5CD1234"], "Hello")


def test_a_scanner_that_stumbles_in_the_scan_line_loses_nothing(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    page.focus("#scan")
    page.keyboard.type("L-")
    page.wait_for_timeout(200)
    burst(page, "0142")
    page.keyboard.type("Ana")
    page.wait_for_timeout(1_200)
    burst(page, "L-0143")
    assert page.evaluate("scans") == ["L-0142", "L-0143"]


def test_what_a_person_types_stays_theirs(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    page.focus("#free")
    page.keyboard.type("hand\n", delay=80)
    assert (page.evaluate("scans"), page.input_value("#free")) == ([], "hand\n")


def test_enter_on_the_empty_line_does_the_next_step(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    page.focus("#scan")
    page.keyboard.press("Enter")
    assert page.evaluate("clicks") == ["swap"]


def test_a_letter_is_a_command_only_outside_fields(browser_page: Page, server: Server) -> None:
    page = desk(browser_page)
    page.focus("#free")
    page.keyboard.press("r")
    page.wait_for_timeout(100)
    page.focus("#swap")
    page.keyboard.press("r")
    page.wait_for_timeout(100)
    assert (page.evaluate("clicks"), page.input_value("#free")) == (["repair"], "r")


def test_what_was_written_is_back_after_a_reload_but_no_secret(browser_page: Page, server: Server) -> None:
    page = street(browser_page)
    page.check("[value=screen]")
    page.fill("textarea", "It fell")
    page.fill("[type=password]", "hush")
    page.reload()
    page.wait_for_selector("text=Still here")
    assert page.is_checked("[value=screen]")
    assert (page.input_value("textarea"), page.input_value("[type=password]")) == ("It fell", "")


@pytest.mark.parametrize("mood", ["down", "broken"])
def test_a_server_in_trouble_eats_no_report(browser_page: Page, server: Server, mood: str) -> None:
    page = street(browser_page)
    page.fill("textarea", "It fell")
    server.mood = mood
    page.click("text=Send")
    page.wait_for_selector(".kept >> text=Kept")
    page.reload()
    page.wait_for_selector(".kept >> text=Kept")
    server.mood = "well"
    page.click("text=Again")
    page.wait_for_selector("text=Thank you")
    assert len(server.ops) >= 3
    assert len(set(server.ops)) == 1
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_refused_report_is_a_new_operation_when_sent_again(browser_page: Page, server: Server) -> None:
    page = street(browser_page)
    page.fill("textarea", "It fell")
    server.mood = "picky"
    page.click("text=Send")
    page.wait_for_function("!document.querySelector('form').inert")
    assert page.input_value("textarea") == "It fell"
    server.mood = "well"
    page.click("text=Send")
    page.wait_for_selector("text=Thank you")
    assert len(set(server.ops)) == 2
