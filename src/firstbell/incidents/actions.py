"""The verbs of incidents."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import REFER_AFTER
from firstbell.devices.models import Custody, Device
from firstbell.devices.queries import holder_at
from firstbell.directory.scope import load
from firstbell.incidents import events, rules
from firstbell.incidents.models import Incident, Referral, StepDone
from firstbell.incidents.queries import repeats, was_referred
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.tickets.models import Ticket


@verb
def note_damage(
    *,
    device_id: int,
    cause: Incident.Cause,
    happened_at: datetime,
    found_at: datetime | None = None,
    ticket_id: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Incident:
    """Note damage to a device. It belongs to whoever had custody when it happened, not to who has it now (rule 10)."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    rules.check_damage(cause)
    rules.check_times(happened_at, found_at or at, at)
    custody = _holder_then(device, happened_at)
    incident = Incident.objects.create(
        device=device,
        site_id=device.home_site_id,
        ticket=_ticket(ticket_id, device, by=by),
        cause=cause,
        custody=custody,
        holder_kind=custody.person.kind if custody.person else "",
        happened_at=happened_at,
        found_at=found_at or at,
        noted_at=at,
        noted_by_id=by.user_id,
    )
    fact = events.DamageNoted(incident.pk, device.pk, Code(incident.cause), custody.pk)
    record(fact, about=[incident, device, *linked(incident, "ticket")], by=by, at=at, op=op)
    return incident


def _holder_then(device: Device, moment: datetime) -> Custody:
    custody = holder_at(device.pk, moment)
    if custody is None:
        raise Refused("nobody_then", _("At that time {tag} was not on record yet."), tag=device.tag)
    return custody


def _ticket(ticket_id: int | None, device: Device, *, by: Actor) -> Ticket | None:
    if ticket_id is None:
        return None
    ticket = load(Ticket, ticket_id, by=by, lock=False)
    rules.check_same_device(ticket, device)
    return ticket


def note_gone(
    *,
    device: Device,
    cause: Incident.Cause,
    where: Incident.Where,
    circumstance: str,
    happened_at: datetime,
    ticket: Ticket | None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Incident:
    """Note that a locked device is lost or stolen. It belongs to whoever had it then (rule 10)."""
    rules.check_gone(cause, where)
    rules.check_circumstance(circumstance)
    rules.check_times(happened_at, at, at)
    custody = _holder_then(device, happened_at)
    incident = Incident.objects.create(
        device=device,
        site_id=device.home_site_id,
        ticket=ticket,
        cause=cause,
        where=where,
        circumstance=circumstance,
        custody=custody,
        holder_kind=custody.person.kind if custody.person else "",
        happened_at=happened_at,
        found_at=at,
        noted_at=at,
        noted_by_id=by.user_id,
    )
    codes = (Code(cause.value), Code(where.value), Code(circumstance))
    fact = events.GoneNoted(incident.pk, device.pk, *codes, custody.pk)
    record(fact, about=[incident, device, *linked(incident, "ticket")], by=by, at=at, op=op)
    return incident


@verb
def note_step(*, incident_id: int, code: str, text: str = "", by: Actor, at: datetime, op: Op) -> Incident:
    """Note that a step of a case was done, with what was written down for it."""
    incident = load(Incident, incident_id, by=by, permission=Permission.MOVE_DEVICES)
    rules.check_step(incident, code, text)
    if incident.steps.filter(code=code).exists():
        raise Stale("step_done", _("Somebody has done this already."))
    StepDone.objects.create(incident=incident, code=code, text=text.strip()[:500], done_at=at, done_by_id=by.user_id)
    record(
        events.StepNoted(incident.pk, Code(code)), about=[incident, *linked(incident, "device")], by=by, at=at, op=op
    )
    return incident


def end_search(*, incident: Incident, outcome: Incident.Outcome, by: Actor, at: datetime, op: Op) -> None:
    """End the search for a device, for a locked incident."""
    rules.check_can_end(incident, outcome)
    incident.outcome, incident.ended_at = outcome, at
    incident.save(update_fields=["outcome", "ended_at"])
    fact = events.CaseEnded(incident.pk, incident.device_id, Code(outcome.value))
    record(fact, about=[incident, *linked(incident, "device", "ticket")], by=by, at=at, op=op)


@verb
def refer(*, incident_id: int, by: Actor, at: datetime, op: Op) -> Incident:
    """Ask an administrator to look at an incident. They get facts; the repair goes on as ever (S115, S116)."""
    incident = load(Incident, incident_id, by=by, permission=Permission.MOVE_DEVICES)
    if was_referred(incident):
        raise Stale("referred", _("An administrator was asked already."))
    _refer(incident, Referral.Why.ASKED, by=by, at=at, op=op)
    return incident


@verb
def refer_repeat(*, incident_id: int, by: Actor, at: datetime, op: Op) -> None:
    """Refer an incident that is one of several within a year, where the plan says so. Done after it was noted."""
    incident = load(Incident, incident_id, by=by)
    if repeats(incident) >= says(REFER_AFTER, incident.site_id) and not was_referred(incident):
        _refer(incident, Referral.Why.REPEAT, by=by, at=at, op=op)


def _refer(incident: Incident, why: Referral.Why, *, by: Actor, at: datetime, op: Op) -> None:
    referral = Referral.objects.create(
        incident=incident,
        site_id=incident.site_id,
        why=why,
        times=repeats(incident),
        made_at=at,
        made_by_id=by.user_id,
    )
    record(events.Referred(referral.pk, incident.pk), about=[referral, incident], by=by, at=at, op=op)


@verb
def decide_referral(*, referral_id: int, outcome: Referral.Outcome, by: Actor, at: datetime, op: Op) -> Referral:
    """Note what an administrator does about a referral: a code, for administrators of the school alone."""
    referral = load(Referral, referral_id, by=by)
    if not outcome:
        raise Refused("outcome_unknown", _("Choose what you do about it."))
    if referral.outcome:
        raise Stale("referral_decided", _("Somebody has looked at this already."))
    referral.outcome, referral.decided_at, referral.decided_by_id = outcome, at, by.user_id
    referral.save(update_fields=["outcome", "decided_at", "decided_by"])
    record(events.ReferralDecided(referral.pk), about=[referral], by=by, at=at, op=op)
    return referral
