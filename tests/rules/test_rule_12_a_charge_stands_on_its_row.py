"""Rule 12: a charge points at the policy row in force on the day of the incident, and is never above the cap."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from firstbell.fees import rules
from firstbell.fees.actions import policy as fees
from firstbell.fees.actions.policy import end_policy, set_policy
from firstbell.fees.models import Charge, FeePolicy
from firstbell.fees.queries import in_force
from firstbell.flows.charges import decide_no_charge, propose_charge
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from tests import make
from tests.rules.town import Town, build, refused, without

pytestmark = pytest.mark.django_db
STUDENT = FeePolicy.Holder.STUDENT
TODAY = make.MONDAY.date()


@pytest.fixture
def town() -> Town:
    return build()


def _office(town: Town, **later: float) -> dict[str, Any]:
    return {"by": town.district.office, "at": town.district.at + timedelta(**later), "op": make.op()}


def _row(town: Town, amount: int, since: date = TODAY, *, cap: int = 10000, **extra: Any) -> FeePolicy:
    row: dict[str, Any] = {
        "cause": "accidental",
        "holder_kind": STUDENT,
        "amount_cents": amount,
        "cap_cents": cap,
        "since": since,
    }
    return set_policy(**row | extra | _office(town))


def _drop(town: Town, days: float) -> Incident:
    happened = town.district.at + timedelta(days=days)
    return note_damage(
        device_id=town.device.pk, cause=Incident.Cause.ACCIDENTAL, happened_at=happened, **town.moment(days=days)
    )


def test_the_row_of_the_incidents_day_counts_not_the_row_of_today(town):
    old, _new = _row(town, 2000), _row(town, 5000, TODAY + timedelta(days=10))
    charge = propose_charge(incident_id=_drop(town, 9).pk, **_office(town, days=20))
    assert (charge.policy, charge.amount_cents, charge.happened_on) == (old, 2000, TODAY + timedelta(days=9))


def test_the_first_day_of_a_row_belongs_to_it(town):
    _old, new = _row(town, 2000), _row(town, 5000, TODAY + timedelta(days=10))
    assert propose_charge(incident_id=_drop(town, 10).pk, **_office(town, days=20)).policy == new


def test_the_day_is_the_schools_own(town):
    """At 23:30 in New York it is tomorrow in UTC; the incident belongs to the school's day."""
    old, _new = _row(town, 2000), _row(town, 5000, TODAY + timedelta(days=1))
    incident = _drop(town, 15 / 24)
    assert incident.happened_at.date() == TODAY + timedelta(days=1)
    assert propose_charge(incident_id=incident.pk, **_office(town, days=2)).policy == old


def test_the_third_within_a_year_takes_the_row_for_the_third(town):
    first, third = _row(town, 0), _row(town, 5000, occurrence=3)
    charges = [propose_charge(incident_id=_drop(town, day).pk, **_office(town, days=30)) for day in (1, 2, 3, 4)]
    assert [charge.policy for charge in charges] == [first, first, third, third]
    late = propose_charge(incident_id=_drop(town, 400).pk, **_office(town, days=401))
    assert late.policy == first


def test_nothing_is_asked_above_the_cap(town):
    _row(town, 2000, cap=3000)
    incident = _drop(town, 1)
    with refused("above_cap"):
        propose_charge(incident_id=incident.pk, amount_cents=3001, **_office(town, days=2))
    with refused("above_cap"):
        propose_charge(incident_id=incident.pk, amount_cents=-1, **_office(town, days=2))
    assert propose_charge(incident_id=incident.pk, amount_cents=3000, **_office(town, days=2)).amount_cents == 3000


def test_without_a_row_nothing_can_be_asked(town):
    incident = _drop(town, 1)
    with refused("no_policy"):
        propose_charge(incident_id=incident.pk, **_office(town, days=2))
    _row(town, 2000, holder_kind=FeePolicy.Holder.STAFF)
    with refused("no_policy"):
        decide_no_charge(incident_id=incident.pk, reason="x", **_office(town, days=2))


def test_policy_rows_change_only_from_today_on(town):
    with refused("policy_backdated"):
        _row(town, 2000, TODAY - timedelta(days=2))
    row = _row(town, 2000)
    with refused("policy_newer"):
        _row(town, 3000)
    propose_charge(incident_id=_drop(town, 1).pk, **_office(town, days=1))
    with refused("policy_used"):
        end_policy(policy_id=row.pk, until=TODAY + timedelta(days=1), **_office(town, days=1))
    end_policy(policy_id=row.pk, until=TODAY + timedelta(days=2), **_office(town, days=1))
    with refused("no_policy"):
        propose_charge(incident_id=_drop(town, 2).pk, **_office(town, days=3))


def _write(town: Town, policy: FeePolicy, **wrong: Any) -> Charge:
    """Write a charge as a careless writer would."""
    fields: dict[str, Any] = {
        "incident_id": 1, "device": town.device, "person": town.ana, "site": town.school.site, "policy": policy,
        "cause": "accidental", "holder_kind": "student", "occurrence": 1, "happened_on": TODAY, "outcome": "proposed",
        "amount_cents": 2000, "decided_at": town.district.at,
    }  # fmt: skip
    return Charge.objects.create(**fields | wrong)


WRONG: list[dict[str, Any]] = [
    {"amount_cents": 10001},
    {"happened_on": TODAY - timedelta(days=1)},
    {"happened_on": TODAY + timedelta(days=10)},
    {"cause": "liquid"},
    {"holder_kind": "staff"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_the_database_refuses_a_charge_that_does_not_fit_its_row(town, wrong):
    row, _next = _row(town, 2000), _row(town, 5000, TODAY + timedelta(days=10))
    with pytest.raises(IntegrityError, match="a charge"), transaction.atomic():
        _write(town, row, **wrong)
    charge = _write(town, row)
    with pytest.raises(IntegrityError, match="a charge"), transaction.atomic():
        Charge.objects.everyone(reason="a careless writer").filter(pk=charge.pk).update(**wrong)


@pytest.mark.parametrize("wrong", WRONG)
def test_without_its_guard_the_database_would_take_it(town, wrong):
    row, _next = _row(town, 2000), _row(town, 5000, TODAY + timedelta(days=10))
    with without("ALTER TABLE fees_charge DISABLE TRIGGER charge_guard"):
        assert _write(town, row, **wrong).pk


def test_without_the_check_of_the_cap_the_verb_relies_on_the_database(town, monkeypatch):
    """The control of the check in code: taken away, it is the database that refuses."""
    _row(town, 2000, cap=3000)
    incident = _drop(town, 1)
    monkeypatch.setattr(rules, "check_within_cap", lambda *_: None)
    with pytest.raises(IntegrityError, match="cap"), transaction.atomic():
        propose_charge(incident_id=incident.pk, amount_cents=9000, **_office(town, days=2))


def test_without_the_right_row_the_verb_relies_on_the_database(town, monkeypatch):
    row = _row(town, 2000)
    _row(town, 5000, TODAY + timedelta(days=10))
    monkeypatch.setattr(fees, "in_force", lambda **_: row)
    with pytest.raises(IntegrityError, match="row of its day"), transaction.atomic():
        propose_charge(incident_id=_drop(town, 11).pk, **_office(town, days=12))


@pytest.mark.parametrize("change", [{"amount_cents": 1}, {"cap_cents": 99999}, {"since": TODAY - timedelta(days=9)}])
def test_a_row_never_changes(town, change):
    row = _row(town, 2000)
    with pytest.raises(IntegrityError, match="only be ended"), transaction.atomic():
        FeePolicy.objects.filter(pk=row.pk).update(**change)
    with without("ALTER TABLE fees_feepolicy DISABLE TRIGGER policy_guard"):
        assert FeePolicy.objects.filter(pk=row.pk).update(**change) == 1


def test_rows_of_one_case_never_overlap(town):
    row = _row(town, 2000)
    end_policy(policy_id=row.pk, until=TODAY + timedelta(days=30), **_office(town))
    twin = {"cause": "accidental", "holder_kind": "student", "amount_cents": 1, "cap_cents": 1, "since": TODAY}
    with pytest.raises(IntegrityError, match="do not overlap"), transaction.atomic():
        FeePolicy.objects.create(**twin)
    with without("ALTER TABLE fees_feepolicy DISABLE TRIGGER policy_guard"):
        FeePolicy.objects.create(**twin)
        assert in_force(cause="accidental", holder_kind="student", occurrence=1, on=TODAY) is not None
