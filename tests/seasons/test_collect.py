"""Collecting: one scan a device, the owner stays, chargers are reconciled, the missing list writes itself."""

from datetime import date, timedelta

import pytest

from firstbell.accessories.actions import issue_accessory
from firstbell.accessories.models import Holding
from firstbell.accessories.queries import differences
from firstbell.devices.models import Assignment, Condition, Device
from firstbell.devices.queries import differences as device_differences
from firstbell.devices.queries import where
from firstbell.flows.collect import collect
from firstbell.incidents.models import Incident
from firstbell.kernel.errors import Denied, Refused, Stale
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.loans.queries import open_loan_of
from firstbell.repairs.queries import order_of
from firstbell.seasons.actions import start_collecting, stop_collecting
from firstbell.seasons.models import Collected, Collection
from firstbell.seasons.queries import still_out, tally
from tests import make
from tests.seasons.school import Ready, ready

pytestmark = pytest.mark.django_db
LAST = date(2026, 9, 18)


@pytest.fixture
def here() -> Ready:
    return ready()


def begin(here: Ready, **more: object) -> Collection:
    return start_collecting(place_id=here.store.pk, until=LAST, **here.act(**more))


def held(here: Ready, grade: str = "7") -> Device:
    return make.device(here.town, here.school, make.person(here.school.site, grade=grade))


def owner_id(device: Device) -> int | None:
    return Assignment.objects.get(device=device, until=None).person_id


def test_a_scan_brings_a_device_in_and_its_owner_stays(here):
    device, collection = held(here), begin(here)
    owner = owner_id(device)
    row = collect(device_id=device.pk, **here.act())
    custody = where(make.fresh(device))
    assert custody is not None
    assert custody.place == here.store
    assert owner_id(device) == owner == row.person_id
    assert (row.charger, row.damage, row.grade) == ("here", "", "good")
    assert here.count() == 1
    assert events_of("seasons.collected").count() == 1
    assert tally(collection).out == 0
    assert device_differences() == []
    assert differences() == []


def test_damage_opens_ticket_and_repair_and_belongs_to_who_had_it(here):
    device = held(here)
    begin(here)
    owner = owner_id(device)
    row = collect(device_id=device.pk, damage="cracked", **here.act())
    order, incident = order_of(device.pk), Incident.objects.visible_to(here.school.lead_actor).get(device=device)
    assert order is not None
    assert order.ticket is not None
    assert order.ticket.person_id == owner == owner_id(device)
    assert incident.custody.person_id == owner
    assert row.grade == Condition.Grade.DAMAGED
    custody = where(make.fresh(device))
    assert custody is not None
    assert custody.place == here.school.places["pickup_box"]


def test_damage_tapped_after_the_scan_is_the_same_device_and_still_the_holders(here):
    device, collection = held(here), begin(here)
    owner = owner_id(device)
    collect(device_id=device.pk, **here.act())
    later = here.town.at + timedelta(seconds=3)
    collect(device_id=device.pk, damage="cracked", **here.act(at=later))
    assert order_of(device.pk) is not None
    incident = Incident.objects.visible_to(here.school.lead_actor).get(device=device)
    assert incident.custody.person_id == owner
    assert tally(collection).came == tally(collection).damaged == 1
    assert device_differences() == []


@pytest.mark.parametrize("issued", [True, False])
def test_a_missing_charger_is_lost_and_found_again_without_a_piece_too_many(here, issued):
    device, stock = held(here), here.stock(5)
    if issued:
        issue_accessory(stock_id=stock.pk, device_id=device.pk, **here.act())
    before = here.count()
    begin(here)
    collect(device_id=device.pk, **here.act())
    assert here.count() == before + 1
    collect(device_id=device.pk, charger="no", **here.act())
    assert here.count() == before
    lost = Holding.objects.visible_to(here.school.lead_actor).get(device=device)
    assert (lost.end, lost.person_id) == ("lost", owner_id(device))
    collect(device_id=device.pk, charger="yes", **here.act())
    assert here.count() == before + 1
    assert differences() == []


def test_a_charger_missing_at_once_is_written_down_as_lost(here):
    device = held(here)
    begin(here)
    collect(device_id=device.pk, charger="no", **here.act())
    assert here.count() == 0
    assert Holding.objects.visible_to(here.school.lead_actor).get(device=device).end == "lost"


def test_a_second_scan_says_that_it_was_collected_and_changes_nothing(here):
    device = held(here)
    begin(here)
    collect(device_id=device.pk, **here.act())
    with pytest.raises(Stale) as told:
        collect(device_id=device.pk, **here.act())
    assert told.value.code == "collected_already"
    assert Collected.objects.visible_to(here.school.lead_actor).count() == 1


def test_a_loaner_that_is_collected_ends_its_loan(here):
    loaner, person = make.loaner(here.town, here.school), make.person(here.school.site, grade="7")
    lend(device_id=loaner.pk, person_id=person.pk, reason=Loan.Reason.FORGOTTEN, **here.act())
    begin(here)
    collect(device_id=loaner.pk, **here.act())
    assert open_loan_of(loaner.pk) is None


def test_the_missing_list_is_of_the_grades_that_are_collected(here):
    seventh, eighth = held(here), held(here, "8")
    collection = start_collecting(place_id=here.store.pk, until=LAST, grades=["7"], **here.act())
    assert [row.device_id for row in still_out(collection)] == [seventh.pk]
    collect(device_id=eighth.pk, **here.act())  # whoever brings one early is not sent away
    collect(device_id=seventh.pk, **here.act())
    assert list(still_out(collection)) == []


def test_nothing_is_collected_where_no_collection_is_open_and_nothing_stays_behind(here):
    device = held(here)
    with pytest.raises(Refused) as told:
        collect(device_id=device.pk, **here.act())
    assert told.value.code == "not_collecting"
    collection = begin(here)
    stop_collecting(collection_id=collection.pk, **here.act())
    with pytest.raises(Refused):
        collect(device_id=device.pk, **here.act())
    assert events_of("seasons.collected").count() == 0


@pytest.mark.parametrize("said", [{"damage": "no such thing"}, {"charger": "maybe"}])
def test_what_makes_no_sense_is_refused(here, said):
    device = held(here)
    begin(here)
    with pytest.raises(Refused):
        collect(device_id=device.pk, **said, **here.act())
    assert Collected.objects.visible_to(here.school.lead_actor).count() == 0


def test_only_who_may_lend_there_collects(here):
    device = held(here)
    begin(here)
    auditor = make.user("auditor", Role.AUDITOR)[1]
    with pytest.raises(Denied):
        collect(device_id=device.pk, **here.act(by=auditor))
    with pytest.raises(Refused):
        begin(here)  # and a school collects once at a time
