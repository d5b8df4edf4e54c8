"""What a school's people are told once a day, and to whom it falls."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from firstbell.counts.actions import Scope, open_count
from firstbell.counts.models import Count
from firstbell.decisions.register import KIT_SIZE
from firstbell.devices.actions.custody import relocate
from firstbell.directory.actions import make_place, secure_place
from firstbell.directory.models import Place
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.jobs.daily import tell_of_the_day
from firstbell.kernel.actor import REPORTER
from firstbell.measures.reach import reach_of
from firstbell.measures.standstill import told_of
from firstbell.notices.models import Notice
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db

MON, HOUR, DAY = make.MONDAY, timedelta(hours=1), timedelta(days=1)
K = Notice.Kind


@pytest.fixture
def town() -> make.District:
    return make.district(schools=2)


def told(kind: K) -> list[tuple[int, int, int]]:
    rows = Notice.objects.everyone(reason="a test looks").filter(kind=kind).order_by("pk")
    return list(rows.values_list("user_id", "site_id", "number"))


def swap(town: make.District) -> int:
    here = town.schools[0]
    own, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    broken: dict[str, Any] = {"device_id": own.pk, "loaner_id": spare.pk, "symptom": "cracked"}
    swap_at_desk(**broken, by=here.lead_actor, at=MON, op=make.op())
    return own.pk


def carry(town: make.District, at: datetime) -> int:
    return empty_box(place_id=town.schools[0].places["pickup_box"].pk, by=town.technician, at=at, op=make.op()).pk


def test_a_late_pick_up_is_told_to_the_couriers_once_a_school_day(town: make.District) -> None:
    swap(town)
    swap(town)
    tell_of_the_day(MON + DAY)
    assert told(K.PICKUP_LATE) == [], "two school days have not passed"
    couriers = {town.technician.user_id, town.checker.user_id}
    thursday = MON + 3 * DAY
    for hour in range(3):
        tell_of_the_day(thursday + hour * HOUR)
    assert {row[0] for row in told(K.PICKUP_LATE)} == couriers
    assert {row[1:] for row in told(K.PICKUP_LATE)} == {(town.schools[0].site.pk, 2)}
    assert len(told(K.PICKUP_LATE)) == len(couriers)
    tell_of_the_day(thursday + DAY)
    assert len(told(K.PICKUP_LATE)) == 2 * len(couriers), "the next day once more"


@pytest.mark.parametrize("moment", [MON + 5 * DAY, MON + 3 * DAY - 2 * HOUR], ids=["Saturday", "before school"])
def test_nobody_is_told_while_the_school_is_closed(town: make.District, moment: datetime) -> None:
    swap(town)
    tell_of_the_day(moment)
    assert told(K.PICKUP_LATE) == []
    tell_of_the_day(MON + 3 * DAY)
    assert told(K.PICKUP_LATE), "the control"


def test_what_is_repaired_and_not_handed_back_is_the_leads(town: make.District) -> None:
    here, device = town.schools[0], swap(town)
    scan_in(shipment_id=carry(town, MON + HOUR), by=town.technician, at=MON + 2 * HOUR, op=make.op())
    order = order_of(device)
    assert order is not None
    repair(work_order_id=order.pk, fault="screen", by=town.technician, at=MON + 3 * HOUR, op=make.op())
    check(work_order_id=order.pk, passed=True, by=town.checker, at=MON + 4 * HOUR, op=make.op())
    back = pack_return(site_id=here.site.pk, by=town.technician, at=MON + 5 * HOUR, op=make.op())
    tell_of_the_day(MON + 4 * DAY)
    assert told(K.NOT_RECEIVED) == [(here.lead.pk, here.site.pk, 1)], "it left, and nobody scanned it in"
    scan_in(shipment_id=back.pk, by=here.lead_actor, at=MON + 4 * DAY, op=make.op())
    tell_of_the_day(MON + 10 * DAY)
    assert told(K.HAND_BACK_LATE) == [(here.lead.pk, here.site.pk, 1)]
    assert len(told(K.NOT_RECEIVED)) == 1


def test_an_untouched_report_is_told_to_the_lead_of_its_school_alone(town: make.District) -> None:
    here = town.schools[0]
    report = Report(here.site.pk, "dead", device_id=make.device(town, here, make.person(here.site)).pk)
    open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=MON, op=make.op())
    tell_of_the_day(MON + 4 * DAY)
    assert told(K.UNTOUCHED) == [(here.lead.pk, here.site.pk, 1)]


def test_the_log_counts_by_school_and_kind_and_names_nobody(town: make.District) -> None:
    here, there = town.schools
    swap(town)
    tell_of_the_day(MON + 3 * DAY)
    number = len(told(K.PICKUP_LATE))
    until = MON + 4 * DAY
    assert told_of(reach_of(town.office), MON, until) == {(here.site.pk, "pickup_late"): number}
    assert told_of(reach_of(there.lead_actor), MON, until) == {}, "another school's is theirs"


def test_a_kit_that_is_not_full_and_storage_that_nobody_counted_are_told_as_the_day_begins(
    town: make.District,
) -> None:
    here = town.schools[0]

    def act(at: datetime = MON) -> dict[str, Any]:
        return {"by": here.lead_actor, "at": at, "op": make.op()}

    kit = make_place(site_id=here.site.pk, kind=Place.Kind.KIT, name="Round bag", **make.system())
    store = make_place(site_id=here.site.pk, kind=Place.Kind.STORE, name="Cage", **make.system())
    secure_place(place_id=store.pk, security="keys", counted_daily=True, **act())
    relocate(device_id=make.loaner(town, here).pk, place_id=kit.pk, **act())
    relocate(device_id=make.device(town, here).pk, place_id=store.pk, **act())
    tell_of_the_day(MON + DAY)
    assert told(K.KIT_SHORT) == [(here.lead.pk, here.site.pk, KIT_SIZE.safe - 1)]
    assert told(K.STORE_UNCOUNTED) == [(here.lead.pk, here.site.pk, 1)]
    scope = Scope(Count.Scope.STORE, here.site.pk, (store.pk,))
    open_count(name="Cage", scope=scope, due_on=(MON + 9 * DAY).date(), **act(MON + DAY))
    tell_of_the_day(MON + 2 * DAY)
    assert len(told(K.KIT_SHORT)) == 2
    assert len(told(K.STORE_UNCOUNTED)) == 1, "it was counted on the last school day"
