"""A report from anybody with a code: ticket and the reporter's way back to it, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import STAFF_CHANNELS, STUDENT_CHANNELS
from firstbell.devices.models import Device
from firstbell.directory.scope import lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.ledger.actions import Op, verb
from firstbell.tickets.actions import Report, attach, link_status, open_ticket, set_aside, write_as_reporter
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import by_status_token
from firstbell.tickets.rules import OPEN, opens_again

CHANNEL_OFF = {
    Ticket.Channel.QR: _("Reports by QR code are off at this school. Please go to the tech desk."),
    Ticket.Channel.TEAM: _("Reports through student helpers are off at this school. Please go to the tech desk."),
}
"""Ways that the plan switches on and off school by school (S57, S58), with what is said where they are off."""


@dataclass(frozen=True)
class Receipt:
    """What the reporter gets: the ticket and the token of its status link."""

    ticket: Ticket
    token: str


def status_token(op: UUID) -> str:
    """Return the token that belongs to one report: the same for a repeated delivery, unguessable without the key."""
    return salted_hmac("firstbell.status", op.hex, algorithm="sha256").hexdigest()[:40]


def report_problem(
    *, report: Report, channel: Ticket.Channel, doubt: str = "", by: Actor, at: datetime, op: UUID
) -> Receipt:
    """Open a ticket for an anonymous reporter. The same report delivered twice answers the same receipt.

    ``doubt`` names why it may be part of a flood (a code): then it is set aside. Another delivery changes nothing.
    """
    _check_channel(report, channel)
    token = status_token(op)
    with transaction.atomic():
        ticket = open_ticket(report=report, channel=channel, by=by, at=at, op=op)
        if doubt and ticket.opened_at == at:
            set_aside(ticket=ticket, reason=doubt, by=by, at=at, op=uuid5(op, "set_aside"))
        link_status(ticket=ticket, token=token, at=at)
    return Receipt(ticket, token)


def report_again(
    *, report: Report, channel: Ticket.Channel, doubt: str = "", by: Actor, at: datetime, op: UUID
) -> Receipt | None:
    """Answer a report that was received already and comes again with other content; None when it was not.

    Who knows the operation made it. Another device or symptom is another report, and so is what comes in a flood or
    too late for the first; anything else is added to it. Coming a third time, nothing is doubled.
    """
    token = status_token(op)
    ticket = by_status_token(token, at=at)
    if ticket is None:
        return None
    other = uuid5(op, repr(report))
    if doubt or _is_another(report, ticket, at):
        return report_problem(report=report, channel=channel, doubt=doubt, by=by, at=at, op=other)
    add_to_report(ticket_id=ticket.pk, report=report, by=by, at=at, op=other)
    return Receipt(ticket, token)


def _is_another(report: Report, ticket: Ticket, at: datetime) -> bool:
    named = bool(ticket.device_id) and report.device_id not in {None, ticket.device_id}
    louder = report.class_stopper and not ticket.class_stopper
    over = ticket.status not in OPEN and not opens_again(ticket, at)
    return named or louder or over or report.symptom != ticket.symptom


@verb
def add_to_report(*, ticket_id: int, report: Report, by: Actor, at: datetime, op: Op) -> Ticket:
    """Add what its reporter has changed since: other words as a message, and the device where none was named."""
    ticket = lock(Ticket, ticket_id)
    if report.device_id and ticket.device_id is None:
        device = Device.objects.everyone(reason="named by the reporter, as in a report").get(pk=report.device_id)
        attach(ticket=ticket, device=device, person_id=None, by=by, at=at, op=op)
    if report.note.strip() not in ticket.note:
        write_as_reporter(ticket_id=ticket.pk, body=report.note, by=by, at=at, op=op)
    return ticket


def _check_channel(report: Report, channel: Ticket.Channel) -> None:
    staff = report.reporter == Ticket.Reporter.STAFF
    question = STAFF_CHANNELS if staff else STUDENT_CHANNELS
    if channel in CHANNEL_OFF and channel.value not in says(question, report.site_id):
        raise Refused("channel_off", CHANNEL_OFF[channel], decision=question.key)
