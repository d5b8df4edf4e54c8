"""A count as people do it: open, walk the rooms with a scanner, credit what was seen elsewhere, reconcile, certify.

Journey D counts every action: at full size 3,000 devices in 60 rooms, 2 % missing, within 3,070 by scan and 320 with
credit. FULL_COUNT=1 walks it at that size; otherwise a tenth of it is walked and its cost per device told.
"""

import csv
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from firstbell.connectors.papers import typeset
from firstbell.counts.models import Count, CountLine
from firstbell.devices.actions.awards import Federal, note_award
from firstbell.devices.models import Custody, Device, DeviceCode
from firstbell.directory.models import Place
from firstbell.jobs.drain import drain
from firstbell.kernel.clock import utc_now
from firstbell.ledger.bulk import reserve
from firstbell.web.desk.certificates import certificate_values
from tests import make

ROOMS = 60 if "FULL_COUNT" in os.environ else 6
PER_ROOM = 50
BUDGET_SCAN, BUDGET_CREDIT = 3070, 320


def _fleet(desk: Any, rooms: int, per_room: int) -> dict[Place, list[Device]]:
    """Put devices into rooms, as an import would: by the hundred."""
    site, now = desk.here.site, utc_now() - timedelta(days=9)
    places = Place.objects.bulk_create(Place(site=site, kind="room", name=f"R{n:03}") for n in range(rooms))
    ids = reserve(Device, rooms * per_room)
    common = {"model": desk.town.model, "home_site": site, "at_site": site, "registered_at": now}
    devices = [Device(pk=pk, tag=f"C-{pk:06}", serial=f"CS{pk:07}", **common) for pk in ids]
    Device.objects.bulk_create(devices)
    DeviceCode.objects.bulk_create(code for device in devices for code in _codes(device))
    placed = {place: devices[n * per_room : (n + 1) * per_room] for n, place in enumerate(places)}
    Custody.objects.bulk_create(
        Custody(device=device, kind="place", place=place, site=site, since=now)
        for place, rows in placed.items()
        for device in rows
    )
    return placed


def _codes(device: Device) -> list[DeviceCode]:
    return [DeviceCode(device=device, code=device.tag), DeviceCode(device=device, code=device.serial)]


@dataclass
class Walk:
    """Somebody at a count: every form sent is one action, as a scan, a tap or a choice."""

    desk: Any
    count: Count
    done: list[str] = field(default_factory=list)

    def send(self, what: str, path: str, **fields: Any) -> Any:
        self.done.append(what)
        return self.desk.post(f"/counts/{self.count.code}/{path}", **fields)

    def walk(self, place: Place, devices: list[Device]) -> None:
        """Scan the room, then what is there."""
        self.send("room", "scans", code=place.code)
        for device in devices:
            answered = self.send("device", "scans", code=device.tag, room=place.code)
            assert answered.status_code == 302, answered.content[:400]

    def end(self) -> None:
        """Finish: report what is missing, each with a tap, and certify."""
        self.send("done", "end")
        for line in self.count.lines.filter(seen_at=None):
            self.send("report", f"differences/{line.pk}", how="reported")
        self.send("certify", "certification")
        self.count.refresh_from_db()


def _open(desk: Any) -> Walk:
    """Two actions: “Open a count”, and its button; everything at one's own school is what is offered."""
    assert desk.client.get("/counts/new").status_code == 200
    due = utc_now().date() + timedelta(days=14)
    form = {"name": "Spring", "scope": "everything", "site": desk.here.site.pk, "due": due.isoformat()}
    answered = desk.post("/counts/new/opening", **form)
    assert answered.status_code == 302
    code = answered.headers["Location"].rpartition("/")[2]
    count = Count.objects.everyone(reason="a test looks").get(code=code)
    return Walk(desk, count, ["open the form", "open it"])


def _say(line: str) -> None:
    print(line)  # noqa: T201 -- the report of what was spent


def _scaled(walk: Walk) -> int:
    """Return what the walk costs at full size: what grows with the rooms times as much, the rest as it is."""
    once = sum(
        what in {"open the form", "open it", "done", "certify", "choose list", "send list"} for what in walk.done
    )
    return once + (len(walk.done) - once) * 60 // ROOMS


def test_journey_d_by_scan(desk: Any) -> None:
    fleet = _fleet(desk, ROOMS, PER_ROOM)
    walk = _open(desk)
    assert walk.count.expected == ROOMS * PER_ROOM
    for place, devices in fleet.items():
        walk.walk(place, devices[1:])
    walk.end()
    _say(f"journey D by scan: {_scaled(walk)} actions of {BUDGET_SCAN} for 3,000 devices ({len(walk.done)} walked)")
    assert _scaled(walk) <= BUDGET_SCAN
    assert walk.count.status == Count.Status.CERTIFIED
    assert (walk.count.in_place, walk.count.missing) == (ROOMS * (PER_ROOM - 1), ROOMS)


def test_journey_d_with_credit(desk: Any) -> None:
    """Device management has heard from all but three of a room; two are scanned there, one is missing."""
    fleet = _fleet(desk, ROOMS, PER_ROOM)
    walk = _open(desk)
    now = utc_now().isoformat()
    rows = [f"{device.serial},{now}" for devices in fleet.values() for device in devices[3:]]
    walk.done.append("choose list")
    heard = SimpleUploadedFile("chrome.csv", "\n".join(["serialNumber,lastSync", *rows]).encode())
    walk.send("send list", "check-ins", list=heard)
    for place, devices in fleet.items():
        walk.walk(place, devices[1:3])
    walk.end()
    _say(f"journey D with credit: {_scaled(walk)} actions of {BUDGET_CREDIT} for 3,000 devices")
    assert _scaled(walk) <= BUDGET_CREDIT
    assert (walk.count.in_place, walk.count.missing) == (ROOMS * (PER_ROOM - 1), ROOMS)


@pytest.fixture
def walk(desk: Any) -> Walk:
    """A count of two rooms with two devices each."""
    desk.fleet = _fleet(desk, 2, 2)
    return _open(desk)


def test_pages_of_a_count_take_few_queries(desk: Any, walk: Walk, django_assert_max_num_queries: Any) -> None:
    place, devices = next(iter(desk.fleet.items()))
    walk.walk(place, devices)
    for path in ("/counts", f"/counts/{walk.count.code}", f"/counts/{walk.count.code}/rooms/{place.code}"):
        with django_assert_max_num_queries(16):
            assert desk.client.get(path).status_code == 200


def test_a_room_tells_apart_expected_misplaced_and_strangers(desk: Any, walk: Walk, says: Any) -> None:
    (first, [one, _two]), (_second, [three, _four]) = desk.fleet.items()
    other = make.device(desk.town, desk.here)
    walk.walk(first, [one, three, other])
    page = desk.client.get(f"/counts/{walk.count.code}/rooms/{first.code}")
    assert says(page, "as expected")
    assert says(page, "belongs in R001")
    assert says(page, "not expected anywhere in this count")
    assert says(page, "1 of 2 still to be seen")


def test_a_device_before_its_room_and_a_code_of_nothing_are_told(desk: Any, walk: Walk, says: Any) -> None:
    place, devices = next(iter(desk.fleet.items()))
    first = walk.send("device", "scans", code=devices[0].tag)
    assert first.status_code in {409, 422}
    assert says(first, "Scan the code of the room first")
    unknown = walk.send("device", "scans", code="NO-SUCH", room=place.code)
    assert says(unknown, "Keep NO-SUCH as found without a record")
    walk.send("keep", "scans", code="NO-SUCH", room=place.code, stranger="1")
    assert walk.count.lines.get(device=None).seen_place == place


def test_a_count_with_open_differences_is_not_certified(desk: Any, walk: Walk, says: Any) -> None:
    walk.send("done", "end")
    refused = walk.send("certify", "certification")
    assert says(refused, "differences are open")
    assert desk.client.get(f"/counts/{walk.count.code}/certificate").status_code == 404


def test_a_difference_is_handed_to_somebody(desk: Any, walk: Walk, says: Any) -> None:
    walk.send("done", "end")
    line = walk.count.lines.order_by("pk")[0]
    due = utc_now().date() + timedelta(days=3)
    told = {"how": "escalated", "reason": "At home", "user": desk.here.lead.pk, "due": due.isoformat()}
    assert says(walk.send("hand", f"differences/{line.pk}", **told | {"due": "soon"}), "Enter the day")
    walk.send("hand", f"differences/{line.pk}", **told)
    line.refresh_from_db()
    assert (line.how, line.escalated_to) == (CountLine.How.ESCALATED, desk.here.lead)
    assert says(desk.client.get(f"/counts/{walk.count.code}/differences"), "At home")


def test_the_certificate_as_page_and_file(desk: Any, walk: Walk, says: Any) -> None:
    Device.objects.everyone(reason="a test").filter(tag__startswith="C-").update(funding_source="=HYPER()")
    for place, devices in desk.fleet.items():
        walk.walk(place, devices)
    walk.end()
    assert says(desk.client.get(f"/counts/{walk.count.code}/certificate"), "4 of 4 expected devices")
    rows = desk.client.get(f"/exports/counts/{walk.count.code}/certificate").getvalue().decode().splitlines()
    assert len(rows) == 5
    assert "title_holder" in rows[0]
    assert "'=HYPER()" in rows[1]
    assert ",=HYPER()" not in "".join(rows)


def test_the_certificate_as_a_paper_with_what_is_known_of_awards(desk: Any, walk: Walk, says: Any) -> None:
    place, devices = next(iter(desk.fleet.items()))
    act = {"by": desk.town.office, "at": utc_now(), "op": make.op()}
    note_award(device_id=devices[0].pk, federal=Federal("S425D210012", "Osage Schools", 62_50), **act)
    for room, rows in desk.fleet.items():
        walk.walk(room, [row for row in rows if row != devices[1]])
    walk.end()
    page = desk.client.get(f"/counts/{walk.count.code}/certificate")
    assert says(page, "S425D210012")
    paper = desk.client.get(f"/counts/{walk.count.code}/certificate.pdf")
    assert (paper["Content-Type"], paper.content[:4]) == ("application/pdf", b"%PDF")
    values = certificate_values(walk.count, "https://help.example.org/c")
    assert values["figure"] == "75.0 %"
    assert values["federal"]["rows"] == [[devices[0].tag, "S425D210012", "Osage Schools", "62.5 %", ""]]
    assert [row[0] for row in values["differences"]["rows"]] == [devices[1].tag]
    assert len(typeset.images("certificate", values, ppi=60)) == 1
    listed = desk.client.get(f"/exports/counts/{walk.count.code}/certificate?as=csv").getvalue().decode()
    rows = list(csv.DictReader(listed.removeprefix("\ufeff").splitlines()))
    known = {row["asset_tag"]: (row["fain"], row["title_holder"], row["federal_share"]) for row in rows}
    assert known[devices[0].tag] == ("S425D210012", "Osage Schools", "62.5")
    assert known[devices[1].tag] == ("", "", "")
    assert place.name in {row["location"].split(": ")[-1] for row in rows}


def test_no_paper_before_the_count_is_certified(desk: Any, walk: Walk) -> None:
    assert desk.client.get(f"/counts/{walk.count.code}/certificate.pdf").status_code == 404


def test_a_list_that_is_none_is_refused(desk: Any, walk: Walk, says: Any) -> None:
    assert says(walk.send("list", "check-ins"), "Choose the list")
    wrong = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
    assert says(walk.send("list", "check-ins", list=wrong), "needs a column")


def test_a_sealed_store_is_counted_in_one_form(desk: Any, says: Any) -> None:
    store = next(iter(_fleet(desk, 1, 3)))
    due = utc_now().date().isoformat()
    form = {"name": "Daily", "scope": "store", "site": desk.here.site.pk, "due": due, "places": store.pk, "seal": "S-9"}
    code = desk.post("/counts/new/opening", **form).headers["Location"].rpartition("/")[2]
    count = Count.objects.everyone(reason="a test looks").get(code=code)
    walk = Walk(desk, count)
    assert says(walk.send("number", "number", number="2", seal="S-9"), "3 are on record, you counted 2")
    walk.send("number", "number", number="3", seal="S-9")
    walk.end()
    assert (walk.count.in_place, walk.count.missing) == (3, 0)


def test_what_the_worker_hears_of_is_credited(desk: Any, walk: Walk) -> None:
    place, devices = next(iter(desk.fleet.items()))
    desk.post(f"/devices/{devices[0].tag}/place", place=place.code)
    other = next(row for row in desk.fleet if row != place)
    desk.post(f"/devices/{devices[1].tag}/place", place=other.code)
    drain(at=utc_now() + timedelta(minutes=1))
    assert walk.count.lines.get(device=devices[1]).source == CountLine.Source.HAND_OVER
    assert walk.count.lines.get(device=devices[0]).seen_at is None
