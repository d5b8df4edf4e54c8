"""Stories of the bench: a part from stock, a repair the scope table refuses, what is beyond repair, another board."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from firstbell.devices.queries import differences
from firstbell.directory.models import User
from firstbell.flows.bench import finish, give_up
from firstbell.kernel.roles import Role
from firstbell.parts.actions import make_kind, receive_parts, set_reorder_point
from firstbell.parts.models import PartStock
from firstbell.parts.queries import differences as parts_that_differ
from firstbell.repairs.actions import set_scope
from firstbell.repairs.models import Bench, Photo, ScopeOverride, WorkOrder
from firstbell.repairs.usual import Line
from firstbell.tickets.models import Ticket
from tests import make
from tests.axe import axe_violations
from tests.journeys.counting import burst
from tests.web.depot.world import World, fresh, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db(transaction=True)
S = WorkOrder.Status


@pytest.fixture
def w() -> World:
    made = world()
    made.at = timezone.now() - timedelta(days=1)
    return made


@contextmanager
def _page(browser: Browser, live_server: Any, user: User) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, locale="en-US")
    cookie = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    yield context.new_page()
    context.close()


def _stock(w: World, pieces: int, sort: str = "screen", reorder_at: int = 1) -> PartStock:
    content: dict[str, Any] = {"sort": sort, "name": f"{sort} 11.6", "supplier": "Lakeside Parts", "price_cents": 4_800}
    kind = make_kind(**content, lead_days=7, model_ids=[w.town.model.pk], **make.system())
    act: dict[str, Any] = {"by": w.by, "at": w.at}
    stock = receive_parts(kind_id=kind.pk, place_id=w.town.bench.pk, pieces=pieces, op=make.op(), **act)
    return set_reorder_point(stock_id=stock.pk, reorder_at=reorder_at, op=make.op(), **act)


def _left(stock: PartStock) -> int:
    return PartStock.objects.everyone(reason="a test looks").get(pk=stock.pk).count


def _told(page: Page) -> Any:
    return expect(page.get_by_role("status").first)


def test_a_repair_takes_the_last_part_and_more_are_ordered_and_come(
    w: World, browser: Browser, live_server: Any
) -> None:
    stock, order = _stock(w, 1), w.on_bench()[0]
    with _page(browser, live_server, w.tech) as page:
        page.goto("/bench")
        burst(page, order.device.tag)
        expect(page.get_by_text("1 left")).to_be_visible()
        page.click("text=Screen replaced")
        _told(page).to_contain_text("Screen replaced. Somebody checks it next.")
        page.goto("/parts")
        expect(page.get_by_text("none left")).to_be_visible()
        page.click("text=See what to order")
        expect(page.get_by_role("heading", name="Parts to order")).to_be_visible()
        assert axe_violations(page) == []
        page.get_by_role("button", name="Ordered").click()
        _told(page).to_contain_text("It is promised for")
        expect(page.get_by_text("Nothing to order")).to_be_visible()
        page.get_by_role("button", name="Take in").click()
        _told(page).to_contain_text("2 pieces are in stock.")
    part = fresh(order).parts.get()
    assert (part.unit_cents, part.taken is not None) == (4_800, True)
    assert _left(stock) == 2
    assert parts_that_differ() == []


def test_where_the_record_says_none_the_part_came_from_elsewhere(w: World, browser: Browser, live_server: Any) -> None:
    stock, (first, second) = _stock(w, 1), w.on_bench(2)
    finish(work_order_id=first.pk, fault="screen", by=w.by, at=w.at, op=make.op())
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/bench/{second.code}")
        page.click("text=Screen replaced")
        expect(page.get_by_text("According to the record 0 of")).to_be_visible()
        page.get_by_role("button", name="The part came from elsewhere").click()
        _told(page).to_contain_text("Somebody checks it next.")
    assert fresh(second).parts.get().taken is None
    assert _left(stock) == 0


def test_outside_the_scope_it_is_refused_then_done_with_a_reason_that_the_office_reads(
    w: World, browser: Browser, live_server: Any
) -> None:
    line = Line("screen", Bench.VENDOR, kind="chromebook")
    set_scope(line=line, since=w.at.date(), by=w.town.office, at=w.at, op=make.op())
    order, office = w.on_bench()[0], make.user("office", Role.DISTRICT_IT)[0]
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/bench/{order.code}")
        expect(page.get_by_text("only by the vendor")).to_be_visible()
        page.click("text=Screen replaced")
        expect(page.get_by_text("By the scope table this is repaired by the vendor")).to_be_visible()
        assert fresh(order).status == S.OPENED
        assert axe_violations(page) == []
        page.get_by_label("Why is it done here all the same?").fill("The vendor is closed until Monday.")
        page.get_by_role("button", name="Done here all the same").click()
        _told(page).to_contain_text("Somebody checks it next.")
    assert ScopeOverride.objects.everyone(reason="a test looks").get().by == w.tech
    with _page(browser, live_server, office) as page:
        page.goto("/repair-scope")
        page.click("text=1 repair against it")
        expect(page.get_by_text("The vendor is closed until Monday.")).to_be_visible()
        expect(page.get_by_text(order.device.tag)).to_be_visible()


def test_beyond_repair_its_good_parts_serve_others_and_its_owner_gets_another(
    w: World, browser: Browser, live_server: Any
) -> None:
    stock, order = _stock(w, 1), w.on_bench()[0]
    give_up(work_order_id=order.pk, by=w.by, at=w.at, op=make.op())
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/bench/{order.code}")
        page.click("text=Take out parts, or recycle it")
        expect(page.get_by_text("The school is asked for another device")).to_be_visible()
        page.get_by_role("button", name="Parts into stock, retire it").click()
        expect(page.get_by_text("Tick the parts that you took out.")).to_be_visible()
        page.get_by_label("screen 11.6").check()
        page.get_by_role("button", name="Parts into stock, retire it").click()
        _told(page).to_contain_text("are in stock; it is retired.")
    assert _left(stock) == 2
    ticket = ticket_of(order.device)
    assert (ticket.status, ticket.waiting_on) == ("waiting", Ticket.WaitingOn.DECISION)
    with _page(browser, live_server, w.here.lead) as page:
        page.goto(f"/tickets/{ticket.code}/history")
        expect(page.get_by_text("The school was asked to give Amara Nwosu0 another device")).to_be_visible()
        page.goto(f"/devices/{order.device.tag}/history")
        expect(page.get_by_text("Its good parts were taken out and it left the inventory")).to_be_visible()
    assert differences() == []


def test_after_a_board_was_replaced_both_serial_numbers_lead_to_the_device(
    w: World, browser: Browser, live_server: Any
) -> None:
    order = w.on_bench()[0]
    old, tag = order.device.serial, order.device.tag
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/bench/{order.code}")
        page.click("text=Mainboard replaced")
        page.goto(f"/bench/{order.code}")
        page.click("text=The new board has another serial number")
        page.get_by_label("New serial number").fill("5cd2481xk9")
        page.get_by_role("button", name="It has this number now").click()
        _told(page).to_contain_text("is found by the old number, too.")
        page.goto(f"/devices/{tag}/record")
        expect(page.get_by_text("5CD2481XK9")).to_be_visible()
        expect(page.get_by_text(old)).to_be_visible()
    for code in (old, "5CD2481XK9"):
        answer = signed_in(w.here.lead).get("/scan", {"code": code})
        assert answer.headers["Location"] == f"/devices/{tag}"


def test_a_photo_is_kept_small_and_bare_shown_and_removed(
    w: World, browser: Browser, live_server: Any, tmp_path: Path
) -> None:
    order, shot = w.on_bench()[0], tmp_path / "shot.jpg"
    Image.new("RGB", (3000, 2000), "red").save(shot)
    (tmp_path / "note.jpg").write_text("no photo")
    with _page(browser, live_server, w.tech) as page:
        page.goto(f"/bench/{order.code}")
        page.set_input_files("#photo", tmp_path / "note.jpg")
        page.get_by_role("button", name="Keep it").click()
        expect(page.get_by_text("This file is not a photo that can be read.")).to_be_visible()
        page.set_input_files("#photo", shot)
        page.get_by_role("button", name="Keep it").click()
        _told(page).to_contain_text("The photo is kept.")
        shown = page.locator(".photos img")
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("naturalWidth", 1600)
        assert axe_violations(page) == []
        photo = Photo.objects.get()
        assert signed_in(make.school("Elsewhere").lead).get(f"/photos/{photo.pk}").status_code == 404
        page.get_by_role("button", name="Remove").click()
        _told(page).to_contain_text("The photo is gone.")
    assert not Photo.objects.exists()
