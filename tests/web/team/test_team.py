"""Student helpers: their own short queue without names; an adult behind every step."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstbell.directory.actions import make_place
from firstbell.directory.models import Place, User
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.tickets.actions import Report, resolve
from firstbell.tickets.models import Ticket
from tests import make

AT = make.MONDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _a_school_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def town(db: None) -> make.District:
    return make.district(2)


@pytest.fixture
def here(town: make.District) -> make.School:
    return town.schools[0]


def helper(here: make.School) -> Client:
    return signed_in(make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[0])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def task(here: make.School, symptom: str = "slow", **more: Any) -> Ticket:
    said = Report(site_id=here.site.pk, symptom=symptom, place_id=here.places["room"].pk, **more)
    return report_problem(report=said, channel=Ticket.Channel.QR, by=REPORTER, at=make.MONDAY, op=make.op()).ticket


def post(client: Client, ticket: Ticket, end: str, **said: Any) -> Any:
    return client.post(f"/team/{ticket.code}/{end}", {"op": make.op()} | said)


def now(ticket: Ticket) -> tuple[str, int]:
    ticket.refresh_from_db()
    return ticket.status, ticket.level


def test_a_task_says_where_and_what_but_not_who(town, here):
    ana = make.person(here.site, given="Canaria", family="Secretissima")
    device = make.device(town, here, ana)
    task(here, device_id=device.pk, person_id=ana.pk, note="Canaria spilled")
    text = helper(here).get("/team").content.decode()
    for known in ("Room 12", device.tag, str(device.model), "Slow, frozen or an app fails"):
        assert known in text
    for secret in ("Canaria", "Secretissima", "spilled", ana.local_number):
        assert secret not in text


def test_only_tasks_of_the_list_at_the_own_school_are_shown(town, here):
    client = helper(here)
    task(town.schools[1])
    task(here, "signin")
    task(here, "cracked")
    task(here, "slow", class_stopper=True)
    text = client.get("/team").content.decode()
    assert "Nothing to do right now" in text
    task(here, "internet")
    assert "No internet" in client.get("/team").content.decode()


def test_what_waits_in_one_room_stands_together_the_longest_wait_first(here):
    first, elsewhere, last = task(here), task(here, "internet"), task(here, "input")
    gym = make_place(site_id=here.site.pk, kind=Place.Kind.ROOM, name="Gym", **make.system())
    Ticket.objects.everyone(reason="a test").filter(pk=elsewhere.pk).update(place=gym)
    text = helper(here).get("/team").content.decode()
    assert "Room 12</bdi>: 2 tasks" in text
    assert "Gym</bdi>: 1 task" not in text, "one task needs no heading"
    assert re.findall(r"/team/(\w+)/worker", text) == [first.code, last.code, elsewhere.code]


def test_take_then_it_works_then_an_adult_closes_it(here):
    ticket, client = task(here), helper(here)
    assert "I take it" in client.get("/team").content.decode()
    assert post(client, ticket, "worker").url == "/team"
    text = client.get("/team").content.decode()
    assert "You are on it" in text
    assert "Save your work" in text
    answer = client.post(f"/team/{ticket.code}/solution", {"op": make.op()}, follow=True)
    assert "Well done!" in answer.content.decode()
    assert now(ticket) == ("resolved", 1)
    lead = signed_in(here.lead)
    text = lead.get("/team/approvals").content.decode()
    assert "Finished by helpers" in text
    assert "helper" in text
    assert post(lead, ticket, "approval").url == "/team/approvals"
    assert now(ticket)[0] == "closed"
    assert "tickets.team_task_approved" in [event.kind for event in history(ticket)]
    assert "Nothing to check" in lead.get("/team/approvals").content.decode()


def test_a_tap_twice_takes_it_once(here):
    ticket, client, op = task(here), helper(here), make.op()
    assert [post(client, ticket, "worker", op=op).status_code for _ in range(2)] == [302, 302]
    assert [event.kind for event in history(ticket)].count("tickets.taken") == 1


def test_two_helpers_one_task_the_second_is_told(here):
    ticket, first, second = task(here), helper(here), helper(here)
    post(first, ticket, "worker")
    answer = post(second, ticket, "worker")
    assert answer.status_code == 409
    assert "Another helper is on it already." in answer.content.decode()
    assert "Another helper is busy with 1 task." in second.get("/team").content.decode()
    assert post(second, ticket, "solution").status_code == 422
    assert now(ticket) == ("in_progress", 1)


def test_handing_up_moves_it_to_school_it(here):
    ticket, client = task(here), helper(here)
    post(client, ticket, "worker")
    answer = client.post(f"/team/{ticket.code}/level", {"op": make.op()}, follow=True)
    assert "School IT has it now" in answer.content.decode()
    assert now(ticket) == ("triaged", 2)
    assert "Nothing to do right now" in answer.content.decode()


def test_the_plan_may_keep_helpers_from_handing_up(here):
    make.decision("levels.hand_up", ["it_lead"])
    ticket, client = task(here), helper(here)
    post(client, ticket, "worker")
    answer = post(client, ticket, "level")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "the school&#x27;s IT lead" in text or "the school's IT lead" in text
    assert "Who may move a ticket up a level?" in text
    assert now(ticket) == ("in_progress", 1)


def test_words_are_shown_once_an_adult_has_read_them(here):
    ticket, client, lead = task(here, note="It began after lunch"), helper(here), signed_in(here.lead)
    assert "after lunch" not in client.get("/team").content.decode()
    assert "after lunch" in lead.get("/team/approvals").content.decode()
    assert post(lead, ticket, "note-clearance").url == "/team/approvals"
    assert "after lunch" in client.get("/team").content.decode()
    assert "after lunch" not in lead.get("/team/approvals").content.decode()


def test_what_does_not_work_yet_goes_back_to_the_helper(here):
    ticket, client, lead = task(here), helper(here), signed_in(here.lead)
    post(client, ticket, "worker")
    post(client, ticket, "solution")
    assert post(lead, ticket, "reopening").url == "/team/approvals"
    assert now(ticket) == ("in_progress", 1)
    assert "You are on it" in client.get("/team").content.decode()


def test_what_school_it_solved_itself_waits_for_nobody(here):
    resolve(ticket_id=task(here).pk, by=here.lead_actor, at=AT, op=make.op())
    assert "Nothing to check" in signed_in(here.lead).get("/team/approvals").content.decode()


def test_unfinished_work_is_not_approved(here):
    ticket, lead = task(here), signed_in(here.lead)
    assert post(lead, ticket, "approval").status_code == 422
    assert now(ticket)[0] == "new"


HELPER = ("worker", "solution", "level")
ADULT = ("approval", "reopening", "note-clearance")


@pytest.mark.parametrize("end", HELPER)
def test_a_helper_of_another_school_finds_nothing(town, here, end):
    assert post(helper(town.schools[1]), task(here), end).status_code == 404


@pytest.mark.parametrize("end", ADULT)
def test_an_adult_of_another_school_finds_nothing(town, here, end):
    assert post(signed_in(town.schools[1].lead), task(here, note="Words"), end).status_code == 404


@pytest.mark.parametrize("end", ADULT)
def test_a_helper_is_not_the_adult(here, end):
    assert post(helper(here), task(here, note="Words"), end).status_code == 404
    assert helper(here).get("/team/approvals").status_code == 404


@pytest.mark.parametrize("end", HELPER)
def test_an_adult_is_not_a_helper(here, end):
    lead = signed_in(here.lead)
    assert post(lead, task(here), end).status_code == 404
    assert lead.get("/team").status_code == 404


@pytest.mark.parametrize("end", HELPER + ADULT)
def test_without_its_operation_nothing_happens(here, end):
    client = helper(here) if end in HELPER else signed_in(here.lead)
    ticket = task(here, note="Words")
    assert post(client, ticket, end, op="").status_code == 422
    assert now(ticket) == ("new", 1)


@pytest.mark.parametrize("url", ["/team", "/team/approvals"])
def test_signed_out_one_is_asked_to_sign_in(client, db, url):
    assert client.get(url).url == f"/sign-in?next={url}"


def test_a_form_address_is_no_page(here):
    ticket = task(here)
    assert helper(here).get(f"/team/{ticket.code}/worker").status_code == 405


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)


@pytest.mark.parametrize("url", ["/team", "/team/approvals"])
def test_lists_ask_the_database_the_same_however_long(town, here, url):
    client = helper(here) if url == "/team" else signed_in(here.lead)
    task(here, note="Words")
    client.get(url)
    few = _queries(client, url)
    for _ in range(12):
        task(here, note="Words", device_id=make.device(town, here).pk)
    assert _queries(client, url) == few <= 10
