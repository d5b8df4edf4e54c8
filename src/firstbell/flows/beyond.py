"""What becomes of a device that is beyond repair: parts for others, or recycling. Its owner is not forgotten."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.flows.handback import load_given_up, retire_order
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.ledger.actions import Op, verb
from firstbell.parts.actions import harvest_part
from firstbell.repairs.models import WorkOrder


@verb
def harvest(
    *, work_order_id: int, kind_ids: Sequence[int], place_id: int, reason: str, by: Actor, at: datetime, op: Op
) -> WorkOrder:
    """Put the good parts of a device that is beyond repair into stock, and retire it."""
    order, device = load_given_up(work_order_id, by=by)
    if not kind_ids:
        raise Refused("nothing_harvested", _("Tick the parts that you took out. If there are none, recycle it."))
    for kind_id in sorted(set(kind_ids)):
        harvest_part(kind_id=kind_id, place_id=place_id, device=device, work_order_id=order.pk, by=by, at=at, op=op)
    retire_order(order=order, device=device, outcome="harvested", reason=reason, by=by, at=at, op=op)
    return order


@verb
def recycle(*, work_order_id: int, reason: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Retire a device that is beyond repair as it is: nothing in it is worth keeping."""
    order, device = load_given_up(work_order_id, by=by)
    retire_order(order=order, device=device, outcome="recycled", reason=reason, by=by, at=at, op=op)
    return order
