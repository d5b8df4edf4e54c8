"""A student helper reports for a classmate: by a code, and learns nothing of whose it is (S57)."""

from typing import Any

import pytest

from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.team.test_team import _a_school_day, helper, here, signed_in, town

__all__ = ["_a_school_day", "here", "town"]


@pytest.fixture(autouse=True)
def _team_is_a_way(db: None) -> None:
    make.decision("channels.student", ["desk", "team"])


def send(client: Any, code: str, symptom: str = "cracked", **more: Any) -> Any:
    return client.post("/team/reports", {"op": make.op(), "code": code, "symptom": symptom} | more, follow=True)


def test_a_device_is_reported_by_its_tag_and_its_owner_stays_unknown(town, here):
    device = make.device(town, here, make.person(here.site, given="Canaria", family="Secretissima"))
    client = helper(here)
    page = client.get("/team/report", {"code": device.tag.lower()})
    assert device.tag in page.content.decode()
    assert "Canaria" not in page.content.decode()
    answer = send(client, device.tag, note="It fell")
    (ticket,) = Ticket.objects.everyone(reason="a test looks")
    assert (ticket.device, ticket.channel, ticket.reporter) == (device, "team", "student")
    assert (ticket.note, ticket.note_cleared) == ("It fell", False)
    text = answer.content.decode()
    assert f"Reported as {ticket.code[:4]} {ticket.code[4:]}" in text
    assert "Go to the tech desk: Library desk" in text
    assert "Canaria" not in text
    (event,) = [event for event in history(ticket) if event.kind == "tickets.opened"]
    assert event.actor_user_id is not None, "it is on record who reported it"


def test_a_room_is_reported_by_its_code(here):
    client = helper(here)
    code = here.places["room"].code
    assert "Room 12" in client.get("/team/report", {"code": code}).content.decode()
    send(client, code, "internet")
    (ticket,) = Ticket.objects.everyone(reason="a test looks")
    assert (ticket.place, ticket.device, ticket.level) == (here.places["room"], None, 1)


@pytest.mark.parametrize("code", ["NOWHERE", "<script>", "%00", ""])
def test_a_code_that_is_none_is_said_and_nothing_is_opened(here, code):
    client = helper(here)
    page = client.get("/team/report", {"code": code}).content.decode()
    assert ("No room and no device of your school" in page) is bool(code)
    answer = send(client, code)
    assert answer.status_code == 422
    assert not Ticket.objects.everyone(reason="a test looks").exists()


def test_another_school_is_as_unknown_as_nowhere(town, here):
    there = town.schools[1]
    client = helper(here)
    for code in (there.places["room"].code, make.device(town, there).tag):
        assert "No room and no device of your school" in client.get("/team/report", {"code": code}).content.decode()
        assert send(client, code).status_code == 422
    assert not Ticket.objects.everyone(reason="a test looks").exists()


def test_where_the_plan_has_this_way_off_it_says_so(here):
    make.decision("channels.student", ["qr", "desk"])
    client = helper(here)
    code = here.places["room"].code
    page = client.get("/team/report", {"code": code}).content.decode()
    assert "Reports through student helpers are off at this school" in page
    assert 'name="symptom"' not in page
    assert send(client, code).status_code == 422
    assert not Ticket.objects.everyone(reason="a test looks").exists()


def test_a_symptom_that_is_none_is_refused_and_the_words_stay(here):
    answer = send(helper(here), here.places["room"].code, "tired", note="It sleeps")
    assert answer.status_code == 422
    assert "It sleeps" in answer.content.decode()
    assert not Ticket.objects.everyone(reason="a test looks").exists()


def test_the_same_report_twice_is_one(here):
    client, op = helper(here), make.op()
    for _ in range(2):
        send(client, here.places["room"].code, op=op)
    assert Ticket.objects.everyone(reason="a test looks").count() == 1


def test_who_is_no_helper_does_not_come_in(town, here):
    coach = make.user("coach", Role.COACH, here.site)[0]
    assert [signed_in(user).get("/team/report").status_code for user in (here.lead, coach)] == [404, 404]
