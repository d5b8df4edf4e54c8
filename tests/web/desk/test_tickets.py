"""A ticket's page and what can be done there; refusals stand where they happened."""

from datetime import timedelta

import pytest

from firstbell.directory.actions import grant_role
from firstbell.flows.desk import swap_at_desk
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.tickets.actions import take
from firstbell.tickets.models import Message, Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says


def _fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.everyone(reason="a test looks").get(pk=ticket.pk)


def test_its_page_tells_who_where_what(desk: Desk, says: Says) -> None:
    ana = desk.person(grade="7")
    device = desk.device(ana)
    room = desk.here.places["room"]
    ticket = desk.report(device, "slow", person_id=ana.pk, place_id=room.pk, note="It hums.", steps_tried=(0,))
    page = desk.client.get(f"/tickets/{ticket.code.lower()}")
    for words in (
        "Slow",
        "Ana Reyes, grade 7",
        "Room 12",
        "It hums.",
        "Device with Ana Reyes",
        "Tried already",
        device.tag,
    ):
        assert says(page, words)


@pytest.mark.parametrize(
    ("address", "form", "status"),
    [
        ("worker", {}, "in_progress"),
        ("triage", {"outcome": "school_it"}, "triaged"),
        ("wait", {"on": "parts"}, "waiting"),
        ("level", {"why": "rights"}, "triaged"),
        ("solution", {}, "resolved"),
        ("closure", {}, "closed"),
    ],
)
def test_one_tap_moves_it_on(desk: Desk, address: str, form: dict[str, str], status: str) -> None:
    ticket = desk.report(symptom="signin")
    answer = desk.post(f"/tickets/{ticket.code}/{address}", **form)
    assert answer.headers["Location"] == f"/tickets/{ticket.code}"
    assert _fresh(ticket).status == status


def test_closing_names_what_hangs_on_it_and_asks_why(desk: Desk, says: Says) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    ticket = swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    refused = desk.post(f"/tickets/{ticket.code}/closure")
    assert refused.status_code == 422
    assert says(refused, f"loaner {loaner.tag} is out")
    assert says(refused, "Why does it close all the same?")
    desk.post(f"/tickets/{ticket.code}/closure", reason="The family moved away.")
    assert _fresh(ticket).closing_reason == "The family moved away."
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "The family moved away.")


def test_what_can_not_be_done_says_so_on_the_page(desk: Desk, says: Says) -> None:
    ticket = desk.report(symptom="signin")
    colleague, actor = make.user("Kim", Role.IT_LEAD, desk.here.site, deputy=True)
    take(ticket_id=ticket.pk, by=actor, at=utc_now(), op=make.op())
    taken = desk.post(f"/tickets/{ticket.code}/worker")
    assert taken.status_code == 409
    assert says(taken, f"{colleague} is on it already.")
    for address, words in (
        ("triage", "Choose where it goes."),
        ("wait", "Choose what the ticket waits on."),
        ("messages", "Write a few words first."),
        ("device", "No device with “” is in your reach."),
    ):
        refused = desk.post(f"/tickets/{ticket.code}/{address}")
        assert refused.status_code == 422
        assert says(refused, words)


def test_the_reporter_and_colleagues_are_written_to_apart(desk: Desk, says: Says) -> None:
    ticket = desk.report(symptom="signin")
    desk.post(f"/tickets/{ticket.code}/messages", body="Come at noon.", audience="reporter")
    desk.post(f"/tickets/{ticket.code}/messages", body="Third time.", audience="staff")
    desk.post(f"/tickets/{ticket.code}/messages", body="Not said for whom.")
    written = Message.objects.filter(ticket=ticket).values_list("body", "audience")
    assert dict(written) == {"Come at noon.": "reporter", "Third time.": "staff", "Not said for whom.": "staff"}
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "staff only")


def test_a_scan_names_the_device_and_its_person(desk: Desk, says: Says) -> None:
    ana = desk.person()
    ticket, device = desk.report(symptom="dead"), desk.device(ana)
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "Which device is it? Scan it here")
    desk.post(f"/tickets/{ticket.code}/device", device=device.tag)
    assert (_fresh(ticket).device, _fresh(ticket).person) == (device, ana)
    assert says(desk.client.get(f"/tickets/{ticket.code}"), f"Swap {device.tag}")


def test_triage_to_a_swap_leads_to_the_device(desk: Desk) -> None:
    device = desk.device(desk.person())
    ticket = desk.report(device)
    assert desk.post(f"/tickets/{ticket.code}/triage", outcome="swap").headers["Location"] == f"/devices/{device.tag}"


def test_it_opens_again_within_two_weeks_only(desk: Desk, says: Says, time_machine) -> None:
    ticket = desk.report(symptom="signin")
    desk.post(f"/tickets/{ticket.code}/closure")
    desk.post(f"/tickets/{ticket.code}/reopening")
    assert _fresh(ticket).status == "in_progress"
    desk.post(f"/tickets/{ticket.code}/closure")
    time_machine.move_to(utc_now() + timedelta(days=15))
    desk.sign_in(desk.here.lead)
    refused = desk.post(f"/tickets/{ticket.code}/reopening")
    assert refused.status_code == 422
    assert says(refused, "more than two weeks ago")


def test_the_team_reads_the_note_once_an_adult_has(desk: Desk, says: Says) -> None:
    ticket = desk.report(symptom="slow", note="My name is Ana.")
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "Let the team read them")
    desk.post(f"/tickets/{ticket.code}/note-clearance")
    assert _fresh(ticket).note_cleared


def test_its_history_is_told_in_sentences(desk: Desk, says: Says) -> None:
    ticket = desk.report(symptom="signin")
    desk.post(f"/tickets/{ticket.code}/worker")
    page = desk.client.get(f"/tickets/{ticket.code}/history")
    assert says(page, "took the ticket.")
    assert says(page, "Help was asked for: Cannot sign in, through QR code.")


def test_a_coach_who_also_leads_it_is_told_why_not(desk: Desk, says: Says) -> None:
    both, _actor = make.user("Cora", Role.IT_LEAD, desk.here.site, deputy=True)
    reason = {"exception_reason": "One week of absence"}
    grant_role(user_id=both.pk, role=Role.COACH, site_id=desk.here.site.pk, **(make.system() | reason))
    ticket = desk.report(symptom="signin")
    desk.sign_in(both)
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "You are a coach here.")
    answer = desk.post(f"/tickets/{ticket.code}/worker")
    assert answer.status_code == 403
    assert says(answer, "You are a coach here.")
    assert _fresh(ticket).worker is None


def test_another_school_finds_no_such_ticket(desk: Desk) -> None:
    ticket = desk.report(symptom="signin")
    desk.sign_in(desk.town.schools[1].lead)
    for address in ("", "/history"):
        assert desk.client.get(f"/tickets/{ticket.code}{address}").status_code == 404
    for address in ("worker", "triage", "closure", "messages", "solution"):
        assert desk.post(f"/tickets/{ticket.code}/{address}").status_code == 404


def test_a_form_never_leads_to_another_site(desk: Desk) -> None:
    ticket = desk.report(symptom="signin")
    answer = desk.post(f"/tickets/{ticket.code}/worker", next="https://evil.example/")
    assert answer.headers["Location"] == f"/tickets/{ticket.code}"


def test_the_page_costs_few_queries_however_much_was_said(desk: Desk, django_assert_max_num_queries) -> None:
    ticket = desk.report(desk.device(desk.person()))
    for many in (0, 30):
        for number in range(many):
            desk.post(f"/tickets/{ticket.code}/messages", body=f"Message {number}")
        desk.client.get("/desk")  # shows the messages that are waiting
        with django_assert_max_num_queries(11):
            desk.client.get(f"/tickets/{ticket.code}")
