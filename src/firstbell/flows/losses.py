"""Lost and stolen: reported, searched, and in the end found or written off. Device, ticket, case and money together."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import FOUND_REFUND, SEARCH_DAYS
from firstbell.devices import rules as device_rules
from firstbell.devices.actions.custody import change_status, move, note_condition, place_holder
from firstbell.devices.actions.inventory import open_assignment, release
from firstbell.devices.models import Condition, Device
from firstbell.directory.models import Place
from firstbell.directory.scope import load, lock
from firstbell.fees.actions.books import K, take_back
from firstbell.fees.models import Charge
from firstbell.fees.queries import charge_for, taken_in
from firstbell.incidents import rules
from firstbell.incidents.actions import end_search, note_gone, note_step
from firstbell.incidents.models import Incident
from firstbell.incidents.paths import path_of
from firstbell.incidents.queries import search_over
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.repairs.queries import order_of
from firstbell.tickets.actions import Report, open_ticket, resolve
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import open_tickets_of
from firstbell.tickets.rules import OPEN

S = Device.Status
STATUS = {Incident.Cause.LOST: S.LOST, Incident.Cause.STOLEN: S.STOLEN}
MONTH = timedelta(days=30)


@verb
def report_gone(
    *,
    device_id: int,
    cause: Incident.Cause,
    where: Incident.Where,
    happened_at: datetime,
    circumstance: str = "",
    last_seen: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> Incident:
    """Report a device lost or stolen: a case with its steps, a ticket that looks for it, and its status."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    rules.check_gone(cause, where)
    _check_not_searched(device)
    if device.status != STATUS[cause]:
        device_rules.check_move(device, STATUS[cause])
    ticket = _ticket(device, by=by, at=at, op=op)
    incident = note_gone(
        device=device,
        cause=cause,
        where=where,
        circumstance=circumstance,
        happened_at=happened_at,
        ticket=ticket,
        by=by,
        at=at,
        op=op,
    )
    change_status(device=device, to=STATUS[cause], by=by, at=at, op=op)
    if last_seen.strip():
        note_step(incident_id=incident.pk, code="last_seen", text=last_seen, by=by, at=at, op=op)
    return incident


def _check_not_searched(device: Device) -> None:
    rows = Incident.objects.everyone(reason="the device was loaded in reach").filter(device=device)
    if any(row.searched for row in rows.filter(cause__in=list(STATUS))):
        raise Stale("searched_already", _("{tag} is being searched already."), tag=device.tag)


def _ticket(device: Device, *, by: Actor, at: datetime, op: Op) -> Ticket:
    """Return the open report that it is missing, or open one."""
    known = (row for row in open_tickets_of(device.pk, by=by) if row.symptom == "missing")
    found = next(known, None)
    if found:
        return found
    owned = open_assignment(device)
    report = Report(
        site_id=device.home_site_id,
        symptom="missing",
        device_id=device.pk,
        person_id=owned.person_id if owned else None,
        reporter=Ticket.Reporter.STAFF,
    )
    return open_ticket(report=report, channel=Ticket.Channel.DESK, by=by, at=at, op=op)


def _load_case(incident_id: int, *, by: Actor) -> tuple[Incident, Device]:
    """Return a case and its device, both locked, the device first."""
    glance = load(Incident, incident_id, by=by, permission=Permission.MOVE_DEVICES, lock=False)
    device = lock(Device, glance.device_id)
    return load(Incident, incident_id, by=by, permission=Permission.MOVE_DEVICES), device


@verb
def mark_found(*, incident_id: int, place_id: int, grade: Condition.Grade, by: Actor, at: datetime, op: Op) -> Incident:
    """A missing device turned up, if need be after it was written off; what was asked is taken back as planned."""
    incident, device = _load_case(incident_id, by=by)
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    end_search(incident=incident, outcome=Incident.Outcome.FOUND, by=by, at=at, op=op)
    note_condition(device=device, grade=grade, marks=[], by=by, at=at, op=op)
    move(device=device, to=place_holder(place), reason="relocated", by=by, at=at, op=op)
    if device.status in device_rules.MISSING:
        change_status(device=device, to=_status_again(device), by=by, at=at, op=op)
    _refund(incident, by=by, at=at, op=op)
    _solve(incident, by=by, at=at, op=op)
    return incident


def _status_again(device: Device) -> Device.Status:
    if order_of(device.pk):
        return S.IN_REPAIR
    return S.IN_SERVICE if open_assignment(device) else S.IN_STOCK


def _refund(incident: Incident, *, by: Actor, at: datetime, op: Op) -> None:
    """Take the charge back, as far as the plan says: what is owed is asked no more, what was paid goes back."""
    found = charge_for(incident.pk)
    when = says(FOUND_REFUND, incident.site_id)
    if found is None or when == "never" or (when == "month" and at > found.decided_at + MONTH):
        return
    charge = lock(Charge, found.pk)
    cents = charge.owed_cents + taken_in(charge)
    if cents:
        take_back(charge=charge, kind=K.FOUND, cents=cents, by=by, at=at, op=op)


def _solve(incident: Incident, *, by: Actor, at: datetime, op: Op) -> None:
    if incident.ticket and incident.ticket.status in OPEN:
        resolve(ticket_id=incident.ticket.pk, by=by, at=at, op=op)


@verb
def write_off(*, incident_id: int, reason: str = "", by: Actor, at: datetime, op: Op) -> Incident:
    """Give a missing device up: it belongs to nobody any more. Not before its time, with its papers or a reason.

    It stays lost or stolen on record, so that it is known when it turns up after all.
    """
    incident, device = _load_case(incident_id, by=by)
    by.require(Permission.REGISTER_DEVICES, device.home_site_id)
    rules.check_searched(incident)
    device_rules.check_not_loaner(device)
    if order_of(device.pk):
        raise Refused("in_repair", _("{tag} has an open repair. End that first."), tag=device.tag)
    check_search_over(incident, at=at)
    _check_papers(incident, reason)
    end_search(incident=incident, outcome=Incident.Outcome.WRITTEN_OFF, by=by, at=at, op=op)
    release(device=device, reason="written_off", by=by, at=at, op=op)
    _solve(incident, by=by, at=at, op=op)
    return incident


def check_search_over(incident: Incident, *, at: datetime) -> None:
    """Nothing is charged or written off while a device is searched (S77)."""
    if not search_over(incident, at=at):
        sentence = _("It is still being searched. The plan says for how many school days.")
        raise Refused("still_searched", sentence, decision=SEARCH_DAYS.key)


def _check_papers(incident: Incident, reason: str) -> None:
    done = set(incident.steps.values_list("code", flat=True))
    missing = [str(step.label) for step in path_of(incident) if step.code not in done]
    if missing and not reason.strip():
        raise Refused("papers_missing", _("Still missing: {steps}. Say why it ends without."), steps=", ".join(missing))
