"""Damage, loss and theft at the desk, and the referral that an administrator reads."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstbell.directory.models import User
from firstbell.flows.losses import report_gone
from firstbell.incidents.models import Incident, Referral
from firstbell.kernel.roles import Role
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db
NOW = make.MONDAY + timedelta(hours=2)


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town() -> Town:
    return build()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _send(user: User, address: str, **fields: object) -> Any:
    return client_of(user).post(address, {"op": str(make.op()), **fields})


def _report(town: Town, **fields: object) -> Any:
    sent = {"cause": "stolen", "where": "vehicle", "circumstance": "forced", "happened": "2026-09-14T08:00"}
    return _send(town.school.lead, f"/devices/{town.device.tag}/incidents", **sent | fields)


def _incident() -> Incident:
    return Incident.objects.everyone(reason="a test looks").get()


def test_a_theft_is_reported_and_the_page_says_what_is_missing_until_when(town: Town) -> None:
    form = client_of(town.school.lead).get(f"/devices/{town.device.tag}/incident").content.decode()
    assert "Facts only" in form
    answered = _report(town, last_seen="Car park, 8:00, by Ana")
    incident = _incident()
    assert answered.headers["Location"] == f"/incidents/{incident.pk}"
    page = client_of(town.school.lead).get(f"/incidents/{incident.pk}").content.decode()
    assert "Number of the police report" in page
    assert "Ana Reyes" in page
    assert "Car park, 8:00, by Ana" in page
    listed = client_of(town.school.lead).get("/incidents").content.decode()
    assert town.device.tag in listed
    assert "from a vehicle" in listed


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cause": "spite"}, "Choose what happened."),
        ({"where": "moon"}, "Say where it happened."),
        ({"circumstance": "carelessness"}, "Choose how it happened."),
        ({"happened": "yesterday"}, "Say when it happened"),
        ({"happened": "2026-09-20T08:00"}, "nor happen later than now"),
    ],
)
def test_a_wrong_report_is_refused_beside_the_form(town: Town, fields: dict[str, str], sentence: str) -> None:
    answered = _report(town, **fields)
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert not Incident.objects.everyone(reason="a test looks").exists()


def test_a_step_is_done_a_device_found(town: Town) -> None:
    _report(town)
    pk = _incident().pk
    lead = town.school.lead
    assert _send(lead, f"/incidents/{pk}/steps", code="police", text="").status_code == 422
    assert _send(lead, f"/incidents/{pk}/steps", code="police", text="PD-118").status_code == 302
    place = town.school.places["desk"].pk
    assert _send(lead, f"/incidents/{pk}/found", place=place, grade="perfect").status_code == 422
    assert _send(lead, f"/incidents/{pk}/found", place=place, grade="good").status_code == 302
    assert make.fresh(town.device).status == "in_service"
    assert "Nothing is missing" in client_of(lead).get("/incidents").content.decode()


def test_a_write_off_waits_for_the_search(town: Town) -> None:
    _report(town)
    office = make.user("it", Role.DISTRICT_IT)[0]
    answered = _send(office, f"/incidents/{_incident().pk}/write-off", reason="It is gone.")
    assert answered.status_code == 422
    assert "For how many school days is a missing device searched?" in answered.content.decode()


def test_names_and_papers_are_for_those_who_may_know(town: Town) -> None:
    _report(town, last_seen="Car park, by Ana")
    auditor = client_of(make.user("auditor", Role.AUDITOR)[0])
    for address in ("/incidents", f"/incidents/{_incident().pk}"):
        page = auditor.get(address).content.decode()
        assert "Ana" not in page
        assert town.device.tag in page


def test_a_referral_shows_an_administrator_facts_and_it_nothing_of_the_outcome(town: Town) -> None:
    _report(town, cause="accidental", happened="2026-09-14T08:30")
    incident = _incident()
    lead, kim = town.school.lead, make.user("kim", Role.SCHOOL_ADMIN, town.school.site)[0]
    assert _send(lead, f"/incidents/{incident.pk}/referral").status_code == 302
    assert _send(lead, f"/incidents/{incident.pk}/referral").status_code == 409
    referral = Referral.objects.everyone(reason="a test looks").get()
    assert "Ana Reyes" in client_of(kim).get("/referrals").content.decode()
    assert "Damage within a year" in client_of(kim).get(f"/referrals/{referral.pk}").content.decode()
    address = f"/referrals/{referral.pk}/outcome"
    assert _send(kim, address, outcome="prison").status_code == 422
    assert _send(kim, address, outcome="talk").status_code == 302
    assert "talked about" in client_of(kim).get("/referrals").content.decode()
    page = client_of(lead).get(f"/incidents/{incident.pk}").content.decode()
    assert "An administrator has the facts." in page
    assert "talked about" not in page
    for user in (lead, make.user("it", Role.DISTRICT_IT)[0]):
        assert client_of(user).get("/referrals").status_code == 404
        assert client_of(user).get(f"/referrals/{referral.pk}").status_code == 404


def test_the_list_and_the_case_ask_few_questions(town: Town) -> None:
    for _n in range(3):
        device = make.device(town.district, town.school, make.person(town.school.site))
        act = town.moment(hours=1)
        cause, where = Incident.Cause.LOST, Incident.Where.OUTSIDE
        report_gone(device_id=device.pk, cause=cause, where=where, happened_at=town.district.at, **act)
    made = Incident.objects.everyone(reason="a test looks").order_by("pk")[0]
    client = client_of(town.school.lead)
    client.get("/incidents")
    with CaptureQueriesContext(connection) as asked:
        client.get("/incidents")
    assert len(asked) <= 10, [query["sql"][:90] for query in asked]
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/incidents/{made.pk}")
    assert len(asked) <= 18, "one case, not a board"
