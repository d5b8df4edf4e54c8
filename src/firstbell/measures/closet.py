"""What lies broken with nobody's turn (S36): found once, for the desk's closet, the board's alarms and the figures."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from firstbell.devices.models import Custody, Device
from firstbell.directory.models import Place
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import OPEN

NEXT_STEP = (Place.Kind.PICKUP_BOX, Place.Kind.OUTBOX, Place.Kind.BENCH, Place.Kind.RETURN_SHELF)
"""What rests here with an open repair has a next step: the courier, the bench, or its owner."""
D = Device.Status


def idle(by: Actor, permission: Permission | None = None) -> ScopedQuerySet[Device]:
    """Return broken devices in reach that rest with nobody's turn, with ``lies_since`` and ``order_status``.

    Broken is what is in repair or set aside (every verb that notes damage sets one of the two), and what an open
    report calls unusable. Idle is what rests in a place without an open repair, or with one in a place from which
    nobody fetches it, or beyond repair with nothing decided. A checked repair waits for its owner and is not idle.
    """
    here = Custody.objects.filter(device_id=OuterRef("pk"), until__isnull=True, kind=Custody.Kind.PLACE)
    orders = WorkOrder.objects.everyone(reason="subquery of devices in reach").filter(
        device_id=OuterRef("pk"), closed_at__isnull=True
    )
    reports = Ticket.objects.everyone(reason="subquery of devices in reach").filter(
        device_id=OuterRef("pk"), unusable=True, status__in=OPEN, quarantined=False
    )
    broken = Q(status__in=[D.QUARANTINED, D.IN_REPAIR]) | Q(Exists(reports), status__in=[D.IN_STOCK, D.IN_SERVICE])
    rows = Device.objects.visible_to(by, permission).filter(pk__in=_perhaps())
    rows = rows.annotate(
        lies_since=Subquery(here.values("since")[:1]),
        lies_in=Subquery(here.values("place__kind")[:1]),
        order_status=Subquery(orders.values("status")[:1]),
    )
    stuck = Q(order_status=None) | Q(order_status=WorkOrder.Status.BEYOND_REPAIR) | ~Q(lies_in__in=NEXT_STEP)
    unready = Q(order_status=None) | ~Q(order_status=WorkOrder.Status.CHECKED)  # NULL is neither equal nor unequal
    return rows.filter(broken, stuck, unready, lies_since__isnull=False)


def _perhaps() -> QuerySet[Any, Any]:
    """Name the few devices that may be broken once more, in a way that lets a large database begin with them."""
    aside = Device.objects.everyone(reason="narrows a search in reach").filter(status__in=[D.QUARANTINED, D.IN_REPAIR])
    told = Ticket.objects.everyone(reason="the same").filter(unusable=True, status__in=OPEN, device__isnull=False)
    return aside.order_by().values("pk").union(told.order_by().values("device_id"))


def untouched(by: Actor, permission: Permission | None = None) -> QuerySet[Ticket]:
    """Return open reports of an unusable device that nobody has begun on, and whose device nobody has taken in."""
    rows = Ticket.objects.visible_to(by, permission).filter(
        unusable=True, quarantined=False, status=Ticket.Status.NEW, worker__isnull=True, first_answer_at__isnull=True
    )
    return rows.exclude(device__status__in=[D.IN_REPAIR, D.RETIRED])


def since_of(device: Device) -> datetime:
    """Return since when a device of ``idle`` lies where it is."""
    found: datetime = getattr(device, "lies_since", device.registered_at)
    return found
