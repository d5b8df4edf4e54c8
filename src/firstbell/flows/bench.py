"""The verbs of the bench, with what they mean for the ticket behind the repair."""

from datetime import datetime

from firstbell.flows.following import tickets_follow
from firstbell.kernel.actor import Actor
from firstbell.ledger.actions import Op, verb
from firstbell.repairs import actions as repairs
from firstbell.repairs.models import WorkOrder


@verb
def find_fault(*, work_order_id: int, fault: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say which fault was found, before it is repaired."""
    order = repairs.diagnose(work_order_id=work_order_id, fault=fault, by=by, at=at, op=op)
    return _followed(order, "diagnosed", by=by, at=at, op=op)


@verb
def wait_for_part(*, work_order_id: int, fault: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say that the part for a fault is not here; the ticket says so too."""
    order = repairs.await_part(work_order_id=work_order_id, fault=fault, by=by, at=at, op=op)
    return _followed(order, "part_awaited", by=by, at=at, op=op)


@verb
def finish(
    *,
    work_order_id: int,
    fault: str,
    part: str | None = None,
    part_cents: int | None = None,
    elsewhere: bool = False,
    minutes: int | None = None,
    checked: bool = False,
    why_outside: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> WorkOrder:
    """Complete a repair (see repairs.actions.repair); at a school's own bench its owner may come once it is checked."""
    order = repairs.repair(
        work_order_id=work_order_id,
        fault=fault,
        part=part,
        part_cents=part_cents,
        elsewhere=elsewhere,
        minutes=minutes,
        checked=checked,
        why_outside=why_outside,
        by=by,
        at=at,
        op=op,
    )
    return _followed(order, "repaired", by=by, at=at, op=op)


@verb
def check(*, work_order_id: int, passed: bool, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Check a repair: it passes, or goes back to the bench."""
    order = repairs.check(work_order_id=work_order_id, passed=passed, by=by, at=at, op=op)
    return _followed(order, "checked", by=by, at=at, op=op)


@verb
def give_up(*, work_order_id: int, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say that a device is beyond repair; its ticket waits for a decision from then on."""
    order = repairs.give_up(work_order_id=work_order_id, by=by, at=at, op=op)
    return _followed(order, "beyond_repair", by=by, at=at, op=op)


def _followed(order: WorkOrder, reason: str, *, by: Actor, at: datetime, op: Op) -> WorkOrder:
    tickets_follow([order.device_id], reason=reason, by=by, at=at, op=op)
    return order
