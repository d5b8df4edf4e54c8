"""Pick-ups that will be late soon are told before they are, and not where a van is planned."""

from datetime import timedelta

import pytest

from firstbell.jobs.pickups import tell_of_pickups_due
from firstbell.notices.models import Notice
from firstbell.notices.queries import recent
from firstbell.notices.texts import in_words
from tests import make
from tests.courier.day import asked, mapped, planned
from tests.web.depot.world import World

pytestmark = pytest.mark.django_db

K = Notice.Kind.PICKUP_SOON


@pytest.fixture
def w() -> World:
    return mapped(1)


def told() -> list[Notice]:
    return list(Notice.objects.everyone(reason="a test looks").filter(kind=K).order_by("pk"))


def test_the_depot_hears_of_it_some_school_hours_before_and_once(w: World) -> None:
    make.decision("pickup.warn_hours", 4)
    w.boxed(2)  # a Monday at half past eight: due on Wednesday at that time
    tell_of_pickups_due(w.at + timedelta(days=1, hours=1))
    assert told() == [], "there is a day left"
    for hours in (31, 34, 47):
        tell_of_pickups_due(w.at + timedelta(hours=hours))
    assert len({row.user_id for row in told()}) == len(told()) > 0
    assert {(row.site_id, row.number) for row in told()} == {(w.here.site.pk, 2)}
    assert w.tech.pk in {row.user_id for row in told()}
    notice = next(row for row in recent(by=w.by) if row.kind == K)
    assert in_words(notice) == (
        f"2 devices at {w.here.site.name} are late for the courier soon, and no van is planned in time. Plan a run."
    )


def test_what_is_late_already_is_told_by_the_daily_alarm_instead(w: World) -> None:
    w.boxed()
    tell_of_pickups_due(w.at + timedelta(days=4))
    assert told() == []


def test_a_van_that_comes_in_time_is_no_alarm_and_one_that_comes_too_late_is(w: World) -> None:
    w.boxed()
    asked(w)
    planned(w, day=(w.at + timedelta(days=1)).date())
    tell_of_pickups_due(w.at + timedelta(hours=47))
    assert told() == []


def test_a_van_that_comes_after_the_due_time_is_no_comfort(w: World) -> None:
    w.boxed()
    asked(w)
    planned(w, day=(w.at + timedelta(days=3)).date())
    tell_of_pickups_due(w.at + timedelta(hours=47))
    assert len(told()) > 0
