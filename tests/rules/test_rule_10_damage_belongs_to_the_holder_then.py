"""Rule 10: damage belongs to whoever had custody when it happened; condition is noted before the next holder has it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import assign, unassign
from firstbell.devices.models import Condition
from firstbell.flows.desk import take_in
from firstbell.flows.issue import issue
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from tests import make
from tests.rules.town import Town, build, custody, refused, without

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    """Ana had the device until ten; Ben has it from noon; in between it lay on the shelf."""
    town = build()
    relocate(device_id=town.device.pk, place_id=town.school.places["loaner_shelf"].pk, **town.moment(hours=2))
    unassign(device_id=town.device.pk, reason="left", **town.moment(hours=2))
    ben = make.person(town.school.site, "Ben", "Okafor")
    issue(device_id=town.device.pk, person_id=ben.pk, **town.moment(hours=4))
    return town


@pytest.mark.parametrize(
    ("hours", "whose"),
    [(1, "Ana Reyes"), (2, "Loaner shelf"), (3, "Loaner shelf"), (4, "Ben Okafor"), (5, "Ben Okafor")],
)
def test_damage_belongs_to_whoever_had_it_when_it_happened(town, hours, whose):
    happened = town.district.at + timedelta(hours=hours)
    incident = note_damage(
        device_id=town.device.pk, cause=Incident.Cause.LIQUID, happened_at=happened, **town.moment(days=1)
    )
    assert str(incident.custody.person or incident.custody.place) == whose
    assert incident.holder_kind == ("student" if incident.custody.person else "")


def test_nobody_is_named_for_a_time_before_the_device_was_on_record(town):
    with refused("nobody_then"):
        note_damage(
            device_id=town.device.pk,
            cause=Incident.Cause.WEAR,
            happened_at=town.device.registered_at - timedelta(days=1),
            **town.moment(days=1),
        )


def _wrong_holder(town: Town) -> Incident:
    """Blame Ben for what happened while Ana had it, as a careless writer would."""
    happened = town.district.at + timedelta(hours=1)
    return Incident.objects.create(
        device=town.device,
        site=town.school.site,
        cause="liquid",
        custody=custody(town.device),
        holder_kind="student",
        happened_at=happened,
        found_at=happened,
        noted_at=happened,
    )


def test_the_database_refuses_another_holder(town):
    with pytest.raises(IntegrityError, match="whoever had custody"), transaction.atomic():
        _wrong_holder(town)


def test_without_its_guard_the_database_would_blame_the_wrong_person(town):
    with without("ALTER TABLE incidents_incident DISABLE TRIGGER incident_guard"):
        assert str(_wrong_holder(town).custody.person) == "Ben Okafor"


def test_an_incident_stays_as_it_was_noted(town):
    incident = note_damage(
        device_id=town.device.pk, cause=Incident.Cause.LIQUID, happened_at=town.district.at, **town.moment(days=1)
    )
    for change in ("custody_id = custody_id + 1", "cause = 'wear'", "happened_at = now()"):
        with (
            pytest.raises(IntegrityError, match="stays as it was"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE incidents_incident SET {change} WHERE id = %s", [incident.pk])
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        incident.delete()


def test_condition_is_noted_before_the_next_holder_has_it():
    town = build()
    take_in(device_id=town.device.pk, symptom="cracked", **town.moment())
    condition = Condition.objects.get(device=town.device)
    assert condition.custody.person == town.ana
    assert condition.custody.until == condition.noted_at


def test_a_condition_noted_after_the_move_would_name_the_place(monkeypatch):
    """The control: with the two steps the other way round the record would name the box."""
    town = build()
    assign_to_box = relocate
    assign_to_box(device_id=town.device.pk, place_id=town.school.places["pickup_box"].pk, **town.moment())
    take_in(device_id=town.device.pk, symptom="cracked", person_id=town.ana.pk, **town.moment())
    assert Condition.objects.get(device=town.device).custody.person is None


def test_assignment_alone_says_nothing_about_who_had_it(town):
    """Whose it is and who had it are two questions: an assignment does not move damage."""
    cleo = make.person(town.school.site, "Cleo", "Marsh")
    unassign(device_id=town.device.pk, reason="moved", **town.moment(hours=5))
    assign(device_id=town.device.pk, person_id=cleo.pk, **town.moment(hours=5))
    incident = note_damage(
        device_id=town.device.pk,
        cause=Incident.Cause.ACCIDENTAL,
        happened_at=town.district.at + timedelta(hours=6),
        **town.moment(days=1),
    )
    assert str(incident.custody.person) == "Ben Okafor"
