"""The bench of the made-up district: its scope table, kinds of parts, and what lies in the store room."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from firstbell.devices.models import DeviceModel
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import place_of_kind
from firstbell.kernel.actor import Actor
from firstbell.parts.actions import amend_kind, receive_parts, set_reorder_point, take_usual_kinds
from firstbell.parts.models import PartKind
from firstbell.repairs.actions import set_scope_rows
from firstbell.repairs.usual import USUAL

SUPPLIERS = ("Lakeside Parts", "Northern Spares", "Panel Works")
LEAD_DAYS = (5, 10, 14)
BEGAN_WITH, REORDER_AT = 8, 3


def set_up_bench(depot: Site, *, by: Actor, at: datetime, op: Callable[[str], UUID]) -> None:
    """Take over the usual scope table and parts, and fill the depot's store room."""
    set_scope_rows(lines=USUAL, since=at.date(), by=by, at=at, op=op("scope"))
    models = tuple(DeviceModel.objects.filter(devices__isnull=False).distinct().values_list("pk", flat=True))
    take_usual_kinds(model_ids=tuple(sorted(models)), by=by, at=at, op=op("part kinds"))
    room = place_of_kind(depot.pk, Place.Kind.STORE)
    for number, kind in enumerate(PartKind.objects.order_by("pk")):
        _stock(kind, number, room.pk if room else 0, by=by, at=at, op=op)


def _stock(kind: PartKind, number: int, place_id: int, *, by: Actor, at: datetime, op: Callable[[str], UUID]) -> None:
    amend_kind(
        kind_id=kind.pk,
        supplier=SUPPLIERS[number % len(SUPPLIERS)],
        price_cents=kind.price_cents,
        lead_days=LEAD_DAYS[number % len(LEAD_DAYS)],
        by=by,
        at=at,
        op=op(f"supplier:{kind.name}"),
    )
    came = op(f"parts:{kind.name}")
    stock = receive_parts(kind_id=kind.pk, place_id=place_id, pieces=BEGAN_WITH, by=by, at=at, op=came)
    set_reorder_point(stock_id=stock.pk, reorder_at=REORDER_AT, by=by, at=at, op=op(f"reorder:{kind.name}"))
