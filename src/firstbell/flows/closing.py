"""The closing gate: nothing closes with something hanging on it, unless a named person says why (rule 9)."""

from datetime import datetime

from django.utils.translation import gettext as _

from firstbell.claims.queries import open_claims_on
from firstbell.devices.models import ShipmentItem
from firstbell.directory.scope import load
from firstbell.flows.charges import undecided
from firstbell.incidents.queries import incidents_on
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.loans.models import Loan
from firstbell.repairs.models import WorkOrder
from firstbell.tickets import actions as tickets
from firstbell.tickets.models import Ticket
from firstbell.vendors.queries import open_cases_on


def loose_ends(ticket: Ticket) -> list[str]:
    """Return what still hangs on a ticket, in the reader's language."""
    loans = Loan.objects.everyone(reason="the ticket was loaded in reach").filter(
        ticket=ticket, returned_at__isnull=True, kept_reason=""
    )
    orders = WorkOrder.objects.everyone(reason="the ticket was loaded in reach").filter(
        ticket=ticket, closed_at__isnull=True
    )
    found = [_("loaner {tag} is out").format(tag=loan.device.device.tag) for loan in loans]
    found += [_("the repair of {tag} is open").format(tag=order.device.tag) for order in orders]
    if ticket.device_id and ShipmentItem.objects.filter(device_id=ticket.device_id, received_at__isnull=True).exists():
        found.append(_("the device is on a shipment"))
    searched = [row for row in incidents_on(ticket.pk) if row.searched]
    found += [_("{tag} is being searched").format(tag=row.device.tag) for row in searched]
    found += [_("the charge is undecided") for _incident in undecided(ticket.pk)]
    found += [_("the claim for {tag} is open").format(tag=claim.device.tag) for claim in open_claims_on(ticket.pk)]
    with_vendor = _("the case of {tag} at {vendor} is open")
    found += [with_vendor.format(tag=case.device.tag, vendor=case.vendor.name) for case in open_cases_on(ticket.pk)]
    if ticket.outcome == Ticket.Outcome.TEAM and ticket.approved_by_id is None:
        found.append(_("nobody has approved the student team's work"))
    return found


@verb
def approve_team_work(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """The supervising adult approves what a student helper did, which closes the ticket (S7)."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.SUPERVISE_TEAM)
    tickets.approve(ticket=ticket, by=by, at=at, op=op)
    tickets.close(ticket=ticket, loose=loose_ends(ticket), reason="", by=by, at=at, op=op)
    return ticket


@verb
def close_ticket(*, ticket_id: int, reason: str = "", by: Actor, at: datetime, op: Op) -> Ticket:
    """Close a ticket; with loose ends only when the actor says why."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    tickets.close(ticket=ticket, loose=loose_ends(ticket), reason=reason, by=by, at=at, op=op)
    return ticket
