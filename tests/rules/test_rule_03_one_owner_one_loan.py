"""Rule 3: at most one open assignment and one open loan per device; a loan's device is a pool device."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from firstbell.devices import rules
from firstbell.devices.actions.inventory import assign
from firstbell.devices.models import Assignment
from firstbell.loans.actions import join_pool, lend
from firstbell.loans.models import Loan, PoolDevice
from tests import make
from tests.rules.town import Town, build, refused, without

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


def _second_owner(town: Town) -> Assignment:
    ben = make.person(town.school.site, "Ben", "Okafor")
    return Assignment.objects.create(device=town.device, person=ben, since=town.district.at)


def test_a_device_has_one_owner(town):
    ben = make.person(town.school.site, "Ben", "Okafor")
    with refused("has_owner"):
        assign(device_id=town.device.pk, person_id=ben.pk, **town.moment())
    with pytest.raises(IntegrityError, match="one_owner_per_device"), transaction.atomic():
        _second_owner(town)
    with without("DROP INDEX one_owner_per_device"):
        assert _second_owner(town).pk


def _loan(town: Town, pool_id: int) -> Loan:
    return Loan.objects.create(
        device_id=pool_id, person=town.ana, site=town.school.site, reason="flat", out_at=town.district.at,
        due_on=date(2026, 9, 20),
    )  # fmt: skip


def test_a_loaner_has_one_borrower(town):
    lend(device_id=town.loaner.pk, person_id=town.ana.pk, reason=Loan.Reason.FLAT, **town.moment())
    with pytest.raises(IntegrityError, match="one_open_loan_per_device"), transaction.atomic():
        _loan(town, town.loaner.pk)
    with without("DROP INDEX one_open_loan_per_device"):
        assert _loan(town, town.loaner.pk).pk


def _at_once(town: Town) -> None:
    _loan(town, town.device.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_only_a_device_of_the_pool_is_lent(town):
    with refused("not_a_loaner"):
        lend(device_id=town.device.pk, person_id=town.ana.pk, reason=Loan.Reason.FLAT, **town.moment())
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        _at_once(town)
    name = _foreign_key("loans_loan", "device_id")
    with without(f"ALTER TABLE loans_loan DROP CONSTRAINT {name}"):
        _at_once(town)


def _foreign_key(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
    return next(name for name, row in found.items() if row["foreign_key"] and row["columns"] == [column])


def test_a_loaner_belongs_to_nobody(town, monkeypatch):
    with refused("is_loaner"):
        assign(device_id=town.loaner.pk, person_id=town.ana.pk, **town.moment())
    with refused("not_at_rest"):
        join_pool(device_id=town.device.pk, site_id=town.school.site.pk, **town.moment())
    monkeypatch.setattr(rules, "check_not_loaner", lambda _device: None)
    with pytest.raises(IntegrityError, match="belongs to nobody"), transaction.atomic():
        assign(device_id=town.loaner.pk, person_id=town.ana.pk, **town.moment())
    with without("ALTER TABLE devices_assignment DISABLE TRIGGER assignment_guard"):
        assign(device_id=town.loaner.pk, person_id=town.ana.pk, **town.moment())


def test_what_belongs_to_somebody_joins_no_pool(town):
    entry = {"device": town.device, "site": town.school.site, "since": town.district.at}
    with pytest.raises(IntegrityError, match="belongs to nobody"), transaction.atomic():
        PoolDevice.objects.create(**entry)
    with without("ALTER TABLE loans_pooldevice DISABLE TRIGGER pool_guard"):
        assert PoolDevice.objects.create(**entry).pk
