"""Nobody where they don't belong: every address × every role × own and other school × signed out.

The table of who may come in is written here a second time, by hand and by role, so that a slip in the first is seen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
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
from firstbell.directory.events import RoleRefused
from firstbell.directory.models import ClassGroup, Person, RoleHeld, Site, User
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
from firstbell.ledger.queries import replay
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
from firstbell.web.doors import DOORS, addresses
from tests import make

pytestmark = pytest.mark.django_db

AT_SCHOOL = (Role.STUDENT_TECH, Role.IT_LEAD, Role.COACH, Role.SCHOOL_ADMIN)

EVERYBODY = frozenset(Role)
WORKERS = frozenset({Role.IT_LEAD, Role.DISTRICT_TECH, Role.DISTRICT_IT})
LOOKERS = WORKERS | {Role.AUDITOR}
TEAM = frozenset({Role.STUDENT_TECH})
SUPERVISORS = frozenset({Role.IT_LEAD, Role.DISTRICT_IT})
TECHNICIANS = frozenset({Role.DISTRICT_TECH, Role.DISTRICT_IT})
LEADERSHIP = frozenset({Role.DISTRICT_IT})
READERS = EVERYBODY - TEAM
OFFICE = frozenset({Role.SCHOOL_ADMIN, Role.DISTRICT_IT, Role.AUDITOR})
LEDGER = frozenset({Role.DISTRICT_IT, Role.AUDITOR})
MONEY = frozenset({Role.SCHOOL_ADMIN, Role.DISTRICT_IT})
ADMINISTRATORS = frozenset({Role.SCHOOL_ADMIN})

GROUPS: dict[frozenset[Role], str] = {
    EVERYBODY: """home password scan sign_out notices notices_read notice_read notice mail mail_choice mail_address
        mail_confirmation downloads download download_removal""",
    TEAM: "team team_take team_solve team_hand_up team_filter team_filter_check team_report team_report_send",
    READERS: """loaner_options plan_document edition edition_pdf fee_policy plan question district
        district_schools_export district_weeks_export figures figures_part figures_export waiting waiting_export
        repair_scope repair_scope_export cover""",
    OFFICE: "roles role_matrix role_matrix_export roles_export coverage coverage_export sites sites_export",
    LEADERSHIP: """imports import_new import import_check import_apply import_removal import_export answer
        withdrawal go_live plan_publish role_grant role_people role_ending role_hours_form role_hours absence
        user_new user_password site_new site site_setting calendars calendars_export calendar_form calendar_new calendar
        calendar_setting fee_row fee_usual fee_row_end locations location_setting scope_row scope_usual
        scope_row_end cover_new cover_terms vendor_answers""",
    LEDGER: "ledger ledger_export",
    MONEY: """fees fees_export fee_decision fee_decide charge charge_payment charge_parts charge_appeal
        charge_appeal_decision account protection statement""",
    ADMINISTRATORS: "charge_waiver charge_waiver_decision referrals referral referral_decision",
    LOOKERS: """incidents incident device device_history device_record place closet devices devices_export
        closet_export place_export counts counts_export count count_room count_differences count_differences_export
        count_certificate count_certificate_export count_certificate_pdf scope_overrides scope_overrides_export""",
    SUPERVISORS: """count_certification ticket_clear_note team_approvals team_approve team_send_back team_clear_note
        team_skill filter_results filter_settle""",
    TECHNICIANS: """incident_write_off correct_record note_award register_device enter_device returns pack_return
        bench_retirement accessory_kind runs runs_export run_plan runs_made run run_export run_sheet run_start
        run_leave run_fail run_end run_call_off bench_beyond bench_harvest bench_recycling part_kind_new
        part_kinds_usual part_kind cover_devices cover_give cover_ending vendor vendor_words vendor_feeds
        vendor_feed vendor_feed_take""",
    WORKERS: """incident_step incident_found incident_referral incident_new incident_enter queue ticket
        ticket_history ticket_take ticket_triage ticket_wait ticket_hand_up ticket_resolve ticket_close
        ticket_reopen ticket_write ticket_device ticket_admit device_places device_fault note_fault change_line swap
        intake hand_back shelve loan loan_return handover release_owner put_device set_aside clear_device
        pool_device person report_for loans hand_backs places make_place renew_code drop_point drop_point_setting
        ticket_receipt labels label_sheet posters poster_sheets hint_cards poster_sheet hang_poster poster
        luggage_tag renew_label renew_badge manifest pickups pickup_box departure failed_visit shipment arrivals
        extra found receiving silent bench bench_order count_new count_make count_scan count_number count_check_ins
        count_finish count_answer bench_repair bench_diagnosis bench_part bench_end bench_note bench_check checks
        scan_line scan_session scan_bundle scan_turns scan_batches scan_conflicts scan_settlement scan_gap
        collecting collection_new collection collect_device collection_end collection_missing
        collection_missing_export hand_outs hand_out hand_out_start hand_out_device hand_out_skip hand_out_undo
        hand_out_end accessories accessory_arrivals accessory_count accessory_issue accessory_settle queue_export
        loans_export hand_backs_export places_export pickups_export receiving_export shipment_export bench_export
        checks_export silent_export posters_export collecting_export hand_outs_export hand_out_export
        accessories_export scan_conflicts_export late late_export explain_late secure_place count_charging charging
        charging_export pickup_request pickup_withdrawal bench_work bench_photos bench_photo bench_photo_removal
        change_serial parts part_arrivals part_count part_sending part_order_new part_orders part_order_draft
        part_order_arrival part_order_end part_kinds parts_export part_orders_export part_kinds_export vendors
        vendors_export vendor_boxes vendor_case_new vendor_case_open vendor_case vendor_case_number
        vendor_case_departure vendor_case_news vendor_case_arrival vendor_case_look vendor_case_owner
        vendor_case_ending claims claims_export claims_missed claims_missed_export claim_make claim claim_sending
        claim_decision claim_drop""",
}
MAY: dict[str, frozenset[Role]] = {name: roles for roles, names in GROUPS.items() for name in names.split()}
PUBLIC = frozenset(["healthz", "sign_in", "demo", "demo_sign_in", "scan_manifest", "scan_worker"])


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


def _world(town: make.District, school: make.School) -> World:
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


WORDS = ("held", "helper", "site", "user", "notice", "upload", "download", "line", "conflict", "calendar")


def _subject(name: str, argument: str, pattern: str) -> str:
    by_argument = {"tag": "device", "pk": "person"} | {
        f"{word}_id": word
        for word in (
            "held",
            "helper",
            "site",
            "user",
            "notice",
            "upload",
            "download",
            "line",
            "conflict",
            "calendar",
            "check",
        )
    }
    if argument == "request_id":
        return "wish"
    by_argument = {"tag": "device", "pk": "person"} | {f"{word}_id": word for word in (*WORDS, "photo")}
    if argument in by_argument:
        return by_argument[argument]
    if argument == "key" and name == "figures_export":
        return "table"
    if argument == "code":
        first, *rest = pattern.removeprefix("exports/").split("/")
        if first == "vendors":
            return {"cases": "case", "new": "order"}.get(rest[0], "vendor")
        words = {
            "tickets": "ticket",
            "places": "place",
            "boxes": "box",
            "shipments": "shipment",
            "bench": "order",
            "posters": "place",
            "counts": "count",
            "sites": "site_code",
            "runs": "run",
            "claims": "order",
        }
        return words.get(first, {"team": "team", "r": "place", "d": "device_code"}.get(first, first))
    return argument


def _url(name: str, pattern: str, world: World) -> str:
    arguments = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
    values = {argument: ARGUMENTS[_subject(name, argument, pattern)](world) for argument in arguments}
    return reverse(name, kwargs=values)


def _entries() -> list[tuple[str, str]]:
    found = [(str(entry.name), str(entry.pattern)) for entry in addresses()]
    return [(name, pattern) for name, pattern in found if name not in {"styleguide", "styleguide_part"}]


def _client(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def _cast(school: make.School) -> dict[Role, User]:
    people = {role: make.user(role.value, role, school.site)[0] for role in (Role.COACH, Role.SCHOOL_ADMIN)}
    people |= {role: make.user(role.value, role)[0] for role in (Role.DISTRICT_TECH, Role.DISTRICT_IT, Role.AUDITOR)}
    helper = make.user("helper", Role.STUDENT_TECH, school.site, supervisor_id=school.lead.pk)[0]
    return people | {Role.IT_LEAD: school.lead, Role.STUDENT_TECH: helper}


def test_every_address_is_in_both_tables() -> None:
    names = {name for name, _pattern in _entries()}
    public = {name for name in names if DOORS[name].public}
    assert names - public == set(MAY) & (names - public), "an address is missing from this test's own table"
    assert not (set(MAY) & public)


@pytest.fixture
def town() -> make.District:
    return make.district(2)


def _happened() -> int:
    """Count what happened; that coaching and repairs were kept apart is written down each time (S4, S63)."""
    return sum(event.kind != RoleRefused.kind for event in replay())


def test_nobody_comes_in_where_they_do_not_belong(town: make.District) -> None:
    own, other = (_world(town, school) for school in town.schools)
    cast = _cast(town.schools[0])
    before = _happened()
    wrong = [
        fault
        for name, pattern in _entries()
        if not DOORS[name].public
        for fault in [*_faults_of(name, pattern, own, other, cast), *_signed_out(name, pattern, own)]
    ]
    assert wrong == []
    assert _happened() == before, "a refused request changed something"


def _faults_of(name: str, pattern: str, own: World, other: World, cast: dict[Role, User]) -> list[str]:
    return [
        f"{method} {name} as {role} at {where}: {status}"
        for role, user in cast.items()
        for where, world in (("own", own), ("other", other))
        for method, status in _answers(_client(user), _url(name, pattern, world))
        if not _right(name, role, where, pattern, status)
    ]


def _answers(client: Client, url: str) -> list[tuple[str, int]]:
    return [
        ("GET", client.get(url).status_code),
        ("POST without its operation id", client.post(url, {}).status_code),
    ]


def _right(name: str, role: Role, where: str, pattern: str, status: int) -> bool:
    if status >= 500:
        return False
    inside = role in MAY.get(name, frozenset())
    about_a_school = "<" in pattern and name not in EVERYWHERE
    if inside and where == "other" and role in AT_SCHOOL and about_a_school:
        return status in {403, 404, 405, 422}
    if inside:
        return status != 403
    return status in {403, 404}


def _signed_out(name: str, pattern: str, own: World) -> list[str]:
    answered = _client(None).get(_url(name, pattern, own))
    asked_in = answered.status_code == 302 and answered.headers["Location"].startswith("/sign-in?next=")
    return [] if asked_in else [f"GET {name} signed out: {answered.status_code}"]


def test_lists_of_one_school_hold_nothing_of_another(town: make.District) -> None:
    for school in town.schools:
        _world(town, school)
    here, there = town.schools
    page = _client(here.lead)
    for name, pattern in _entries():
        if "<" in pattern or DOORS[name].public or name == "sign_out":
            continue
        text = page.get(reverse(name)).getvalue().decode(errors="replace")
        assert f"Secret{there.site.pk}" not in text, name


def test_the_walk_can_fail(town: make.District, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = (_world(town, school) for school in town.schools)
    cast = _cast(town.schools[0])
    monkeypatch.setattr(Person, "within", classmethod(lambda _cls, _sites: make.everything()))
    name, pattern = next((name, pattern) for name, pattern in _entries() if name == "person")
    faults = _faults_of(name, pattern, own, other, cast)
    assert any("it_lead at other" in fault for fault in faults)
