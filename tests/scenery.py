"""A small school in the middle of its day, made by the real verbs: what pictures and page checks look at."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from firstbell.accessories.actions import issue_accessory, make_kind, receive_stock, set_reorder_point
from firstbell.accessories.models import AccessoryKind
from firstbell.counts.actions import Scope, certify, count_device, count_stranger, escalate, open_count, reconcile
from firstbell.counts.models import Count
from firstbell.counts.queries import differences_of
from firstbell.courier.actions import PlannedRun, PlannedStop, ask_by_hand, plan_runs, start_run
from firstbell.devices.models import Device
from firstbell.directory.actions import make_place
from firstbell.directory.models import ClassGroup, Enrolment, Person, Place, Site, User
from firstbell.flows.collect import collect
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.handout import give_to_homeroom
from firstbell.flows.report import Receipt, report_problem
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.notices.actions import Message, mark_read, tell
from firstbell.notices.models import Notice
from firstbell.repairs.actions import check, repair
from firstbell.repairs.queries import order_of
from firstbell.seasons.actions import skip_student, start_collecting, start_handing_out
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make
from tests.benchwork import Benchwork, benchwork
from tests.losses import Losses, losses
from tests.outsiders import Outsiders, outsiders

NAMES = [
    ("Ana", "Reyes"), ("Malik", "Johnson"), ("Linh", "Trần"), ("Sofía", "Martínez"), ("Noah", "Becker"),
    ("Amina", "Yusuf"), ("Wei", "Chen"), ("Grace", "Okafor"), ("Mateo", "Silva"), ("Ruth", "Goldman"),
    ("Yara", "Haddad"), ("Owen", "Clark"), ("Priya", "Shah"), ("Jonas", "Meyer"),
]  # fmt: skip


@dataclass
class Scene:
    """The school, its people and the things that pages are about."""

    town: make.District
    school: make.School
    people: list[Person]
    devices: list[Device]
    loaners: list[Device]
    receipt: Receipt
    waiting: Ticket
    users: dict[Role, User]
    now: datetime
    counts: list[Count] = field(default_factory=list)
    collection: int = 0
    homeroom: int = 0
    losses: Losses | None = None
    bench: Benchwork | None = None
    outsiders: Outsiders | None = None
    run: str = ""


def scene() -> Scene:
    """Make the school: reports coming in, a full pick-up box, the bench at work, repairs back, a loaner overdue."""
    town = make.district()
    school, now = town.schools[0], utc_now()
    Site.objects.filter(pk=school.site.pk).update(name="Lincoln Middle School")
    Site.objects.filter(pk=town.depot.pk).update(name="Repair depot")
    people = [make.person(school.site, given=given, family=family, grade="07") for given, family in NAMES]
    devices = [make.device(town, school, person, tag=f"LM-{1040 + n}") for n, person in enumerate(people)]
    loaners = [make.loaner(town, school, tag=f"L-{140 + n:04}") for n in range(9)]
    made = Scene(town, school, people, devices, loaners, *_reports(school, devices, now), _cast(school), now)
    _past_repairs(made)
    _today(made)
    made.counts = [_count(made, seen, end) for seen, end in ((5, 0), (6, 1), (9, 2))]
    _season(made)
    _notices(made)
    made.run = _courier(made)
    made.losses = losses(town, school, now)
    made.bench = benchwork(town, devices[12].pk, devices[13].pk, now)
    made.users[Role.SCHOOL_ADMIN] = made.losses.administrator
    made.outsiders = outsiders(town, school, now)
    return made


def _courier(made: Scene) -> str:
    """A request of the school, taken up by a run that is on the road."""
    act: dict[str, Any] = {"by": made.town.technician, "at": made.now}
    site, day = made.school.site, made.now.date()
    Site.objects.filter(pk=site.pk).update(address="120 Oak Lane, Wrenfield")
    ask_by_hand(site_id=site.pk, wanted_on=day, op=make.op(), **act)
    planned = (PlannedRun((PlannedStop(site.pk, expected=3, to_bring=1, arrives_at=made.now),), metres=12_400),)
    run = plan_runs(depot_id=made.town.depot.pk, day=day, capacity=40, planned=planned, op=make.op(), **act)
    return start_run(run_id=run.pk, op=make.op(), **act).code


def _count(made: Scene, seen: int, end: int) -> Count:
    """A count of the shelf of loaners: under way, with its differences open, or certified."""
    lead, shelf = made.school.lead_actor, made.school.places["loaner_shelf"]
    act = {"by": lead, "at": made.now}
    scope = Scope(kind=Count.Scope.EVERYTHING, site_id=made.school.site.pk)
    due = made.now.date() + timedelta(days=9)
    count = open_count(name=f"Fall count {end + 1}", scope=scope, due_on=due, op=make.op(), **act)  # type: ignore[arg-type]
    for line in count.lines.order_by("held", "pk")[:seen]:
        device, place = line.device_id or 0, line.place_id or shelf.pk
        count_device(count_id=count.pk, device_id=device, place_id=place, op=make.op(), **act)  # type: ignore[arg-type]
    count_stranger(count_id=count.pk, code="OLD-17", place_id=shelf.pk, op=make.op(), **act)  # type: ignore[arg-type]
    if end:
        reconcile(count_id=count.pk, op=make.op(), **act)  # type: ignore[arg-type]
    if end == 2:
        told = {"user_id": made.school.lead.pk, "due_on": due, "reason": "The librarian looks for it."}
        for line in differences_of(count):
            escalate(line_id=line.pk, op=make.op(), **told, **act)  # type: ignore[arg-type]
        certify(count_id=count.pk, op=make.op(), **act)  # type: ignore[arg-type]
    return count


def _season(made: Scene) -> None:
    """A collection under way with a damaged device and a missing charger; a homeroom being served; stocks, one low."""
    act: dict[str, Any] = {"by": made.school.lead_actor, "at": made.now}
    store = make_place(site_id=made.school.site.pk, kind=Place.Kind.STORE, name="Store room", **make.system())
    sort = AccessoryKind.Sort.CHARGER
    kind = make_kind(sort=sort, name="45 W charger", model_ids=[made.town.model.pk], **make.system())
    stock = receive_stock(kind_id=kind.pk, place_id=store.pk, pieces=6, op=make.op(), **act)
    set_reorder_point(stock_id=stock.pk, reorder_at=10, op=make.op(), **act)
    issue_accessory(stock_id=stock.pk, device_id=made.devices[0].pk, op=make.op(), **act)
    pupils = [
        make.person(made.school.site, given=given, family="Vargas", grade="08") for given in ("Ida", "Leo", "Mia")
    ]
    owned = [make.device(made.town, made.school, person) for person in pupils]
    until = made.now.date() + timedelta(days=3)
    made.collection = start_collecting(place_id=store.pk, until=until, op=make.op(), **act).pk
    for device, damage, charger in zip(owned, ("", "", "cracked"), ("", "no", ""), strict=True):
        collect(device_id=device.pk, damage=damage, charger=charger, op=make.op(), **act)
    made.homeroom = _homeroom(made, store, act)


def _homeroom(made: Scene, store: Place, act: dict[str, Any]) -> int:
    site = made.school.site
    group = ClassGroup.objects.create(source_id="scenery", site=site, title="Homeroom 8B", homeroom=True)
    names = ("Cruz", "Dao", "Evans", "Fofana")
    people = [make.person(site, given="Kim", family=family, grade="08") for family in names]
    Enrolment.objects.bulk_create(Enrolment(class_group=group, person=person) for person in people)
    hand_out = start_handing_out(class_group_id=group.pk, op=make.op(), **act)
    device = make.device(made.town, made.school)
    give_to_homeroom(class_group_id=group.pk, device_id=device.pk, op=make.op(), **act)
    skip_student(hand_out_id=hand_out.pk, person_id=people[1].pk, op=make.op(), **act)
    return group.pk


def _reports(school: make.School, devices: list[Device], now: datetime) -> tuple[Receipt, Ticket]:
    room = school.places["room"].pk
    told = [
        Report(school.site.pk, "internet", place_id=room, steps_tried=(0, 1)),
        Report(school.site.pk, "slow", place_id=room, device_id=devices[9].pk, note="It freezes in the math app."),
        Report(school.site.pk, "dead", place_id=room, device_id=devices[10].pk, reporter="staff", class_stopper=True),
        Report(school.site.pk, "signin", place_id=room),
        Report(school.site.pk, "cracked", place_id=room, device_id=devices[0].pk, reporter="student"),
    ]
    receipts = [
        report_problem(
            report=report,
            channel=Ticket.Channel.QR,
            by=REPORTER,
            at=now - timedelta(minutes=70 - 14 * n),
            op=make.op(),
        )
        for n, report in enumerate(told)
    ]
    return receipts[-1], receipts[2].ticket


def _cast(school: make.School) -> dict[Role, User]:
    helper = make.user("Theo Lang", Role.STUDENT_TECH, school.site, supervisor_id=school.lead.pk)[0]
    school.lead.display_name = "Dana Whitfield"
    school.lead.save()
    return {
        Role.IT_LEAD: school.lead,
        Role.STUDENT_TECH: helper,
        Role.COACH: make.user("Carla Nguyen", Role.COACH, school.site)[0],
        Role.SCHOOL_ADMIN: make.user("Marcus Bell", Role.SCHOOL_ADMIN, school.site)[0],
        Role.DISTRICT_TECH: make.user("Ravi Menon", Role.DISTRICT_TECH)[0],
        Role.DISTRICT_IT: make.user("Helen Brandt", Role.DISTRICT_IT)[0],
        Role.AUDITOR: make.user("Iris Cole", Role.AUDITOR)[0],
    }


def _swap(made: Scene, device: int, loaner: int, symptom: str, at: datetime) -> Ticket:
    return swap_at_desk(
        device_id=made.devices[device].pk,
        loaner_id=made.loaners[loaner].pk,
        symptom=symptom,
        by=made.school.lead_actor,
        at=at,
        op=make.op(),
    )


def _past_repairs(made: Scene) -> None:
    """Six devices left a week ago: two are back at school, one is repaired, three lie on the bench."""
    at, tech = made.now - timedelta(days=9), made.town.technician
    for n in (12, 13):
        act: dict[str, Any] = {"by": made.school.lead_actor, "at": at, "op": make.op()}
        take_in(device_id=made.devices[n].pk, symptom="dead", no_loaner="not_wanted", **act)
    for n, symptom in enumerate(["cracked", "dead", "input", "cracked"]):
        _swap(made, 1 + n, n, symptom, at + timedelta(minutes=20 * n))
    box = made.school.places["pickup_box"].pk
    out = empty_box(place_id=box, by=tech, at=at + timedelta(hours=5), op=make.op())
    scan_in(shipment_id=out.pk, by=tech, at=at + timedelta(hours=6), op=make.op())
    for n, fault in enumerate(["screen", "battery", "keyboard"]):
        order = order_of(made.devices[1 + n].pk)
        assert order is not None
        done = at + timedelta(days=2, minutes=40 * n)
        repair(work_order_id=order.pk, fault=fault, by=tech, at=done, op=make.op())
        if n < 2:
            check(work_order_id=order.pk, passed=True, by=made.town.checker, at=done, op=make.op())
    back = pack_return(site_id=made.school.site.pk, by=tech, at=at + timedelta(days=3), op=make.op())
    scan_in(shipment_id=back.pk, by=made.school.lead_actor, at=at + timedelta(days=3, hours=2), op=make.op())


def _today(made: Scene) -> None:
    """Two swaps wait in the pick-up box, one shipment is under way, one device was taken in without a loaner."""
    _swap(made, 5, 4, "cracked", made.now - timedelta(days=1))
    empty_box(
        place_id=made.school.places["pickup_box"].pk,
        by=made.town.technician,
        at=made.now - timedelta(hours=20),
        op=make.op(),
    )
    _swap(made, 6, 5, "dead", made.now - timedelta(hours=3))
    _swap(made, 7, 6, "cracked", made.now - timedelta(hours=2))
    take_in(
        device_id=made.devices[8].pk,
        symptom="input",
        no_loaner="not_wanted",
        by=made.school.lead_actor,
        at=made.now - timedelta(hours=1),
        op=make.op(),
    )


def _notices(made: Scene) -> None:
    """The lead was told of four things; the oldest is read."""
    site, lead, kinds = made.school.site.pk, made.school.lead, Notice.Kind
    told = [
        Message(kinds.LOAN_OVERDUE, "scene:1", site, device_id=made.loaners[0].pk),
        Message(kinds.CLOSET, "scene:2", site, device_id=made.devices[4].pk, number=5),
        Message(kinds.NEW_TICKET, "scene:3", site, ticket_id=made.receipt.ticket.pk, device_id=made.devices[0].pk),
        Message(kinds.CLASS_STOPPER, "scene:4", site, ticket_id=made.waiting.pk),
    ]
    for n, message in enumerate(told):
        tell(message=message, to=[lead.pk], at=made.now - timedelta(hours=8 - 2 * n))
    oldest = Notice.objects.visible_to(made.school.lead_actor).order_by("created_at")[0]
    mark_read(notice_id=oldest.pk, by=made.school.lead_actor, at=made.now, op=make.op())
