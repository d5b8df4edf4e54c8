"""A report from anybody with a code: ticket and the reporter's way back to it, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import STAFF_CHANNELS, STUDENT_CHANNELS
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.tickets.actions import Report, link_status, open_ticket, set_aside
from firstbell.tickets.models import Ticket


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


def _check_channel(report: Report, channel: Ticket.Channel) -> None:
    staff = report.reporter == Ticket.Reporter.STAFF
    question = STAFF_CHANNELS if staff else STUDENT_CHANNELS
    if channel is Ticket.Channel.QR and "qr" not in says(question, report.site_id):
        raise Refused(
            "channel_off",
            _("Reports by QR code are off at this school. Please go to the tech desk."),
            decision=question.key,
        )
