"""The phone at a count, a collection and a hand-out: from the page by one button, scan by scan, and back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from firstbell.counts.actions import Scope, open_count
from firstbell.counts.models import Count, CountLine
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Assignment, Device
from firstbell.devices.queries import differences
from firstbell.directory.models import ClassGroup, Person
from firstbell.flows.scans import conflicts
from firstbell.incidents.models import Incident
from firstbell.seasons.actions import start_collecting, start_handing_out
from firstbell.seasons.models import Turn
from firstbell.seasons.queries import tally
from tests import make
from tests.axe import axe_violations
from tests.journeys.counting import Actions, burst
from tests.journeys.scanpage import UNSENT, kept, phone, ready, scan, settled
from tests.seasons.school import Ready
from tests.seasons.school import ready as school_ready
from tests.web.depot.world import custody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here() -> Ready:
    return school_ready()


def _from(context: BrowserContext, address: str, words: str) -> Page:
    """Open a page of the desk and take its one button to the phone's mode."""
    page = context.new_page()
    page.goto(address)
    button = page.get_by_role("link", name=words)
    expect(page.locator(".button.primary:visible")).to_have_count(1)
    button.click()
    ready(page)
    return page


# --- Count -----------------------------------------------------------------------------------------------------------


def _count(here: Ready) -> Count:
    now = timezone.now()
    scope = Scope(kind=Count.Scope.EVERYTHING, site_id=here.school.site.pk)
    return open_count(name="Spring", scope=scope, due_on=now.date() + timedelta(days=9), **here.act(at=now))


def _in(here: Ready, room: str, count: int) -> list[Device]:
    devices = [make.device(here.town, here.school) for _ in range(count)]
    for device in devices:
        relocate(device_id=device.pk, place_id=here.school.places[room].pk, **make.system())
    return devices


def test_journey_d_on_a_phone_two_rooms_and_a_certificate(here: Ready, browser: Browser, live_server: Any) -> None:
    room, desk = _in(here, "room", 4), _in(here, "desk", 2)
    counted = _count(here)
    with phone(browser, live_server, here.school.lead) as context:
        page = _from(context, f"/counts/{counted.code}", "Count with this phone")
        case = Actions(page, budget=14, name="D, six devices in two rooms, one missing")
        for place, devices in (("room", room[:3]), ("desk", desk)):
            case.scan(here.school.places[place].code)
            expect(page.locator("#last")).to_contain_text(here.school.places[place].name)
            for device in devices:
                case.scan(device.tag)
                expect(page.locator("#last")).to_contain_text(device.tag)
        settled(page)
        assert axe_violations(page) == []
        case.tap("text=Page of this count")
        case.tap("text=Scanning is done")
        case.tap("text=Report it missing")
        case.tap("text=Certify")
        expect(page.get_by_role("heading", name="Certificate of inventory")).to_be_visible()
        case.report()
    counted.refresh_from_db()
    assert (counted.status, counted.in_place, counted.missing) == (Count.Status.CERTIFIED, 5, 1)


def test_a_room_s_page_leads_to_the_phone_with_that_room_in_the_hand(
    here: Ready, browser: Browser, live_server: Any
) -> None:
    (device,), counted = _in(here, "room", 1), _count(here)
    address = f"/counts/{counted.code}/rooms/{here.school.places['room'].code}"
    with phone(browser, live_server, here.school.lead) as context:
        page = _from(context, address, "Count here with this phone")
        expect(page.locator("#hand")).to_contain_text(here.school.places["room"].name)
        scan(page, device.tag)
        settled(page)
    assert CountLine.objects.get(count=counted, device=device).seen_place == here.school.places["room"]


# --- Collect ---------------------------------------------------------------------------------------------------------


def test_devices_are_collected_with_a_phone_damage_and_charger_by_a_tap(
    here: Ready, browser: Browser, live_server: Any
) -> None:
    devices = [make.device(here.town, here.school, make.person(here.school.site, grade="7")) for _ in range(3)]
    now = timezone.now()
    collection = start_collecting(place_id=here.store.pk, until=now.date() + timedelta(days=3), **here.act(at=now))
    with phone(browser, live_server, here.school.lead) as context:
        page = _from(context, f"/collecting/{collection.pk}", "Collect with this phone")
        case = Actions(page, budget=4, name="B on a phone, two of three devices")
        case.scan(devices[0].tag)
        expect(page.locator("#last")).to_contain_text(devices[0].tag)
        case.tap("text=No charger")
        case.scan(devices[1].tag)
        expect(page.locator("#last")).to_contain_text(devices[1].tag)
        case.tap("text=Cracked")
        settled(page)
        case.report()
        assert axe_violations(page) == []
    found = tally(collection)
    assert (found.came, found.damaged, found.no_charger, found.out) == (2, 1, 1, 1)
    assert Incident.objects.everyone(reason="a test looks").get().device == devices[1]
    assert conflicts(by=here.school.lead_actor).count() == 0


# --- Hand out --------------------------------------------------------------------------------------------------------


def _homeroom(here: Ready, size: int) -> tuple[ClassGroup, list[Person], list[Device]]:
    group, students = here.homeroom(size)
    devices = [here.spare() for _ in range(size)]
    start_handing_out(class_group_id=group.pk, **here.act(at=timezone.now()))
    return group, students, devices


def _owners(group: ClassGroup) -> dict[int | None, int]:
    rows = Assignment.objects.filter(until=None, person__enrolments__class_group=group)
    return dict(rows.values_list("person_id", "device_id"))


def _next(page: Page, person: Person) -> None:
    expect(page.locator("#turn")).to_have_text(f"Next: {person.display_name}")


def test_a_homeroom_is_served_with_a_phone_with_skip_and_undo(here: Ready, browser: Browser, live_server: Any) -> None:
    group, students, devices = _homeroom(here, 4)
    with phone(browser, live_server, here.school.lead) as context:
        page = _from(context, f"/hand-out/{group.pk}", "Hand out with this phone")
        _next(page, students[0])
        scan(page, devices[0].tag)
        expect(page.locator("#last")).to_contain_text(f"For {students[0].display_name}")
        _next(page, students[1])
        page.get_by_role("button", name="Skip: not here").click()
        _next(page, students[2])
        scan(page, devices[1].tag)
        settled(page)
        assert axe_violations(page) == []
        page.get_by_role("button", name="Undo").click()  # it is on record already: the turn is taken back there
        _next(page, students[2])
        settled(page)
        assert _owners(group) == {students[0].pk: devices[0].pk}
        scan(page, devices[2].tag)
        _next(page, students[3])
        page.get_by_role("button", name=f"{students[1].display_name} is here now").click()
        _next(page, students[1])
        scan(page, devices[1].tag)
        _next(page, students[3])
        scan(page, devices[3].tag)
        expect(page.locator("#turn")).to_have_text("Everybody has had their turn")
        settled(page)
        page.get_by_role("link", name="Page of this homeroom").click()
        expect(page.get_by_text("4 of 4 have their device")).to_be_visible()
    given = (devices[0], devices[1], devices[2], devices[3])
    assert _owners(group) == {person.pk: device.pk for person, device in zip(students, given, strict=True)}
    assert conflicts(by=here.school.lead_actor).count() == 0
    assert differences() == []


def test_a_homeroom_is_served_in_airplane_mode_with_a_restart_and_no_name_is_kept(
    here: Ready, browser: Browser, live_server: Any
) -> None:
    group, students, devices = _homeroom(here, 4)
    with phone(browser, live_server, here.school.lead) as context:
        page = _from(context, f"/hand-out/{group.pk}", "Hand out with this phone")
        _next(page, students[0])
        page.wait_for_function("navigator.serviceWorker.controller !== null")
        context.set_offline(True)
        scan(page, devices[0].tag)
        page.get_by_role("button", name="Skip: not here").click()
        _next(page, students[2])
        page.close()
        page = context.new_page()
        page.goto("/scan/line")
        ready(page)
        expect(page.locator("#turn")).to_have_text("Next: Student 3 on the list")  # names were not kept on the phone
        scan(page, devices[1].tag)
        expect(page.locator("#turn")).to_have_text("Next: Student 4 on the list")
        page.get_by_role("button", name="Undo").click()  # it was never sent: as if it had not been
        expect(page.locator("#turn")).to_have_text("Next: Student 3 on the list")
        burst(page, devices[2].tag)
        expect(page.locator("#turn")).to_have_text("Next: Student 4 on the list")
        expect(page.locator(UNSENT)).to_have_text("4 not sent")
        assert [row["verb"] for row in kept(page)] == ["hand_out", "skip", "undone", "hand_out"]
        assert Turn.objects.count() == 0
        context.set_offline(False)
        settled(page)
        _next(page, students[3])
    assert _owners(group) == {students[0].pk: devices[0].pk, students[2].pk: devices[2].pk}
    assert custody(devices[1]).place == here.store
    assert conflicts(by=here.school.lead_actor).count() == 0
    assert differences() == []
