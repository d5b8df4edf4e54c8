"""A receipt for a device that was handed in: a link without an account, for print or for a phone (S60)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Custody
from firstbell.directory.models import Place
from firstbell.directory.scope import load
from firstbell.flows.events import ReceiptGiven
from firstbell.flows.report import status_token
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Begun, Op, linked, record, verb
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_for
from firstbell.tickets.actions import link_status
from firstbell.tickets.models import Ticket


@dataclass(frozen=True)
class HandIn:
    """What was handed in for a ticket: the repair it led to, where the device was put, and when."""

    order: WorkOrder
    place: Place | None
    at: datetime


def hand_in_of(ticket: Ticket) -> HandIn | None:
    """Return what was handed in, and where it lay when its repair was opened; None when nothing was."""
    order = order_for(ticket)
    if order is None:
        return None
    rows = Custody.objects.filter(device_id=order.device_id, since__lte=order.opened_at).select_related("place")
    custody = rows.order_by("-since", "-pk").first()
    return HandIn(order, custody.place if custody else None, order.opened_at)


@verb
def give_receipt(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Give a receipt for what was handed in. Its link belongs to this operation; it leads to no words."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    found = hand_in_of(ticket)
    if found is None:
        raise Refused("nothing_handed_in", _("No device was handed in for this ticket, so there is no receipt."))
    link_status(ticket=ticket, token=status_token(op.id if isinstance(op, Begun) else op), receipt=True, at=at)
    record(
        ReceiptGiven(ticket.pk, found.order.device_id), about=[ticket, *linked(ticket, "device")], by=by, at=at, op=op
    )
    return ticket
