"""Rule 4: repair, loan, collection and lock never clear the assignment: whose it is stays known at every step."""

from datetime import timedelta

import pytest

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import release
from firstbell.devices.models import Assignment
from firstbell.flows import desk
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.handback import hand_back
from firstbell.flows.scans import Scan, apply_scans
from firstbell.flows.transport import empty_box
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


def _owner(town: Town) -> list[tuple[int | None, object]]:
    return list(Assignment.objects.filter(device=town.device, until__isnull=True).values_list("person_id", "since"))


def _collect(town: Town) -> None:
    relocate(device_id=town.device.pk, place_id=town.school.places["room"].pk, **town.moment())


def _lend(town: Town) -> None:
    swap_at_desk(device_id=town.device.pk, loaner_id=town.loaner.pk, symptom="flat", **town.moment())


def _repair(town: Town) -> None:
    town.swap()
    town.mend(hours=2)


def _whole_case(town: Town) -> None:
    _repair(town)
    hand_back(device_id=town.device.pk, loaner_id=town.loaner.pk, **town.moment(hours=4))


def _take_in(town: Town) -> None:
    take_in(device_id=town.device.pk, symptom="dead", **town.moment())


def _on_the_road(town: Town) -> None:
    town.swap()
    empty_box(place_id=town.school.places["pickup_box"].pk, **town.moment(hours=1))


def _scanned(town: Town) -> None:
    at = town.district.at
    scan = Scan(make.op(), 1, at, "relocate", device=town.device.tag, place=town.school.places["desk"].code)
    apply_scans(install_id=make.op(), batch=[scan], by=town.school.lead_actor, at=at + timedelta(hours=1))


@pytest.mark.parametrize("happening", [_collect, _lend, _take_in, _on_the_road, _repair, _whole_case, _scanned])
def test_it_is_still_theirs(town, happening):
    before = _owner(town)
    assert before[0][0] == town.ana.pk
    happening(town)
    assert _owner(town) == before


def test_only_the_plan_gives_another_for_good(town):
    """The control: where the plan says swap, the assignment does move; so the check above can fail."""
    make.decision("intake.stand_in", "swap")
    town.swap()
    assert _owner(town) == []
    assert Assignment.objects.get(device=town.loaner, until__isnull=True).person == town.ana


def test_a_flow_that_released_the_device_would_be_seen(town, monkeypatch):
    """The control of the control: the same check turns red when taking in also ends the assignment."""
    lent = desk._lend

    def lend_and_release(case, *rest, **act):
        release(device=case.device, reason="swapped", **act)
        lent(case, *rest, **act)

    monkeypatch.setattr(desk, "_lend", lend_and_release)
    town.swap()
    assert _owner(town) == []
