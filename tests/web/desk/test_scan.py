"""Any code leads to what it is; nothing found is an answer with ways to go on."""

from collections.abc import Callable

import pytest
from django.test import Client

from firstbell.devices.actions.inventory import Line, set_line
from firstbell.devices.models import Device
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box
from firstbell.kernel.roles import Role
from firstbell.repairs.queries import order_of
from firstbell.web.desk.finding import code_in, lookalikes
from tests import make
from tests.web.desk.conftest import Desk, Says

CODES: dict[str, Callable[[Device], str]] = {
    "tag": lambda device: device.tag,
    "tag in small letters with a blank": lambda device: f" {device.tag.lower()} ",
    "serial": lambda device: device.serial,
    "end of the serial": lambda device: device.serial[-6:],
    "label code": lambda device: device.code,
    "label address": lambda device: f"https://help.example.org/d/{device.code}",
    "label address in capitals": lambda device: f"HTTPS://HELP.EXAMPLE.ORG/D/{device.code}",
    "its own page": lambda device: f"/devices/{device.tag}",
    "IMEI": lambda _device: "490154203237518",
    "SIM": lambda _device: "8901410321111851072",
    "phone number as people write it": lambda _device: "(555) 010-0199",
}


@pytest.mark.parametrize("kind", CODES)
def test_a_code_of_a_device_leads_to_it(desk: Desk, kind: str) -> None:
    device = desk.device(desk.person())
    line = Line(imei="490154203237518", iccid="8901410321111851072", mdn="5550100199")
    set_line(device_id=device.pk, line=line, **desk.act())
    answer = desk.client.get("/scan", {"code": CODES[kind](device)})
    assert answer.headers["Location"] == f"/devices/{device.tag}"


def test_a_tag_goes_before_the_end_of_another_serial(desk: Desk) -> None:
    first = desk.device()
    second = make.device(desk.town, desk.here, tag=first.serial[-6:])
    assert desk.client.get("/scan", {"code": second.tag}).headers["Location"] == f"/devices/{second.tag}"


def test_places_boxes_shipments_tickets_and_repairs_are_found(desk: Desk) -> None:
    person = desk.person()
    device, loaner = desk.device(person), desk.loaner()
    ticket = swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    order = order_of(device.pk)
    assert order is not None
    box, room = desk.here.places["pickup_box"], desk.here.places["room"]
    shipment = empty_box(place_id=box.pk, **desk.technician())
    wanted = {
        room.code: f"/places/{room.code}",
        f"https://x.example/r/{room.code.lower()}": f"/places/{room.code}",
        box.code: f"/boxes/{box.code}",
        shipment.code: f"/shipments/{shipment.code}",
        ticket.code: f"/tickets/{ticket.code}",
        order.code: f"/devices/{device.tag}",
        person.local_number: f"/people/{person.pk}",
        "ana rey": f"/people/{person.pk}",
    }
    found = {code: desk.client.get("/scan", {"code": code}).headers.get("Location") for code in wanted}
    assert found == wanted


def test_several_people_of_one_name_are_listed(desk: Desk, says: Says) -> None:
    one, two = desk.person("Mia"), desk.person("Mia")
    answer = desk.client.get("/scan", {"code": "mia"})
    assert answer.status_code == 200
    assert says(answer, f"/people/{one.pk}")
    assert says(answer, f"/people/{two.pk}")


def test_what_is_scanned_beside_a_device_comes_to_its_page(desk: Desk) -> None:
    person = desk.person()
    device, loaner, room = desk.device(person), desk.loaner(), desk.here.places["room"]
    wanted = {
        (device.tag, loaner.tag): f"/devices/{device.tag}?loaner={loaner.tag}",
        (loaner.tag, device.tag): f"/devices/{device.tag}?loaner={loaner.tag}",
        (device.tag, person.local_number): f"/devices/{device.tag}?person={person.pk}",
        (device.tag, room.code): f"/devices/{device.tag}?place={room.code}",
        (device.tag, device.tag): f"/devices/{device.tag}",
        (device.tag, desk.device().tag): None,
    }
    for (beside, code), address in wanted.items():
        answer = desk.client.get("/scan", {"code": code, "with": beside})
        assert answer.headers["Location"] == (address or f"/devices/{code}")


@pytest.mark.parametrize("typed", ["D-OO0I7", "D00O17", "D-0001", "00017"])
def test_a_worn_label_still_leads_near(desk: Desk, says: Says, typed: str) -> None:
    make.device(desk.town, desk.here, tag="D-00017")
    answer = desk.client.get("/scan", {"code": typed})
    assert answer.status_code == 404
    assert says(answer, "Did you mean one of these?")
    assert says(answer, "/devices/D-00017")


def test_what_is_not_in_reach_is_unknown_like_everything_else(desk: Desk, says: Says) -> None:
    other = desk.town.schools[1]
    device, person = make.device(desk.town, other), make.person(other.site, "Zed")
    for code in (device.tag, device.serial, other.places["room"].code, person.local_number, "zed", "no such thing"):
        answer = desk.client.get("/scan", {"code": code})
        assert answer.status_code == 404
        assert says(answer, "Nothing is called")
        assert not says(answer, device.tag + "<")
        assert says(answer, "Look for something else")


def test_an_empty_scan_goes_home(desk: Desk) -> None:
    assert desk.client.get("/scan", {"code": " "}).headers["Location"] == "/home"


def test_signed_out_the_way_leads_to_the_sign_in_and_back(desk: Desk) -> None:
    answer = Client().get("/scan?code=D-1")
    assert answer.headers["Location"] == "/sign-in?next=/scan%3Fcode%3DD-1"


def test_a_student_helper_finds_nothing_about_people_or_devices(desk: Desk, says: Says) -> None:
    helper, _actor = make.user("helper", Role.STUDENT_TECH, desk.here.site, supervisor_id=desk.here.lead.pk)
    device, person = desk.device(), desk.person("Nora")
    desk.sign_in(helper)
    for code in (device.tag, person.local_number, "nora"):
        answer = desk.client.get("/scan", {"code": code})
        assert answer.status_code == 404
        assert says(answer, "Ask the school's IT lead")


def test_a_device_is_found_in_one_query_besides_who_asks(desk: Desk, django_assert_max_num_queries) -> None:
    device = desk.device()
    with django_assert_max_num_queries(4):  # session, user, roles; the device
        desk.client.get("/scan", {"code": device.tag})


def test_codes_in_addresses() -> None:
    assert code_in("https://a.example/r/ABCD2345?x=1") == "ABCD2345"
    assert code_in("https://a.example/") == "https://a.example/"
    assert code_in(" L-0142 ") == "L-0142"


def test_lookalikes_are_few() -> None:
    found = lookalikes("O0I1L5S8B2Z" * 3)
    assert len(found) <= 65 * 3
    assert "L0142" in lookalikes("L-O142")
    assert "L-0142" in lookalikes("LO142")
