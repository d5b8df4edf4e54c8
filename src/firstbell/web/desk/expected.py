"""The day on which a device in repair is expected back: the same day as its owner reads on the status page (S67)."""

from datetime import date, datetime

from firstbell.decisions.queries import plan
from firstbell.decisions.register import HAND_BACK_DAYS, PICKUP_DAYS, PICKUP_RULE, REPAIR_DAYS
from firstbell.devices.models import Custody, Device
from firstbell.devices.queries import where
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_for
from firstbell.repairs.rules import stage
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import OPEN
from firstbell.web.street.expected import KNOWN, expected_day
from firstbell.web.street.standing import pace_of, with_depot

ASKED = [question.key for question in (PICKUP_RULE, PICKUP_DAYS, REPAIR_DAYS, HAND_BACK_DAYS)]


def expected_back(order: WorkOrder | None, custody: Custody | None, at: datetime) -> date | None:
    """Return the local day by which a device is in its owner's hands again; None where nobody waits or can say."""
    if order is None or order.for_pool:
        return None
    now = stage(order, custody)
    if now not in KNOWN:
        return None
    here, depot = with_depot(order.site_id)
    since = custody.since if custody else order.opened_at
    return expected_day(now, since, at, pace_of(here, depot, plan(ASKED)))


def expected_for(ticket: Ticket, at: datetime) -> date | None:
    """Return the day on which the device of an open ticket is expected back."""
    device = ticket.device
    if device is None or device.status != Device.Status.IN_REPAIR or ticket.status not in OPEN:
        return None
    return expected_back(order_for(ticket), where(device), at)
