"""Repairs by somebody outside: handed to a vendor, sent, heard of, back, looked at. Devices travel in shipments."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import plan
from firstbell.decisions.register import VENDOR_FILES, VENDOR_RETURN, VENDOR_ROUTE
from firstbell.devices.actions import shipments
from firstbell.devices.actions.custody import open_custody
from firstbell.devices.models import Custody, Device, Shipment, ShipmentItem
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import place_of_kind
from firstbell.directory.scope import load, load_all, lock
from firstbell.flows.covering import draft_claim
from firstbell.flows.following import tickets_follow
from firstbell.flows.transport import arrival_place, depot
from firstbell.kernel.actor import SYSTEM, Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.repairs import actions as repairs
from firstbell.repairs.models import WorkOrder
from firstbell.vendors import actions as vendors
from firstbell.vendors import rules
from firstbell.vendors.models import VendorCase, VendorStatus
from firstbell.vendors.queries import answers_of

Out = VendorCase.Outcome


@verb
def hand_to_vendor(
    *, work_order_id: int, vendor_id: int, fault: str, number: str = "", by: Actor, at: datetime, op: Op
) -> VendorCase:
    """Hand a repair to a vendor: a case begins. Who may, and where it comes back to, says the plan (S65, S68)."""
    found = load(WorkOrder, work_order_id, by=by, permission=Permission.SHIP, lock=False)
    load(Device, found.device_id, by=by)
    order = lock(WorkOrder, found.pk)
    answers = plan([VENDOR_FILES.key, VENDOR_RETURN.key])
    vendor = rules.check_vendor(Site.objects.filter(pk=vendor_id).first())
    rules.check_repairable(order)
    rules.check_may_file(order, answers, by)
    fix = repairs.name_fault_outside(order=order, fault=fault, by=by, at=at, op=op)
    rules.check_parts(fix, answers_of(vendor.pk), vendor)
    by_school = answers.says(VENDOR_FILES, order.site_id) == "school"
    to_school = answers.says(VENDOR_RETURN, order.site_id) == "school"
    case = vendors.open_case(
        order=order,
        vendor=vendor,
        owner_id=order.site_id if by_school else depot().pk,
        return_to_id=order.site_id if to_school else depot().pk,
        number=number,
        by=by,
        at=at,
        op=op,
    )
    draft_claim(order=order, by=by, at=at, op=op)
    return case


@verb
def call_off(*, case_id: int, by: Actor, at: datetime, op: Op) -> VendorCase:
    """End a case before its device was sent."""
    case = load(VendorCase, case_id, by=by, permission=Permission.SHIP)
    rules.check_not_sent(case)
    vendors.end_case(case=case, outcome=Out.CALLED_OFF, cents=0, by=by, at=at, op=op)
    return case


@verb
def send_to_vendor(
    *,
    case_ids: Sequence[int],
    carrier: str = "",
    number: str = "",
    box: str = "",
    cents: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Shipment:
    """Send the devices of some cases to their vendor in one box; ``number`` is the carrier's, ``cents`` its cost."""
    devices, known = _load_cases(case_ids, by)
    if len({case.vendor_id for case in known.values()}) != 1:
        raise Refused("one_vendor", _("Choose at least one device, all of them for the same vendor."))
    vendor = next(iter(known.values())).vendor
    for case in known.values():
        rules.check_open(case)
        rules.check_not_sent(case)
    here = _one_site(devices)
    if not by.may(Permission.TRANSPORT):
        by.require(Permission.SHIP, here.pk)
    rules.check_may_send_from(here, plan([VENDOR_ROUTE.key]))
    rules.check_parcel(answers_of(vendor.pk), number=number.strip(), box=box.strip(), cents=cents)
    shipment = shipments.leave(from_site_id=here.pk, to_site_id=vendor.pk, devices=devices, by=by, at=at, op=op)
    vendors.note_parcel(
        shipment=shipment, carrier=carrier, number=number, box=box, cents=cents or 0, by=by, at=at, op=op
    )
    for case in known.values():
        vendors.note_sent(case=case, shipment=shipment, at=at)
    tickets_follow([device.pk for device in devices], reason="to_vendor", by=by, at=at, op=op)
    return shipment


def _load_cases(case_ids: Sequence[int], by: Actor) -> tuple[list[Device], dict[int, VendorCase]]:
    """Return cases and their devices, all locked, devices first."""
    rows = VendorCase.objects.visible_to(by, Permission.SHIP).filter(pk__in=case_ids)
    devices = load_all(Device, rows.values_list("device_id", flat=True), by=by)
    return list(devices.values()), load_all(VendorCase, case_ids, by=by, permission=Permission.SHIP)


def _one_site(devices: Sequence[Device]) -> Site:
    """Return the one site at which all of them rest."""
    resting = Custody.objects.filter(device__in=devices, until__isnull=True, kind=Custody.Kind.PLACE)
    sites = {row.site for row in resting.select_related("site")}
    if len(sites) != 1 or resting.count() != len(devices):
        raise Refused("not_together", _("What goes into one box lies at one site. Scan it in there first."))
    return sites.pop()


# --- What the vendor says ------------------------------------------------------------------------------------------


@verb
def hear(
    *,
    case_id: int,
    word: str = "",
    means: VendorStatus | None = None,
    promised_on: date | None = None,
    number: str = "",
    carrier: str = "",
    tracking: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> VendorCase:
    """Note what a vendor says of a device: custody follows what its word means, as far as somebody has said so."""
    case, device = _load_case(case_id, by)
    if case.sent_at is None and (word.strip() or means or tracking.strip()):
        raise Refused("not_sent", _("{tag} was not sent to the vendor yet."), tag=device.tag)
    said = {"word": word, "means": means, "promised_on": promised_on, "number": number}
    now = vendors.note_news(case=case, **said, by=by, at=at, op=op)  # type: ignore[arg-type]  # a dict of several types
    if now is not None:
        _arrive_there(case, device, by=by, at=at, op=op)
    if now is VendorStatus.SENT_BACK:
        _leave_there(case, device, carrier, tracking, by=by, at=at, op=op)
    tickets_follow([device.pk], reason="vendor_said", by=by, at=at, op=op)
    return case


def _load_case(case_id: int, by: Actor) -> tuple[VendorCase, Device]:
    """Return a case and its device, both locked: shipment first, then device, then case."""
    found = load(VendorCase, case_id, by=by, permission=Permission.SHIP, lock=False)
    for shipment_id in sorted(pk for pk in (found.out_id, found.back_id) if pk):
        lock(Shipment, shipment_id)
    device = load(Device, found.device_id, by=by)
    return lock(VendorCase, found.pk), device


def _arrive_there(case: VendorCase, device: Device, *, by: Actor, at: datetime, op: Op) -> None:
    """The vendor has it: it is no longer on its way there."""
    item = _line_on(case.out, device)
    if item is not None and case.out is not None:
        place = _bench_of(case.vendor, at=at, op=op)
        shipments.arrive(shipment=case.out, items=[item], place=place, by=by, at=at, op=op)


def _line_on(shipment: Shipment | None, device: Device) -> ShipmentItem | None:
    """Return a device's open line on a shipment."""
    rows = ShipmentItem.objects.filter(device=device, received_at__isnull=True)
    item = rows.filter(shipment=shipment).first() if shipment else None
    if item:
        item.device = device
    return item


def _bench_of(vendor: Site, *, at: datetime, op: Op) -> Place:
    """Return where devices rest at a vendor; made when the first one arrives."""
    name = str(_("Repair shop"))
    found = place_of_kind(vendor.pk, Place.Kind.BENCH)
    return found or make_place(site_id=vendor.pk, kind=Place.Kind.BENCH, name=name, by=SYSTEM, at=at, op=op)


def _leave_there(
    case: VendorCase, device: Device, carrier: str, tracking: str, *, by: Actor, at: datetime, op: Op
) -> None:
    """It is on its way back, in the same box as others with the same tracking number."""
    custody = open_custody(device)
    if custody is None or custody.kind != Custody.Kind.PLACE or custody.site_id != case.vendor_id:
        return
    box = _box_under_way(case, tracking.strip())
    if box is None:
        ends = {"from_site_id": case.vendor_id, "to_site_id": case.return_to_id}
        box = shipments.leave(**ends, devices=[device], by=by, at=at, op=op)
        vendors.note_parcel(shipment=box, carrier=carrier, number=tracking, by=by, at=at, op=op)
    else:
        shipments.put_on(shipment=box, device=device, by=by, at=at, op=op)
    vendors.note_back(case=case, shipment=box)


def _box_under_way(case: VendorCase, tracking: str) -> Shipment | None:
    rows = Shipment.objects.everyone(reason="the case was loaded in reach").filter(
        parcel__number=tracking, from_site=case.vendor_id, to_site=case.return_to_id, status=Shipment.Status.SENT
    )
    found = rows.order_by("-pk").first() if tracking else None
    return lock(Shipment, found.pk) if found else None


# --- Back ----------------------------------------------------------------------------------------------------------


@verb
def take_in_from_vendor(*, case_id: int, site_id: int | None = None, by: Actor, at: datetime, op: Op) -> VendorCase:
    """A vendor's device is here, announced or not: it arrives at a site (where it is expected by default)."""
    case, device = _load_case(case_id, by)
    rules.check_open(case)
    here = _receiving(case, site_id)
    if not by.may(Permission.TRANSPORT):
        by.require(Permission.SHIP, here.pk)
    _arrive_there(case, device, by=by, at=at, op=op)
    _leave_there(case, device, "", "", by=by, at=at, op=op)
    item = _line_on(case.back, device)
    if item is None or case.back is None:
        raise Stale("here_already", _("{tag} is here according to the record."), tag=device.tag)
    shipments.arrive(shipment=case.back, items=[item], place=arrival_place(here), by=by, at=at, op=op)
    tickets_follow([device.pk], reason="arrived", by=by, at=at, op=op)
    return case


def _receiving(case: VendorCase, site_id: int | None) -> Site:
    if site_id in {None, case.return_to_id}:
        return case.return_to
    rows = Site.objects.filter(pk=site_id, closed_on__isnull=True, kind__in=[Site.Kind.SCHOOL, Site.Kind.DEPOT])
    found = rows.first()
    if found is None:
        raise Missing("Site")
    return found


@verb
def look_at_return(
    *, case_id: int, outcome: VendorCase.Outcome, cents: int = 0, by: Actor, at: datetime, op: Op
) -> VendorCase:
    """Say how a device came back from a vendor, once it is here; looking at it is the check of the repair."""
    case, device = _load_case(case_id, by)
    order = lock(WorkOrder, case.work_order_id)
    custody = open_custody(device)
    if custody is None or custody.kind != Custody.Kind.PLACE or custody.site.kind == Site.Kind.VENDOR:
        raise Refused("not_back", _("{tag} is not back yet. Scan it in first."), tag=device.tag)
    if case.sent_at is None or outcome is Out.CALLED_OFF:
        raise Refused("not_sent", _("{tag} was not sent to the vendor yet."), tag=device.tag)
    vendors.end_case(case=case, outcome=outcome, cents=cents, by=by, at=at, op=op)
    if outcome is Out.REPAIRED:
        repairs.repaired_outside(order=order, cents=cents, by=by, at=at, op=op)
    else:
        repairs.not_repaired_outside(order=order, beyond=outcome is Out.BEYOND, by=by, at=at, op=op)
    tickets_follow([device.pk], reason="back_from_vendor", by=by, at=at, op=op)
    return case
