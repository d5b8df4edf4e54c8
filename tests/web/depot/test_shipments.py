"""The manifest: both sides see it, it is scanned in as a whole or one by one, and nothing gets lost on the way."""

import re

import pytest
import time_machine
import zxingcpp
from PIL import Image, ImageDraw

from firstbell.devices.models import Custody, Shipment
from firstbell.flows.transport import pack_return
from firstbell.ledger.queries import history
from firstbell.tickets.models import Ticket
from firstbell.web.depot.marks import bar_code, qr_code
from tests import make
from tests.web.depot.world import World, custody, form, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return world(2)


def _home(w: World, count: int = 1) -> Shipment:
    """Send checked repairs home to the first school."""
    w.checked(count)
    return pack_return(site_id=w.here.site.pk, by=w.by, at=w.later(minutes=5), op=make.op())


def test_both_sides_see_the_manifest_and_only_the_receiver_scans_it_in(w):
    shipment, devices = w.sent(2)
    for user, may in ((w.tech, True), (w.here.lead, False)):
        page = signed_in(user).get(f"/shipments/{shipment.code}").content.decode()
        assert devices[0].tag in page
        assert ("Scan all 2 in" in page) is may
        assert "Nwosu" not in page  # no names on what is printed


def test_a_manifest_of_another_school_is_nothing_here(w):
    shipment, _devices = w.sent()
    client = signed_in(w.town.schools[1].lead)
    assert client.get(f"/shipments/{shipment.code}").status_code == 404
    for rest in ("arrivals", "extras", "finds"):
        assert client.post(f"/shipments/{shipment.code}/{rest}", form()).status_code == 404


@pytest.mark.parametrize("code", ["", "its own"])
def test_one_scan_of_the_shipment_takes_everything_in(w, code):
    shipment, devices = w.sent(3)
    typed = f"http://help.example/shipments/{shipment.code.lower()}" if code else ""
    response = signed_in(w.tech).post(f"/shipments/{shipment.code}/arrivals", form(code=typed), follow=True)
    assert f"All 3 devices of {shipment.code} are in." in response.content.decode()
    assert {custody(device).place for device in devices} == {w.town.bench}
    assert ticket_of(devices[0]).waiting_on == Ticket.WaitingOn.REPAIR


def test_back_at_school_the_owner_is_expected(w):
    shipment = _home(w)
    device = shipment.items.get().device
    assert ticket_of(device).waiting_on == Ticket.WaitingOn.REPAIR
    signed_in(w.here.lead).post(f"/shipments/{shipment.code}/arrivals", form())
    ticket = ticket_of(device)
    assert (ticket.status, ticket.waiting_on, ticket.level) == ("waiting", Ticket.WaitingOn.REPORTER, 2)
    assert custody(device).place == w.here.places["return_shelf"]


def test_each_device_scanned_ticks_one_and_the_rest_stays_on_its_way(w):
    shipment, (first, second) = w.sent(2)
    client = signed_in(w.tech)
    answer = client.post(
        f"/shipments/{shipment.code}/arrivals", form(code=first.serial), headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert f"{first.tag} is in." in page
    assert "1 of 2 scanned in" in page
    assert "<html" not in page
    assert custody(second).kind == Custody.Kind.SHIPMENT
    assert "Scan the other one in" in page


def test_a_device_scanned_twice_is_in_already_and_nothing_is_written(w):
    shipment, (first, _second) = w.sent(2)
    client = signed_in(w.tech)
    client.post(f"/shipments/{shipment.code}/arrivals", form(code=first.tag))
    arrivals = len(history(shipment))
    response = client.post(f"/shipments/{shipment.code}/arrivals", form(code=first.tag), follow=True)
    assert f"{first.tag} is in already." in response.content.decode()
    assert len(history(shipment)) == arrivals


def test_a_stranger_on_the_manifest_is_told_and_may_be_taken_in(w):
    shipment, _devices = w.sent()
    extra = w.boxed()[0]
    client = signed_in(w.tech)
    response = client.post(f"/shipments/{shipment.code}/arrivals", form(code=extra.tag))
    assert response.status_code == 422
    assert f"{extra.tag} is not on this manifest" in response.content.decode()
    assert custody(extra).place == w.here.places["pickup_box"]
    client.post(f"/shipments/{shipment.code}/extras", form(device=extra.pk))
    assert custody(extra).place == w.town.bench
    assert ticket_of(extra).waiting_on == Ticket.WaitingOn.REPAIR


def test_a_device_of_another_shipment_leads_there(w):
    shipment, _devices = w.sent()
    other, (traveller,) = w.sent()
    page = signed_in(w.tech).post(f"/shipments/{shipment.code}/arrivals", form(code=traveller.tag)).content.decode()
    assert f"It belongs to shipment {other.code}." in page


def test_a_device_out_of_reach_is_put_aside(w):
    shipment = _home(w)
    page = signed_in(w.here.lead).post(f"/shipments/{shipment.code}/arrivals", form(code="NEVER-SEEN"))
    assert page.status_code == 422
    assert "Put it aside and call the depot." in page.content.decode()


def test_only_the_receiving_side_scans_in(w):
    shipment, devices = w.sent()
    assert signed_in(w.here.lead).post(f"/shipments/{shipment.code}/arrivals", form()).status_code == 404
    assert custody(devices[0]).kind == Custody.Kind.SHIPMENT


def test_what_does_not_arrive_is_late_and_can_be_found_elsewhere(w):
    shipment, (first, second) = w.sent(2)
    client = signed_in(w.tech)
    client.post(f"/shipments/{shipment.code}/arrivals", form(code=first.tag))
    with time_machine.travel(w.later(days=7)):
        page = signed_in(w.tech).get(f"/shipments/{shipment.code}").content.decode()
        assert "Still on the way for too long" in page
        assert "3 school days late" in page
    box = w.here.places["pickup_box"]
    response = client.post(f"/shipments/{shipment.code}/finds", form(device=second.pk, place=box.pk), follow=True)
    assert f"{second.tag} is found and off this shipment." in response.content.decode()
    assert custody(second).place == box
    assert ticket_of(second).waiting_on == Ticket.WaitingOn.PICKUP
    assert Shipment.objects.everyone(reason="a test looks").get(pk=shipment.pk).status == Shipment.Status.CLOSED


def test_a_find_names_device_and_place(w):
    shipment, _devices = w.sent()
    response = signed_in(w.tech).post(f"/shipments/{shipment.code}/finds", form())
    assert response.status_code == 422
    assert "Choose the device and where it turned up." in response.content.decode()


def test_a_find_at_a_school_out_of_reach_is_refused(w):
    shipment, (device,) = w.sent()
    elsewhere = w.town.schools[1].places["desk"]
    fields = form(device=device.pk, place=elsewhere.pk)
    assert signed_in(w.here.lead).post(f"/shipments/{shipment.code}/finds", fields).status_code == 404
    assert custody(device).kind == Custody.Kind.SHIPMENT


def test_what_is_on_its_way_is_listed_where_it_is_expected_and_received_by_one_tap(w):
    shipment, devices = w.sent(2)
    client = signed_in(w.tech)
    page = client.get("/receiving").content.decode()
    assert f'data-scan-code="{shipment.code}"' in page
    response = client.post(f"/shipments/{shipment.code}/arrivals", form(next="/receiving"), follow=True)
    assert response.redirect_chain == [("/receiving", 302)]
    assert custody(devices[0]).place == w.town.bench


def test_a_school_sees_what_comes_and_what_it_sent_and_nothing_of_others(w):
    out, _devices = w.sent()
    back = _home(w)
    foreign, _more = w.sent(1, w.town.schools[1])
    client = signed_in(w.here.lead)
    coming, going = client.get("/receiving").content.decode(), client.get("/receiving?way=out").content.decode()
    assert (back.code in coming, out.code in coming) == (True, False)
    assert (back.code in going, out.code in going) == (False, True)
    assert foreign.code not in coming + going


@pytest.mark.parametrize("mark", [qr_code, bar_code])
def test_the_codes_on_paper_are_read_by_a_decoder(mark):
    svg = str(mark("K7RMWQ2P", "Shipment"))
    assert "style" not in svg
    assert _read(svg) == "K7RMWQ2P"


def _read(svg: str) -> str:
    """Draw the rectangles of the path and read them."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    scale, size = 4, (int(found[1]), int(found[2]))
    image = Image.new("L", (size[0] * scale, size[1] * scale), 255)
    draw = ImageDraw.Draw(image)
    black = svg.split('fill="#000" d="')[1]
    for x, y, wide, high in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", black):
        left, top = int(x) * scale, int(y) * scale
        draw.rectangle((left, top, left + int(wide) * scale - 1, top + int(high) * scale - 1), fill=0)
    return str(zxingcpp.read_barcodes(image)[0].text)
