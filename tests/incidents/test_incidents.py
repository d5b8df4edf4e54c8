"""Noting damage: who may, what it changes, the one event it writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.incidents.queries import incidents_of, occurrence
from firstbell.kernel.errors import Denied, Missing
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from tests import make
from tests.rules.town import Town, build, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


def _note(town: Town, cause: Incident.Cause = Incident.Cause.ACCIDENTAL, **extra: Any) -> Incident:
    facts: dict[str, Any] = {"device_id": town.device.pk, "cause": cause, "happened_at": town.district.at}
    return note_damage(**facts | town.moment(hours=1) | extra)


def test_it_is_noted_with_its_ticket_and_one_event(town):
    ticket = town.swap()
    incident = _note(town, ticket_id=ticket.pk)
    assert (incident.ticket, incident.site, incident.found_at) == (ticket, town.school.site, incident.noted_at)
    events = [event for event in history(town.device) if event.kind.startswith("incidents")]
    assert [event.facts["cause"] for event in events] == ["accidental"]
    assert list(incidents_of(town.device.pk, by=town.school.lead_actor)) == [incident]


@pytest.mark.parametrize("found", [-1, 2])
def test_times_out_of_order_are_refused(town, found):
    with refused("times_out_of_order"):
        _note(town, found_at=town.district.at + timedelta(hours=found))


def test_the_database_keeps_the_times_in_order(town):
    incident = _note(town)
    rows = Incident.objects.everyone(reason="a careless writer").filter(pk=incident.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(found_at=incident.happened_at - timedelta(days=1))


def test_a_ticket_about_another_device_is_refused(town):
    ticket = town.swap()
    with refused("other_device"):
        _note(town, device_id=town.loaner.pk, ticket_id=ticket.pk)


def test_who_may(town):
    _coach, coach = make.user("coach", Role.COACH, town.school.site)
    _auditor, auditor = make.user("auditor", Role.AUDITOR)
    with pytest.raises(Missing), transaction.atomic():
        _note(town, by=coach)
    with pytest.raises(Denied), transaction.atomic():
        _note(town, by=auditor)
    with pytest.raises(Missing), transaction.atomic():
        _note(town, by=make.user("lead", Role.IT_LEAD, make.school().site)[1])
    assert _note(town, by=town.district.technician).pk


def test_the_how_manieth_counts_the_same_cause_and_person_within_a_year(town):
    first = _note(town)
    other_cause = _note(town, Incident.Cause.LIQUID)
    second = _note(town, happened_at=town.district.at + timedelta(minutes=5))
    same_moment = _note(town)
    assert [occurrence(row) for row in (first, other_cause, second, same_moment)] == [1, 1, 3, 2]
    year_later = town.district.at + timedelta(days=365)
    later = _note(town, happened_at=year_later, at=year_later)
    assert occurrence(later) == 2
    on_shelf = _note(town, device_id=town.loaner.pk)
    assert occurrence(on_shelf) == 1
