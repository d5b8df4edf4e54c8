"""A ticket follows its device: whose turn it is can be seen from where the device is."""

from collections.abc import Collection
from datetime import datetime

from firstbell.devices.models import Custody
from firstbell.kernel.actor import Actor
from firstbell.ledger.actions import Op
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.rules import Stage, stage
from firstbell.tickets import actions as tickets
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import APART, OPEN

On = Ticket.WaitingOn
VENDOR, DISTRICT, SCHOOL = 4, 3, 2

TURN: dict[Stage, tuple[int, On]] = {
    Stage.AT_DESK: (DISTRICT, On.PICKUP),
    Stage.AWAITING_PICKUP: (DISTRICT, On.PICKUP),
    Stage.IN_TRANSIT: (DISTRICT, On.REPAIR),
    Stage.RECEIVED: (DISTRICT, On.REPAIR),
    Stage.DIAGNOSED: (DISTRICT, On.REPAIR),
    Stage.AWAITING_PARTS: (DISTRICT, On.PARTS),
    Stage.AT_VENDOR: (VENDOR, On.VENDOR),
    Stage.REPAIRED: (DISTRICT, On.REPAIR),
    Stage.CHECKED: (DISTRICT, On.REPAIR),
    Stage.RETURNING: (DISTRICT, On.REPAIR),
    Stage.AT_SCHOOL: (SCHOOL, On.REPORTER),
    Stage.BEYOND_REPAIR: (SCHOOL, On.DECISION),
}
"""Level and what a ticket waits on, by where its repair stands. At school the owner comes and fetches it;
beyond repair, somebody decides what the owner gets."""


def tickets_follow(device_ids: Collection[int], *, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Move all open tickets of devices that were just moved or worked on to whose turn it is now."""
    rows = WorkOrder.objects.everyone(reason="the devices were loaded in reach").filter(
        device_id__in=device_ids, closed_at__isnull=True
    )
    orders = {order.device_id: order for order in rows}
    where = _custodies(device_ids)
    told = Ticket.objects.everyone(reason="the same").filter(device_id__in=list(orders), status__in=OPEN)
    found = told.exclude(symptom__in=APART).select_for_update(of=("self",))
    for ticket in found.order_by("pk"):
        order = orders[ticket.device_id or 0]
        _follow(ticket, order, stage(order, where.get(order.device_id)), reason, by=by, at=at, op=op)


def _custodies(device_ids: Collection[int]) -> dict[int, Custody]:
    rows = Custody.objects.filter(device_id__in=device_ids, until__isnull=True).select_related("site", "place")
    return {row.device_id: row for row in rows}


def _follow(ticket: Ticket, order: WorkOrder, now: Stage, reason: str, *, by: Actor, at: datetime, op: Op) -> None:
    turn = TURN.get(now)
    if turn is None:
        return
    level, on = turn
    to = Ticket.Status.WAITING
    if now is Stage.AT_SCHOOL and order.for_pool:  # nobody fetches it: the school puts it on its loaner shelf
        to, on = Ticket.Status.IN_PROGRESS, On.NOTHING
    if not ticket.outcome:  # reported while it was away: what becomes of it is decided already
        tickets.set_outcome(ticket=ticket, outcome=Ticket.Outcome.SWAP, by=by, at=at, op=op)
    tickets.move(ticket=ticket, to=to, level=level, waiting_on=on, reason=reason, by=by, at=at, op=op)
