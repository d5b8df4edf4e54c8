"""The demo district after some weeks of life: every board has something true to show, and the ledger agrees."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F

from firstbell.accessories.models import Stock
from firstbell.decisions.queries import plan
from firstbell.demo.answers import UNDECIDED
from firstbell.demo.calendars import year_around
from firstbell.demo.cast import PASSWORD
from firstbell.demo.loader import Loaded, load
from firstbell.demo.packages import Size
from firstbell.devices.models import Custody, Device, Shipment
from firstbell.devices.queries import differences
from firstbell.directory.models import Person, RoleHeld, Site, User
from firstbell.directory.queries import lead_on_duty, school_time
from firstbell.flows.roster import unsettled
from firstbell.incidents.models import Incident
from firstbell.jobs.verify import CHECKS
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import free_loaners
from firstbell.measures.alarms import Alarm, alarms
from firstbell.measures.reach import reach_of
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import bench
from firstbell.seasons.models import Collection, HandOut
from firstbell.seasons.queries import tally
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import to_approve

NOW = datetime(2026, 11, 24, 16, 10, tzinfo=UTC)
"""A Tuesday morning, in the second period."""
SUNDAY = datetime(2026, 11, 22, 19, tzinfo=UTC)


def live(now: datetime = NOW, weeks: int = 4, seed: int = 1) -> Loaded:
    return load(Size.XS, weeks=weeks, seed=seed, password=PASSWORD, clock=lambda: now)


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """One life for all tests of this file, rolled back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield live()
        transaction.set_rollback(True)


def rows(model):
    return model.objects.everyone(reason="a test looks")


def test_the_real_verbs_found_nothing_to_refuse(town):
    assert town.deeds > 300
    assert sum(town.refusals.values()) <= town.deeds // 50, town.refusals


def test_the_ledger_tells_what_the_tables_hold(town):
    assert differences() == []
    assert {check.says: list(check.faults()) for check in CHECKS if list(check.faults())} == {}


def test_the_boards_alarms_sound(town):
    found = alarms(SYSTEM, reach_of(SYSTEM), plan(), NOW)
    assert found[Alarm.CLOSET].total() >= 8, "the closet of the first school"
    assert found[Alarm.SILENT].total() >= 1
    assert found[Alarm.LOAN].total() >= 1
    assert found[Alarm.NO_LEAD].total() == 0, "where the lead is away, the deputy answers"


def test_a_shipment_is_short_and_a_school_has_no_loaner_left(town):
    assert rows(Shipment).filter(status=Shipment.Status.PARTLY_RECEIVED).count() == 1
    free = {site.name: free_loaners(site.pk, by=SYSTEM).count() for site in Site.objects.filter(kind="school")}
    assert free["Fern Brook Elementary School"] == 0
    assert max(free.values()) > 0


def test_repairs_are_everywhere_on_their_way(town):
    stages = Counter(rows(WorkOrder).values_list("status", flat=True))
    assert stages["closed"] > 5
    assert stages["opened"] >= 2
    assert bench(by=SYSTEM).exists()
    faults = Counter(rows(WorkOrder).exclude(fault="").values_list("fault", flat=True))
    assert faults.most_common(1)[0][0] == "screen"


def test_there_is_work_for_the_desk_and_the_team(town):
    states = Counter(rows(Ticket).values_list("status", flat=True))
    assert states["closed"] > states["waiting"] > 3
    assert rows(Ticket).filter(opened_at__gt=NOW - timedelta(hours=4)).exists()
    assert rows(Ticket).filter(class_stopper=True).exists()
    assert to_approve(by=SYSTEM).exists()
    assert Event.objects.filter(kind="tickets.self_helped").count() > 10
    assert rows(Incident).exists()
    assert rows(Loan).filter(returned_at__isnull=True, due_on__lt=NOW.date()).exists()


def test_students_have_left_with_their_devices(town):
    assert len(unsettled(by=SYSTEM)) == 3


def test_nothing_lies_in_the_future(town):
    assert not Event.objects.filter(happened_at__gt=NOW).exists()
    assert not Custody.objects.filter(since__gt=NOW).exists()


def test_people_come_from_the_roster_alone(town):
    assert Event.objects.filter(kind="directory.roster_applied").count() == 2
    applied = Event.objects.filter(kind="directory.roster_applied").order_by("id").first()
    assert applied is not None
    assert applied.facts["added"] == rows(Person).count()
    assert Event.objects.filter(kind="devices.registered").count() == rows(Device).count()
    assert rows(PoolDevice).count() >= 20


def test_every_role_is_held_and_its_people_sign_in(town):
    assert set(RoleHeld.objects.values_list("role", flat=True)) == {role.value for role in Role}
    for name in ("lead", "deputy", "coach", "principal", "helper", "tech", "tech2", "office", "auditor"):
        assert authenticate(username=name, password=PASSWORD) == User.objects.get(username=name)
    assert not User.objects.get(username="lead2").has_usable_password()
    for site in Site.objects.filter(kind="school"):
        assert lead_on_duty(site, at=NOW) is not None
    middle = Site.objects.get(name="Amber Vista Middle School")
    assert lead_on_duty(middle, at=NOW) == User.objects.get(username="deputy2"), "the lead is away today"


def test_a_few_questions_of_the_plan_are_visibly_open(town):
    assert {question.key for question in plan().undecided()} == UNDECIDED
    own = [site for (_key, site) in plan().answers if site is not None]
    assert len(own) == 1, "one school has an answer of its own"


def test_the_second_time_nothing_is_loaded(town):
    before = Event.objects.count()
    told = StringIO()
    call_command("demo_data", stdout=told)
    assert "nothing was loaded" in told.getvalue()
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_a_weekend_is_quiet_and_the_boards_still_stand():
    live(SUNDAY, weeks=1)
    schools = {site.pk: school_time(site) for site in Site.objects.filter(kind="school")}
    reports = list(rows(Ticket).values_list("site_id", "opened_at"))
    assert reports
    assert all(schools[site].span_of(at.astimezone(schools[site].zone).date()) for site, at in reports)
    assert rows(Ticket).exclude(status__in=["closed", "resolved"]).exists()
    assert differences() == []


def _story() -> list[object]:
    return list(Event.objects.order_by("id").values_list("kind", "happened_at"))


@pytest.mark.django_db
def test_the_same_seed_tells_the_same_story_and_another_one_another():
    stories = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            live(weeks=1, seed=seed)
            stories.append(_story())
            transaction.set_rollback(True)
    assert stories[0] == stories[1]
    assert stories[0] != stories[2]


@pytest.mark.parametrize("day", ["2026-07-04", "2026-12-27", "2027-02-16", "2028-10-01"])
def test_there_is_a_school_year_around_any_day(day):
    today = datetime.fromisoformat(day).date()
    year = year_around(today, (datetime(2026, 8, 12).date(), datetime(2027, 5, 28).date()))  # noqa: DTZ001 -- days
    assert year.first < today < year.last
    days = [day for day, _name in year.holidays]
    assert len(days) == len(set(days))
    assert all(year.first <= day <= year.last and day.weekday() < 5 for day in days)


def test_it_never_touches_an_installation_for_real_people(settings):
    settings.SAFE = True
    with pytest.raises(CommandError, match="real people"):
        call_command("demo_data")


def test_the_two_big_days_are_there_to_see(town):
    collection, hand_out = rows(Collection).get(closed_at=None), rows(HandOut).get(closed_at=None)
    found = tally(collection)
    assert found.came > found.damaged == 1
    assert found.no_charger == 2
    assert found.out > 0
    assert hand_out.class_group.homeroom
    assert rows(Stock).filter(count__lte=F("reorder_at")).exists()
