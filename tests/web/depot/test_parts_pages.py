"""Pages of parts, scope and figures: what is typed wrong is said in place, lists leave as files, few queries."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from firstbell.kernel.roles import Role
from firstbell.parts.actions import make_kind, receive_parts, set_reorder_point
from firstbell.parts.models import PartKind, PartOrder, PartStock
from firstbell.repairs.actions import log_work
from firstbell.repairs.models import ScopeRow
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.depot.world import World, form, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return world()


def _text(response: Any) -> str:
    content = response.getvalue() if response.streaming else response.content
    return str(content.decode())


def _stock(w: World, pieces: int = 1, number: int = 0) -> PartStock:
    kind = make_kind(sort="screen", name=f"Panel {number}", price_cents=5_200, lead_days=7, **make.system())
    act: dict[str, Any] = {"by": w.by, "at": w.at}
    stock = receive_parts(kind_id=kind.pk, place_id=w.town.bench.pk, pieces=pieces, op=make.op(), **act)
    return set_reorder_point(stock_id=stock.pk, reorder_at=2, op=make.op(), **act)


def _count(stock: PartStock) -> int:
    return PartStock.objects.everyone(reason="a test looks").get(pk=stock.pk).count


def test_an_empty_room_says_how_to_begin(w: World) -> None:
    page = _text(signed_in(w.tech).get("/parts"))
    assert "No part is counted yet" in page
    assert "Begin with the kinds of parts" in page


def test_kinds_are_begun_with_the_usual_ones(w: World) -> None:
    make.device(w.town, w.here)
    client = signed_in(w.tech)
    assert f"No part is on record for: {w.town.model}." in _text(client.get("/parts/kinds"))
    client.post("/parts/kinds/usual", form())
    assert PartKind.objects.count() == 7
    assert "No part is on record" not in _text(client.get("/parts/kinds"))
    assert signed_in(w.here.lead).post("/parts/kinds/usual", form()).status_code == 404


def test_a_kind_is_made_and_amended(w: World) -> None:
    client = signed_in(w.tech)
    fields = {"sort": "screen", "name": "Panel", "price": "52.50", "lead_days": "9", "model": w.town.model.pk}
    client.post("/parts/kinds/new", form(**fields))
    kind = PartKind.objects.get()
    assert (kind.price_cents, kind.lead_days, list(kind.fits.all())) == (5_250, 9, [w.town.model])
    wrong = client.post(f"/parts/kinds/{kind.pk}", form(price="a lot", lead_days="3"))
    assert (wrong.status_code, "Write amounts like 25 or 12.50." in _text(wrong)) == (422, True)
    client.post(f"/parts/kinds/{kind.pk}", form(price="60", lead_days="3", supplier="Lakeside"))
    kind.refresh_from_db()
    assert (kind.price_cents, kind.supplier) == (6_000, "Lakeside")
    assert client.post(f"/parts/kinds/{kind.pk + 99}", form(price="60", lead_days="3")).status_code == 404


def test_counting_scrapping_and_moving_from_the_page(w: World) -> None:
    stock, client = _stock(w, 5), signed_in(w.tech)
    client.post("/parts/arrivals", form(kind=stock.kind_id, place=w.town.bench.pk, pieces="3"))
    client.post(f"/parts/{stock.pk}/count", form(counted="7"))
    client.post(f"/parts/{stock.pk}/count", form(scrapped="1"))
    office = signed_in(make.user("office", Role.DISTRICT_IT)[0])
    office.post(f"/parts/{stock.pk}/sending", form(pieces="2", place=w.here.places["desk"].pk))
    assert _count(stock) == 4
    too_many = client.post(f"/parts/{stock.pk}/count", form(scrapped="9"))
    assert (too_many.status_code, "According to the record 4 of" in _text(too_many)) == (409, True)
    assert client.post(f"/parts/{stock.pk}/count", form(counted="-")).status_code == 422


def test_a_school_sees_its_own_parts_only(w: World) -> None:
    stock = _stock(w)
    lead = signed_in(w.here.lead)
    assert "Panel 0" not in _text(lead.get("/exports/parts"))
    assert lead.post(f"/parts/{stock.pk}/count", form(counted="0")).status_code == 404
    assert _count(stock) == 1


def test_what_to_order_leaves_as_file_and_paper(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stock, client = _stock(w), signed_in(w.tech)
    lines = _text(client.get("/exports/parts/orders?as=csv")).splitlines()
    assert lines[1].startswith(",Panel 0,")
    assert lines[1].endswith(",1,0,3,$52.00,$156.00")
    assert client.get("/parts/orders/draft").content.startswith(b"%PDF")
    told: dict[str, Any] = {}

    def set_page(name: str, said: Any) -> bytes:
        told[name] = said
        return b""

    monkeypatch.setattr("firstbell.connectors.papers.typeset.pdf", set_page)
    client.get("/parts/orders/draft")
    ((template, values),) = told.items()
    assert (template, values["total"]) == ("order", "In all $156.00")
    assert [row[0] for row in values["rows"]] == ["Panel 0"]
    client.post(f"/parts/{stock.pk}/orders", form(pieces="3"))
    order = PartOrder.objects.everyone(reason="a test looks").get()
    assert client.post(f"/parts/orders/{order.pk}/arrivals", form(pieces="4")).status_code == 422
    client.post(f"/parts/orders/{order.pk}/end", form())
    assert client.post(f"/parts/orders/{order.pk}/end", form()).status_code == 409


def test_a_late_order_says_so(w: World) -> None:
    stock, client = _stock(w), signed_in(w.tech)
    with time_machine.travel(w.at):
        client.post(f"/parts/{stock.pk}/orders", form(pieces="3"))
    with time_machine.travel(w.at + timedelta(days=9)):
        assert ", late" in _text(client.get("/parts/orders"))


@pytest.mark.parametrize("address", ["/parts", "/parts/orders", "/parts/kinds"])
def test_pages_ask_the_same_however_many_parts(w: World, address: str, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        _stock(w, number=number)
    client = signed_in(w.tech)
    with django_assert_max_num_queries(14):
        assert client.get(address).status_code == 200


# --- The scope table -----------------------------------------------------------------------------------------------


@pytest.fixture
def office() -> Any:
    return signed_in(make.user("office", Role.DISTRICT_IT)[0])


def test_the_table_is_begun_changed_and_read_as_it_was(w: World, office: Any) -> None:
    with time_machine.travel(w.at):
        assert "every bench may repair everything" in _text(office.get("/repair-scope"))
        office.post("/repair-scope/usual", form())
        assert office.post("/repair-scope/usual", form()).status_code == 422
        tomorrow = w.at.date() + timedelta(days=1)
        row = {"fault": "screen", "devices": "kind:chromebook", "lowest": "4", "since": str(tomorrow), "voids": "1"}
        office.post("/repair-scope/rows", form(**row))
        assert "Chromebook" not in _text(office.get("/exports/repair-scope"))
        found = _text(office.get(f"/exports/repair-scope?on={tomorrow}"))
    assert "Cracked or dark screen,Chromebook,by the vendor,no special skill,,yes" in found


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fault": "sail"}, "Choose what was wrong."),
        ({"lowest": "x"}, "Choose from where on it may be repaired."),
        ({"devices": "model:999999"}, "Choose the devices that the row is about."),
        ({"since": "2020-01-01"}, "A row applies from today on at the earliest."),
        ({"since": "soon"}, "Say from which day on."),
    ],
)
def test_a_row_that_cannot_be_is_said_in_place(w: World, office: Any, changed: dict[str, str], sentence: str) -> None:
    row = {"fault": "screen", "devices": "", "lowest": "3", "since": "2099-01-01"} | changed
    answer = office.post("/repair-scope/rows", form(**row))
    assert (answer.status_code, sentence in _text(answer)) == (422, True)
    assert not ScopeRow.objects.exists()


def test_a_row_is_ended(w: World, office: Any) -> None:
    with time_machine.travel(w.at):
        office.post("/repair-scope/usual", form())
        row = ScopeRow.objects.order_by("pk")[0]
        assert office.post(f"/repair-scope/rows/{row.pk}/end", form(until="")).status_code == 422
        office.post(f"/repair-scope/rows/{row.pk}/end", form(until=str(w.at.date() + timedelta(days=3))))
    row.refresh_from_db()
    assert row.until is not None
    assert office.post("/repair-scope/rows/999999/end", form(until="2099-01-01")).status_code == 404


def test_triage_and_hand_up_read_the_table(w: World, office: Any) -> None:
    device = w.boxed()[0]
    ticket = ticket_of(device)
    changed = {"symptom": "unsafe", "status": "new", "outcome": "", "waiting_on": "", "level": 2}
    Ticket.objects.everyone(reason="a test").filter(pk=ticket.pk).update(**changed)
    lead = signed_in(w.here.lead)
    address = f"/tickets/{ticket.code}"
    with time_machine.travel(w.at):
        assert "scope table" not in _text(lead.get(address))
        row = {"fault": "battery", "devices": "", "lowest": "4", "since": str(w.at.date())}
        office.post("/repair-scope/rows", form(**row))
        page = _text(lead.get(address))
        assert "Likely “Battery”: by the scope table repaired by the vendor at the lowest." in page
        assert "It goes to level 4 at once" in page
        lead.post(f"{address}/level", form(why="parts", level="4"))
    ticket.refresh_from_db()
    assert ticket.level == 4


def test_minutes_are_noted_from_the_page(w: World) -> None:
    order, client = w.on_bench()[0], signed_in(w.tech)
    client.post(f"/bench/{order.code}/work", form(minutes="15"))
    assert "15 min" in _text(client.get(f"/bench/{order.code}"))
    assert client.post(f"/bench/{order.code}/work", form(minutes="0")).status_code == 422
    log_work(work_order_id=order.pk, minutes=5, by=w.by, at=w.at, op=make.op())
    assert "20 min" in _text(client.get(f"/bench/{order.code}"))
