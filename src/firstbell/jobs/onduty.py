"""Tickets of a lead who is away, or not in office any more, fall to who is on duty: never to nobody (S3)."""

from datetime import datetime
from uuid import UUID, uuid5

from firstbell.kernel.actor import SYSTEM
from firstbell.tickets.actions import let_fall
from firstbell.tickets.queries import unanswered

OPERATIONS = UUID("1f0d2f6e-3f4b-4d0a-9a57-0c9d6b1e8c42")


def let_tickets_fall(at: datetime) -> None:
    """Let every open ticket that falls to nobody fall to the deputy, another lead, or the district."""
    for pk in list(unanswered(at=at).order_by("pk").values_list("pk", flat=True)):
        let_fall(ticket_id=pk, by=SYSTEM, at=at, op=uuid5(OPERATIONS, f"{pk}:{at.isoformat()}"))
