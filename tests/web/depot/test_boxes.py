"""Pick-up: the school's list, the courier's schools, the box after its scan."""

import pytest
import time_machine

from firstbell.devices.models import Custody, Shipment
from firstbell.directory.models import Place
from firstbell.kernel.roles import Permission, Role
from firstbell.ledger.queries import history, replay
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.depot.world import World, custody, form, signed_in, ticket_of, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return world(2)


def _box(w: World, school: int = 0) -> str:
    return f"/boxes/{w.town.schools[school].places['pickup_box'].code}"


def _page(client, address: str) -> str:
    return str(client.get(address).content.decode())


def test_a_school_sees_what_is_ready_with_its_owner_and_the_next_courier_day(w):
    device = w.boxed()[0]
    with time_machine.travel(w.at):  # a Monday, and the courier comes on Monday
        page = _page(signed_in(w.here.lead), "/pickups")
    assert device.tag in page
    assert "Amara Nwosu0" in page
    assert "Cracked or broken part" in page
    assert "The courier comes today." in page


def test_an_owner_is_named_only_to_those_who_may_see_people(w, monkeypatch):
    w.boxed()
    monkeypatch.setattr("firstbell.kernel.actor.PERMISSIONS", {role: {Permission.SHIP} for role in Role})
    page = _page(signed_in(w.here.lead), "/pickups")
    assert "Nwosu" not in page
    assert "1 device waits for the courier." in page


def test_what_waits_longer_than_48_hours_is_late(w):
    w.boxed()
    with time_machine.travel(w.later(days=3)):
        assert "1 school day late" in _page(signed_in(w.here.lead), "/pickups")


def test_a_courier_sees_the_schools_in_the_order_of_names_with_what_to_fetch_and_bring(w):
    w.checked(1)
    w.boxed(2, w.town.schools[1])
    w.boxed(1)
    page = _page(signed_in(w.tech), "/pickups")
    names = [school.site.name for school in w.town.schools]
    assert page.index(min(names)) < page.index(max(names))
    assert "Fetch 2" in page
    assert "Fetch 1" in page
    assert "1 more is repaired, not packed yet" in page


def test_the_box_after_its_scan_offers_to_take_everything(w):
    w.boxed(3)
    page = _page(signed_in(w.tech), _box(w))
    assert "Take all 3 to the depot" in page
    assert "Nwosu" not in page  # a courier needs no names


@pytest.mark.parametrize("who", ["tech", "lead"])
def test_taking_the_box_makes_a_manifest_and_the_ticket_says_the_repair(w, who):
    devices = w.boxed(2)
    client = signed_in(w.tech if who == "tech" else w.here.lead)
    fields = form(device=[device.pk for device in devices], shown="2")
    response = client.post(f"{_box(w)}/departure", fields, follow=True)
    assert "2 devices are on their way." in response.content.decode()
    shipment = Shipment.objects.everyone(reason="a test looks").get()
    assert response.redirect_chain[0][0] == f"/shipments/{shipment.code}"
    assert {custody(device).shipment for device in devices} == {shipment}
    ticket = ticket_of(devices[0])
    assert (ticket.waiting_on, ticket.level) == (Ticket.WaitingOn.REPAIR, 3)


def test_what_is_unticked_stays_in_the_box_and_its_history_says_so(w):
    first, second = w.boxed(2)
    signed_in(w.tech).post(f"{_box(w)}/departure", form(device=[first.pk], shown="2"))
    assert custody(first).kind == Custody.Kind.SHIPMENT
    assert custody(second).place == w.here.places["pickup_box"]
    assert next(event.kind for event in history(second)) == "flows.left_behind"
    assert ticket_of(second).waiting_on == Ticket.WaitingOn.PICKUP


def test_what_was_put_in_meanwhile_goes_along_with_a_whole_box(w):
    seen = w.boxed(1)
    late = w.boxed(1)
    signed_in(w.tech).post(f"{_box(w)}/departure", form(device=[seen[0].pk], shown="1"))
    assert custody(late[0]).kind == Custody.Kind.SHIPMENT


def test_the_same_tap_delivered_twice_takes_the_box_once(w):
    device = w.boxed()[0]
    client, fields = signed_in(w.tech), form(device=[device.pk], shown="1")
    first, again = (client.post(f"{_box(w)}/departure", fields) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert Shipment.objects.everyone(reason="a test looks").count() == 1


@pytest.mark.parametrize(
    ("chosen", "status", "sentence"),
    [
        ([], 422, "Choose at least one device"),
        (["1000000"], 409, "The box has changed since you looked"),
    ],
)
def test_a_refusal_is_shown_on_the_box(w, chosen, status, sentence):
    device = w.boxed()[0]
    response = signed_in(w.tech).post(f"{_box(w)}/departure", form(device=chosen, shown="5"))
    assert response.status_code == status
    assert sentence in response.content.decode()
    assert custody(device).place == w.here.places["pickup_box"]


def test_an_empty_box_sends_nothing(w):
    response = signed_in(w.tech).post(f"{_box(w)}/departure", form(shown="0"))
    assert response.status_code == 422
    assert "is empty" in response.content.decode()


def test_without_a_depot_nothing_leaves_and_the_box_says_why(w):
    w.boxed()
    w.town.depot.kind = "office"
    w.town.depot.save()
    response = signed_in(w.tech).post(f"{_box(w)}/departure", form(device=["1"], shown="1"))
    assert "has no depot yet" in response.content.decode()


def test_a_visit_that_failed_is_noted_and_the_school_reads_why(w):
    device = w.boxed()[0]
    response = signed_in(w.tech).post(f"{_box(w)}/visits", form(reason="closed"), follow=True)
    assert "Noted: the school was closed." in response.content.decode()
    assert "the school was closed" in _page(signed_in(w.here.lead), "/pickups")
    assert custody(device).place == w.here.places["pickup_box"]


def test_a_failed_visit_needs_its_reason(w):
    w.boxed()
    before = len(list(replay()))
    response = signed_in(w.tech).post(f"{_box(w)}/visits", form(reason="tired"))
    assert response.status_code == 422
    assert "Choose why" in response.content.decode()
    assert len(list(replay())) == before


@pytest.mark.parametrize("rest", ["", "/departure", "/visits"])
def test_a_box_of_another_school_is_nothing_here(w, rest):
    w.boxed(1, w.town.schools[1])
    client = signed_in(w.here.lead)
    address = _box(w, 1) + rest
    response = client.post(address, form(reason="closed")) if rest else client.get(address)
    assert response.status_code == 404


def test_a_place_that_is_no_box_has_no_such_page(w):
    room = w.here.places[Place.Kind.ROOM.value]
    assert signed_in(w.tech).get(f"/boxes/{room.code}").status_code == 404


def test_a_coach_is_told_why_shipping_is_not_theirs(w):
    coach = make.user("coach", Role.COACH, w.here.site)[0]
    response = signed_in(coach).get("/pickups")
    assert response.status_code == 403
    assert "You are a coach here" in response.content.decode()


def test_a_helper_learns_nothing(w):
    helper = make.user("helper", Role.STUDENT_TECH, w.here.site, supervisor_id=w.here.lead.pk)[0]
    assert signed_in(helper).get("/pickups").status_code == 404


def test_a_couriers_camera_on_the_box_opens_the_box_and_a_students_the_report(w, client):
    poster = f"/r/{w.here.places['pickup_box'].code}"
    assert signed_in(w.tech).get(poster).headers["Location"] == _box(w)
    assert client.get(poster).status_code == 200
