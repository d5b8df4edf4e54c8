"""Loaners, the closet, places and people: what is listed, for whom, at what cost."""

from datetime import timedelta

import pytest
import zxingcpp
from django.test import Client
from PIL import Image, ImageDraw

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import set_aside
from firstbell.directory.models import ClassGroup, Enrolment, Place
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from firstbell.web.papers import qr
from tests import make
from tests.web.desk.conftest import Desk, Says


def _lend(desk: Desk, days_ago: int = 0) -> Loan:
    values = desk.act() | {"at": utc_now() - timedelta(days=days_ago)}
    return lend(device_id=desk.loaner().pk, person_id=desk.person().pk, reason=Loan.Reason.FORGOTTEN, **values)


def test_loaners_out_overdue_and_here(desk: Desk, says: Says) -> None:
    assert says(desk.client.get("/loans"), "Every loaner is here")
    late, fine, here = _lend(desk, 40), _lend(desk), desk.loaner()
    tags = {view: desk.client.get(f"/loans?view={view}") for view in ("out", "overdue", "free")}
    for loan, views in ((late, {"out", "overdue"}), (fine, {"out"})):
        shown = {view for view, page in tags.items() if says(page, f">{loan.device.device.tag}<")}
        assert shown == views
    assert says(tags["free"], here.tag)
    assert says(tags["overdue"], "days late")
    assert says(tags["out"], "3 loaners: 2 out, 1 here.")


def test_a_loaner_is_taken_back_from_the_list(desk: Desk) -> None:
    loan = _lend(desk, 40)
    answer = desk.post(f"/devices/{loan.device.device.tag}/loan/return", grade="worn", next="/loans?view=overdue")
    assert answer.headers["Location"] == "/loans?view=overdue"
    loan.refresh_from_db()
    assert loan.grade == "worn"


def test_the_closet_lists_what_lies_broken_without_a_next_step(desk: Desk, says: Says) -> None:
    assert says(desk.client.get("/closet"), "The closet is empty")
    ana, ben, cleo = desk.person(), desk.person("Ben"), desk.person("Cleo")
    aside, boxed, shelved, lying, carried, gone = (
        desk.loaner(), desk.device(ana), desk.device(ben), desk.device(), desk.device(cleo), desk.device(),
    )  # fmt: skip
    set_aside(device_id=aside.pk, **desk.act())
    take_in(device_id=boxed.pk, symptom="cracked", **desk.act())
    take_in(device_id=shelved.pk, symptom="cracked", **desk.act())
    relocate(device_id=shelved.pk, place_id=desk.here.places["desk"].pk, **desk.act())
    desk.report(lying)
    desk.report(carried)
    page = desk.client.get("/closet")
    listed = {line.device.tag: line.action for line in page.context["lines"]}
    assert listed == {aside.tag: "repair", shelved.tag: "box", lying.tag: "repair"}
    assert gone.tag not in listed


def test_one_tap_takes_it_out_of_the_closet(desk: Desk) -> None:
    aside, shelved = desk.loaner(), desk.device(desk.person())
    set_aside(device_id=aside.pk, **desk.act())
    take_in(device_id=shelved.pk, symptom="cracked", **desk.act())
    relocate(device_id=shelved.pk, place_id=desk.here.places["desk"].pk, **desk.act())
    box = desk.here.places["pickup_box"]
    assert 'name="why" value="not_asked"' in desk.client.get("/closet").text
    assert desk.post(f"/devices/{aside.tag}/intake", why="not_asked", next="/closet").headers["Location"] == "/closet"
    assert desk.post(f"/devices/{shelved.tag}/place", place=box.code, next="/closet").status_code == 302
    assert order_of(aside.pk) is not None
    assert desk.client.get("/closet").context["lines"] == []


def test_what_lies_too_long_by_the_plan_is_late(desk: Desk, says: Says, time_machine) -> None:
    device = desk.loaner()
    set_aside(device_id=device.pk, **desk.act())
    relocate(device_id=device.pk, place_id=desk.here.places["desk"].pk, **desk.act() | {"at": make.MONDAY})
    for days, kind in ((1, "fine"), (4, "late")):
        time_machine.move_to(make.MONDAY + timedelta(days=days))
        desk.sign_in(desk.here.lead)
        assert [line.clock.kind for line in desk.client.get("/closet").context["lines"]] == [kind]
    assert says(desk.client.get("/closet"), "1 broken device lies idle too long.")


def test_the_closet_of_another_school_is_theirs(desk: Desk) -> None:
    set_aside(device_id=desk.loaner().pk, **desk.act())
    desk.sign_in(desk.town.schools[1].lead)
    assert desk.client.get("/closet").context["lines"] == []


def test_lists_cost_the_same_at_any_length(desk: Desk, django_assert_max_num_queries) -> None:
    for many in (1, 6):
        for _each in range(many):
            _lend(desk, 40)
            device = desk.device(desk.person())
            relocate(device_id=device.pk, place_id=desk.here.places["desk"].pk, **desk.act())
            desk.report(device)
        for address in ("/closet", "/loans", "/loans?view=free", "/places", "/loans?view=overdue"):
            with django_assert_max_num_queries(10):
                desk.client.get(address)


@pytest.mark.parametrize("address", ["/loans", "/hand-back", "/closet", "/places", "/labels", "/people/1"])
def test_signed_out_the_way_leads_to_the_sign_in(db: None, address: str) -> None:
    assert Client().get(address).headers["Location"].startswith("/sign-in")


def test_places_are_made_found_and_renewed(desk: Desk, says: Says) -> None:
    made = desk.post("/places/new", site=desk.here.site.pk, kind="room", name="Room 214")
    assert made.headers["Location"] == "/places"
    place = Place.objects.get(name="Room 214")
    assert says(desk.client.get("/places?q=214"), place.code)
    twice = desk.post("/places/new", site=desk.here.site.pk, kind="room", name="room 214")
    assert twice.status_code == 422
    assert says(twice, "has a place called “room 214” already")
    renewed = desk.post(f"/places/{place.code}/code").headers["Location"]
    assert renewed != f"/places/{place.code}"
    assert desk.client.get(f"/places/{place.code}").status_code == 404
    assert desk.client.get(renewed).status_code == 200


def test_no_place_is_made_or_renewed_at_another_school(desk: Desk) -> None:
    there = desk.town.schools[1]
    assert desk.post("/places/new", site=there.site.pk, kind="room", name="Mine").status_code == 404
    assert desk.post("/places/new", site=0, kind="room", name="Mine").status_code == 404
    code = there.places["room"].code
    assert desk.client.get(f"/places/{code}").status_code == 404
    assert desk.post(f"/places/{code}/code").status_code == 404
    assert not Place.objects.filter(name="Mine").exists()


def test_a_place_shows_what_rests_in_it(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    page = desk.client.get(f"/places/{desk.here.places['desk'].code}")
    assert says(page, "Nothing rests here")
    relocate(device_id=device.pk, place_id=desk.here.places["desk"].pk, **desk.act())
    assert says(desk.client.get(f"/places/{desk.here.places['desk'].code}"), device.tag)


def _drawn(svg: str) -> Image.Image:
    """Draw the SVG's path of unit squares, as a printer would."""
    side = int(svg.split('viewBox="-4 -4 ')[1].split(" ", maxsplit=1)[0])
    image = Image.new("L", (side * 8, side * 8), 255)
    draw = ImageDraw.Draw(image)
    for shape in svg.split(' d="')[1].split('"', maxsplit=1)[0].split("Z"):
        if shape.strip():
            start, rest = shape.strip().lstrip("M").split("h", 1)
            x, y = (int(number) + 4 for number in start.split())
            width, height = rest.split("v")
            height = height.split("h")[0]
            draw.rectangle((x * 8, y * 8, (x + int(width)) * 8 - 1, (y + int(height)) * 8 - 1), fill=0)
    return image


def test_the_printed_code_is_read_back_by_a_scanner(desk: Desk, says: Says) -> None:
    room = desk.here.places["room"]
    page = desk.client.get(f"/places/{room.code}")
    assert says(page, f"http://testserver/r/{room.code}")
    read = zxingcpp.read_barcode(_drawn(qr(f"http://testserver/r/{room.code}")))
    assert read is not None
    assert read.text == f"http://testserver/r/{room.code}"


def test_a_person_page_shows_devices_loaner_and_tickets_and_no_address(desk: Desk, says: Says) -> None:
    ana = desk.person(grade="7", email="ana@example.org")
    room = desk.here.places["room"]
    group = ClassGroup.objects.create(source_id="c1", site=desk.here.site, title="7B", homeroom=True, place=room)
    Enrolment.objects.create(class_group=group, person=ana)
    device, loaner = desk.device(ana), desk.loaner()
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    page = desk.client.get(f"/people/{ana.pk}")
    for words in (
        "Ana Reyes",
        "grade 7",
        "7B, Room 12",
        device.tag,
        "Pick-up box",
        loaner.tag,
        "Cracked or broken part",
    ):
        assert says(page, words)
    assert not says(page, "ana@example.org")


def test_a_report_is_noted_for_a_person(desk: Desk, says: Says) -> None:
    ana, ben = desk.person(), desk.person("Ben")
    device, foreign = desk.device(ana), desk.device(ben)
    answer = desk.post(f"/people/{ana.pk}/reports", symptom="dead", device=device.pk, note="Since Monday")
    ticket = Ticket.objects.everyone(reason="a test looks").get(device=device)
    assert answer.headers["Location"] == f"/tickets/{ticket.code}"
    assert (ticket.person, ticket.reporter) == (ana, "student")
    desk.post(f"/people/{ana.pk}/reports", symptom="signin", device=foreign.pk)
    assert Ticket.objects.everyone(reason="a test looks").get(symptom="signin").device is None
    refused = desk.post(f"/people/{ana.pk}/reports", note="It hums")
    assert refused.status_code == 422
    assert says(refused, "It hums")


def test_people_of_another_school_are_not_there(desk: Desk) -> None:
    zed = make.person(desk.town.schools[1].site, "Zed")
    assert desk.client.get(f"/people/{zed.pk}").status_code == 404
    assert desk.post(f"/people/{zed.pk}/reports", symptom="dead").status_code == 404
    desk.sign_in(make.user("audrey", Role.AUDITOR)[0])
    assert desk.client.get(f"/people/{desk.person().pk}").status_code == 404


def test_a_person_page_costs_fifteen_queries_at_most(desk: Desk, django_assert_max_num_queries) -> None:
    ana = desk.person()
    for many in (1, 5):
        for _each in range(many):
            desk.report(desk.device(ana), person_id=ana.pk)
        with django_assert_max_num_queries(15):
            desk.client.get(f"/people/{ana.pk}")


def test_a_person_page_counts_what_is_open_about_what_they_own_or_hold(desk: Desk, says: Says) -> None:
    ana, eve, loan = desk.person(), desk.person("Eve"), _lend(desk)
    own, lent = desk.report(desk.device(ana), "slow"), desk.report(loan.device.device, "slow")
    assert own.person_id is lent.person_id is None, "a code names nobody"
    for person_id, code in ((ana.pk, own.code), (loan.person_id, lent.code)):
        page = desk.client.get(f"/people/{person_id}")
        assert says(page, code)
        assert not says(page, "None. Good.")
    assert says(desk.client.get(f"/people/{eve.pk}"), "None. Good.")


def test_a_person_page_tells_the_time_without_a_device_to_those_who_see_measures(
    desk: Desk, says: Says, time_machine
) -> None:
    time_machine.move_to(make.MONDAY + timedelta(hours=3))
    desk.sign_in(desk.here.lead)
    ana, ben = desk.person(), desk.person("Ben")
    take_in(device_id=desk.device(ana).pk, symptom="dead", **desk.act() | {"at": make.MONDAY})
    page = desk.client.get(f"/people/{ana.pk}")
    assert says(page, "3 school hours without a working device this school year, in 1 case.")
    assert says(page, "Without one now.")
    assert says(desk.client.get(f"/people/{ben.pk}"), "Never without a working device this school year.")
