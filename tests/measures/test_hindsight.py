"""Forecasts of the reserve beside what came: each knows only what was known then."""

from datetime import timedelta

import pytest

from firstbell.devices.models import Condition
from firstbell.loans.actions import lend, take_back
from firstbell.loans.models import Loan
from firstbell.measures.hindsight import looking_back
from firstbell.measures.reach import reach_of
from tests import make

pytestmark = pytest.mark.django_db

MON = make.MONDAY
DAY = timedelta(days=1)


def test_a_forecast_carries_the_last_ten_school_days_on_and_is_compared_with_what_came() -> None:
    town = make.district()
    here = town.schools[0]
    lent = [make.loaner(town, here).pk for _ in range(4)]
    for number, device_id in enumerate(lent):
        lend(
            device_id=device_id, person_id=make.person(here.site).pk, reason=Loan.Reason.FLAT,
            by=here.lead_actor, at=MON + number * DAY, op=make.op(),
        )  # fmt: skip
    for device_id in lent[:3]:
        take_back(device_id=device_id, grade=Condition.Grade.GOOD, by=here.lead_actor, at=MON + 8 * DAY, op=make.op())
    found = looking_back(reach_of(here.lead_actor), MON + 14 * DAY)
    assert [(row.week, row.forecast, row.actual) for row in found] == [
        (MON.date(), 0, 4),
        ((MON + 7 * DAY).date(), 4 + 4 / 10 * 5, 1),
    ]
    later = looking_back(reach_of(here.lead_actor), MON + 21 * DAY)[-1]
    assert (later.forecast, later.actual) == (1 + 1 / 10 * 5, 1)


def test_nothing_is_said_of_weeks_without_loans_or_of_no_school_at_all() -> None:
    assert looking_back(reach_of(make.district().technician), MON) == []
    assert looking_back(reach_of(make.district().technician).only(0), MON) == []
