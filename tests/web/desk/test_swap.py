"""Broken in, working out: one scan on the device's page. What can't be done says why in place."""

import pytest
from django.test import Client

from firstbell.decisions.register import STAND_IN
from firstbell.devices.actions.inventory import set_aside
from firstbell.devices.models import Custody, Device
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.loans.queries import open_loan_of
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says


def _custody(device: Device) -> Custody:
    return Custody.objects.get(device=device, until__isnull=True)


def test_a_reported_device_is_swapped_with_one_scan(desk: Desk, says: Says) -> None:
    ana = desk.person()
    device, loaner = desk.device(ana), desk.loaner()
    ticket = desk.report(device)
    page = desk.client.get(f"/devices/{device.tag}")
    assert says(page, "Scan a loaner for Ana Reyes")
    assert says(page, f"Swap for {loaner.tag}")
    answer = desk.post(f"/devices/{device.tag}/swap", loaner=f" {loaner.tag.lower()}", symptom="cracked")
    assert answer.headers["Location"] == f"/devices/{device.tag}"
    assert _custody(loaner).person == ana
    assert _custody(device).place == desk.here.places["pickup_box"]
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.WAITING
    after = desk.client.get(f"/devices/{device.tag}")
    assert says(after, f"Ana Reyes has {loaner.tag} now")
    assert says(after, "The courier's turn")


def test_without_a_report_one_tap_says_what_is_wrong(desk: Desk, says: Says) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    page = desk.client.get(f"/devices/{device.tag}")
    assert says(page, "What's wrong with it?")
    assert not says(page, "Scan a loaner")
    chosen = desk.client.get(f"/devices/{device.tag}?symptom=dead&loaner={loaner.tag}")
    assert says(chosen, f'value="{loaner.tag}"')
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, symptom="dead")
    order = order_of(device.pk)
    assert order is not None
    assert order.symptom == "dead"
    assert Ticket.objects.everyone(reason="a test looks").get(device=device).channel == Ticket.Channel.DESK


def test_a_device_that_was_not_charged_stays_with_its_person(desk: Desk) -> None:
    ana = desk.person()
    device, loaner = desk.device(ana), desk.loaner()
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, symptom="flat")
    assert _custody(device).person == ana
    loan = open_loan_of(loaner.pk)
    assert loan is not None
    assert loan.reason == Loan.Reason.FLAT


def test_sent_twice_it_is_one_swap(desk: Desk) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    form = {"op": str(make.op()), "loaner": loaner.tag, "symptom": "dead"}
    for _time in range(2):
        assert desk.client.post(f"/devices/{device.tag}/swap", form).status_code == 302
    assert Loan.objects.everyone(reason="a test looks").count() == 1


def test_a_loaner_that_is_out_says_who_has_it(desk: Desk, says: Says) -> None:
    device, loaner, ben = desk.device(desk.person()), desk.loaner(), desk.person("Ben")
    lend(device_id=loaner.pk, person_id=ben.pk, reason=Loan.Reason.FORGOTTEN, **desk.act())
    answer = desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, symptom="dead")
    assert answer.status_code == 409
    assert says(answer, f"{loaner.tag} is out already: Ben Reyes has it.")
    assert says(answer, f"/scan?code={loaner.tag}")
    assert says(answer, "Scan a loaner for Ana Reyes")
    assert order_of(device.pk) is None


def test_what_was_scanned_and_why_it_is_no_free_loaner(desk: Desk, says: Says) -> None:
    device, plain, broken = desk.device(desk.person()), desk.device(), desk.loaner()
    set_aside(device_id=broken.pk, **desk.act())
    foreign = make.loaner(desk.town, desk.town.schools[1])
    wanted = {
        plain.tag: f"{plain.tag} is not a loaner.",
        broken.tag: f"{broken.tag} is set aside and cannot be lent.",
        foreign.tag: f"No device with the code “{foreign.tag}” is in your reach.",
        "nonsense": "No device with the code “nonsense” is in your reach.",
        "": "No device with the code “” is in your reach.",
    }
    for code, words in wanted.items():
        answer = desk.post(f"/devices/{device.tag}/swap", loaner=code, symptom="dead")
        assert answer.status_code == 422
        assert says(answer, words)
    assert Loan.objects.everyone(reason="a test looks").count() == 0


def test_who_has_a_loaner_brings_it_back_first(desk: Desk, says: Says) -> None:
    ana = desk.person()
    device, first, second = desk.device(ana), desk.loaner(), desk.loaner()
    lend(device_id=first.pk, person_id=ana.pk, reason=Loan.Reason.FORGOTTEN, **desk.act())
    assert says(desk.client.get(f"/devices/{device.tag}?symptom=dead"), "has a loaner already")
    answer = desk.post(f"/devices/{device.tag}/swap", loaner=second.tag, symptom="dead")
    assert answer.status_code == 422
    assert says(answer, f"Ana Reyes has loaner {first.tag} already. Take that one back first.")


def test_a_device_of_nobody_asks_for_the_person_first(desk: Desk, says: Says) -> None:
    device, loaner, ana = desk.device(), desk.loaner(), desk.person()
    desk.report(device)
    page = desk.client.get(f"/devices/{device.tag}")
    assert says(page, "Scan the person's badge first")
    assert desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag).status_code == 422
    named = desk.client.get(f"/devices/{device.tag}?person={ana.pk}")
    assert says(named, "Scan a loaner for Ana Reyes")
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, person=ana.pk)
    assert _custody(loaner).person == ana


def test_where_the_plan_swaps_for_good_the_page_says_so(desk: Desk, says: Says) -> None:
    make.decision(STAND_IN.key, "swap")
    ana = desk.person()
    device, loaner = desk.device(ana), desk.loaner()
    desk.report(device)
    assert says(desk.client.get(f"/devices/{device.tag}"), "Swap it for good")
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag)
    assert make.fresh(loaner).assignments.get(until__isnull=True).person == ana


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("none_left", "none was left"),
        ("not_wanted", "not wanted"),
        ("not_asked", "nobody was there to be asked"),
        ("", "nobody was there to be asked"),
    ],
)
def test_taken_in_without_a_loaner_for_a_reason(desk: Desk, says: Says, why: str, said: str) -> None:
    device = desk.device(desk.person())
    desk.report(device)
    assert says(desk.client.get(f"/devices/{device.tag}"), "No loaner is free at this school.")
    desk.post(f"/devices/{device.tag}/intake", why=why)
    assert order_of(device.pk) is not None
    history = desk.client.get(f"/devices/{device.tag}/history")
    assert says(history, f"No loaner was given: {said}")


def test_a_school_without_a_box_hears_of_the_decision_behind_it(desk: Desk, says: Says) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    box = desk.here.places["pickup_box"]
    box.closed_at = desk.town.at
    box.save()
    answer = desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, symptom="dead")
    assert answer.status_code == 422
    assert says(answer, "Where is a broken device put after it is handed in?")


def test_another_school_finds_no_such_device(desk: Desk) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    desk.sign_in(desk.town.schools[1].lead)
    assert desk.client.get(f"/devices/{device.tag}").status_code == 404
    assert desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag).status_code == 404


def test_nobody_swaps_signed_out(desk: Desk) -> None:
    device = desk.device(desk.person())
    answer = Client().post(f"/devices/{device.tag}/swap", {"loaner": "L-1"})
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_form_without_an_operation_is_told_so_in_place(desk: Desk, says: Says) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    answer = desk.client.post(f"/devices/{device.tag}/swap", {"loaner": loaner.tag})
    assert answer.status_code == 422
    assert says(answer, "This form was incomplete.")
