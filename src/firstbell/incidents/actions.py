"""The verbs of incidents."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Custody, Device
from firstbell.devices.queries import holder_at
from firstbell.directory.scope import load
from firstbell.incidents import events, rules
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
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
