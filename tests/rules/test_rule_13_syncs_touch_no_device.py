"""Rule 13: a roster touches no device and ends no assignment, shows itself first, and stops when it is too large."""

from itertools import count
from typing import Any

import pytest
from django.db.models import Model

from firstbell.connectors.roster import read_package
from firstbell.decisions.register import ROSTER_BRAKE
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.devices.queries import differences
from firstbell.directory.models import Person
from firstbell.flows.issue import issue
from firstbell.flows.roster import Changes, apply, apply_roster, changes, lay_out
from firstbell.flows.roster.merge import merge
from firstbell.kernel.actor import SYSTEM
from firstbell.ledger.queries import replay
from tests import make
from tests.connectors import rosters
from tests.flows.test_roster import school_of, without
from tests.rules.town import refused

pytestmark = pytest.mark.django_db
_digests = count(1)
TABLES: list[Any] = [Device, Assignment, Custody]


def _take(tables: dict[str, Any], *, confirmed: bool = False, look_only: bool = False) -> Changes:
    package = read_package(rosters.package_of(tables, "bulk"))
    with lay_out(package, digest=f"rule13-{next(_digests):057}", at=make.MONDAY, mapping=None) as roster:
        shown = changes(roster)
        if not look_only:
            apply_roster(roster=roster, confirmed=confirmed, by=SYSTEM, at=make.MONDAY, op=make.op())
    return shown


def _rows(model: type[Model]) -> list[Any]:
    manager: Any = model._default_manager
    rows = manager.everyone(reason="a test") if model is Device else manager.all()
    return list(rows.order_by("pk").values())


@pytest.fixture
def class_with_devices() -> dict[str, Any]:
    """Twelve students of a roster, each with a device in hand."""
    tables = school_of(12)
    _take(tables)
    town = make.district()
    for student in Person.objects.everyone(reason="a test").filter(kind="student"):
        device = make.device(town, town.schools[0])
        issue(device_id=device.pk, person_id=student.pk, by=SYSTEM, at=make.MONDAY, op=make.op())
    return tables


def test_whoever_comes_or_goes_devices_assignments_and_custody_stay(class_with_devices):
    before = [_rows(model) for model in TABLES]
    gone = without(class_with_devices, "student0")
    _take(gone)
    assert not Person.objects.everyone(reason="a test").get(source_id="student0").active
    _take(without(class_with_devices, *[f"student{number}" for number in range(12)]) | school_of(1), confirmed=True)
    _take(school_of(15))
    assert [_rows(model) for model in TABLES] == before
    assert differences() == []


def test_it_shows_what_it_would_change_before_it_does(class_with_devices):
    people = Person.objects.everyone(reason="a test")
    shown = _take(without(class_with_devices, "student0"), look_only=True)
    assert (shown.left, people.filter(active=False).count()) == (1, 0)
    done = _take(without(class_with_devices, "student0"))
    assert (done.left, people.filter(active=False).count()) == (1, 1)


def test_it_stops_when_the_change_is_larger_than_the_brake(class_with_devices):
    half = without(class_with_devices, "student0", "student1", "student2")
    with refused("roster_brake"):
        _take(half)
    assert Person.objects.everyone(reason="a test").filter(active=False).count() == 0
    assert len(list(replay("directory.roster_applied"))) == 1
    assert _take(half, confirmed=True).left == 3


def test_the_plan_sets_the_brake(class_with_devices):
    make.decision(ROSTER_BRAKE.key, 30)
    assert _take(without(class_with_devices, "student0", "student1", "student2")).left == 3


def test_without_the_brake_a_broken_export_would_empty_a_school(class_with_devices, monkeypatch):
    """The control: with the check taken away the same file goes through unseen."""
    monkeypatch.setattr(apply, "_check_brake", lambda _wanted: None)
    assert _take(without(class_with_devices, "student0", "student1", "student2")).left == 3
    assert Person.objects.everyone(reason="a test").filter(active=False).count() == 3


def test_a_sync_that_touched_assignments_would_be_seen(class_with_devices, monkeypatch):
    """The control of the first test: it compares every row, so a sync that ends an assignment turns it red."""
    before = _rows(Assignment)

    def tidy(day):
        merge(day)
        Assignment.objects.filter(until__isnull=True).update(until=make.MONDAY)

    monkeypatch.setattr("firstbell.flows.roster.apply.merge", tidy)
    _take(without(class_with_devices, "student0"))
    assert _rows(Assignment) != before
