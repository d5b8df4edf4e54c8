"""The door for phones: what is applied, what is refused and how, what a phone may know, what a person settles."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from firstbell.devices.models import Custody, Phone, Shipment
from firstbell.flows.scans import conflicts, gaps
from firstbell.flows.transport import empty_box
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history, was_done
from tests import make
from tests.rules.town import Town, build, custody
from tests.web.depot.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


@pytest.fixture
def phone(town) -> "Sender":
    return Sender(signed_in(town.school.lead))


class Sender:
    """A phone's requests, without the phone."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.install = uuid4()
        self.seq = 0

    def scan(self, verb: str, **said: Any) -> dict[str, Any]:
        self.seq += 1
        return {"op": str(uuid4()), "seq": self.seq, "happened_at": utc_now().isoformat(), "verb": verb} | said

    def send(self, *scans: dict[str, Any], **other: Any) -> Any:
        body = {"install": str(self.install), "sent_at": utc_now().isoformat(), "scans": list(scans)} | other
        return self.client.post("/scan/batches", json.dumps(body), content_type="application/json")

    def states(self, *scans: dict[str, Any]) -> list[tuple[str, str]]:
        answered = self.send(*scans)
        assert answered.status_code == 200, answered.content
        return [(row["state"], row["code"]) for row in answered.json()["answers"]]


def test_a_batch_is_applied_once_and_answered_again(town, phone):
    room = town.school.places["room"].code
    scan = phone.scan("relocate", device=f"https://help.example/d/{town.device.code}", place=f"/r/{room}")
    assert phone.states(scan) == [("applied", "")]
    assert phone.states(scan) == [("applied", "")]
    assert custody(town.device).place == town.school.places["room"]
    assert Phone.objects.get(pk=phone.install).user == town.school.lead


def test_a_phone_belongs_to_its_person_for_ever(town, phone):
    phone.states(phone.scan("seen", device=town.device.tag, place=town.school.places["room"].code))
    phone.client.logout()
    phone.client.force_login(town.school.lead)
    assert phone.states(phone.scan("seen", device=town.device.tag, place=town.school.places["room"].code))
    other = make.user("other", Role.IT_LEAD, town.school.site)[0]
    phone.client.force_login(other)
    answered = phone.send(phone.scan("seen"))
    assert (answered.status_code, answered.json()["error"]) == (409, "other_phone")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"seq": 0}, "seq"),
        ({"seq": "1"}, "seq"),
        ({"op": "me"}, "op"),
        ({"happened_at": 0}, "happened_at"),
        ({"happened_at": "2026-09-14T08:30:00"}, "happened_at"),
        ({"verb": "drop table"}, "verb"),
        ({"device": "x" * 201}, "device"),
        ({"device": None}, "device"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_of_the_batch_is_done(town, phone, change, field):
    good = phone.scan("seen", device=town.device.tag, place=town.school.places["room"].code)
    answered = phone.send(good, phone.scan("seen") | change)
    assert answered.status_code == 422
    (fault,) = answered.json()["errors"]
    assert (fault["scan"], fault["field"]) == (1, field)
    assert "drop table" not in answered.content.decode()
    assert not was_done(UUID(good["op"]))


@pytest.mark.parametrize("body", ["", "[]", "{", '{"scans": []}', '{"install": "x", "sent_at": "", "scans": [1]}'])
def test_what_is_no_batch_is_refused_clearly(phone, body):
    answered = phone.client.post("/scan/batches", body, content_type="application/json")
    assert (answered.status_code, answered.json()["error"]) == (422, "not_understood")


def test_a_batch_needs_the_token_of_the_session(town):
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.school.lead)
    sender = Sender(client)
    assert sender.send(sender.scan("seen")).status_code == 403
    token = client.get("/scan/session").json()["csrf"]
    body = {"install": str(sender.install), "sent_at": utc_now().isoformat(), "scans": [sender.scan("undone", seq=1)]}
    answered = client.post(
        "/scan/batches", json.dumps(body), content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert [row["state"] for row in answered.json()["answers"]] == ["applied"]


def test_a_scan_taken_back_before_it_was_sent_keeps_the_order(town, phone):
    room = town.school.places["room"].code
    first, taken_back = phone.scan("seen", device=town.device.tag, place=room), phone.scan("undone")
    last = phone.scan("relocate", device=town.device.tag, place=room)
    assert phone.states(last, taken_back, first) == [("applied", "")] * 3
    assert phone.states(taken_back) == [("applied", "")]


def test_devices_loaded_one_by_one_travel_on_one_manifest(town, phone):
    town.swap()
    second = make.device(town.district, town.school, town.ana)
    box = town.school.places["pickup_box"]
    phone.states(phone.scan("relocate", device=second.tag, place=box.code))
    load = [phone.scan("load", device=device.tag, place=box.code) for device in (town.device, second)]
    assert phone.states(*load) == [("applied", ""), ("applied", "")]
    shipment = Shipment.objects.everyone(reason="a test looks").get()
    assert shipment.items.count() == 2
    assert phone.states(phone.scan("load", device=second.tag, place=box.code)) == [("conflict", "not_in_box")]
    tech = Sender(signed_in(make.user("t", Role.DISTRICT_TECH)[0]))
    arrivals = [tech.scan("receive", device=device.tag) for device in (town.device, second)]
    assert tech.states(*arrivals) == [("applied", ""), ("applied", "")]
    assert {custody(device).place for device in (town.device, second)} == {town.district.bench}
    assert "devices.shipment_joined" in [event.kind for event in history(second)]
    assert tech.states(tech.scan("receive", device=second.tag)) == [("conflict", "not_travelling")]


def test_a_box_scanned_twice_goes_as_a_whole(town, phone):
    town.swap()
    assert phone.states(phone.scan("load", place=town.school.places["pickup_box"].code)) == [("applied", "")]
    assert custody(town.device).kind == Custody.Kind.SHIPMENT


# --- What a phone may know ----------------------------------------------------------------------------------------


def test_a_bundle_holds_tags_handles_and_states_and_nobody_s_name(town, phone):
    town.swap()
    answered = phone.client.get("/scan/bundle")
    text, told = answered.content.decode(), answered.json()
    assert "Reyes" not in text
    assert town.ana.local_number not in text
    assert town.device.serial not in text
    assert timedelta(hours=23) < datetime.fromisoformat(told["until"]) - utc_now() <= timedelta(hours=24)
    devices = {thing["code"]: thing for thing in told["things"] if thing["kind"] == "device"}
    assert devices[town.device.tag]["place"] == town.school.places["pickup_box"].code
    assert devices[town.loaner.tag]["holder"] == devices[town.device.tag]["owner"] != ""
    assert {thing["name"] for thing in told["things"] if thing["kind"] == "place"} >= {"Room 12", "Pick-up box"}


def test_a_technician_s_bundle_holds_what_travels_not_the_whole_district(town):
    town.swap()
    resting = make.device(town.district, town.school)
    box = town.school.places["pickup_box"].pk
    client = signed_in(make.user("t", Role.DISTRICT_TECH)[0])
    codes = {thing["code"] for thing in client.get("/scan/bundle").json()["things"]}
    assert town.device.tag in codes
    assert resting.tag not in codes
    shipment = empty_box(place_id=box, by=town.district.technician, at=utc_now(), op=make.op())
    things = {thing["code"]: thing for thing in client.get(f"/scan/bundle?code={shipment.code}").json()["things"]}
    assert things[shipment.code]["devices"] == 1
    assert things[town.device.tag]["shipment"] == shipment.code
    (one,) = client.get(f"/scan/bundle?code={resting.tag}").json()["things"]
    assert one["code"] == resting.tag


def test_a_phone_learns_nothing_of_another_school(town):
    elsewhere = make.school("Roosevelt")
    stranger = signed_in(elsewhere.lead)
    for code in (town.device.tag, town.school.places["room"].code, "NOPE"):
        assert stranger.get(f"/scan/bundle?code={code}").json()["things"] == []
    assert town.device.tag not in stranger.get("/scan/bundle").content.decode()


# --- What a person settles ----------------------------------------------------------------------------------------


def test_a_misfit_is_listed_and_done_now_or_no_longer_true(town, phone):
    room = town.school.places["room"]
    for code in ("LATER-1", "LATER-2"):
        assert phone.states(phone.scan("relocate", device=code, place=room.code))[0][0] == "conflict"
    page = phone.client.get("/scan/conflicts").content.decode()
    assert page.count("put in Room 12") == 2
    first, second = conflicts(by=town.school.lead_actor)
    refused = phone.client.post(f"/scan/conflicts/{first.pk}", {"how": "do", "op": str(make.op())})
    assert refused.status_code == 422
    assert "LATER-1" in refused.content.decode()
    make.device(town.district, town.school, tag="LATER-1")
    for row, how in ((first, "do"), (second, "moot")):
        answered = phone.client.post(f"/scan/conflicts/{row.pk}", {"how": how, "op": str(make.op())})
        assert answered.status_code == 302
    assert list(conflicts(by=town.school.lead_actor)) == []
    assert "Every scan fits" in phone.client.get("/scan/conflicts").content.decode()


def test_a_gap_is_shown_and_a_person_goes_on_without(town, phone):
    room = town.school.places["room"].code
    phone.seq = 1
    assert phone.states(phone.scan("relocate", device=town.device.tag, place=room)) == [("held", "")]
    assert "1 scan waits for an earlier one" in phone.client.get("/scan/conflicts").content.decode()
    answered = phone.client.post(f"/scan/phones/{phone.install}/gap", {"op": str(make.op())})
    assert answered.status_code == 302
    assert list(gaps(by=town.school.lead_actor)) == []
    assert custody(town.device).place == town.school.places["room"]
