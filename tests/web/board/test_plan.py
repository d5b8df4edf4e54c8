"""The plan as leadership reads and decides it."""

from typing import Any

import pytest
from django.test import Client

from firstbell.decisions.queries import says
from firstbell.decisions.register import LOAN_DAYS, QUESTIONS, STAND_IN, STUDENT_CHANNELS
from firstbell.directory.models import User
from firstbell.kernel.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office() -> Client:
    return _client(make.user("office", Role.DISTRICT_IT)[0])


def _answer(client: Client, key: str, **fields: Any) -> Any:
    return client.post(f"/plan/{key}/answers", {"op": str(make.op()), **fields})


def test_undecided_questions_are_visible_with_what_happens_until_then(office: Client) -> None:
    page = office.get("/plan").content.decode()
    assert page.count("Not decided yet") == len(QUESTIONS)
    assert "before a school goes live" in page


def test_an_answer_is_in_force_at_once_and_the_earlier_one_stays_known(office: Client) -> None:
    assert _answer(office, STAND_IN.key, value="swap", reason="no couriers").status_code == 302
    assert says(STAND_IN) == "swap"
    _answer(office, STAND_IN.key, value="loan")
    page = office.get(f"/plan/{STAND_IN.key}").content.decode()
    assert "no couriers" in page
    assert "no longer in force" in page
    assert says(STAND_IN) == "loan"


def test_a_school_may_have_an_answer_of_its_own_until_it_is_withdrawn(office: Client) -> None:
    site = make.school().site
    _answer(office, LOAN_DAYS.key, value="5", site=site.pk)
    assert (says(LOAN_DAYS, site.pk), says(LOAN_DAYS)) == (5, LOAN_DAYS.safe)
    office.post(f"/plan/{LOAN_DAYS.key}/answers/{site.pk}/withdrawal", {"op": str(make.op())})
    assert says(LOAN_DAYS, site.pk) == LOAN_DAYS.safe


@pytest.mark.parametrize(
    ("key", "fields", "sentence"),
    [
        (LOAN_DAYS.key, {"value": "many"}, "whole number from 1 to 60"),
        (LOAN_DAYS.key, {"value": "0"}, "whole number from 1 to 60"),
        (STAND_IN.key, {"value": "nothing"}, "one of the answers"),
        (STUDENT_CHANNELS.key, {"value": ["qr"]}, "at least 2"),
        (LOAN_DAYS.key, {"value": "5", "review_on": "2026-02-31"}, "no day of the calendar"),
        (LOAN_DAYS.key, {"value": "5", "review_on": "soon"}, ""),
    ],
)
def test_a_wrong_answer_is_refused_beside_the_form(
    office: Client, key: str, fields: dict[str, Any], sentence: str
) -> None:
    answered = _answer(office, key, **fields)
    if sentence:
        assert answered.status_code == 422
        assert sentence in answered.content.decode()
        assert says(LOAN_DAYS) == LOAN_DAYS.safe


def test_every_question_can_be_read_and_an_unknown_one_is_nowhere(office: Client) -> None:
    for question in QUESTIONS:
        assert office.get(f"/plan/{question.key}").status_code == 200
    assert office.get("/plan/no.such").status_code == 404


def test_a_coach_reads_the_plan_and_decides_nothing() -> None:
    school = make.school()
    coach = _client(make.user("coach", Role.COACH, school.site)[0])
    assert coach.get("/plan").status_code == 200
    assert "leadership answers this question" in coach.get(f"/plan/{STAND_IN.key}").content.decode()
    assert _answer(coach, STAND_IN.key, value="swap").status_code == 404
    assert says(STAND_IN) == STAND_IN.safe


def test_an_answer_is_shown_in_words_where_the_style_of_public_pages_does_not_hide_it(office: Client) -> None:
    _answer(office, STAND_IN.key, value="swap")
    page = office.get("/plan").content.decode()
    assert '<p class="decided">another device for good</p>' in page
    assert 'class="answer"' not in page
