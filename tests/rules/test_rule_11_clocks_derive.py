"""Rule 11: a clock never rewrites its due time. It derives from the state history and the calendar at reading."""

from datetime import date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from firstbell.decisions.queries import plan
from firstbell.directory.actions import Period, set_calendar
from firstbell.directory.models import BellPeriod
from firstbell.flows.handback import hand_back
from firstbell.loans.models import Loan
from firstbell.measures import clocks
from firstbell.measures.clocks import Clock, Kind, Reading, ticket_clocks, trip_clocks
from firstbell.measures.reach import reach_of
from firstbell.measures.trips import trips
from firstbell.tickets.actions import take, wait
from firstbell.tickets.models import Ticket
from tests import make
from tests.rules.town import Town, build, loans_of, without

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def town() -> Town:
    return build()


def _read(town: Town, ticket: Ticket, at: datetime) -> dict[Kind, Clock]:
    reach = reach_of(town.district.office)
    reading = Reading(at, plan(), reach.times)
    ticket.refresh_from_db()
    found = ticket_clocks(ticket, reading)
    for trip in trips(reach, town.district.at - DAY, at + DAY):
        found += trip_clocks(trip, reading)
    return {clock.kind: clock for clock in found}


def _dues(town: Town, ticket: Ticket, **later: float) -> dict[Kind, datetime | None]:
    return {kind: clock.due for kind, clock in _read(town, ticket, town.district.at + timedelta(**later)).items()}


def test_reading_later_gives_the_same_due_times(town):
    ticket = town.swap()
    town.mend(hours=2)
    soon, late = _dues(town, ticket, hours=3), _dues(town, ticket, days=60)
    assert set(soon) == {Kind.RECEIPT, Kind.ANSWER, Kind.TRIAGE, Kind.PICKUP, Kind.REPAIR, Kind.RETURN, Kind.HAND_BACK}
    assert soon == late
    assert all(soon.values())


def test_whatever_happens_to_a_ticket_its_due_times_stay(town):
    ticket = town.swap()
    before = _dues(town, ticket, hours=1)
    take(ticket_id=ticket.pk, **town.moment(hours=2))
    wait(ticket_id=ticket.pk, on=Ticket.WaitingOn.DECISION, **town.moment(hours=3))
    town.mend(hours=4)
    hand_back(device_id=town.device.pk, loaner_id=town.loaner.pk, **town.moment(hours=6))
    after = _dues(town, ticket, days=3)
    assert {kind: after[kind] for kind in before} == before


def test_nothing_stores_a_due_time_but_the_day_a_borrower_was_told():
    stored = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if model.__module__.startswith("firstbell.") and "due" in field.name
    }
    told = {"Loan.due_on", "Holding.due_on", "Count.due_on"}  # days that a person named to another, no clock's
    assert stored == told


def test_the_day_a_borrower_was_told_is_never_rewritten(town):
    town.swap()
    (loan,) = loans_of(town.ana)
    rows = Loan.objects.everyone(reason="a careless writer").filter(pk=loan.pk)
    with pytest.raises(IntegrityError, match="as it was agreed"), transaction.atomic():
        rows.update(due_on=date(2027, 1, 1))
    with without("ALTER TABLE loans_loan DISABLE TRIGGER loan_guard"):
        assert rows.update(due_on=date(2027, 1, 1)) == 1


def test_a_corrected_calendar_counts_at_the_next_reading(town):
    """Derived means derived: a holiday entered afterwards moves the due time without anybody touching the ticket."""
    ticket = town.swap()
    before = _dues(town, ticket, hours=1)[Kind.PICKUP]
    town.school.site.refresh_from_db()
    calendar = town.school.site.calendar
    assert calendar is not None
    bells = [
        Period(row.weekday, row.name, row.starts, row.ends) for row in BellPeriod.objects.filter(calendar=calendar)
    ]
    set_calendar(
        name=calendar.name,
        first_day=date(2026, 8, 1),
        last_day=date(2027, 6, 10),
        periods=bells,
        holidays=[(date(2026, 9, 15), "Storm")],
        site_ids=[town.school.site.pk],
        **make.system(),
    )
    after = _dues(town, ticket, hours=1)[Kind.PICKUP]
    assert before is not None
    assert after == before + DAY


def test_a_clock_that_counted_from_the_reading_would_be_seen(town, monkeypatch):
    """The control: a clock whose due time moves along with the reader turns the first test red."""
    ticket = town.swap()

    def lazy(reading, site_id, started, minutes):
        return reading.at + timedelta(minutes=minutes)

    monkeypatch.setattr(clocks.Reading, "after_minutes", lazy)
    assert _dues(town, ticket, hours=3) != _dues(town, ticket, days=60)
