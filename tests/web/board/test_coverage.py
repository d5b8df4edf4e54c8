"""The go-live board: what each school has and still lacks."""

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.directory.actions import Hours, grant_role, note_absence, set_hours
from firstbell.directory.models import Place, RoleHeld, Site
from firstbell.jobs.onduty import let_tickets_fall
from firstbell.kernel.roles import Role
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.board.test_district import client, office, shown

pytestmark = pytest.mark.django_db

ANSWERS: dict[str, object] = {
    "triage.place": "desk",
    "channels.student": ["qr", "desk"],
    "channels.staff": ["qr", "phone"],
    "intake.place": "pickup_box",
    "intake.stand_in": "loan",
    "repair.where": "depot",
}


def decide_all() -> None:
    for key, value in ANSWERS.items():
        make.decision(key, value)


def test_a_school_with_everything_is_ready() -> None:
    town = make.district()
    make.loaner(town, town.schools[0])
    page = shown(office(), "/coverage")
    assert "of 1 school is ready" in page
    assert '<p class="figure">0 ' in page
    assert "answers in the plan" in page
    decide_all()
    page = shown(office(), "/coverage")
    assert '<p class="figure">1 ' in page
    assert "nothing, ready" in page


def test_each_gap_is_named_and_leads_to_where_it_is_closed() -> None:
    town = make.district()
    here = town.schools[0]
    decide_all()
    Place.objects.filter(site=here.site, kind=Place.Kind.PICKUP_BOX).update(closed_at=town.at)
    RoleHeld.objects.filter(user=here.lead).update(until=town.at.date())
    here.site.calendar = None
    here.site.save()
    page = shown(office(), "/coverage")
    for gap, address in {"an IT lead": "/roles", "a pick-up box": "/places", "loaners": "/loans"}.items():
        assert f'<a href="{address}">{gap}</a>' in page
    assert "a calendar with bell times" in page
    assert "nobody: tickets go to district IT" in page


def test_an_absent_lead_is_seen_and_who_answers_instead() -> None:
    town = make.district()
    here = town.schools[0]
    make.user("Dana Deputy", Role.IT_LEAD, here.site, deputy=True)
    day = town.at.date()
    note_absence(user_id=here.lead.pk, first_day=day, last_day=day, **make.system())
    assert "Dana Deputy1" not in shown(office(), "/coverage", at=town.at)
    assert "deputy: the lead is away" in shown(office(), "/coverage", at=town.at)
    assert "deputy: the lead is away" not in shown(office(), "/coverage", at=town.at + timedelta(days=1))


def test_a_ticket_whose_owner_has_left_falls_to_nobody() -> None:
    town = make.district()
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="dead")
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=town.at, op=make.op())
    assert ticket.owner == here.lead
    here.lead.is_active = False
    here.lead.save()
    page = shown(office(), "/coverage")
    assert page.count("should be none") >= 2  # a school without a lead, and its ticket


def test_a_ticket_of_a_lead_who_is_away_falls_to_nobody_until_it_is_handed_on() -> None:
    town = make.district()
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="dead")
    open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=town.at, op=make.op())
    signed_in, day = office(), town.at.date()
    assert "should be none" not in shown(signed_in, "/coverage", at=town.at)
    note_absence(user_id=here.lead.pk, first_day=day, last_day=day, **make.system())
    page = shown(signed_in, "/coverage", at=town.at)
    assert page.count("should be none") == 1
    assert "A deputy answered for 0, another lead or the district for 0; 1 stayed with the lead." in page
    let_tickets_fall(town.at)
    page = shown(signed_in, "/coverage", at=town.at)
    assert "should be none" not in page
    assert "another lead or the district for 1; 0 stayed with the lead." in page


def test_shares_exceptions_and_helpers_without_a_supervisor_are_listed() -> None:
    town = make.district(schools=2)
    first, second = town.schools
    shared, _actor = make.user("Sam Shared", Role.IT_LEAD, first.site, share=60)
    make.user("Cora Coach", Role.COACH, first.site, exception_reason="no one else until January")
    RoleHeld.objects.create(user=shared, role=Role.IT_LEAD, site=second.site, since=town.at.date(), share=40)
    make.user("Hal Helper", Role.STUDENT_TECH, second.site, supervisor_id=second.lead.pk)
    page = shown(office(), "/coverage")
    assert "together 100 % of a week" in page
    assert "no one else until January" in page
    assert "Hal Helper" not in page
    RoleHeld.objects.filter(user=second.lead).update(until=town.at.date())
    assert "Hal Helper" in shown(office(), "/coverage")


def test_a_large_school_needs_a_full_time_lead() -> None:
    town = make.district()
    here = town.schools[0]
    here.site.enrolment = 1200
    here.site.save()
    assert "needs a full-time lead" not in shown(office(), "/coverage")
    RoleHeld.objects.filter(user=here.lead).update(share=50)
    assert "needs a full-time lead" in shown(office(), "/coverage")


def test_a_shared_lead_is_at_one_school_at_a_time_and_hours_are_set_against_need() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    make.user("Dana Deputy", Role.IT_LEAD, here.site, deputy=True, share=10)
    RoleHeld.objects.filter(user=here.lead).update(share=40)
    grant_role(user_id=here.lead.pk, role=Role.IT_LEAD, site_id=there.site.pk, share=60, **make.system())
    held = RoleHeld.objects.get(user=here.lead, site=there.site)
    lessons = Hours(0, time(8), time(9), present=False)
    set_hours(role_held_id=held.pk, hours=[Hours(0, time(7, 30), time(15, 30)), lessons], **make.system())
    Site.objects.filter(pk=here.site.pk).update(enrolment=600)
    Site.objects.filter(pk=there.site.pk).update(enrolment=900)
    signed_in = office()
    page = shown(signed_in, "/coverage", at=town.at)
    assert "Dana Deputy, deputy: the lead is at another school" in page
    assert "there 16 hours a week, needed 24" in page
    assert "there 47 hours a week, needed 36" in page  # the other school's own lead, and seven hours on Mondays
    assert "the lead is at another school" not in shown(signed_in, "/coverage", at=town.at + timedelta(days=1))


def test_a_school_administrator_sees_their_school_and_cures_nothing() -> None:
    town = make.district(schools=2)
    here, other = town.schools
    principal = client(make.user("principal", Role.SCHOOL_ADMIN, here.site)[0])
    page = shown(principal, "/coverage")
    assert here.site.name in page
    assert other.site.name not in page
    assert 'href="/places"' not in page
    rows = shown(principal, "/exports/coverage").splitlines()
    assert len(rows) == 2
    assert client(here.lead).get("/coverage").status_code == 404


@pytest.mark.parametrize("size", [1, 6])
def test_it_asks_as_little_of_a_large_district(size: int, django_assert_max_num_queries: Any) -> None:
    town = make.district(schools=size)
    for here in town.schools:
        make.loaner(town, here)
    signed_in = office()
    with django_assert_max_num_queries(10):
        shown(signed_in, "/coverage")


def test_nobody_is_let_in_without_signing_in() -> None:
    with time_machine.travel(make.MONDAY, tick=False):
        assert Client().get("/coverage").status_code == 302


def test_a_school_goes_live_from_here_and_says_why_it_starts_with_gaps() -> None:
    town = make.district(schools=2)
    here, other = town.schools
    signed_in = office()
    with time_machine.travel(town.at, tick=False):
        refused = signed_in.post(f"/coverage/{here.site.pk}/live", {"op": str(make.op())})
        assert refused.status_code == 422
        assert "cannot go live yet. It lacks: loaners, an answer to" in refused.content.decode()
        sent = {"op": str(make.op()), "reason": "the new wing opens"}
        assert signed_in.post(f"/coverage/{here.site.pk}/live", sent).status_code == 302
    decide_all()
    make.loaner(town, other)
    assert f'action="/coverage/{other.site.pk}/live"' in shown(signed_in, "/coverage")
    with time_machine.travel(town.at, tick=False):
        signed_in.post(f"/coverage/{other.site.pk}/live", {"op": str(make.op())})
    page = shown(signed_in, "/coverage")
    assert page.count("since Sept. 14, 2026") == 2
    assert "2 schools are live" in page
    assert "the new wing opens" in page
    assert f'action="/coverage/{other.site.pk}/live"' not in page


def test_who_only_reads_sees_no_way_to_go_live() -> None:
    town = make.district()
    page = shown(client(make.user("auditor", Role.AUDITOR)[0]), "/coverage")
    assert "not yet" in page
    assert f"/coverage/{town.schools[0].site.pk}/live" not in page
