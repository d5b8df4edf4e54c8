"""Rule 1: a device in service has exactly one open custody row. Two desks, one loaner: one is told who has it."""

import pytest
from django.db import IntegrityError, connection, transaction

from firstbell.devices.models import Custody, Device
from firstbell.kernel.errors import Stale
from firstbell.loans import rules
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from tests import make
from tests.rules.town import Town, build, custody, without

pytestmark = pytest.mark.django_db
ONE_CUSTODY = "DROP INDEX one_custody_per_device"
ONE_LOAN = "DROP INDEX one_open_loan_per_device"
NO_GUARD = "ALTER TABLE devices_custody DISABLE TRIGGER custody_guard"


@pytest.fixture
def town() -> Town:
    return build()


def _second_hand(town: Town) -> Custody:
    """Write a second open custody, as a careless writer would."""
    now = custody(town.device)
    desk = town.school.places["desk"]
    return Custody.objects.create(device=town.device, kind="place", place=desk, site=desk.site, since=now.since)


def test_the_database_refuses_a_second_hand(town):
    with pytest.raises(IntegrityError), transaction.atomic():
        _second_hand(town)
    with without(NO_GUARD), pytest.raises(IntegrityError, match="one_custody_per_device"), transaction.atomic():
        _second_hand(town)


def test_without_its_index_and_trigger_a_device_would_be_in_two_hands(town):
    with without(NO_GUARD, ONE_CUSTODY):
        _second_hand(town)
        assert Custody.objects.filter(device=town.device, until__isnull=True).count() == 2


def _nowhere(town: Town) -> None:
    Custody.objects.filter(device=town.device, until__isnull=True).update(until=town.district.at)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_to_lose_track(town):
    with pytest.raises(IntegrityError, match="nowhere"), transaction.atomic():
        _nowhere(town)
    Device.objects.create(
        tag="X-1", serial="1", model=town.district.model, home_site=town.school.site, at_site=town.school.site,
        registered_at=town.district.at,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="nowhere"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    transaction.set_rollback(True)


def test_without_its_trigger_a_device_could_be_nowhere(town):
    with without("ALTER TABLE devices_custody DISABLE TRIGGER custody_goes_on"):
        _nowhere(town)
        assert not Custody.objects.filter(device=town.device, until__isnull=True).exists()


def test_of_two_desks_one_wins_and_the_other_is_told_who_has_it(town):
    ben = make.person(town.school.site, "Ben", "Okafor")
    lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=Loan.Reason.FLAT, **town.moment())
    with pytest.raises(Stale) as told, transaction.atomic():
        lend(device_id=town.loaner.pk, person_id=ben.pk, reason=Loan.Reason.FLAT, **town.moment(minutes=1))
    assert told.value.code == "loaner_out"
    assert "Ana Reyes" in told.value.sentence


def test_without_the_check_the_database_refuses_and_without_its_indexes_there_would_be_two(town, monkeypatch):
    """The races with fifty desks are in tests/races; this shows each of the two walls by itself."""
    monkeypatch.setattr(rules, "check_in", lambda *_: None)
    ben = make.person(town.school.site, "Ben", "Okafor")
    call = {"device_id": town.loaner.pk, "reason": Loan.Reason.FLAT}
    lend(person_id=town.ana.pk, **call, **town.moment())
    with pytest.raises(IntegrityError, match="one_open_loan_per_device"), transaction.atomic():
        lend(person_id=ben.pk, **call, **town.moment(minutes=1))
    with without(ONE_LOAN):
        lend(person_id=ben.pk, **call, **town.moment(minutes=1))
        assert Loan.objects.everyone(reason="a test").filter(device_id=town.loaner.pk).count() == 2
