"""Who answers for a school's tickets: the lead, else the deputy, else the district; never somebody who teaches."""

from datetime import time, timedelta

import pytest

from firstbell.directory.actions import Hours, end_role, note_absence, set_hours
from firstbell.directory.models import RoleHeld
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
