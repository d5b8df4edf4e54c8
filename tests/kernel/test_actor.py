"""Who may do what where: grants, bars, and the actors that are no users."""

import pytest

from firstbell.kernel.actor import REPORTER, SYSTEM, Actor, ActorKind, Grant, user_actor
from firstbell.kernel.errors import Denied
from firstbell.kernel.roles import BARRED, PERMISSIONS, Permission, Role

P, R = Permission, Role


def _actor(*grants: tuple[Role, int | None]) -> Actor:
    return user_actor(7, "Somebody", [Grant(role, site) for role, site in grants])


def test_the_system_may_everything_everywhere_and_a_reporter_nothing():
    assert all(SYSTEM.sites(permission) is None and SYSTEM.may(permission, 1) for permission in Permission)
    assert not any(REPORTER.may(permission) or REPORTER.may(permission, 1) for permission in Permission)


def test_a_role_at_a_site_reaches_that_site():
    lead = _actor((R.IT_LEAD, 1), (R.IT_LEAD, 2))
    assert lead.sites(P.LEND) == frozenset({1, 2})
    assert lead.may(P.LEND, 1)
    assert not lead.may(P.LEND, 3)
    assert lead.may(P.LEND)
    assert not lead.may(P.IMPORT)


def test_a_role_of_the_district_reaches_every_site():
    assert _actor((R.DISTRICT_TECH, None)).sites(P.REPAIR) is None
    assert _actor((R.DISTRICT_TECH, None), (R.IT_LEAD, 1)).may(P.REPAIR, 99)


@pytest.mark.parametrize("permission", sorted(BARRED[R.COACH]))
def test_a_coach_is_kept_from_it_wherever_they_coach(permission):
    assert _actor((R.COACH, 1), (R.IT_LEAD, 1), (R.IT_LEAD, 2)).sites(permission) in ({2}, frozenset())
    assert _actor((R.COACH, None), (R.DISTRICT_IT, None)).sites(permission) == frozenset()
    assert _actor((R.COACH, 1), (R.DISTRICT_IT, None)).sites(permission) == frozenset()


def test_what_is_not_barred_stays():
    assert _actor((R.COACH, 1), (R.DISTRICT_IT, None)).sites(P.SEE_PLAN) is None


def test_require_says_which_role_stands_in_the_way():
    _actor((R.IT_LEAD, 1)).require(P.SHIP, 1)
    with pytest.raises(Denied) as told:
        _actor((R.COACH, 1)).require(P.SHIP, 1)
    assert (told.value.permission, told.value.barred_role) == (P.SHIP, R.COACH)
    with pytest.raises(Denied) as told:
        _actor((R.AUDITOR, None)).require(P.SHIP)
    assert told.value.barred_role is None


def test_what_somebody_is():
    actor = _actor((R.COACH, 1))
    assert (actor.kind, actor.user_id, actor.name) == (ActorKind.USER, 7, "Somebody")
    assert actor.holds(R.COACH, R.AUDITOR)
    assert not actor.holds(R.AUDITOR)


def test_students_help_with_tasks_and_see_nothing_else():
    assert PERMISSIONS[R.STUDENT_TECH] == {P.WORK_TEAM_TASKS}


def test_every_role_has_its_permissions_and_every_permission_a_role():
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)
