"""The skill ladder: a helper sees what is open to them; an adult opens it, signs it off and takes it back (S49)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.decisions.register import SKILL_TASKS, TEAM_START
from firstbell.directory.actions import grant_role
from firstbell.directory.models import RoleHeld, User
from firstbell.flows.closing import approve_team_work
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER, Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.tickets.actions import Report, finish_team_task, set_skill, take_team_task
from firstbell.tickets.models import TeamSkill, Ticket
from firstbell.tickets.queries import team_tasks
from firstbell.tickets.rules import TEAM_SYMPTOMS
from tests import make

pytestmark = pytest.mark.django_db

AT = make.MONDAY + timedelta(hours=1)
L = TeamSkill.Level


@pytest.fixture(autouse=True)
def _a_school_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def town() -> make.District:
    return make.district(2)


@pytest.fixture
def here(town: make.District) -> make.School:
    return town.schools[0]


class Learner:
    """A student helper of a school, with the role they hold."""

    def __init__(self, here: make.School, name: str = "Learner") -> None:
        self.user, self.actor = make.user(name, Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
        self.held = RoleHeld.objects.get(user=self.user)

    def sees(self) -> set[str]:
        return {ticket.symptom for ticket in team_tasks(by=self.actor)}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def task(here: make.School, symptom: str = "input") -> Ticket:
    said = Report(site_id=here.site.pk, symptom=symptom, place_id=here.places["room"].pk)
    return report_problem(report=said, channel=Ticket.Channel.QR, by=REPORTER, at=make.MONDAY, op=make.op()).ticket


def act(by: Actor) -> dict[str, Any]:
    return {"by": by, "at": AT, "op": make.op()}


def put(learner: Learner, level: L, by: Actor, skill: str = "input") -> TeamSkill:
    return set_skill(helper_id=learner.held.pk, skill=skill, level=level, **act(by))


def solve(learner: Learner, here: make.School, *, approved: bool = True) -> Ticket:
    ticket = take_team_task(ticket_id=task(here).pk, **act(learner.actor))
    finish_team_task(ticket_id=ticket.pk, solved=True, **act(learner.actor))
    if approved:
        approve_team_work(ticket_id=ticket.pk, **act(here.lead_actor))
    return ticket


def test_the_starting_set_offers_the_teams_tasks_and_by_default_all_of_them() -> None:
    assert {option.code for option in TEAM_START.options} == TEAM_SYMPTOMS == TEAM_START.safe


def test_a_helper_without_a_word_from_an_adult_takes_what_the_plan_lets_everybody_take(here: make.School) -> None:
    learner, ticket = Learner(here), task(here)
    task(here, "slow")
    assert learner.sees() == {"slow", "input"}
    make.decision(TEAM_START.key, ["slow"])
    assert learner.sees() == {"slow"}
    with pytest.raises(Refused, match="skill_locked"):
        take_team_task(ticket_id=ticket.pk, **act(learner.actor))
    assert "Keys, touch" not in signed_in(learner.user).get("/team").content.decode()
    make.decision(TEAM_START.key, [])
    assert learner.sees() == set()


def test_a_school_may_start_with_other_tasks_than_the_district(town: make.District) -> None:
    here, there = town.schools
    make.decision(TEAM_START.key, ["slow"])
    make.decision(TEAM_START.key, ["input"], there.site)
    for school in (here, there):
        task(school, "slow"), task(school, "input")
    assert [Learner(school).sees() for school in (here, there)] == [{"slow"}, {"input"}]


def test_learning_opens_a_task_and_an_adult_looks_before_the_next(here: make.School) -> None:
    make.decision(TEAM_START.key, [])
    learner = Learner(here)
    row = put(learner, L.LEARNING, here.lead_actor)
    assert (row.level, row.signed_by, row.signed_at) == (L.LEARNING, here.lead, AT)
    first = solve(learner, here, approved=False)
    second = task(here)
    assert "You are learning this" in signed_in(learner.user).get("/team").content.decode()
    with pytest.raises(Refused, match="still_learning"):
        take_team_task(ticket_id=second.pk, **act(learner.actor))
    approve_team_work(ticket_id=first.pk, **act(here.lead_actor))
    assert take_team_task(ticket_id=second.pk, **act(learner.actor)).worker == learner.user


def test_who_is_trusted_takes_the_next_at_once(here: make.School) -> None:
    learner = Learner(here)
    solve(learner, here, approved=False)
    assert solve(learner, here, approved=False).worker == learner.user


@pytest.mark.parametrize("needed", [1, 2])
def test_the_plan_says_after_how_many_checked_tasks_a_skill_is_signed_off(here: make.School, needed: int) -> None:
    make.decision(TEAM_START.key, [])
    make.decision(SKILL_TASKS.key, needed)
    learner = Learner(here)
    put(learner, L.LEARNING, here.lead_actor)
    for _number in range(needed):
        with pytest.raises(Refused, match="too_few_tasks") as refusal:
            put(learner, L.TRUSTED, here.lead_actor)
        assert refusal.value.decision == SKILL_TASKS.key
        solve(learner, here)
    assert put(learner, L.TRUSTED, here.lead_actor).level == L.TRUSTED


def test_only_checked_work_of_that_kind_by_that_helper_counts(here: make.School) -> None:
    make.decision(SKILL_TASKS.key, 1)
    learner, other = Learner(here), Learner(here)
    solve(other, here)
    solve(learner, here, approved=False)
    for skill in ("input", "slow"):
        with pytest.raises(Refused, match="too_few_tasks"):
            put(learner, L.TRUSTED, here.lead_actor, skill)


def test_taken_back_it_is_not_shown_and_what_they_are_on_is_finished(here: make.School) -> None:
    learner, begun = Learner(here), task(here)
    take_team_task(ticket_id=begun.pk, **act(learner.actor))
    task(here)
    put(learner, L.LOCKED, here.lead_actor)
    assert [ticket.pk for ticket in team_tasks(by=learner.actor)] == [begun.pk]
    finish_team_task(ticket_id=begun.pk, solved=True, **act(learner.actor))
    assert learner.sees() == set()


def test_the_ledger_holds_who_what_and_how_far_in_ids_and_codes(here: make.School) -> None:
    learner = Learner(here)
    put(learner, L.LOCKED, here.lead_actor)
    (event,) = [event for event in history(learner.user) if event.kind == "tickets.skill_set"]
    assert event.facts == {
        "user_id": learner.user.pk,
        "site_id": here.site.pk,
        "symptom": "input",
        "skill_level": "locked",
    }


def test_who_may_and_who_may_not(town: make.District, here: make.School) -> None:
    learner = Learner(here)
    put(learner, L.LOCKED, here.lead_actor)
    put(learner, L.LEARNING, town.office)
    for stranger in (town.schools[1].lead_actor, town.technician, learner.actor):
        with pytest.raises(Missing):
            put(learner, L.LOCKED, stranger)
    lead_held = RoleHeld.objects.get(user=here.lead)
    with pytest.raises(Missing):
        set_skill(helper_id=lead_held.pk, skill="input", level=L.LOCKED, **act(here.lead_actor))
    assert TeamSkill.objects.visible_to(town.office).get().level == L.LEARNING


@pytest.mark.parametrize(("skill", "level"), [("signin", "learning"), ("input", "master"), ("", "")])
def test_what_is_no_skill_of_the_team_is_refused(here: make.School, skill: str, level: str) -> None:
    with pytest.raises(Refused, match="skill_unknown"):
        set_skill(helper_id=Learner(here).held.pk, skill=skill, level=level, **act(here.lead_actor))
    assert not TeamSkill.objects.visible_to(here.lead_actor).exists()


def test_nobody_signs_off_themselves(here: make.School) -> None:
    held = grant_role(
        user_id=here.lead.pk, role=Role.STUDENT_TECH, site_id=here.site.pk, supervisor_id=here.lead.pk, **make.system()
    )
    with pytest.raises(Refused, match="own_skill"):
        set_skill(helper_id=held.pk, skill="input", level=L.TRUSTED, **act(here.lead_actor))


def test_the_supervisor_does_it_with_one_tap_each(here: make.School) -> None:
    make.decision(TEAM_START.key, ["slow"])
    make.decision(SKILL_TASKS.key, 1)
    learner, lead = Learner(here, "Marisol"), signed_in(here.lead)

    def tap(level: str) -> str:
        url = f"/team/helpers/{learner.held.pk}/skills"
        return str(lead.post(url, {"op": make.op(), "skill": "input", "level": level}, follow=True).content.decode())

    page = lead.get("/team/approvals").content.decode()
    assert "Marisol begins to learn: Keys, touch, sound or camera" in page
    assert "Withdraw from Marisol: Slow, frozen or an app fails" in page
    page = tap("learning")
    assert "They can begin to learn it now." in page
    assert "0 of 1 checked" in page
    assert "Sign off for Marisol" not in page
    solve(learner, here)
    assert "Sign off for Marisol: Keys" in lead.get("/team/approvals").content.decode()
    assert "Signed off." in tap("trusted")
    assert "Withdrawn." in tap("locked")
    assert lead.post(f"/team/helpers/{learner.held.pk}/skills", {"op": make.op()}).status_code == 422


def test_another_schools_helpers_are_not_shown(town: make.District) -> None:
    Learner(town.schools[1], "Stranger")
    office, _actor = make.user("office", Role.DISTRICT_IT)
    assert "Stranger" not in signed_in(town.schools[0].lead).get("/team/approvals").content.decode()
    assert "Stranger" in signed_in(office).get("/team/approvals").content.decode()
