"""Counts that move something: a difference resolved by putting the device where it was found, or by reporting it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.counts import actions, rules
from firstbell.counts.models import CountLine
from firstbell.devices.actions.custody import change_status, relocate
from firstbell.devices.models import Device
from firstbell.devices.queries import owner, where
from firstbell.directory.scope import load
from firstbell.flows.following import tickets_follow
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket


@verb
def put_where_found(*, line_id: int, by: Actor, at: datetime, op: Op) -> CountLine:
    """Put a device on record where the count found it; its ticket follows."""
    seen = _glance(line_id)
    if seen.device_id is None or seen.seen_place_id is None:
        raise Refused("nothing_to_put", _("Only a device that was found in a place can be recorded there."))
    relocate(device_id=seen.device_id, place_id=seen.seen_place_id, by=by, at=at, op=op)
    tickets_follow([seen.device_id], reason="put", by=by, at=at, op=op)
    return actions.resolve(line_id=line_id, how=CountLine.How.PUT, by=by, at=at, op=op)


@verb
def report_missing(*, line_id: int, by: Actor, at: datetime, op: Op) -> CountLine:
    """Report a device missing that a count did not find: a ticket looks for it, and it is lost until it turns up."""
    seen = _glance(line_id)
    if seen.device_id is None:
        raise Missing("Device")
    device = load(Device, seen.device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    ticket = open_ticket(report=_report(device), channel=Ticket.Channel.DESK, by=by, at=at, op=op)
    change_status(device=device, to=Device.Status.LOST, by=by, at=at, op=op)
    return actions.resolve(line_id=line_id, how=CountLine.How.REPORTED, ticket_id=ticket.pk, by=by, at=at, op=op)


def _glance(line_id: int) -> CountLine:
    """Return a difference without its reach, which the verbs ask: devices are locked before the count."""
    line = CountLine.objects.filter(rules.DIFFERENCE, pk=line_id).first()
    if line is None:
        raise Missing("CountLine")
    return line


def _report(device: Device) -> Report:
    assignment, custody = owner(device), where(device)
    return Report(
        site_id=device.home_site_id,
        symptom="missing",
        place_id=custody.place_id if custody and custody.site_id == device.home_site_id else None,
        device_id=device.pk,
        person_id=assignment.person_id if assignment else None,
        reporter=Ticket.Reporter.STAFF,
    )
