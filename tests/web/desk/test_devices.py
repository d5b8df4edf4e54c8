"""A device's page: one next step by its state, and everything else that is done with a device."""

from datetime import date

import pytest

from firstbell.devices.actions.inventory import Purchase, amend, assign, retire, set_aside, unassign
from firstbell.devices.models import Custody, Device, MobileLine
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.transport import empty_box
from firstbell.kernel.roles import Role
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.loans.queries import open_loan_of, pool_device
from firstbell.tickets.models import Ticket
from firstbell.web.desk.device_view import look
from tests import make
from tests.web.desk.conftest import Desk, Says

pytestmark = pytest.mark.django_db


def _custody(device: Device) -> Custody:
    return Custody.objects.get(device=device, until__isnull=True)


def _step(desk: Desk, device: Device) -> str:
    return str(look(device.tag, by=desk.here.lead_actor, at=desk.act()["at"]).step)


def test_each_state_has_its_one_next_step(desk: Desk) -> None:
    ana, ben = desk.person(), desk.person("Ben")
    mine, swapped, stock, loaner, spare = (
        desk.device(ana),
        desk.device(ben),
        desk.device(),
        desk.loaner(),
        desk.loaner(),
    )
    told = {"with its person": _step(desk, mine), "in stock": _step(desk, stock), "loaner": _step(desk, loaner)}
    desk.report(mine)
    told["reported"] = _step(desk, mine)
    swap_at_desk(device_id=swapped.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    told |= {"in the box": _step(desk, swapped), "lent": _step(desk, loaner)}
    set_aside(device_id=spare.pk, **desk.act())
    told["set aside"] = _step(desk, spare)
    empty_box(place_id=desk.here.places["pickup_box"].pk, **desk.technician())
    told["sent"] = _step(desk, swapped)
    unassign(device_id=mine.pk, reason="left", **desk.act())
    told["owner left, still with them"] = _step(desk, mine)
    assign(device_id=stock.pk, person_id=ana.pk, **desk.act())
    told["theirs, in the store"] = _step(desk, stock)
    assert told == {
        "with its person": "ask",
        "in stock": "issue",
        "loaner": "lend",
        "reported": "swap",
        "in the box": "away",
        "lent": "take_back",
        "set aside": "aside",
        "sent": "travelling",
        "owner left, still with them": "swap",
        "theirs, in the store": "issue",
    }


def test_a_retired_device_keeps_its_page_and_history(desk: Desk, says: Says) -> None:
    device = desk.device()
    retire(device_id=device.pk, **desk.act() | {"by": desk.town.office})
    assert says(desk.client.get(f"/devices/{device.tag}"), "Out of the inventory. Its history stays.")
    assert says(desk.client.get(f"/devices/{device.tag}/history"), "Entered the inventory")


def test_a_loaner_is_lent_by_badge_name_or_scan(desk: Desk, says: Says) -> None:
    first, second, third = (desk.loaner() for _ in range(3))
    ana, _ben, mia = desk.person(), desk.person("Ben"), desk.person("Mia")
    desk.post(f"/devices/{first.tag}/loan", who=ana.local_number, reason="forgotten")
    desk.post(f"/devices/{second.tag}/loan", who="ben", reason="nonsense")
    assert says(desk.client.get(f"/devices/{third.tag}?person={mia.pk}"), "Lend to Mia Reyes")
    desk.post(f"/devices/{third.tag}/loan", person=mia.pk, reason="flat")
    loans = {row.person.given_name: row.reason for row in map(open_loan_of, (first.pk, second.pk, third.pk)) if row}
    assert loans == {"Ana": "forgotten", "Ben": "other", "Mia": "flat"}


def test_nobody_or_several_of_a_name_are_refused_in_place(desk: Desk, says: Says) -> None:
    loaner, _one, _two = desk.loaner(), desk.person("Mia"), desk.person("Mia")
    for who, words in (
        ("mia", "More than one person is called “mia”."),
        ("zzz", "Nobody in your reach has the badge or name “zzz”."),
    ):
        answer = desk.post(f"/devices/{loaner.tag}/loan", who=who)
        assert answer.status_code == 422
        assert says(answer, words)
        assert says(answer, f'value="{who}"')
    other = make.person(desk.town.schools[1].site, "Zed")
    assert desk.post(f"/devices/{loaner.tag}/loan", person=other.pk).status_code == 404


@pytest.mark.parametrize(("grade", "status"), [("good", "in_stock"), ("worn", "in_stock"), ("damaged", "quarantined")])
def test_a_loaner_comes_back_with_one_tap(desk: Desk, grade: str, status: str) -> None:
    loaner, ana = desk.loaner(), desk.person()
    lend(device_id=loaner.pk, person_id=ana.pk, reason=Loan.Reason.FLAT, **desk.act())
    desk.post(f"/devices/{loaner.tag}/loan/return", grade=grade)
    assert (make.fresh(loaner).status, _custody(loaner).place) == (status, desk.here.places["loaner_shelf"])
    again = desk.post(f"/devices/{loaner.tag}/loan/return", grade=grade)
    assert again.status_code == 422


def test_a_device_in_stock_is_given_to_a_person(desk: Desk, says: Says) -> None:
    device, ana = desk.device(), desk.person()
    desk.post(f"/devices/{device.tag}/holder", who=ana.local_number)
    assert (_custody(device).person, make.fresh(device).status) == (ana, "in_service")
    ben = desk.person("Ben")
    refused = desk.post(f"/devices/{device.tag}/holder", who=ben.local_number)
    assert refused.status_code == 409
    assert says(refused, "belongs to somebody already")


def test_its_owner_gets_it_out_of_the_store_with_one_tap(desk: Desk) -> None:
    device, ana = desk.device(), desk.person()
    assign(device_id=device.pk, person_id=ana.pk, **desk.act())
    desk.post(f"/devices/{device.tag}/holder", owner="1")
    assert _custody(device).person == ana


def test_it_is_put_where_the_scanned_place_is(desk: Desk, says: Says) -> None:
    device, room = desk.device(), desk.here.places["room"]
    assert says(desk.client.get(f"/devices/{device.tag}?place={room.code}"), "Put it in Room 12")
    desk.post(f"/devices/{device.tag}/place", place=room.code.lower())
    assert _custody(device).place == room
    foreign = desk.town.schools[1].places["room"]
    assert desk.post(f"/devices/{device.tag}/place", place=foreign.code).status_code == 404
    assert desk.post(f"/devices/{device.tag}/place", place="nowhere").status_code == 422
    assert says(desk.client.get(f"/devices/{device.tag}/places"), "Library desk")
    assert not says(desk.client.get(f"/devices/{device.tag}/places"), foreign.code)


def test_set_aside_and_ready_again(desk: Desk, says: Says) -> None:
    device = desk.device()
    desk.post(f"/devices/{device.tag}/aside")
    assert says(desk.client.get(f"/devices/{device.tag}"), "nobody gets it until somebody has looked at it")
    desk.post(f"/devices/{device.tag}/clearance")
    assert make.fresh(device).status == "in_stock"
    assert desk.post(f"/devices/{device.tag}/clearance").status_code == 422


def test_in_and_out_of_the_loaners(desk: Desk) -> None:
    device = desk.device()
    desk.post(f"/devices/{device.tag}/pool", join="1")
    assert pool_device(device.pk) is not None
    desk.post(f"/devices/{device.tag}/pool", leave="1")
    assert pool_device(device.pk) is None


def test_whose_it_is_ends_at_the_desk(desk: Desk) -> None:
    device = desk.device(desk.person())
    desk.post(f"/devices/{device.tag}/release")
    assert not make.fresh(device).assignments.filter(until__isnull=True).exists()


@pytest.mark.parametrize("channel", ["desk", "phone", "teacher", "nonsense"])
def test_a_fault_is_noted_in_one_step(desk: Desk, channel: str) -> None:
    ana = desk.person()
    device = desk.device(ana)
    assert desk.client.get(f"/devices/{device.tag}/fault").status_code == 200
    desk.post(f"/devices/{device.tag}/faults", symptom="missing", channel=channel, note="On the bus.")
    ticket = Ticket.objects.everyone(reason="a test looks").get(device=device)
    assert (ticket.person, ticket.symptom, ticket.note) == (ana, "missing", "On the bus.")
    assert ticket.channel == (channel if channel != "nonsense" else "desk")


def test_a_fault_without_a_choice_keeps_what_was_typed(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    answer = desk.post(f"/devices/{device.tag}/faults", note="On the bus.", channel="phone")
    assert answer.status_code == 422
    assert says(answer, "Choose what is wrong.")
    assert says(answer, "On the bus.")


def test_the_mobile_line_is_put_in_and_taken_out(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    wrong = desk.post(f"/devices/{device.tag}/line", imei="490154203237519")
    assert wrong.status_code == 422
    assert says(wrong, "This IMEI has a wrong digit.")
    assert desk.post(f"/devices/{device.tag}/line").status_code == 422
    desk.post(
        f"/devices/{device.tag}/line", imei="49-015420-323751-8", iccid="8901410321111851072", mdn="(555) 010-0199"
    )
    page = desk.client.get(f"/devices/{device.tag}/record")
    for number in ("490154203237518", "8901410321111851072", "5550100199"):
        assert says(page, f'data-copy="{number}"')
    desk.post(f"/devices/{device.tag}/line", out="1")
    assert not MobileLine.objects.filter(device=device, until__isnull=True).exists()


def test_only_the_district_corrects_the_record(desk: Desk, says: Says) -> None:
    device = desk.device()
    form = {"serial": "SN777", "price": "$319.50", "purchased_on": "2026-08-01", "funding_source": "E-Rate"}
    assert desk.post(f"/devices/{device.tag}/correction", **form).status_code == 404
    technician = make.user("tina", Role.DISTRICT_TECH)[0]
    desk.sign_in(technician)
    desk.post(f"/devices/{device.tag}/correction", **form)
    fresh = make.fresh(device)
    assert (fresh.serial, fresh.price_cents, fresh.purchased_on) == ("SN777", 31950, date(2026, 8, 1))
    for wrong, words in ({"price": "a lot"}, "is not an amount"), ({"purchased_on": "2026-02-30"}, "is not a day"):
        refused = desk.post(f"/devices/{device.tag}/correction", **(form | wrong))
        assert refused.status_code == 422
        assert says(refused, words)
        assert says(refused, "E-Rate")


def test_its_history_tells_holders_conditions_and_cost(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    amend(device_id=device.pk, serial="SN1", purchase=Purchase(), **desk.act() | {"by": desk.town.office})
    take_in(device_id=device.pk, symptom="cracked", **desk.act())
    page = desk.client.get(f"/devices/{device.tag}/history")
    for words in (
        "Ana Reyes handed it in; it went to Pick-up box.",
        "Record corrected: serial.",
        "damaged",
        "$0.00",
        "With Ana Reyes",
    ):
        assert says(page, words)


def test_who_sees_devices_but_no_people_reads_no_names(desk: Desk, says: Says) -> None:
    auditor = make.user("audrey", Role.AUDITOR)[0]
    device, loaner = desk.device(desk.person("Xenia")), desk.loaner()
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    desk.sign_in(auditor)
    for tag in (device.tag, loaner.tag):
        for page in ("", "/history", "/record"):
            answer = desk.client.get(f"/devices/{tag}{page}")
            assert answer.status_code == 200
            assert not says(answer, "Xenia")
    assert says(desk.client.get(f"/devices/{loaner.tag}"), "With a student")
    assert desk.post(f"/devices/{loaner.tag}/loan/return").status_code == 404


def test_a_guest_device_says_whose_desk_is_asked(desk: Desk, says: Says) -> None:
    other = desk.town.schools[1]
    device = make.device(desk.town, other, make.person(other.site))
    take_in(device_id=device.pk, by=other.lead_actor, at=desk.act()["at"], op=make.op())
    desk.sign_in(other.lead)
    assert desk.client.get(f"/devices/{device.tag}").status_code == 200
    desk.sign_in(desk.here.lead)
    assert desk.client.get(f"/devices/{device.tag}").status_code == 404


@pytest.mark.parametrize("page", ["", "/history", "/record", "/places", "/fault"])
def test_another_school_finds_no_such_device(desk: Desk, page: str) -> None:
    device = desk.device()
    desk.sign_in(desk.town.schools[1].lead)
    assert desk.client.get(f"/devices/{device.tag}{page}").status_code == 404


def test_a_tag_with_a_slash_has_a_page_too(desk: Desk) -> None:
    device = make.device(desk.town, desk.here, tag="A/17")
    address = desk.client.get("/scan", {"code": "a/17"}).headers["Location"]
    assert address == f"/devices/{device.tag}"
    for page in ("", "/history", "/record", "/places", "/fault"):
        assert desk.client.get(address + page).status_code == 200


def test_the_page_costs_the_same_with_a_long_history(desk: Desk, django_assert_max_num_queries) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    desk.report(device)
    rooms = [desk.here.places["room"], desk.here.places["desk"]]
    for moves in (0, 20):
        for number in range(moves):
            desk.post(f"/devices/{loaner.tag}/place", place=rooms[number % 2].code)
        desk.client.get("/desk")  # shows the messages that wait
        for tag in (device.tag, loaner.tag):
            with django_assert_max_num_queries(10):
                desk.client.get(f"/devices/{tag}")
        with django_assert_max_num_queries(15):
            desk.client.get(f"/devices/{loaner.tag}/history")
