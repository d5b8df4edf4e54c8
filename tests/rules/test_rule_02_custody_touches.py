"""Rule 2: custody intervals of a device touch end to start: no overlap, no gap, and the past is not rewritten."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Custody
from firstbell.devices.queries import differences
from tests.rules.town import Town, build, custody, refused, without

pytestmark = pytest.mark.django_db
NO_GUARD = "ALTER TABLE devices_custody DISABLE TRIGGER custody_guard"


@pytest.fixture
def town() -> Town:
    return build()


def test_each_begins_where_the_last_one_ended(town):
    for hours, place in enumerate(("desk", "room", "desk")):
        relocate(device_id=town.device.pk, place_id=town.school.places[place].pk, **town.moment(hours=hours))
    rows = list(Custody.objects.filter(device=town.device).order_by("since", "pk"))
    assert [row.until for row in rows[:-1]] == [row.since for row in rows[1:]]
    assert rows[-1].until is None


def test_a_hand_over_before_the_one_on_record_is_refused(town):
    with refused("out_of_order"):
        relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment(days=-60))


def test_putting_it_where_it_is_changes_nothing(town):
    call = {"device_id": town.device.pk, "place_id": town.school.places["desk"].pk}
    relocate(**call, **town.moment())
    before = custody(town.device)
    relocate(**call, **town.moment(hours=1))
    assert custody(town.device) == before


def _end_and_begin(town: Town, pause: timedelta) -> None:
    """End the open custody now and begin the next some time later (or earlier)."""
    desk, at = town.school.places["desk"], town.district.at
    Custody.objects.filter(device=town.device, until__isnull=True).update(until=at)
    Custody.objects.create(device=town.device, kind="place", place=desk, site=desk.site, since=at + pause)


@pytest.mark.parametrize("pause", [timedelta(seconds=1), -timedelta(seconds=1)])
def test_the_database_refuses_a_gap_and_an_overlap(town, pause):
    with pytest.raises(IntegrityError, match="where the last one ended"), transaction.atomic():
        _end_and_begin(town, pause)


@pytest.mark.parametrize("pause", [timedelta(seconds=1), -timedelta(seconds=1)])
def test_without_its_trigger_both_would_get_in_and_the_replay_would_tell(town, pause):
    with without(NO_GUARD):
        _end_and_begin(town, pause)
        assert "gap" in {row.what for row in differences()}


@pytest.mark.parametrize("change", ["since", "until", "place", "delete"])
def test_the_database_refuses_to_rewrite_the_past(town, change):
    relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment())
    past = Custody.objects.filter(device=town.device, until__isnull=False)
    assert past.count() == 2
    rewrite = {
        "since": lambda: past.update(since=town.district.at - timedelta(days=400)),
        "until": lambda: past.update(until=None),
        "place": lambda: past.filter(kind="place").update(place=town.school.places["room"]),
        "delete": past.delete,
    }[change]
    with pytest.raises(IntegrityError), transaction.atomic():
        rewrite()
    if change in {"since", "place"}:
        with without(NO_GUARD):
            assert rewrite()
