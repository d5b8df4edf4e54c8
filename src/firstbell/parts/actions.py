"""The verbs of spare parts. Every change of a stock goes through ``_change``."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Place, Site
from firstbell.directory.scope import load, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.parts import events, rules
from firstbell.parts.models import PartKind, PartMovement, PartOrder, PartStock
from firstbell.parts.usual import LEAD_DAYS, PRICES
from firstbell.stock.actions import change_count
from firstbell.stock.rules import check_number

Reason = PartMovement.Reason


@verb
def make_kind(
    *,
    sort: str,
    name: str,
    number: str = "",
    supplier: str = "",
    price_cents: int = 0,
    lead_days: int = 0,
    model_ids: Sequence[int] = (),
    by: Actor,
    at: datetime,
    op: Op,
) -> PartKind:
    """Count a kind of part from now on. Without models it fits everything."""
    by.require(Permission.REGISTER_DEVICES)
    name = name.strip()[:80]
    rules.check_kind(sort, name, lead_days)
    check_number(price_cents, 0)
    if PartKind.objects.filter(name=name).exists():
        raise Refused("kind_name", _("Give it a name that no other kind has."))
    return _make(
        PartKind(
            sort=sort,
            name=name,
            number=number.strip()[:40],
            supplier=supplier.strip()[:80],
            price_cents=price_cents,
            lead_days=lead_days,
        ),
        model_ids,
        by=by,
        at=at,
        op=op,
    )


def _make(kind: PartKind, model_ids: Sequence[int], *, by: Actor, at: datetime, op: Op) -> PartKind:
    kind.save()
    kind.fits.set(DeviceModel.objects.filter(pk__in=model_ids))
    fact = events.KindMade(kind.pk, Code(kind.sort), kind.price_cents, kind.lead_days, sorted(model_ids))
    record(fact, about=[kind], by=by, at=at, op=op)
    return kind


@verb
def take_usual_kinds(*, model_ids: Sequence[int], by: Actor, at: datetime, op: Op) -> PartKind | None:
    """Make the usual kinds of part for some models; those that are there already stay as they are."""
    by.require(Permission.REGISTER_DEVICES)
    made = None
    for model in DeviceModel.objects.filter(pk__in=model_ids).order_by("pk"):
        for sort, cents in PRICES.items():
            name = f"{capfirst(str(sort.label))}, {model}"[:80]
            if not PartKind.objects.filter(name=name).exists():
                kind = PartKind(sort=sort, name=name, price_cents=cents, lead_days=LEAD_DAYS)
                made = _make(kind, [model.pk], by=by, at=at, op=op)
    return made


@verb
def amend_kind(
    *, kind_id: int, supplier: str, price_cents: int, lead_days: int, by: Actor, at: datetime, op: Op
) -> PartKind:
    """Note price, supplier and days of delivery anew; what was used or ordered keeps its price."""
    by.require(Permission.REGISTER_DEVICES)
    kind = PartKind.objects.select_for_update(no_key=True).filter(pk=kind_id).first()
    if kind is None:
        raise Missing("PartKind")
    check_number(price_cents, 0)
    rules.check_lead(lead_days)
    kind.supplier, kind.price_cents, kind.lead_days = supplier.strip()[:80], price_cents, lead_days
    kind.save(update_fields=["supplier", "price_cents", "lead_days"])
    fact = events.KindAmended(kind.pk, Code(kind.sort), price_cents, lead_days)
    record(fact, about=[kind], by=by, at=at, op=op)
    return kind


# --- Stocks --------------------------------------------------------------------------------------------------------


@verb
def receive_parts(*, kind_id: int, place_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> PartStock:
    """Put parts that arrived into a place."""
    check_number(pieces, 1)
    stock = _stock(kind_id, place_id, by=by)
    _change(stock, pieces, Reason.RECEIVED, by=by, at=at, op=op)
    return stock


@verb
def correct_parts(*, stock_id: int, counted: int, by: Actor, at: datetime, op: Op) -> PartStock:
    """Say how many somebody counted in a place; the difference is on record."""
    check_number(counted, 0)
    stock = load(PartStock, stock_id, by=by, permission=Permission.REPAIR)
    if counted != stock.count:
        _change(stock, counted - stock.count, Reason.COUNTED, by=by, at=at, op=op)
    return stock


@verb
def scrap_parts(*, stock_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> PartStock:
    """Throw parts away: broken, or of no use any more."""
    check_number(pieces, 1)
    stock = load(PartStock, stock_id, by=by, permission=Permission.REPAIR)
    rules.check_left(stock, pieces)
    _change(stock, -pieces, Reason.SCRAPPED, by=by, at=at, op=op)
    return stock


@verb
def send_parts(*, stock_id: int, place_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> PartStock:
    """Move parts to another place, also of another site that the actor works at."""
    check_number(pieces, 1)
    found = load(PartStock, stock_id, by=by, permission=Permission.REPAIR, lock=False)
    rules.check_moves(found, place_id)
    there = _stock(found.kind_id, place_id, by=by)
    stock, there = _both(found.pk, there.pk)
    rules.check_left(stock, pieces)
    _change(stock, -pieces, Reason.SENT, by=by, at=at, op=op)
    _change(there, pieces, Reason.ARRIVED, by=by, at=at, op=op)
    return stock


def _both(first: int, second: int) -> tuple[PartStock, PartStock]:
    """Lock two stocks in the order of their ids: two people who send to each other never wait in a circle."""
    rows = {pk: lock(PartStock, pk) for pk in sorted({first, second})}
    return rows[first], rows[second]


@verb
def set_reorder_point(*, stock_id: int, reorder_at: int, by: Actor, at: datetime, op: Op) -> PartStock:
    """Say from which number on somebody orders more; 0 for never."""
    check_number(reorder_at, 0)
    stock = load(PartStock, stock_id, by=by, permission=Permission.REPAIR)
    if stock.reorder_at != reorder_at:
        stock.reorder_at = reorder_at
        stock.save(update_fields=["reorder_at"])
        record(events.ReorderSet(stock.pk, stock.place_id, reorder_at), about=[stock], by=by, at=at, op=op)
    return stock


def _stock(kind_id: int, place_id: int, *, by: Actor) -> PartStock:
    """Return the stock of a kind in a place, made when it is the first of its kind there, and locked."""
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.REPAIR, place.site_id):
        raise Missing("Place")
    if not PartKind.objects.filter(pk=kind_id).exists():
        raise Missing("PartKind")
    rows = PartStock.objects.everyone(reason="the place is in reach")
    stock, _made = rows.get_or_create(place=place, kind_id=kind_id, defaults={"site_id": place.site_id})
    return lock(PartStock, stock.pk)


def _change(
    stock: PartStock,
    change: int,
    reason: PartMovement.Reason,
    *,
    device: Device | None = None,
    work_order_id: int | None = None,
    order: PartOrder | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> PartMovement:
    moved = change_count(
        PartMovement,
        stock,
        change,
        at=at,
        reason=reason,
        device=device,
        work_order_id=work_order_id,
        order=order,
        by_id=by.user_id,
    )
    fact = events.StockChanged(
        stock.pk,
        stock.kind_id,
        Code(stock.kind.sort),
        stock.site_id,
        stock.place_id,
        change,
        stock.count,
        Code(reason.value),
        device.pk if device else None,
    )
    record(fact, about=[stock, *linked(stock, "place"), *linked(moved, "device")], by=by, at=at, op=op)
    return moved


def use_part(*, stock: PartStock, device: Device, work_order_id: int, by: Actor, at: datetime, op: Op) -> PartMovement:
    """Take one part out of a stock for the repair of a locked device. The caller has asked for the bench."""
    stock = lock(PartStock, stock.pk)
    rules.check_left(stock, 1)
    return _change(stock, -1, Reason.USED, device=device, work_order_id=work_order_id, by=by, at=at, op=op)


def harvest_part(
    *, kind_id: int, place_id: int, device: Device, work_order_id: int, by: Actor, at: datetime, op: Op
) -> PartMovement:
    """Put a part that was taken out of a locked device into a place."""
    stock = _stock(kind_id, place_id, by=by)
    rules.check_fits(stock.kind, device)
    return _change(stock, 1, Reason.HARVESTED, device=device, work_order_id=work_order_id, by=by, at=at, op=op)


# --- Orders --------------------------------------------------------------------------------------------------------


@verb
def order_parts(*, stock_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> PartOrder:
    """Note that parts were ordered for a place; the supplier's day is counted from its promised days."""
    check_number(pieces, 1)
    stock = load(PartStock, stock_id, by=by, permission=Permission.REPAIR)
    kind, today = stock.kind, _day(stock.site, at)
    order = PartOrder.objects.create(
        kind=kind,
        site=stock.site,
        place=stock.place,
        supplier=kind.supplier,
        pieces=pieces,
        unit_cents=kind.price_cents,
        ordered_on=today,
        ordered_by_id=by.user_id,
        promised_on=today + timedelta(days=kind.lead_days),
    )
    fact = events.Ordered(order.pk, kind.pk, Code(kind.sort), stock.site_id, pieces, order.promised_on)
    record(fact, about=[order, stock], by=by, at=at, op=op)
    return order


def _day(site: Site, at: datetime) -> date:
    return at.astimezone(ZoneInfo(site.timezone)).date()


@verb
def receive_order(*, order_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> PartOrder:
    """Put what came of an order into its place; with the last piece the order is over."""
    check_number(pieces, 1)
    order = load(PartOrder, order_id, by=by, permission=Permission.REPAIR)
    rules.check_awaited(order, pieces)
    stock = _stock(order.kind_id, order.place_id, by=by)
    _change(stock, pieces, Reason.RECEIVED, order=order, by=by, at=at, op=op)
    order.received += pieces
    order.received_on = _day(order.site, at)
    order.save(update_fields=["received", "received_on"])
    if order.missing == 0:
        _end(order, by=by, at=at, op=op)
    return order


@verb
def end_order(*, order_id: int, by: Actor, at: datetime, op: Op) -> PartOrder:
    """Say that what is missing of an order is waited for no longer."""
    order = load(PartOrder, order_id, by=by, permission=Permission.REPAIR)
    rules.check_awaited(order, 0)
    _end(order, by=by, at=at, op=op)
    return order


def _end(order: PartOrder, *, by: Actor, at: datetime, op: Op) -> None:
    order.ended_at = at
    order.save(update_fields=["ended_at"])
    kind = order.kind
    fact = events.OrderEnded(order.pk, kind.pk, Code(kind.sort), order.site_id, order.pieces, order.received)
    record(fact, about=[order], by=by, at=at, op=op)
