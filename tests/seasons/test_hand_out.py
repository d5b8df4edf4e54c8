"""Handing out: the next on the list, a device's own owner first; skip and undo leave nothing behind."""

from datetime import timedelta

import pytest

from firstbell.accessories.queries import differences
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Assignment, Device
from firstbell.devices.queries import differences as device_differences
from firstbell.devices.queries import where
from firstbell.directory.models import ClassGroup
from firstbell.flows.handout import give_to_homeroom, undo_turn
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from firstbell.seasons.actions import skip_student, start_handing_out, stop_handing_out
from firstbell.seasons.queries import next_student, open_hand_out
from tests import make
from tests.seasons.school import Ready, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Ready:
    return ready()


def give(here: Ready, group: ClassGroup, device: Device, person_id: int | None = None) -> int:
    act = here.act()
    return give_to_homeroom(class_group_id=group.pk, device_id=device.pk, person_id=person_id, **act).person_id


def test_each_scan_goes_to_the_next_on_the_list(here):
    group, students = here.homeroom(3)
    start_handing_out(class_group_id=group.pk, **here.act())
    given = [give(here, group, here.spare()) for _ in students]
    assert given == [person.pk for person in students]
    with pytest.raises(Stale) as told:
        give(here, group, here.spare())
    assert told.value.code == "list_done"
    assert device_differences() == []


def test_a_device_that_has_an_owner_here_goes_to_them_and_one_of_others_to_nobody(here):
    group, students = here.homeroom(3)
    own, foreign = (
        make.device(here.town, here.school, students[2]),
        make.device(here.town, here.school, make.person(here.school.site)),
    )
    for device in (own, foreign):
        relocate(device_id=device.pk, place_id=here.store.pk, **here.act())
    start_handing_out(class_group_id=group.pk, **here.act())
    assert give(here, group, own) == students[2].pk
    with pytest.raises(Refused) as told:
        give(here, group, foreign)
    assert told.value.code == "not_theirs"
    assert give(here, group, here.spare()) == students[0].pk


def test_who_has_their_own_is_not_next_and_gets_no_second(here):
    group, students = here.homeroom(2)
    make.device(here.town, here.school, students[0])
    hand_out = start_handing_out(class_group_id=group.pk, **here.act())
    assert next_student(hand_out) == students[1]
    with pytest.raises(Refused) as told:
        give(here, group, here.spare(), person_id=students[0].pk)
    assert told.value.code == "has_one"


def test_a_skip_passes_on_and_who_comes_late_still_gets_one(here):
    group, students = here.homeroom(2)
    hand_out = start_handing_out(class_group_id=group.pk, **here.act())
    skip_student(hand_out_id=hand_out.pk, person_id=students[0].pk, **here.act())
    assert give(here, group, here.spare()) == students[1].pk
    assert give(here, group, here.spare(), person_id=students[0].pk) == students[0].pk


def test_undo_gives_back_place_owner_and_charger_and_tells_both(here):
    group, students = here.homeroom(2)
    here.stock(5)
    hand_out = start_handing_out(class_group_id=group.pk, chargers=True, **here.act())
    device = here.spare()
    give(here, group, device)
    assert here.count() == 4
    undo_turn(class_group_id=group.pk, **here.act(at=here.town.at + timedelta(seconds=5)))
    custody = where(make.fresh(device))
    assert custody is not None
    assert custody.place == here.store
    assert not Assignment.objects.filter(device=device, until=None).exists()
    assert make.fresh(device).status == Device.Status.IN_STOCK
    assert here.count() == 5
    assert next_student(hand_out) == students[0]
    assert events_of("seasons.handed_out", "seasons.turn_undone").count() == 2
    assert device_differences() == []
    assert differences() == []


def test_undo_of_a_skip_makes_them_next_again(here):
    group, students = here.homeroom(2)
    hand_out = start_handing_out(class_group_id=group.pk, **here.act())
    skip_student(hand_out_id=hand_out.pk, person_id=students[0].pk, **here.act())
    undo_turn(class_group_id=group.pk, **here.act())
    assert next_student(hand_out) == students[0]


def test_an_owner_keeps_their_device_when_its_turn_is_undone(here):
    group, students = here.homeroom(1)
    own = make.device(here.town, here.school, students[0])
    relocate(device_id=own.pk, place_id=here.store.pk, **here.act())
    start_handing_out(class_group_id=group.pk, **here.act())
    give(here, group, own)
    undo_turn(class_group_id=group.pk, **here.act())
    assert Assignment.objects.get(device=own, until=None).person == students[0]


def test_loaners_devices_in_hands_and_unfit_ones_are_refused(here):
    group, _students = here.homeroom(1)
    start_handing_out(class_group_id=group.pk, **here.act())
    with pytest.raises(Refused) as told:
        give(here, group, make.loaner(here.town, here.school))
    assert told.value.code == "is_loaner"
    assert events_of("seasons.handed_out").count() == 0


def test_a_closed_or_foreign_hand_out_is_none(here):
    group, students = here.homeroom(1)
    device = here.spare()
    with pytest.raises(Stale):
        give(here, group, device)
    hand_out = start_handing_out(class_group_id=group.pk, **here.act())
    stranger = make.user("stranger", Role.IT_LEAD, make.school().site)[1]
    with pytest.raises(Missing):
        give_to_homeroom(class_group_id=group.pk, device_id=device.pk, **here.act(by=stranger))
    with pytest.raises(Missing):
        give(here, group, device, person_id=make.person(here.school.site).pk)
    stop_handing_out(hand_out_id=hand_out.pk, **here.act())
    assert open_hand_out(group.pk) is None
    assert students[0].pk not in Assignment.objects.values_list("person_id", flat=True)
