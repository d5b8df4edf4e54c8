"""The main job, verb by verb: from broken to working again."""

from datetime import timedelta

import pytest

from firstbell.devices.models import Custody, Device
from firstbell.devices.queries import differences
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import hand_back
from firstbell.flows.report import report_problem
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.actor import REPORTER
from firstbell.ledger.queries import history
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.repairs.rules import Stage, stage
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


def _custody(device: Device) -> Custody:
    return Custody.objects.select_related("site", "place", "person").get(device=device, until__isnull=True)


def test_from_broken_to_working_again_leaves_every_hand_on_record() -> None:
    town = make.district()
    here = town.schools[0]
    ana = make.person(here.site)
    broken, spare = make.device(town, here, ana), make.loaner(town, here)
    at = town.at
    report = Report(site_id=here.site.pk, symptom="cracked", device_id=broken.pk, place_id=here.places["room"].pk)
    receipt = report_problem(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=make.op())
    assert receipt.ticket.owner == here.lead

    at += timedelta(minutes=8)
    ticket = swap_at_desk(device_id=broken.pk, loaner_id=spare.pk, by=here.lead_actor, at=at, op=make.op())
    assert ticket == receipt.ticket
    assert _custody(spare).person == ana
    assert _custody(broken).place == here.places["pickup_box"]
    order = order_of(broken.pk)
    assert order is not None
    assert stage(order, _custody(broken)) is Stage.AWAITING_PICKUP

    at += timedelta(hours=4)
    out = empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=at, op=make.op())
    assert stage(order, _custody(broken)) is Stage.IN_TRANSIT
    scan_in(shipment_id=out.pk, by=town.technician, at=at + timedelta(hours=1), op=make.op())
    assert stage(order, _custody(broken)) is Stage.RECEIVED

    at += timedelta(days=1)
    repair(work_order_id=order.pk, fault="screen", by=town.technician, at=at, op=make.op())
    check(work_order_id=order.pk, passed=True, by=town.checker, at=at, op=make.op())
    back = pack_return(site_id=here.site.pk, by=town.technician, at=at + timedelta(hours=1), op=make.op())
    scan_in(shipment_id=back.pk, by=here.lead_actor, at=at + timedelta(hours=2), op=make.op())
    order.refresh_from_db()
    assert stage(order, _custody(broken)) is Stage.AT_SCHOOL

    at += timedelta(hours=3)
    hand_back(device_id=broken.pk, loaner_id=spare.pk, by=here.lead_actor, at=at, op=make.op())
    assert _custody(broken).person == ana
    assert _custody(spare).place == here.places["loaner_shelf"]
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED
    kinds = [event.kind for event in history(broken) if event.kind == "devices.custody_changed"]
    assert len(kinds) == 8
    assert differences() == []
