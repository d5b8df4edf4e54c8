"""The desk's one motion: broken device in, working device out. And taking in without a loaner."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import INTAKE_PLACE, LOAN_DAYS, REPAIR_WHERE, STAND_IN
from firstbell.devices.actions.custody import (
    Holder,
    change_status,
    move,
    note_condition,
    open_custody,
    person_holder,
    place_holder,
)
from firstbell.devices.actions.inventory import give, open_assignment, release
from firstbell.devices.models import Condition, Device
from firstbell.directory.models import Person, Place
from firstbell.directory.queries import place_of_kind
from firstbell.directory.scope import load, load_all, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.loans.actions import hand_out, load_entry, note_none_given, remove_from_pool
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import open_loan_for, open_loan_of
from firstbell.loans.rules import check_one_loaner
from firstbell.repairs.actions import open_order
from firstbell.tickets import actions as tickets
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import open_about, open_ticket_of
from firstbell.tickets.rules import NOT_BROKEN

On = Ticket.WaitingOn
ASKED = [question.key for question in (INTAKE_PLACE, STAND_IN, REPAIR_WHERE, LOAN_DAYS)]
"""What the desk asks the plan, in one question."""
WHY_NO_LOANER = frozenset({"none_left", "not_wanted", "not_asked"})
"""Why a person goes without a stand-in (S54); ``not_asked`` when nobody was there to be offered one."""


@dataclass(frozen=True)
class Case:
    """A device at the desk, with the ticket about it and the person who goes without."""

    device: Device
    person: Person | None
    ticket: Ticket
    site_id: int


def person_behind(device: Device, ticket: Ticket | None) -> Person | None:
    """Return who goes without when a device is handed in: its owner, else the reporter, else who has it."""
    assignment = open_assignment(device)
    if assignment and assignment.person:
        return assignment.person
    if ticket and ticket.person:
        return ticket.person
    custody = open_custody(device)
    return custody.person if custody else None


@verb
def swap_at_desk(
    *,
    device_id: int,
    loaner_id: int,
    symptom: str = "other",
    person_id: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Ticket:
    """Take a broken device in and hand a working one out: one motion, one transaction.

    The plan decides whether the other device is lent or stays (S61) and where the broken one is put (S60).
    ``symptom`` is used when no report about the device is open yet.
    """
    if device_id == loaner_id:
        raise Refused("same_device", _("Scan two devices: the broken one, then the loaner."))
    devices = load_all(Device, [device_id, loaner_id], by=by)
    loaner = devices[loaner_id]
    case = _open_case(devices[device_id], symptom, person_id, by=by, at=at, op=op)
    entry = load_entry(loaner, by=by)
    if case.person is None:
        raise Refused("whose", _("{tag} belongs to nobody. Scan or find the person first."), tag=case.device.tag)
    answers = plan(ASKED)
    for_good = answers.says(STAND_IN, case.site_id) == "swap" and case.ticket.symptom not in NOT_BROKEN
    if for_good:
        _check_theirs(case.device, case.person)
    check_one_loaner(None if for_good else open_loan_for(case.person.pk))
    _take_in(case, answers, for_pool=for_good or case.device.is_loaner, by=by, at=at, op=op)
    if for_good:
        _give_for_good(case, case.person, entry, loaner, by=by, at=at, op=op)
    else:
        days = answers.says(LOAN_DAYS, entry.site_id)
        _lend(case, case.person, entry, loaner, days, by=by, at=at, op=op)
    _wait(case, by=by, at=at, op=op)
    return case.ticket


def _check_theirs(device: Device, person: Person) -> None:
    owned = open_assignment(device)
    if owned and owned.person_id != person.pk:
        raise Refused(
            "not_theirs", _("{tag} belongs to somebody else. Only its owner gets another for good."), tag=device.tag
        )


def _give_for_good(
    case: Case, person: Person, entry: PoolDevice, loaner: Device, *, by: Actor, at: datetime, op: Op
) -> None:
    remove_from_pool(entry=entry, by=by, at=at, op=op)
    old = open_assignment(case.device)
    release(device=case.device, reason="swapped", by=by, at=at, op=op)
    why = old.reason if old else ""
    give(device=loaner, person=person, class_group=None, reason=why, by=by, at=at, op=op)
    change_status(device=loaner, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    move(device=loaner, to=person_holder(person, case.site_id), reason="swapped", by=by, at=at, op=op)


def _lend(
    case: Case, person: Person, entry: PoolDevice, loaner: Device, days: int, *, by: Actor, at: datetime, op: Op
) -> None:
    hand_out(
        entry=entry,
        device=loaner,
        person=person,
        reason=Loan.Reason.FLAT if case.ticket.symptom in NOT_BROKEN else Loan.Reason.REPAIR,
        ticket_id=case.ticket.pk,
        days=days,
        by=by,
        at=at,
        op=op,
    )


@verb
def take_in(
    *,
    device_id: int,
    symptom: str = "other",
    person_id: int | None = None,
    no_loaner: str = "not_asked",
    by: Actor,
    at: datetime,
    op: Op,
) -> Ticket:
    """Take a broken device in without giving another: that, and why (see WHY_NO_LOANER), is on record (S54)."""
    if no_loaner not in WHY_NO_LOANER:
        raise Refused("why_no_loaner", _("Choose why no loaner was given."))
    case = _open_case(load(Device, device_id, by=by), symptom, person_id, by=by, at=at, op=op)
    _take_in(case, plan(ASKED), for_pool=case.device.is_loaner, by=by, at=at, op=op)
    if case.person:
        note_none_given(device=case.device, site_id=case.site_id, reason=no_loaner, by=by, at=at, op=op)
    _wait(case, by=by, at=at, op=op)
    return case.ticket


def _open_case(device: Device, symptom: str, person_id: int | None, *, by: Actor, at: datetime, op: Op) -> Case:
    by.require(Permission.LEND, device.home_site_id)
    _check_not_lent(device)
    known = open_ticket_of(device.pk, by=by)
    found = load(Person, person_id, by=by, lock=False) if person_id else person_behind(device, known)
    person = lock(Person, found.pk) if found else None
    ticket = lock(Ticket, known.pk) if known else _report_at_desk(device, person, symptom, by=by, at=at, op=op)
    tickets.attach(ticket=ticket, device=device, person_id=person.pk if person else None, by=by, at=at, op=op)
    return Case(device, person, ticket, device.home_site_id)


def _check_not_lent(device: Device) -> None:
    lent = open_loan_of(device.pk) if device.is_loaner else None
    if lent:
        raise Refused(
            "lent_out",
            _("{tag} is a loaner that {who} has. Take it back first, noting its condition."),
            tag=device.tag,
            who=lent.person.display_name,
        )


def _report_at_desk(device: Device, person: Person | None, symptom: str, *, by: Actor, at: datetime, op: Op) -> Ticket:
    kind = person.kind if person and person.kind != Person.Kind.GUARDIAN else Ticket.Reporter.UNKNOWN
    report = Report(
        site_id=device.home_site_id,
        symptom=symptom,
        device_id=device.pk,
        person_id=person.pk if person else None,
        reporter=kind,
    )
    return tickets.open_ticket(report=report, channel=Ticket.Channel.DESK, by=by, at=at, op=op)


def _take_in(case: Case, answers: Plan, *, for_pool: bool, by: Actor, at: datetime, op: Op) -> None:
    """Condition while the holder still answers for it, then the place that the plan names, then the repair."""
    tickets.set_outcome(ticket=case.ticket, outcome=Ticket.Outcome.SWAP, by=by, at=at, op=op)
    if case.ticket.symptom in NOT_BROKEN:
        return
    marks, intake = [case.ticket.symptom], _intake(case.site_id, answers)
    noted = note_condition(device=case.device, grade=Condition.Grade.DAMAGED, marks=marks, by=by, at=at, op=op)
    move(device=case.device, to=intake, reason="handed_in", current=noted.custody, by=by, at=at, op=op)
    open_order(
        device=case.device,
        ticket=case.ticket,
        site_id=case.site_id,
        symptom=case.ticket.symptom,
        route=answers.says(REPAIR_WHERE, case.site_id),
        for_pool=for_pool,
        by=by,
        at=at,
        op=op,
    )


def _intake(site_id: int, answers: Plan) -> Holder:
    kind = Place.Kind.PICKUP_BOX if answers.says(INTAKE_PLACE, site_id) == "pickup_box" else Place.Kind.DESK
    place = place_of_kind(site_id, kind)
    if place is None:
        raise Refused(
            "no_intake_place",
            _("This school has no {place} yet. Make one under Places, or change the decision."),
            decision=INTAKE_PLACE.key,
            place=kind.label,
        )
    return place_holder(place)


def _wait(case: Case, *, by: Actor, at: datetime, op: Op) -> None:
    """The ticket waits, and so does every other report about the device; that it was not charged is solved once."""
    broken = case.ticket.symptom not in NOT_BROKEN
    _wait_for(case.ticket, On.PICKUP if broken else On.REPORTER, by=by, at=at, op=op)
    for other in open_about(case.device.pk, only=() if broken else NOT_BROKEN):
        if other.pk == case.ticket.pk:
            continue
        tickets.set_outcome(ticket=other, outcome=Ticket.Outcome.SWAP, by=by, at=at, op=op)
        if broken:
            _wait_for(other, On.PICKUP, by=by, at=at, op=op)
        else:
            tickets.move(ticket=other, to=Ticket.Status.RESOLVED, reason="taken_in", by=by, at=at, op=op)


def _wait_for(ticket: Ticket, on: Ticket.WaitingOn, *, by: Actor, at: datetime, op: Op) -> None:
    level = max(ticket.level, 3) if on is On.PICKUP else ticket.level
    tickets.move(
        ticket=ticket,
        to=Ticket.Status.WAITING,
        level=level,
        waiting_on=on,
        reason="taken_in",
        by=by,
        at=at,
        op=op,
    )
