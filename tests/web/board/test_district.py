"""The board's first page: for leadership the district, for a school its own figures and nobody else's."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.directory.models import User
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.kernel.roles import Role
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db

MON = make.MONDAY
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
THURSDAY = MON + 3 * DAY


def client(user: User) -> Client:
    signed_in = Client()
    signed_in.force_login(user)
    return signed_in


def case(town: make.District, here: make.School, minutes: int, at: datetime = MON) -> None:
    """One learner without a device for so many school minutes."""
    person = make.person(here.site)
    own, spare = make.device(town, here, person), make.loaner(town, here)
    report = Report(site_id=here.site.pk, symptom="dead", device_id=own.pk)
    open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=at, op=make.op())
    swap_at_desk(device_id=own.pk, loaner_id=spare.pk, by=here.lead_actor, at=at + minutes * MINUTE, op=make.op())


def shown(signed_in: Client, address: str = "/district", at: datetime = THURSDAY) -> str:
    with time_machine.travel(at, tick=False):
        answered = signed_in.get(address)
    assert answered.status_code == 200
    return bytes(answered.getvalue()).decode("utf-8-sig")


def office() -> Client:
    return client(make.user("office", Role.DISTRICT_IT)[0])


def test_an_empty_district_says_what_comes() -> None:
    assert "No school yet" in shown(office())


def test_no_case_is_good_news() -> None:
    make.district()
    page = shown(office())
    assert "No learner was without a device" in page
    assert '<svg class="drawing' not in page


def test_the_headline_is_the_median_of_the_last_four_weeks_compared_with_those_before() -> None:
    town = make.district()
    here = town.schools[0]
    for minutes in (10, 20, 50):
        case(town, here, minutes)
    case(town, here, 60, at=MON - 28 * DAY)
    page = shown(office())
    assert '<p class="figure">20 <span class="unit">minutes a case</span></p>' in page
    assert "40 min less than in the four weeks before. Target: 30 min." in page
    assert "67%" in page
    assert "1 of 2 weeks went over 30 min" in page


def test_a_case_that_has_just_begun_is_no_quick_one() -> None:
    town = make.district()
    here = town.schools[0]
    for minutes in (50, 60):
        case(town, here, minutes)
    for minutes_ago in (5, 10, 15):
        report = Report(site_id=here.site.pk, symptom="dead", device_id=make.device(town, here).pk)
        begun = THURSDAY - minutes_ago * MINUTE
        open_ticket(report=report, channel=Ticket.Channel.QR, by=here.lead_actor, at=begun, op=make.op())
    page = shown(office())
    assert '<p class="figure">50 <span' in page, "three have only begun, and nobody knows how they end"
    assert "0%" in page
    later = shown(office(), at=THURSDAY + 2 * 60 * MINUTE)
    assert '<p class="figure">60 <span' not in page
    assert '<p class="figure">2' in later or '<p class="figure">1' in later, "over the target they count"


def test_schools_stand_in_order_of_what_there_is_to_gain() -> None:
    town = make.district(schools=3)
    for here, minutes in zip(town.schools, (5, 90, 40), strict=True):
        case(town, here, minutes)
    page = shown(office())
    names = [town.schools[place].site.name for place in (1, 2, 0)]
    assert sorted(names, key=page.rindex) == names


def test_a_school_reads_its_own_figures_and_no_other_schools() -> None:
    town = make.district(schools=2)
    mine, other = town.schools
    case(town, mine, 10)
    case(town, other, 100)
    lead = client(mine.lead)
    page = shown(lead)
    assert '<p class="figure">10 <span' in page
    assert other.site.name not in page
    with time_machine.travel(THURSDAY, tick=False):
        assert lead.get(f"/district?school={other.site.code}").status_code == 404
        assert lead.get(f"/exports/district/schools?school={other.site.code}").status_code == 404
        assert other.site.name not in lead.get("/exports/district/schools").getvalue().decode()


def test_leadership_looks_at_one_school() -> None:
    town = make.district(schools=2)
    case(town, town.schools[0], 10)
    case(town, town.schools[1], 100)
    page = shown(office(), f"/district?school={town.schools[0].site.code}")
    assert '<p class="figure">10 <span' in page
    assert town.schools[1].site.name not in page


def test_a_schools_own_target_is_the_one_it_is_measured_by() -> None:
    town = make.district()
    here = town.schools[0]
    case(town, here, 40)
    make.decision("measures.deviceless_minutes", 45, here.site)
    page = shown(client(here.lead))
    assert "Target: 45 min" in page
    assert "Every week stayed within 45 min" in page


def test_staff_are_told_apart() -> None:
    town = make.district()
    here = town.schools[0]
    teacher = make.person(here.site, kind="staff")
    own = make.device(town, here, teacher)
    take_in(device_id=own.pk, by=here.lead_actor, at=MON, op=make.op())
    page = shown(office())
    assert "No learner was without a device" in page
    case(town, here, 10)
    assert "Staff, counted apart" in shown(office())


@pytest.mark.parametrize(
    ("intake", "words", "address"),
    [
        ("desk", "1 broken device lies idle too long", "/closet"),
        ("pickup_box", "1 device waits too long for the courier", "/pickups"),
    ],
)
def test_what_is_overdue_today_leads_to_where_it_is_worked_off(intake: str, words: str, address: str) -> None:
    town = make.district()
    here = town.schools[0]
    make.decision("intake.place", intake)
    own = make.device(town, here, make.person(here.site))
    take_in(device_id=own.pk, by=here.lead_actor, at=MON, op=make.op())
    assert words not in shown(client(here.lead), at=MON + 2 * DAY)
    page = shown(client(here.lead), at=MON + 2 * DAY + MINUTE)
    before, after = page.split(words)
    assert f'<a class="item" href="{address}"><b>' in before[-300:]
    assert after


def test_a_school_administrator_sees_alarms_without_links_they_cannot_follow() -> None:
    town = make.district()
    here = town.schools[0]
    make.decision("intake.place", "desk")
    own = make.device(town, here, make.person(here.site))
    take_in(device_id=own.pk, by=here.lead_actor, at=MON, op=make.op())
    principal = client(make.user("principal", Role.SCHOOL_ADMIN, here.site)[0])
    page = shown(principal)
    assert "lies idle too long" in page
    assert 'href="/closet"' not in page


def test_a_school_whose_lead_is_away_without_a_deputy_is_named() -> None:
    town = make.district()
    make.decision("intake.place", "desk")
    assert "no IT lead today" not in shown(office())
    town.schools[0].lead.roles.update(until=MON.date())
    assert "1 school has no IT lead today" in shown(office())


def test_downloads_hold_plain_numbers() -> None:
    town = make.district()
    case(town, town.schools[0], 20)
    rows = shown(office(), "/exports/district/schools").splitlines()
    assert rows[1].startswith(f"{town.schools[0].site.name},1,20,20,1.0,0.33")
    weeks = shown(office(), "/exports/district/weeks").splitlines()
    assert weeks[-1].startswith("2026-09-14,1,20,20,1.0")
    assert len(weeks) == 13


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_asks_as_little_of_a_large_district(size: int, django_assert_max_num_queries: Any) -> None:
    town = make.district(schools=size)
    for here in town.schools:
        case(town, here, 10)
        case(town, here, 50)
    signed_in = office()
    with django_assert_max_num_queries(10):
        shown(signed_in)


def test_a_stranger_signs_in_first_and_a_helper_finds_nothing() -> None:
    assert Client().get("/district").status_code == 302
    here = make.school()
    helper, _actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    assert client(helper).get("/district").status_code == 404


def test_weeks_before_the_first_case_are_left_out_and_empty_ones_between_are_not() -> None:
    town = make.district()
    for weeks in (0, 2):
        case(town, town.schools[0], 20, at=MON - 7 * weeks * DAY)
    page = shown(office())
    table = page[page.index('<figure class="chart">') : page.index("</figure>")]
    assert table.count('<th scope="row">') == 3
    assert "Aug 31" in table
    assert "Sep 7" in table
