"""One school with one of everything that an address can be about, for the walk through all doors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from firstbell.accessories.actions import issue_accessory, make_kind, receive_stock
from firstbell.accessories.models import AccessoryKind
from firstbell.claims.actions import Wanted, cover_devices, make_cover
from firstbell.claims.models import Claim, Cover
from firstbell.counts.actions import Scope, open_count, reconcile
from firstbell.counts.models import Count
from firstbell.courier.actions import PlannedRun, PlannedStop, ask_by_hand, plan_runs
from firstbell.courier.models import PickupRequest, Run
from firstbell.decisions.models import Edition
from firstbell.devices.models import Device, ScanConflict, Shipment
from firstbell.directory.actions import open_site
from firstbell.directory.models import ClassGroup, Person, RoleHeld, Site
from firstbell.fees.actions.policy import set_rows
from firstbell.fees.models import Charge, FeePolicy
from firstbell.fees.usual import USUAL
from firstbell.flows.charges import propose_charge
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.outside import hand_to_vendor
from firstbell.flows.report import Receipt, report_problem
from firstbell.flows.scans import Scan, apply_scans
from firstbell.flows.transport import empty_box
from firstbell.incidents.actions import note_damage, refer
from firstbell.incidents.models import Incident, Referral
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.roles import Role
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from firstbell.parts.actions import make_kind as make_part
from firstbell.parts.actions import order_parts, receive_parts
from firstbell.parts.models import PartKind
from firstbell.repairs.actions import Picture, keep_photo
from firstbell.repairs.models import Photo, WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.rounds.actions import check_filter
from firstbell.rounds.models import FilterCheck
from firstbell.seasons.actions import start_collecting, start_handing_out
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from firstbell.transfers.actions import keep_list, order_export
from firstbell.transfers.models import Download, Upload
from firstbell.vendors.actions import keep_feed
from firstbell.vendors.models import Feed, VendorCase
from tests import make


@dataclass
class Season:
    """What the two big days and the accessories of a school are about."""

    collection: int
    group: int
    stock: int
    holding: int


@dataclass
class Bench:
    """What lies at the bench of a school: a stock of parts, an order of more, a photo of a repair."""

    stock: int
    order: int
    photo: int


@dataclass
class Outside:
    """What vendors and cover are about: a case of a school's device, and the claim for its repair."""

    case: VendorCase
    claim: Claim
    feed: Feed


@dataclass
class World:
    """One school with one of everything that an address can be about."""

    school: make.School
    owner: Person
    device: Device
    loaner: Device
    ticket: Ticket
    team_ticket: Ticket
    order: WorkOrder
    shipment: Shipment
    receipt: Receipt
    held: RoleHeld
    helper: RoleHeld
    notice: Notice
    upload: Upload
    download: Download
    count: Count
    conflict: ScanConflict
    season: Season
    charge: Charge
    wish: PickupRequest
    run: Run
    bench: Bench
    outside: Outside


def _counted(town: make.District, school: make.School) -> Count:
    """A count under way with one device seen."""
    scope = Scope(kind=Count.Scope.EVERYTHING, site_id=school.site.pk)
    act: dict[str, Any] = {"by": school.lead_actor, "at": town.at, "op": make.op()}
    count = open_count(name="Spring", scope=scope, due_on=town.at.date(), **act)
    return reconcile(count_id=count.pk, **act | {"op": make.op()})


def _misfit(school: make.School, device: Device) -> ScanConflict:
    phone, room = uuid4(), school.places["room"].code
    late = [Scan(uuid4(), seq, make.MONDAY, "teleport", device=device.tag, place=room) for seq in (1, 3)]
    apply_scans(install_id=phone, batch=late, by=school.lead_actor, at=make.MONDAY + timedelta(hours=3))
    return ScanConflict.objects.everyone(reason="a test looks").get(phone_id=phone)


def _helper(school: make.School) -> RoleHeld:
    user, _actor = make.user("learner", Role.STUDENT_TECH, school.site, supervisor_id=school.lead.pk)
    return RoleHeld.objects.get(user=user)


def _checked(school: make.School, device: Device) -> None:
    helper = make.user(f"checker-{school.site.pk}", Role.STUDENT_TECH, school.site, supervisor_id=school.lead.pk)[1]
    check_filter(device_id=device.pk, result="off", by=helper, at=make.MONDAY, op=make.op())


def published() -> Edition:
    """Return an edition of the plan, published when the walk first asks for one."""
    fields = {"statement": "We stand for it.", "signed_as": "Board", "published_at": make.MONDAY}
    lists: dict[str, Any] = {"answers": [], "undecided": [], "fees": []}
    return Edition.objects.get_or_create(number=1, defaults=fields | lists)[0]


def _told(school: make.School, device: Device) -> Notice:
    message = Message(Notice.Kind.CLOSET, f"closet:{device.pk}", school.site.pk, device_id=device.pk)
    tell(message=message, to=[school.lead.pk], at=make.MONDAY)
    return Notice.objects.everyone(reason="a test looks").get(device=device)


def _in_transit(town: make.District) -> tuple[Upload, Download]:
    """Make a list and an export of somebody who holds no role here: they are nobody else's."""
    act: dict[str, Any] = {"by": town.office, "at": timezone.now()}
    kept = keep_list(name="a.csv", size=1, digest="", file="nowhere", options={}, **act, op=make.op())
    return kept, order_export(listing="queue", form="csv", asked={"query": "", "about": {}}, **act, op=make.op())


def _season(school: make.School, device: Device) -> Season:
    act: dict[str, Any] = {"by": school.lead_actor, "at": make.MONDAY}
    place = school.places["desk"].pk
    kind = make_kind(sort=AccessoryKind.Sort.CORD, name=f"Cord {school.site.pk}", **make.system())
    stock = receive_stock(kind_id=kind.pk, place_id=place, pieces=3, op=make.op(), **act)
    holding = issue_accessory(stock_id=stock.pk, device_id=device.pk, op=make.op(), **act)
    collection = start_collecting(place_id=place, until=date(2026, 9, 20), op=make.op(), **act)
    group = ClassGroup.objects.create(
        source_id=f"door {school.site.pk}", site=school.site, title=f"Secret{school.site.pk}", homeroom=True
    )
    start_handing_out(class_group_id=group.pk, op=make.op(), **act)
    return Season(collection.pk, group.pk, stock.pk, holding.pk)


def _wanted(town: make.District, school: make.School) -> tuple[PickupRequest, Run]:
    """A request for the courier and a run that takes it up."""
    act: dict[str, Any] = {"by": town.office, "at": town.at}
    wish = ask_by_hand(site_id=school.site.pk, wanted_on=town.at.date(), op=make.op(), **act)
    planned = (PlannedRun((PlannedStop(school.site.pk),)),)
    day = town.at.date()
    return wish, plan_runs(depot_id=town.depot.pk, day=day, capacity=9, planned=planned, op=make.op(), **act)


def _benched(town: make.District, school: make.School, order: WorkOrder) -> Bench:
    act: dict[str, Any] = {"by": school.lead_actor, "at": make.MONDAY}
    kind = make_part(sort="screen", name=f"Screen {school.site.pk}", model_ids=[town.model.pk], **make.system())
    stock = receive_parts(kind_id=kind.pk, place_id=school.places["desk"].pk, pieces=2, op=make.op(), **act)
    awaited = order_parts(stock_id=stock.pk, pieces=5, op=make.op(), **act)
    picture = Picture(f"photo {school.site.pk}", 4, 3)
    photo = keep_photo(work_order_id=order.pk, when=Photo.When.BEFORE, picture=picture, op=make.op(), **act)
    return Bench(stock.pk, awaited.pk, photo.pk)


def _charged(town: make.District, school: make.School, device: Device) -> Charge:
    """A charge for something that happened before the device broke."""
    act: dict[str, Any] = {"by": town.office, "at": town.at + timedelta(hours=2)}
    if not FeePolicy.objects.exists():
        set_rows(lines=USUAL, since=town.at.date(), op=make.op(), **act)
    drop = note_damage(
        device_id=device.pk, cause=Incident.Cause.LIQUID, happened_at=town.at - timedelta(hours=1), op=make.op(), **act
    )
    refer(incident_id=drop.pk, op=make.op(), **act)
    return propose_charge(incident_id=drop.pk, op=make.op(), **act)


def _outside(town: make.District, order: WorkOrder) -> Outside:
    """A repair handed to a vendor, whose cover pays for it."""
    act: dict[str, Any] = {"by": town.office, "at": town.at + timedelta(hours=3)}
    vendor = open_site(kind=Site.Kind.VENDOR, name=f"Vendor {order.pk}", timezone="America/New_York", **make.system())
    terms, since = Wanted(("board",), ("unknown",)), town.at.date() - timedelta(days=30)
    named: dict[str, Any] = {"kind": Cover.Kind.PLAN, "name": f"Care {order.pk}", "vendor_id": vendor.pk}
    cover = make_cover(terms=terms, since=since, **named, op=make.op(), **act)
    cover_devices(cover_id=cover.pk, device_ids=[order.device_id], since=since, op=make.op(), **act)
    case = hand_to_vendor(work_order_id=order.pk, vendor_id=vendor.pk, fault="board", op=make.op(), **act)
    feed = keep_feed(vendor_id=vendor.pk, rows=[{"number": "1", "status": "done"}], op=make.op(), **act)
    return Outside(case, order.claims.get(), feed)


def world_of(town: make.District, school: make.School) -> World:
    owner = make.person(school.site, given="Canaria", family=f"Secret{school.site.pk}")
    own, spare = make.device(town, school, owner), make.loaner(town, school)
    other, second = make.device(town, school, make.person(school.site)), make.loaner(town, school)
    by, at = school.lead_actor, town.at
    slow = Report(site_id=school.site.pk, symptom="slow", place_id=school.places["room"].pk)
    receipt = report_problem(report=slow, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=make.op())
    swap_at_desk(device_id=other.pk, loaner_id=second.pk, symptom="cracked", by=by, at=at, op=make.op())
    box = school.places["pickup_box"].pk
    shipment = empty_box(place_id=box, by=by, at=at + timedelta(hours=1), op=make.op())
    ticket = swap_at_desk(device_id=own.pk, loaner_id=spare.pk, symptom="dead", by=by, at=at, op=make.op())
    order = order_of(own.pk)
    assert order is not None
    _checked(school, own)
    return World(
        school,
        owner,
        own,
        spare,
        ticket,
        receipt.ticket,
        order,
        shipment,
        receipt,
        RoleHeld.objects.get(user=school.lead),
        _helper(school),
        _told(school, own),
        *_in_transit(town),
        _counted(town, school),
        _misfit(school, own),
        _season(school, own),
        _charged(town, school, other),
        *_wanted(town, school),
        _benched(town, school, order),
        _outside(town, order),
    )


EVERYWHERE = {"question", "answer", "figures_part", "figures_export", "edition", "edition_pdf"}
"""Addresses with a name in them that are about the whole district."""
ARGUMENTS: dict[str, Callable[[World], Any]] = {
    "ticket": lambda world: world.ticket.code,
    "team": lambda world: world.team_ticket.code,
    "device": lambda world: world.device.tag,
    "place": lambda world: world.school.places["room"].code,
    "box": lambda world: world.school.places["pickup_box"].code,
    "shipment": lambda world: world.shipment.code,
    "order": lambda world: world.order.code,
    "person": lambda world: world.owner.pk,
    "held": lambda world: world.held.pk,
    "helper": lambda world: world.helper.pk,
    "site": lambda world: world.school.site.pk,
    "user": lambda world: world.school.lead.pk,
    "key": lambda _world: "loans.days",
    "table": lambda _world: "reserve",
    "upload": lambda world: world.upload.pk,
    "download": lambda world: world.download.pk,
    "row": lambda _world: 1,
    "incident": lambda world: world.charge.incident_id,
    "charge": lambda world: world.charge.pk,
    "wish": lambda world: world.wish.pk,
    "run": lambda world: world.run.code,
    "referral": lambda world: Referral.objects.everyone(reason="a test looks").get(site=world.school.site).pk,
    "check": lambda world: FilterCheck.objects.everyone(reason="a test looks").get(site=world.school.site).pk,
    "number": lambda _world: published().number,
    "token": lambda world: world.receipt.token,
    "part": lambda _world: "loaners",
    "notice": lambda world: world.notice.pk,
    "version": lambda _world: "0123abcd",
    "count": lambda world: world.count.code,
    "site_code": lambda world: world.school.site.code,
    "calendar": lambda world: Site.objects.get(pk=world.school.site.pk).calendar_id,
    "room": lambda world: world.school.places["room"].code,
    "line": lambda world: world.count.lines.order_by("pk")[0].pk,
    "conflict": lambda world: world.conflict.pk,
    "install": lambda world: world.conflict.phone_id,
    "collection": lambda world: world.season.collection,
    "group": lambda world: world.season.group,
    "stock": lambda world: world.season.stock,
    "holding": lambda world: world.season.holding,
    "part_stock": lambda world: world.bench.stock,
    "part_order": lambda world: world.bench.order,
    "part_kind": lambda _world: PartKind.objects.order_by("pk").values_list("pk", flat=True)[0],
    "photo": lambda world: world.bench.photo,
    "vendor": lambda world: world.outside.case.vendor.code,
    "case": lambda world: world.outside.case.code,
    "claim": lambda world: world.outside.claim.pk,
    "feed": lambda world: world.outside.feed.pk,
    "cover": lambda world: world.outside.claim.coverage.cover_id,
    "coverage": lambda world: world.outside.claim.coverage_id,
}
"""What each word of an address stands for; which word an address uses is read off its pattern and name."""


WORDS = ("held", "helper", "site", "user", "notice", "upload", "download", "line", "conflict", "calendar", "check")
