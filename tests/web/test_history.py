"""History reads like sentences a person would say, and names only whom the reader reaches."""

import pytest

from firstbell.devices.actions.inventory import unassign
from firstbell.devices.models import Device, Shipment
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import hand_back
from firstbell.flows.report import report_problem
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.actor import REPORTER, SYSTEM, Actor
from firstbell.kernel.roles import Role
from firstbell.ledger.facts import KINDS
from firstbell.ledger.queries import history
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from firstbell.web.history import ASIDES, OWN, REPEATS, lines
from tests import make

pytestmark = pytest.mark.django_db


def _told(device: Device | Shipment, by: Actor) -> list[str]:
    return [line.text for line in reversed(lines(history(device), by=by))]


def _whole_case() -> tuple[make.District, Device, Device]:
    town = make.district()
    here = town.schools[0]
    ana = make.person(here.site)
    device, loaner = make.device(town, here, ana, tag="D-1"), make.loaner(town, here, tag="L-1")
    told = Report(site_id=here.site.pk, symptom="cracked", device_id=device.pk)
    report_problem(report=told, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())
    act = {"by": here.lead_actor, "at": town.at}
    depot = {"by": town.technician, "at": town.at}
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, op=make.op(), **act)  # type: ignore[arg-type]
    out = empty_box(place_id=here.places["pickup_box"].pk, op=make.op(), **depot)  # type: ignore[arg-type]
    scan_in(shipment_id=out.pk, op=make.op(), **depot)  # type: ignore[arg-type]
    order = order_of(device.pk)
    assert order is not None
    repair(work_order_id=order.pk, fault="screen", op=make.op(), **depot)  # type: ignore[arg-type]
    check(work_order_id=order.pk, passed=True, by=town.checker, at=town.at, op=make.op())
    home = pack_return(site_id=here.site.pk, op=make.op(), **depot)  # type: ignore[arg-type]
    scan_in(shipment_id=home.pk, op=make.op(), **act)  # type: ignore[arg-type]
    hand_back(device_id=device.pk, loaner_id=loaner.pk, op=make.op(), **act)  # type: ignore[arg-type]
    return town, device, loaner


def test_a_repair_is_told_from_break_to_hand_back() -> None:
    town, device, loaner = _whole_case()
    here = town.schools[0]
    own, other = _told(device, here.lead_actor), _told(loaner, here.lead_actor)
    shipments = [line.split("shipment ")[1].rstrip(".") for line in own if "shipment" in line]
    what = "Cracked or broken part"
    assert own == [
        f"Entered the inventory of {here.site.name}.",
        "It belongs to Ana Reyes.",
        "Ana Reyes got it.",
        f"Help was asked for: {what}, through QR code.",
        f"Its condition: damaged, {what}. Ana Reyes handed it in; it went to Pick-up box. Repair opened: {what}.",
        f"It left Pick-up box in shipment {shipments[0]}.",
        "It was scanned in: Bench 1.",
        "Fault found: Cracked or dark screen. Repaired: Cracked or dark screen.",
        "The repair was checked and is fine.",
        f"It left Bench 1 in shipment {shipments[1]}.",
        "It was scanned in: Return shelf.",
        "Ana Reyes has it back. The repair is closed.",
    ]
    assert other[-2].startswith("Lent to Ana Reyes until Sept. ")
    assert other[-1] == "Ana Reyes brought the loaner back, condition: good."


def test_names_are_told_only_to_those_who_reach_them() -> None:
    town, device, _loaner = _whole_case()
    auditor = make.user("audrey", Role.AUDITOR)[1]
    for reader in (auditor, make.school().lead_actor):
        assert not any("Ana" in line for line in _told(device, reader))
    assert "somebody handed it in" in " ".join(_told(device, auditor)).lower()
    assert any("Ana" in line for line in _told(device, SYSTEM))
    assert town.depot.pk


def test_who_did_it_is_said_for_people_reports_and_the_system() -> None:
    town, device, _loaner = _whole_case()
    unassign(device_id=device.pk, reason="left", **make.system() | {"at": town.at})
    said = {line.by for line in lines(history(device), by=town.schools[0].lead_actor)}
    assert said == {"by itself", "through a report", "lead", "tech", "checker"}


def test_an_empty_history_asks_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert lines([], by=SYSTEM) == []


def test_the_cost_does_not_grow_with_the_history(django_assert_max_num_queries) -> None:
    town, device, _loaner = _whole_case()
    events = history(device)
    for part in (events[:5], events):
        with django_assert_max_num_queries(7):
            lines(part, by=town.schools[0].lead_actor)


def test_the_tables_name_events_that_exist() -> None:
    assert ASIDES | set(OWN) | set(REPEATS) | set(REPEATS.values()) <= set(KINDS)


@pytest.mark.parametrize(("devices", "said"), [(1, "with one device"), (2, "with 2 devices")])
def test_one_device_is_said_as_one(devices: int, said: str) -> None:
    town = make.district()
    here = town.schools[0]
    for n in range(devices):
        device, loaner = make.device(town, here, make.person(here.site, f"Ana{n}")), make.loaner(town, here)
        swap_at_desk(
            device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", by=here.lead_actor, at=town.at, op=make.op()
        )
    out = empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=town.at, op=make.op())
    assert any(said in line for line in _told(out, here.lead_actor))
