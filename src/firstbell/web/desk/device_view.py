"""What a page says about a device: where it is, whose turn it is, and the one next step its state allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from firstbell.claims.queries import Protected, covers_of, read_covers
from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import HAND_BACK_IDENTITY, HAND_BACK_TO, LOANER_AT_HAND_BACK, STAND_IN
from firstbell.devices.models import Assignment, Condition, Custody, Device
from firstbell.devices.queries import owner, where
from firstbell.devices.rules import MISSING
from firstbell.directory.models import Person, Place
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.kernel.identifiers import normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import READY, free_loaners
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.repairs.rules import Stage, stage
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import open_tickets_of
from firstbell.tickets.triage import Symptom, symptom
from firstbell.web.desk.words import Whereabouts, device_address, name_of, owner_of, where_is

OFFERED = 6
"""So many free loaners are offered as buttons; any other is scanned."""
S = Device.Status


class Step(StrEnum):
    """The one thing to do next with a device, as its state says."""

    RETIRED = "retired"
    TRAVELLING = "travelling"
    HAND_BACK = "hand_back"
    TO_POOL = "to_pool"
    TO_BOX = "to_box"
    AWAY = "away"
    TAKE_BACK = "take_back"
    LEND = "lend"
    ASIDE = "aside"
    MISSING = "missing"
    SWAP = "swap"
    ASK = "ask"
    ISSUE = "issue"


@dataclass(frozen=True)
class Beside:
    """What was brought to the device: chosen or scanned before this page was opened."""

    loaner: str = ""
    symptom: str = ""
    person: Person | None = None
    place: Place | None = None


@dataclass
class DeviceView:
    """One device with everything its page decides by; what a page does not ask for is not fetched."""

    device: Device
    by: Actor
    at: datetime
    beside: Beside

    @cached_property
    def order(self) -> WorkOrder | None:
        """Return its open repair."""
        return order_of(self.device.pk)

    @cached_property
    def tickets(self) -> list[Ticket]:
        """Return the open tickets about it, first the one to go by."""
        return open_tickets_of(self.device.pk, by=self.by)

    @property
    def ticket(self) -> Ticket | None:
        """Return the open ticket about it to go by."""
        return self.tickets[0] if self.tickets else None

    @property
    def told(self) -> list[tuple[Ticket, str]]:
        """Return every open ticket about it with what it tells."""
        branches = ((ticket, symptom(ticket.symptom)) for ticket in self.tickets)
        return [(ticket, branch.label if branch else "") for ticket, branch in branches]

    @cached_property
    def loans(self) -> list[Loan]:
        """Return the open loans of this device and of its person, in one query."""
        person = self.person
        match = Q(device_id=self.device.pk) | Q(person_id=person.pk) if person else Q(device_id=self.device.pk)
        rows = Loan.objects.everyone(reason="the device and its person were loaded in reach")
        return list(rows.filter(match, returned_at__isnull=True).select_related("person", "device__device", "site"))

    @cached_property
    def custody(self) -> Custody | None:
        """Return where it is."""
        return where(self.device)

    @cached_property
    def assignment(self) -> Assignment | None:
        """Return whose it is."""
        return owner(self.device)

    @property
    def owner(self) -> Person | None:
        """Return the person it belongs to."""
        return self.assignment.person if self.assignment else None

    @property
    def holder(self) -> Person | None:
        """Return the person who has it."""
        return self.custody.person if self.custody else None

    @property
    def person(self) -> Person | None:
        """Return who goes without when it is taken in: as the swap itself decides it."""
        return self.beside.person or self.owner or (self.ticket.person if self.ticket else None) or self.holder

    @property
    def has_left(self) -> bool:
        """Say whether who goes without is no longer here: nothing is handed out to them."""
        return self.person is not None and not self.person.active

    @property
    def pool(self) -> PoolDevice | None:
        """Return its entry in the loaner pool, while it is a loaner."""
        entry: PoolDevice | None = getattr(self.device, "pool", None)
        return entry if entry is not None and entry.until is None else None

    @property
    def lent(self) -> Loan | None:
        """Return the open loan of this very device."""
        return next((loan for loan in self.loans if loan.device_id == self.device.pk), None)

    @property
    def loaner(self) -> Loan | None:
        """Return the loan of a loaner that this device's person has."""
        person = self.person
        return next((loan for loan in self.loans if person and loan.person_id == person.pk), None)

    @cached_property
    def stage(self) -> Stage | None:
        """Return where its repair stands."""
        return stage(self.order, self.custody) if self.order else None

    @property
    def branch(self) -> Symptom | None:
        """Return what is wrong with it: from the report, else as just chosen."""
        return symptom(self.ticket.symptom if self.ticket else self.beside.symptom)

    @cached_property
    def answers(self) -> Plan:
        """Return what the plan says about swaps and hand-backs, asked only by the pages that need it."""
        return plan([STAND_IN.key, HAND_BACK_TO.key, HAND_BACK_IDENTITY.key, LOANER_AT_HAND_BACK.key])

    @property
    def swap_is_for_good(self) -> bool:
        """Say whether the other device stays with the person (S61)."""
        flat = self.branch is not None and self.branch.code == "flat"
        return self.answers.says(STAND_IN, self.device.home_site_id) == "swap" and not flat

    @property
    def loaner_is_due(self) -> bool:
        """Say whether the plan wants the loaner back at the hand-back (S71)."""
        return self.answers.says(LOANER_AT_HAND_BACK, self.device.home_site_id)

    @property
    def identity(self) -> str:
        """Return how the plan wants it checked who receives the device (S69)."""
        return str(self.answers.says(HAND_BACK_IDENTITY, self.device.home_site_id))

    @property
    def receiver_name(self) -> str:
        """Return who receives it, as this reader may know them."""
        return name_of(self.beside.person, self.by) if self.beside.person else self.owner_name

    @property
    def staff_may_receive(self) -> bool:
        """Say whether the plan lets a staff member receive it for its owner (S69)."""
        return self.answers.says(HAND_BACK_TO, self.device.home_site_id) == "owner_or_staff"

    @cached_property
    def free(self) -> list[PoolDevice]:
        """Return some loaners of its school that are ready to go out."""
        return list(free_loaners(self.device.home_site_id, by=self.by)[:OFFERED])

    @property
    def covers(self) -> list[Protected]:
        """Return its covers, fetched along with it."""
        return read_covers(getattr(self.device, "covers_said", ()))

    @property
    def where(self) -> Whereabouts:
        """Return where it is, in words."""
        return where_is(self.custody, self.by)

    @property
    def owner_name(self) -> str:
        """Return whose it is, in words."""
        return owner_of(self.assignment, self.by)

    @property
    def person_name(self) -> str:
        """Return who goes without, in words."""
        return name_of(self.person, self.by) if self.person else ""

    @property
    def address(self) -> str:
        """Return its page."""
        return device_address(self.device)

    def may(self, permission: Permission) -> bool:
        """Say whether the reader may do this with the device, at the school it belongs to."""
        return self.by.may(permission, self.device.home_site_id)

    @property
    def may_lend(self) -> bool:
        """Say whether the reader swaps, lends and takes back here."""
        return self.may(Permission.LEND)

    @property
    def may_move(self) -> bool:
        """Say whether the reader puts it elsewhere."""
        return self.may(Permission.MOVE_DEVICES)

    @property
    def may_register(self) -> bool:
        """Say whether the reader corrects its record."""
        return self.may(Permission.REGISTER_DEVICES)

    @property
    def may_note(self) -> bool:
        """Say whether the reader opens tickets about it."""
        return self.may(Permission.WORK_TICKETS)

    @property
    def sees_people(self) -> bool:
        """Say whether the reader may know names."""
        return self.may(Permission.SEE_PEOPLE)

    @cached_property
    def step(self) -> Step:
        """Return the one next step."""
        return next_step(self)


def look(tag: str, *, by: Actor, at: datetime, beside: Beside | None = None) -> DeviceView:
    """Return a device in reach, by tag or label code, with what its page decides by; raises Missing."""
    wanted = normalise_tag(tag)
    device = _with_hands_at_once(Device.objects.visible_to(by).filter(Q(tag=wanted) | Q(code=wanted))).first()
    if device is None:
        raise Missing("Device")
    for many, one in (("open_custodies", "hand"), ("open_assignments", "owned")):
        found = getattr(device, one, None)
        setattr(device, many, [found] if found else [])
    return DeviceView(device, by, at, beside or Beside())


def _with_hands_at_once(rows: QuerySet[Device]) -> QuerySet[Device]:
    """Fetch one device with its open custody and assignment, of each at most one, and its covers in one query."""
    known = rows.annotate(
        covers_said=covers_of("pk"),
        hand=FilteredRelation("custodies", condition=Q(custodies__until__isnull=True)),
        owned=FilteredRelation("assignments", condition=Q(assignments__until__isnull=True)),
    )
    hands = ("hand__person", "hand__place", "hand__site", "hand__shipment__to_site", "hand__shipment__from_site")
    owners = ("owned__person", "owned__class_group")
    return known.select_related("model", "home_site", "at_site", "pool__site", *hands, *owners)


def next_step(view: DeviceView) -> Step:
    """Return the one next step that the state of a device asks for."""
    status = S(view.device.status)
    if status == S.RETIRED:
        return Step.RETIRED
    if view.custody and view.custody.kind == Custody.Kind.SHIPMENT:
        return Step.TRAVELLING
    if view.stage:
        return _repair_step(view)
    if status in MISSING:
        return Step.MISSING
    if view.pool:
        return _pool_step(view)
    return _plain_step(view)


def _repair_step(view: DeviceView) -> Step:
    if view.stage == Stage.AT_SCHOOL:
        return Step.HAND_BACK if view.owner else Step.TO_POOL
    return Step.TO_BOX if view.stage == Stage.AT_DESK else Step.AWAY


def _pool_step(view: DeviceView) -> Step:
    if view.lent:
        return Step.TAKE_BACK
    return Step.LEND if view.device.status in READY else Step.ASIDE


def _plain_step(view: DeviceView) -> Step:
    if view.device.status == S.QUARANTINED:
        return Step.ASIDE
    if view.assignment is None and view.holder is None and view.ticket is None:
        return Step.ISSUE
    if view.owner and view.holder is None and view.ticket is None and not (view.beside.symptom or view.beside.loaner):
        return Step.ISSUE
    return Step.SWAP if view.branch else Step.ASK


def turn(view: DeviceView) -> str:
    """Return whose turn it is, as a sentence."""
    says = TURNS.get(view.step)
    return says(view) if says else ""


def _away(view: DeviceView) -> str:
    part = view.order.awaited_part if view.order else ""
    sentences: dict[Stage, Any] = {
        Stage.AWAITING_PICKUP: _("The courier's turn: take it to the depot."),
        Stage.RECEIVED: _("The depot's turn: find the fault."),
        Stage.DIAGNOSED: _("The depot's turn: repair it."),
        Stage.AWAITING_PARTS: _("The depot waits for a part: {part}.").format(part=part),
        Stage.AT_VENDOR: _("The vendor's turn: repair it."),
        Stage.REPAIRED: _("The depot's turn: check the repair."),
        Stage.CHECKED: _("The depot's turn: send it home."),
        Stage.BEYOND_REPAIR: _("Beyond repair. The district's turn: decide what comes instead."),
    }
    return str(sentences.get(view.stage or Stage.RECEIVED, ""))


def _take_back(view: DeviceView) -> str:
    lent = view.lent
    return _("Lent to {who}.").format(who=name_of(lent.person, view.by)) if lent else ""


TURNS: dict[Step, Callable[[DeviceView], str]] = {
    Step.RETIRED: lambda _view: _("Out of the inventory. Its history stays."),
    Step.TRAVELLING: lambda _view: _("The courier's turn."),
    Step.HAND_BACK: lambda view: _("Your turn: give it back to {who}.").format(who=view.owner_name),
    Step.TO_POOL: lambda _view: _("Your turn: put it on the loaner shelf."),
    Step.TO_BOX: lambda _view: _("Your turn: put it in the pick-up box."),
    Step.AWAY: _away,
    Step.TAKE_BACK: _take_back,
    Step.LEND: lambda _view: _("Ready to lend."),
    Step.ASIDE: lambda _view: _("Set aside: nobody gets it until somebody has looked at it."),
    Step.MISSING: lambda view: _("It is {status}. Whoever finds it scans it.").format(
        status=Device.Status(view.device.status).label
    ),
    Step.SWAP: lambda view: (
        _("Your turn: take it in. {who} has left.").format(who=view.person_name)
        if view.has_left
        else _("Your turn: give a working one.")
    ),
    Step.ASK: lambda _view: _("In use. Nothing is to be done."),
    Step.ISSUE: lambda view: (
        _("Your turn: give it to {who}.").format(who=view.owner_name)
        if view.owner
        else _("Free. It belongs to nobody.")
    ),
}

JOURNEY = (
    ("reported", frozenset[Stage]()),
    ("handed_in", frozenset({Stage.AT_DESK, Stage.AWAITING_PICKUP})),
    ("to_depot", frozenset({Stage.IN_TRANSIT})),
    (
        "repair",
        frozenset(
            {Stage.RECEIVED, Stage.DIAGNOSED, Stage.AWAITING_PARTS, Stage.AT_VENDOR, Stage.BEYOND_REPAIR},
        ),
    ),
    ("check", frozenset({Stage.REPAIRED})),
    ("return", frozenset({Stage.CHECKED, Stage.RETURNING})),
    ("at_school", frozenset({Stage.AT_SCHOOL})),
    ("handed_back", frozenset({Stage.HANDED_BACK})),
)
"""The steps of the strip, and the stages of a repair that each stands for."""


def journey(view: DeviceView) -> list[dict[str, str]]:
    """Return the strip of an open repair: what is done, where it stands, what comes."""
    if view.stage is None:
        return []
    labels = {
        "reported": _("Reported"),
        "handed_in": _("Handed in"),
        "to_depot": _("To the depot"),
        "repair": _("Being repaired"),
        "check": _("To be checked"),
        "return": _("On the way back"),
        "at_school": _("Back at school"),
        "handed_back": _("In their hands"),
    }
    now = next(index for index, (_name, stages) in enumerate(JOURNEY) if view.stage in stages)
    states = ["done" if index < now else "now" if index == now else "next" for index in range(len(JOURNEY))]
    return [
        {"label": labels[name], "state": state, "note": ""}
        for (name, _stages), state in zip(JOURNEY, states, strict=True)
    ]


def conditions() -> list[dict[str, str]]:
    """Return the conditions a loaner comes back in, one tap each."""
    keys = {Condition.Grade.GOOD: "g", Condition.Grade.WORN: "w", Condition.Grade.DAMAGED: "d"}
    return [{"value": grade.value, "label": str(grade.label), "key": key} for grade, key in keys.items()]
