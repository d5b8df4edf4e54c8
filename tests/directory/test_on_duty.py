"""Who answers for a school's tickets: the lead, else the deputy, else the district; never somebody who teaches."""

from datetime import time, timedelta

import pytest

from firstbell.directory.actions import Hours, end_role, grant_role, note_absence, set_hours
from firstbell.directory.models import RoleHeld, User
from firstbell.directory.queries import lead_on_duty
from firstbell.kernel.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> make.District:
    return make.district()


def _teaches(user_id: int, starts: time, ends: time) -> None:
    held = RoleHeld.objects.get(user_id=user_id)
    hours = [Hours(0, time(7, 30), time(15)), Hours(0, starts, ends, present=False)]
    set_hours(role_held_id=held.pk, hours=hours, **make.system())


def test_the_lead_answers_and_the_deputy_while_the_lead_is_away(town: make.District) -> None:
    here = town.schools[0]
    deputy = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    assert lead_on_duty(here.site, at=town.at) == here.lead
    day = town.at.date()
    note_absence(user_id=here.lead.pk, first_day=day, last_day=day, **make.system())
    assert lead_on_duty(here.site, at=town.at) == deputy
    assert lead_on_duty(here.site, at=town.at + timedelta(days=1)) == here.lead


def test_nothing_falls_to_a_lead_who_teaches(town: make.District) -> None:
    here = town.schools[0]
    deputy = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    _teaches(here.lead.pk, time(8), time(9))  # it is 08:30 there
    assert lead_on_duty(here.site, at=town.at) == deputy
    assert lead_on_duty(here.site, at=town.at + timedelta(hours=1)) == here.lead
    assert lead_on_duty(here.site, at=town.at + timedelta(days=1)) == here.lead, "lessons are on Mondays"


def test_with_nobody_free_at_the_school_the_district_answers(town: make.District) -> None:
    here = town.schools[0]
    _teaches(here.lead.pk, time(8), time(9))
    found = lead_on_duty(here.site, at=town.at)
    assert found is not None
    assert found.pk == town.office.user_id
    end_role(role_held_id=RoleHeld.objects.get(user_id=town.office.user_id).pk, **make.system() | {"at": town.at})
    assert lead_on_duty(here.site, at=town.at) is None


def _shared(town: make.District) -> User:
    """A lead of two schools: Mondays here from 07:30 to 11:00 and there from 11:00 on, Tuesdays only there."""
    here, there = town.schools
    RoleHeld.objects.filter(user__in=[here.lead, there.lead]).update(until=town.at.date())
    lead = make.user("Sam Shared", Role.IT_LEAD, here.site, share=40)[0]
    grant_role(user_id=lead.pk, role=Role.IT_LEAD, site_id=there.site.pk, share=60, **make.system())
    mornings = [Hours(0, time(7, 30), time(11))]
    others = [Hours(0, time(11), time(15)), Hours(1, time(8), time(15))]
    for school, hours in ((here, mornings), (there, others)):
        held = RoleHeld.objects.get(user=lead, site=school.site)
        set_hours(role_held_id=held.pk, hours=hours, **make.system())
    return lead


def test_a_shared_lead_gets_no_ticket_on_the_other_schools_day() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    lead, deputy = _shared(town), make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    assert lead_on_duty(here.site, at=town.at) == lead
    assert lead_on_duty(here.site, at=town.at + timedelta(days=1)) == deputy, "Tuesday belongs to the other school"
    assert lead_on_duty(there.site, at=town.at + timedelta(days=1)) == lead
    wednesday = town.at + timedelta(days=2)
    assert lead_on_duty(here.site, at=wednesday) == lead, "on a day without hours the lead answers for both"


def test_a_shared_lead_gets_no_ticket_during_the_other_schools_hours() -> None:
    town = make.district(schools=2)
    here, there = town.schools
    lead = _shared(town)
    noon = town.at + timedelta(hours=4)
    assert lead_on_duty(there.site, at=noon) == lead
    found = lead_on_duty(here.site, at=noon)
    assert found is not None
    assert found.pk == town.office.user_id
    evening = town.at + timedelta(hours=11)
    assert lead_on_duty(here.site, at=evening) == lead_on_duty(there.site, at=evening) == lead
