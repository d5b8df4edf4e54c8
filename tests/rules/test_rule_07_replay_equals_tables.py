"""Rule 7: replaying the ledger gives the same custody and assignments as the tables hold."""

import pytest
from django.db import connection

from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.devices.queries import differences
from firstbell.flows.handback import hand_back
from tests import make
from tests.rules.town import Town, build, without

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    """A town after a whole case, and a second one under way."""
    town = build()
    town.swap()
    town.mend(hours=2)
    hand_back(device_id=town.device.pk, loaner_id=town.loaner.pk, **town.moment(hours=4))
    town.swap(hours=5)
    return town


def test_the_ledger_tells_the_same_as_the_tables(town):
    assert differences() == []


def _whats() -> set[str]:
    return {row.what for row in differences()}


def test_a_custody_written_past_the_verbs_is_told(town):
    with without("ALTER TABLE devices_custody DISABLE TRIGGER custody_guard"):
        Custody.objects.filter(device=town.device, until__isnull=True).update(place=town.school.places["room"])
        assert "custody" in _whats()


def test_a_custody_removed_past_the_verbs_is_told(town):
    with without("ALTER TABLE devices_custody DISABLE TRIGGER USER"), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM devices_custody WHERE device_id = %s", [town.loaner.pk])
        cursor.execute("SET session_replication_role = origin")
        assert {"custody", "site"} & _whats()


def test_an_owner_written_past_the_verbs_is_told(town):
    ben = make.person(town.school.site, "Ben", "Okafor")
    Assignment.objects.filter(device=town.device, until__isnull=True).update(person=ben)
    assert "owner" in _whats()


def test_a_site_written_past_the_verbs_is_told(town):
    Device.objects.everyone(reason="a careless writer").filter(pk=town.device.pk).update(at_site=town.district.depot)
    assert "site" in _whats()


def test_a_move_without_its_event_is_told(town, monkeypatch):
    """The control: with recording switched off, the very next move is found."""
    monkeypatch.setattr("firstbell.devices.actions.custody._record_move", lambda *_args, **_kwargs: None)
    desk = town.school.places["desk"]
    relocate(device_id=town.device.pk, place_id=desk.pk, **town.moment(hours=6))
    assert "custody" in _whats()
