"""Every main page, looked at as people do: light, dark, phone, laptop, Spanish, right to left. And the pictures.

With PICTURES=1 the pictures that README and the guides show are drawn anew; with PICTURES=all every page in every look,
in var/pictures.
"""

import io
import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from firstbell.decisions.models import Edition
from firstbell.decisions.register import STAND_IN
from firstbell.demo.cast import PASSWORD
from firstbell.demo.loader import load
from firstbell.demo.packages import Size
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.directory.queries import actor_for
from firstbell.flows.receipt import give_receipt
from firstbell.flows.report import status_token
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.repairs.queries import order_of
from firstbell.rounds.actions import check_filter, count_charging
from firstbell.tickets.models import Ticket
from tests import make
from tests.axe import axe_violations
from tests.journeys.counting import burst
from tests.scenery import Scene, scene

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 60_000
"""Bytes of a picture: a clone stays small."""
PHONE: ViewportSize = {"width": 390, "height": 844}
LAPTOP: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}


def _pages(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Name of the picture, who looks, address."""
    order = order_of(made.devices[4].pk)
    assert order is not None
    room, box = made.school.places["room"].code, made.school.places["pickup_box"].code
    lead, tech, it = Role.IT_LEAD, Role.DISTRICT_TECH, Role.DISTRICT_IT
    return [
        ("start", None, "/"),
        ("report", None, f"/r/{room}"),
        ("status", None, f"/s/{made.receipt.token}"),
        ("sign-in", None, "/sign-in"),
        ("team", Role.STUDENT_TECH, "/team"),
        ("desk-queue", lead, "/desk"),
        ("desk-ticket", lead, f"/tickets/{made.waiting.code}"),
        ("desk-device", lead, f"/devices/{made.devices[0].tag}"),
        ("desk-hand-back", lead, f"/devices/{made.devices[1].tag}"),
        ("desk-person", lead, f"/people/{made.people[0].pk}"),
        ("devices", lead, "/devices"),
        ("imports", it, "/imports"),
        ("downloads", lead, "/downloads"),
        ("loaners", lead, "/loans"),
        ("hand-backs", lead, "/hand-back"),
        ("closet", lead, "/closet"),
        ("places", lead, "/places"),
        ("labels", lead, "/labels?what=devices"),
        ("posters", lead, "/posters"),
        ("notices", lead, "/notices"),
        ("team-check", lead, "/team/approvals"),
        ("silent", lead, "/silent"),
        ("pickups", lead, "/pickups"),
        ("box", tech, f"/boxes/{box}"),
        ("receiving", tech, "/receiving"),
        ("bench", tech, "/bench"),
        ("bench-order", tech, f"/bench/{order.code}"),
        ("checks", tech, "/checks"),
        ("returns", tech, "/returns"),
        ("scan-line", lead, "/scan/line?mode=swap"),
        ("scan-conflicts", lead, "/scan/conflicts"),
        *_board(it),
        *_rooms(made),
        *_courier(made),
        *_errands(made),
        *_inventory(made, lead),
        *_losses(made),
        *_bench(made),
        *_outsiders(made),
    ]


def _board(it: Role) -> list[tuple[str, Role | None, str]]:
    """The district's pages, and its plan as a document, published once."""
    fields = {"statement": "Every learner has a working device.", "signed_as": "R. Moss", "published_at": utc_now()}
    Edition.objects.get_or_create(number=1, defaults=fields | {"answers": [], "undecided": [], "fees": []})
    return [
        ("district", it, "/district"),
        ("plan", it, "/plan"),
        ("plan-document", it, "/plan/document"),
        ("edition", it, "/plan/editions/1"),
        ("families", None, "/how-it-works"),
        ("loaner-options", it, "/plan/options/loaners"),
        ("decision", it, "/plan/intake.stand_in"),
        ("coverage", it, "/coverage"),
        ("figures", it, "/figures"),
        ("ledger", it, "/ledger"),
        ("roles", it, "/roles"),
    ]


def _rooms(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Rooms and storage: charging places, a kit, a storage place, filter checks that passed and failed."""
    here, lead = made.school.site.pk, made.users[Role.IT_LEAD]
    by_lead: dict[str, Any] = {"by": actor_for(lead, at=utc_now()), "at": utc_now()}
    kit, store = (
        make_place(site_id=here, kind=kind, name=name, op=make.op(), **by_lead)
        for kind, name in ((Place.Kind.KIT, "Round bag"), (Place.Kind.STORE, "Cage"))
    )
    count_charging(place_id=made.school.places["room"].pk, places=6, working=2, op=make.op(), **by_lead)
    helper = actor_for(made.users[Role.STUDENT_TECH], at=utc_now())
    check_filter(device_id=made.devices[0].pk, result="off", by=helper, at=utc_now(), op=make.op())
    return [
        ("charging", Role.IT_LEAD, "/charging"),
        ("kits", Role.IT_LEAD, "/loans?view=kits"),
        ("kit", Role.IT_LEAD, f"/places/{kit.code}"),
        ("store", Role.IT_LEAD, f"/places/{store.code}"),
        ("filter", Role.STUDENT_TECH, "/team/filter"),
        ("filter-results", Role.IT_LEAD, "/team/filter/results"),
    ]


def _errands(made: Scene) -> list[tuple[str, Role | None, str]]:
    """What leaves the house or comes in: mail, hours, receipts, reasons, reports for others."""
    desk, room, lead = made.school.places["desk"].code, made.school.places["room"].code, made.users[Role.IT_LEAD]
    make.decision("channels.student", ["qr", "desk", "team"])
    act: dict[str, Any] = {"by": actor_for(lead, at=utc_now()), "at": utc_now()}
    op = make.op()
    waits = Ticket.objects.everyone(reason="a test looks").filter(work_orders__closed_at__isnull=True)
    give_receipt(ticket_id=waits.filter(work_orders__isnull=False).first().pk, op=op, **act)  # type: ignore[union-attr]  # there is one
    return [
        ("mail", Role.IT_LEAD, "/notices/mail"),
        ("place", Role.IT_LEAD, f"/places/{desk}"),
        ("drop-point", Role.IT_LEAD, f"/places/{desk}/drop-point"),
        ("receipt", None, f"/s/{status_token(op)}/receipt"),
        ("late", Role.DISTRICT_TECH, "/late"),
        ("team-report", Role.STUDENT_TECH, f"/team/report?code={room}"),
        ("figures-repairs", Role.DISTRICT_IT, "/figures/repairs"),
    ]


def _courier(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Runs, the driver's page, the day's plan, what waits where, and where the sites are."""
    tech, it = Role.DISTRICT_TECH, Role.DISTRICT_IT
    return [
        ("runs", tech, "/runs"),
        ("run", tech, f"/runs/{made.run}"),
        ("run-plan", tech, "/runs/plan"),
        ("waiting", it, "/waiting"),
        ("locations", it, "/locations"),
    ]


def _inventory(made: Scene, lead: Role) -> list[tuple[str, Role | None, str]]:
    """What is done a few times a year."""
    return [
        ("counts", lead, "/counts"),
        ("count-new", lead, "/counts/new"),
        ("count", lead, f"/counts/{made.counts[0].code}"),
        ("count-room", lead, f"/counts/{made.counts[0].code}/rooms/{made.school.places['loaner_shelf'].code}"),
        ("count-differences", lead, f"/counts/{made.counts[1].code}/differences"),
        ("count-certificate", lead, f"/counts/{made.counts[2].code}/certificate"),
        ("collecting", lead, "/collecting"),
        ("collection", lead, f"/collecting/{made.collection}"),
        ("collection-missing", lead, f"/collecting/{made.collection}/missing"),
        ("hand-outs", lead, "/hand-out"),
        ("hand-out", lead, f"/hand-out/{made.homeroom}"),
        ("accessories", lead, "/accessories"),
    ]


def _losses(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Money and loss: the office's, the administrator's, the desk's and the family's."""
    found, it, kim = made.losses, Role.DISTRICT_IT, Role.SCHOOL_ADMIN
    assert found is not None
    return [
        ("fee-policy", it, "/fees/policy"),
        ("fees", it, "/fees"),
        ("fee-decision", it, f"/fees/incidents/{found.undecided}"),
        ("charge", kim, f"/fees/charges/{found.charge}"),
        ("account", it, f"/fees/people/{found.person}"),
        ("statement", it, f"/fees/people/{found.person}/statement"),
        ("referrals", kim, "/referrals"),
        ("referral", kim, f"/referrals/{found.referral}"),
        ("incidents", Role.IT_LEAD, "/incidents"),
        ("incident", Role.IT_LEAD, f"/incidents/{found.theft}"),
        ("incident-new", Role.IT_LEAD, f"/devices/{found.device}/incident"),
        ("bill", None, f"/s/{found.token}"),
    ]


def _bench(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Parts, scope, what a repair leaves on record, and what becomes of what is beyond repair."""
    found, tech, it = made.bench, Role.DISTRICT_TECH, Role.DISTRICT_IT
    assert found is not None
    return [
        ("parts", tech, "/parts"),
        ("part-orders", tech, "/parts/orders"),
        ("part-kinds", tech, "/parts/kinds"),
        ("bench-board", tech, f"/bench/{found.board}"),
        ("beyond", tech, f"/bench/{found.beyond}/beyond"),
        ("device-record", tech, f"/devices/{found.device}/record"),
        ("repair-scope", it, "/repair-scope"),
        ("scope-overrides", it, "/repair-scope/overrides"),
        ("costs", it, "/figures/costs"),
    ]


def _outsiders(made: Scene) -> list[tuple[str, Role | None, str]]:
    """Vendors, cover and claims."""
    found, tech, it = made.outsiders, Role.DISTRICT_TECH, Role.DISTRICT_IT
    assert found is not None
    return [
        ("vendors", tech, "/vendors"),
        ("vendors-away", Role.IT_LEAD, "/vendors?state=away"),
        ("vendors-overdue", tech, "/vendors?state=overdue"),
        ("vendor", it, f"/vendors/{found.vendor}"),
        ("vendor-feed", tech, f"/vendors/feeds/{found.feed}"),
        ("vendor-case", tech, f"/vendors/cases/{found.case}"),
        ("vendor-case-away", tech, f"/vendors/cases/{found.away}"),
        ("claims", tech, "/claims"),
        ("claim", tech, f"/claims/{found.claim}"),
        ("claims-missed", it, "/claims/missed"),
        ("cover", it, "/cover"),
        ("cover-devices", it, f"/cover/{found.cover}"),
    ]


@pytest.fixture
def made() -> Scene:
    return scene()


def _sign_in(page: Page, username: str, password: str = "correct horse battery staple") -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("button.primary")


def _views(
    browser: Browser, url: str, made: Scene, only: Collection[str] | None = None, **look: object
) -> Iterator[tuple[str, Page]]:
    """Yield each page (or only some) as the person who works with it sees it."""
    sessions: dict[Role | None, Page] = {}
    for name, role, address in _pages(made):
        if only is not None and name not in only:
            continue
        if role not in sessions:
            page = browser.new_context(base_url=url, timezone_id="America/New_York", **look).new_page()  # type: ignore[arg-type]  # playwright's options
            if role:
                _sign_in(page, made.users[role].username)
            sessions[role] = page
        answered = sessions[role].goto(address)
        assert answered is not None
        assert answered.status == 200, f"{name} {address}: {answered.status}"
        yield name, sessions[role]
    for page in sessions.values():
        page.context.close()


def _too_wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


CUT_OFF = """() => [...document.querySelectorAll("#main :is(p, b, span, a, button, td, th, dd, dt, h1, h2, h3, li, label)")]
  .filter((one) => one.offsetParent && !one.closest(".away, .table-wrap, .tabs, .drawing, select"))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.right > document.documentElement.clientWidth + 1 || box.left < -1)
  .map(([one]) => one.textContent.trim().slice(0, 60))"""  # noqa: E501 -- a selector stays in one piece
"""Words that reach past the edge of the screen, where nobody can scroll to them."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser: Browser, live_server: object, made: Scene, scheme: str) -> None:
    found = {
        name: axe_violations(page)
        for name, page in _views(browser, live_server.url, made, color_scheme=scheme, viewport=LAPTOP)  # type: ignore[attr-defined]  # pytest-django's live server
    }
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("locale", "viewport"), [("en-US", NARROW), ("es-US", PHONE), ("ar", PHONE)])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, live_server: object, made: Scene, locale: str, viewport: ViewportSize
) -> None:
    looks = _views(browser, live_server.url, made, locale=locale, viewport=viewport)  # type: ignore[attr-defined]  # pytest-django's live server
    found = {name: (_too_wide(page), page.evaluate(CUT_OFF)) for name, page in looks}
    assert {name: faults for name, faults in found.items() if any(faults)} == {}


def test_words_past_the_edge_are_found(browser: Browser) -> None:
    page = browser.new_context(viewport=NARROW).new_page()
    page.set_content("<main id=main><p>short<div style='overflow:hidden'><p style='width:400px'>long</div></main>")
    assert page.evaluate(CUT_OFF) == ["long"]
    assert not _too_wide(page)
    page.context.close()


CURRENT = ":is(.sections, .board-nav) [aria-current]"


def test_on_a_phone_the_current_section_is_in_view_and_an_answer_of_the_plan_is_seen(
    browser: Browser, live_server: object, made: Scene
) -> None:
    make.decision(STAND_IN.key, "swap")
    only, left = {"closet", "bench", "roles", "plan"}, {}
    for name, page in _views(browser, live_server.url, made, only, viewport=PHONE, locale="es-US"):  # type: ignore[attr-defined]  # pytest-django's live server
        box = page.locator(CURRENT).bounding_box()
        assert box is not None
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= PHONE["width"], name
        left[name] = page.evaluate(f"document.querySelector('{CURRENT}').closest('ul, nav').scrollLeft")
        if name == "plan":
            assert page.locator(".decided").first.is_visible()
    assert left["bench"] > 0, "it would not be in view by itself"


def _shown() -> set[str]:
    """Return the names of the pictures that README and the guides show."""
    texts = [ROOT / "README.md", *(ROOT / "docs" / "guide").glob("*.md")]
    return {name for text in texts for name in re.findall(r"pictures/([\w-]+)\.png", text.read_text(encoding="utf-8"))}


def _small(picture: bytes) -> bytes:
    """Return a screenshot with a palette: as many colours as fit."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32):
        packed = _with_palette(image, colours)
        if len(packed) <= LARGEST:
            return packed
    return _with_palette(image, 16)


def _with_palette(image: Image.Image, colours: int) -> bytes:
    packed = io.BytesIO()
    image.quantize(colours, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


LOOKS = [
    ("laptop", "en-US", LAPTOP, "light"),
    ("dark", "en-US", LAPTOP, "dark"),
    ("laptop-es", "es-US", LAPTOP, "light"),
    ("phone", "en-US", PHONE, "light"),
    ("phone-es", "es-US", PHONE, "light"),
]
BOARD = {"district": "/district", "figures": "/figures", "coverage": "/coverage"}
"""Pages that need weeks of life behind them: their pictures show the demo district."""
drawing = pytest.mark.skipif(
    "PICTURES" not in os.environ, reason="draws docs/pictures anew only when asked: PICTURES=1"
)


def _keep(page: Page, name: str, look: str) -> None:
    """Draw a page where it is wanted: all in var/pictures, or those of the guides in docs/pictures."""
    every = os.environ["PICTURES"] == "all"
    folder = ROOT / "var" / "pictures" if every else PICTURES
    folder.mkdir(exist_ok=True)
    if every or f"{name}-{look}" in _shown():
        (folder / f"{name}-{look}.png").write_bytes(_small(page.screenshot(full_page=every)))


@drawing
def test_pictures_of_the_guides(browser: Browser, live_server: object, made: Scene) -> None:
    pages = {name for name, _role, _address in _pages(made)} - set(BOARD) - {"scan-line"}
    for look, locale, viewport, scheme in LOOKS:
        only = {name for name in pages if os.environ["PICTURES"] == "all" or f"{name}-{look}" in _shown()}
        options = {"locale": locale, "viewport": viewport, "color_scheme": scheme}
        for name, page in _views(browser, live_server.url, made, only, **options):  # type: ignore[attr-defined]  # pytest-django's live server
            _keep(page, name, look)


@drawing
def test_picture_of_the_scan_line(browser: Browser, live_server: object, made: Scene) -> None:
    for look, locale, viewport, scheme in LOOKS:
        options = {"locale": locale, "viewport": viewport, "color_scheme": scheme}
        for _name, page in _views(browser, live_server.url, made, {"scan-line"}, **options):  # type: ignore[attr-defined]  # pytest-django's live server
            for code in (made.devices[8].tag, made.loaners[7].tag):
                burst(page, code)
                page.locator("#last").filter(has_text=code).wait_for()
            _keep(page, "scan-line", look)


@drawing
def test_pictures_of_the_board(browser: Browser, live_server: object) -> None:
    load(Size.XS, password=PASSWORD)
    for look, locale, viewport, scheme in LOOKS:
        options = {"locale": locale, "viewport": viewport, "color_scheme": scheme}
        page = browser.new_context(base_url=live_server.url, **options).new_page()  # type: ignore[arg-type,attr-defined]  # playwright's options; the live server
        _sign_in(page, "office", PASSWORD)
        for name, address in BOARD.items():
            page.goto(address)
            _keep(page, name, look)
        page.context.close()
