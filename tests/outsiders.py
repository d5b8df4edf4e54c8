"""Vendors and cover for pictures and page checks: cases in every state, an overdue one, claims, a list handed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from firstbell.claims.actions import Wanted, cover_devices, make_cover, send_claim
from firstbell.claims.models import Cover
from firstbell.devices.models import Device
from firstbell.directory.actions import open_site
from firstbell.directory.models import Site
from firstbell.flows.covering import propose_claim
from firstbell.flows.desk import take_in
from firstbell.flows.outside import hand_to_vendor, hear, send_to_vendor, take_in_from_vendor
from firstbell.flows.transport import empty_box, scan_in
from firstbell.repairs.actions import repair
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.vendors.actions import keep_feed, map_word, note_answer
from firstbell.vendors.models import VendorStatus
from tests import make

DAY = timedelta(days=1)
NAMES = [("Ida", "Brook"), ("Ben", "Cole"), ("Eva", "Diaz"), ("Max", "Ito"), ("Zoe", "Frey"), ("Sol", "Gray")]


@dataclass
class Outsiders:
    """What the pages about vendors and cover are about."""

    vendor: str
    case: str
    away: str
    order: str
    feed: int
    cover: int
    claim: int


def outsiders(town: make.District, school: make.School, now: datetime) -> Outsiders:
    """Let six devices break: some go to a vendor, some are repaired here, all of them are covered."""
    office: dict[str, Any] = {"by": town.office, "at": now - 20 * DAY}
    vendor = open_site(kind=Site.Kind.VENDOR, name="RepairCo", timezone="America/Chicago", **make.system())
    for key, value, clause in (
        ("tracking", "yes", "4.2"),
        ("days", "8", "5.1"),
        ("boxes", "back", ""),
        ("parts", "some", ""),
    ):
        note_answer(vendor_id=vendor.pk, key=key, value=value, clause=clause, op=make.op(), **office)
    for word, means in (("received at dock", VendorStatus.RECEIVED), ("wip", VendorStatus.WORKING)):
        map_word(vendor_id=vendor.pk, word=word, means=means, op=make.op(), **office)
    orders = _broken(town, school, now - 18 * DAY)
    cover = _cover(town, vendor, [order.device_id for order in orders], now)
    cases = _cases(town, vendor, orders, now)
    rows = [
        {"number": "RC-1044", "status": "WIP", "promised": (now + 3 * DAY).date().isoformat()},
        {"serial": orders[1].device.serial, "status": "Shipped", "tracking": "1Z 999 AA1"},
        {"number": "RC-2000", "status": "Received at dock"},
    ]
    feed = keep_feed(vendor_id=vendor.pk, rows=rows, op=make.op(), **office | {"at": now})
    claim = _claims(town, orders, now)
    return Outsiders(vendor.code, cases[3], cases[0], orders[4].code, feed.pk, cover.pk, claim)


def _broken(town: make.District, school: make.School, at: datetime) -> list[WorkOrder]:
    devices: list[Device] = []
    for number, names in enumerate(NAMES):
        owner = make.person(school.site, *names)
        devices.append(make.device(town, school, owner, tag=f"LM-{1210 + number}"))
        take_in(device_id=devices[-1].pk, symptom="cracked", by=school.lead_actor, at=at, op=make.op())
    box = school.places["pickup_box"].pk
    only = tuple(device.pk for device in devices)
    out = empty_box(place_id=box, only=only, by=town.technician, at=at + DAY, op=make.op())
    scan_in(shipment_id=out.pk, by=town.technician, at=at + DAY, op=make.op())
    found = [order_of(device.pk) for device in devices]
    return [order for order in found if order]


def _cover(town: make.District, vendor: Site, device_ids: list[int], now: datetime) -> Cover:
    act: dict[str, Any] = {"by": town.office, "at": now - 17 * DAY}
    terms = Wanted(
        faults=("screen", "board", "port", "keyboard"),
        causes=("accidental", "unknown", "defect"),
        deductible_cents=10_00,
        limit_cents=250_00,
        claims_a_year=1,
    )
    since = (now - 200 * DAY).date()
    named: dict[str, Any] = {"kind": Cover.Kind.PLAN, "name": "Campus Care 2026", "vendor_id": vendor.pk}
    cover = make_cover(terms=terms, since=since, **named, op=make.op(), **act)
    until = (now + 500 * DAY).date()
    cover_devices(cover_id=cover.pk, device_ids=device_ids, since=since, until=until, op=make.op(), **act)
    return cover


def _cases(town: make.District, vendor: Site, orders: list[WorkOrder], now: datetime) -> list[str]:
    """One is overdue, one has a word that nobody knows, one is on its way back, one is back, one is to be sent."""
    act: dict[str, Any] = {"by": town.technician, "at": now - 16 * DAY}
    ends: dict[str, Any] = {"vendor_id": vendor.pk, "fault": "board"}
    cases = [
        hand_to_vendor(work_order_id=order.pk, number=f"RC-{1042 + n}", op=make.op(), **ends, **act)
        for n, order in enumerate(orders[:5])
    ]
    sent = [case.pk for case in cases[:4]]
    parcel: dict[str, Any] = {"carrier": "UPS", "number": "1Z 42 OUT", "box": "B-7"}
    send_to_vendor(case_ids=sent, **parcel, op=make.op(), **act)
    hear(case_id=cases[0].pk, word="WIP", op=make.op(), **act)
    hear(case_id=cases[1].pk, word="At station 9", op=make.op(), **act)
    hear(case_id=cases[2].pk, means=VendorStatus.SENT_BACK, tracking="1Z 42 BACK", op=make.op(), **act)
    take_in_from_vendor(case_id=cases[3].pk, op=make.op(), **act | {"at": now - DAY})
    return [case.code for case in cases]


def _claims(town: make.District, orders: list[WorkOrder], now: datetime) -> int:
    """One claim is sent, one waits; a repair at the depot was never claimed."""
    act: dict[str, Any] = {"by": town.technician, "at": now - 2 * DAY}
    repair(work_order_id=orders[5].pk, fault="screen", op=make.op(), **act)
    claims = [propose_claim(work_order_id=order.pk, op=make.op(), **act) for order in orders[:2]]
    first, second = (claim.pk for claim in claims if claim)
    send_claim(claim_id=first, number="CC-311", last_confirmed=True, op=make.op(), **act)
    return second
