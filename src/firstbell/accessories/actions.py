"""The verbs of accessories. Every change of a stock goes through ``_change``."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from firstbell.accessories import events, rules
from firstbell.accessories.models import AccessoryKind, Holding, Movement, Stock
from firstbell.devices.actions.inventory import open_assignment
from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Person, Place, Site
from firstbell.directory.scope import load, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.stock.actions import change_count
from firstbell.stock.rules import check_number

Reason = Movement.Reason
Why = Holding.Why


@verb
def make_kind(
    *,
    sort: AccessoryKind.Sort,
    name: str,
    price_cents: int = 0,
    model_ids: Sequence[int] = (),
    by: Actor,
    at: datetime,
    op: Op,
) -> AccessoryKind:
    """Count a kind of accessory from now on. Without models it fits everything."""
    by.require(Permission.REGISTER_DEVICES)
    name = name.strip()[:80]
    if not name or AccessoryKind.objects.filter(name=name).exists():
        raise Refused("kind_name", _("Give it a name that no other kind has."))
    check_number(price_cents, 0)
    kind = AccessoryKind.objects.create(sort=sort, name=name, price_cents=price_cents)
    kind.fits.set(DeviceModel.objects.filter(pk__in=model_ids))
    fact = events.KindMade(kind.pk, Code(sort.value), price_cents, sorted(model_ids))
    record(fact, about=[kind], by=by, at=at, op=op)
    return kind


@verb
def receive_stock(*, kind_id: int, place_id: int, pieces: int, by: Actor, at: datetime, op: Op) -> Stock:
    """Put pieces that arrived into a place."""
    check_number(pieces, 1)
    stock = _stock(kind_id, place_id, Permission.MOVE_DEVICES, by=by)
    _change(stock, pieces, Reason.RECEIVED, by=by, at=at, op=op)
    return stock


@verb
def correct_count(*, stock_id: int, counted: int, by: Actor, at: datetime, op: Op) -> Stock:
    """Say how many somebody counted in a place; the difference is on record."""
    check_number(counted, 0)
    stock = load(Stock, stock_id, by=by, permission=Permission.MOVE_DEVICES)
    _change(stock, counted - stock.count, Reason.COUNTED, by=by, at=at, op=op)
    return stock


@verb
def set_reorder_point(*, stock_id: int, reorder_at: int, by: Actor, at: datetime, op: Op) -> Stock:
    """Say from which number on somebody orders more."""
    check_number(reorder_at, 0)
    stock = load(Stock, stock_id, by=by, permission=Permission.MOVE_DEVICES)
    if stock.reorder_at != reorder_at:
        stock.reorder_at = reorder_at
        stock.save(update_fields=["reorder_at"])
        record(events.ReorderSet(stock.pk, stock.place_id, reorder_at), about=[stock], by=by, at=at, op=op)
    return stock


def _stock(kind_id: int, place_id: int, permission: Permission, *, by: Actor) -> Stock:
    """Return the locked stock of a kind in a place, made when it is the first of its kind there."""
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(permission, place.site_id):
        raise Missing("Place")
    if not AccessoryKind.objects.filter(pk=kind_id).exists():
        raise Missing("AccessoryKind")
    rows = Stock.objects.everyone(reason="the place is in reach")
    stock, _made = rows.get_or_create(place=place, kind_id=kind_id, defaults={"site_id": place.site_id})
    return lock(Stock, stock.pk)


def _change(stock: Stock, change: int, reason: Movement.Reason, *, by: Actor, at: datetime, op: Op) -> None:
    """Change a locked stock and write it down. The database refuses fewer than none."""
    if change == 0:
        return
    change_count(Movement, stock, change, reason=reason, at=at)
    fact = events.StockChanged(
        stock.pk, stock.kind_id, stock.site_id, stock.place_id, change, stock.count, Code(reason.value)
    )
    record(fact, about=[stock, *linked(stock, "place")], by=by, at=at, op=op)


@verb
def issue_accessory(*, stock_id: int, device_id: int, by: Actor, at: datetime, op: Op) -> Holding:
    """Give an accessory along with a device: it goes with it, and with the person whose it is."""
    device = load(Device, device_id, by=by)
    stock = load(Stock, stock_id, by=by, permission=Permission.LEND)
    rules.check_fits(stock.kind, device)
    return give(stock=stock, why=Why.ISSUED, device=device, by=by, at=at, op=op)


@verb
def lend_for_day(*, stock_id: int, person_id: int, by: Actor, at: datetime, op: Op) -> Holding:
    """Lend an accessory until the end of the day."""
    person = load(Person, person_id, by=by, lock=False)
    stock = load(Stock, stock_id, by=by, permission=Permission.LEND)
    return give(stock=stock, why=Why.DAY, person=person, by=by, at=at, op=op)


def give(
    *,
    stock: Stock,
    why: Holding.Why,
    reason: Movement.Reason | None = None,
    device: Device | None = None,
    person: Person | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Holding:
    """Take one from a locked stock and write down who has it."""
    rules.check_left(stock)
    usual = Reason.LENT if why is Why.DAY else Reason.ISSUED
    _change(stock, -1, reason or usual, by=by, at=at, op=op)
    return _hold(stock.kind, stock.site, why, device=device, person=person, by=by, at=at, op=op)


def _hold(
    kind: AccessoryKind,
    site: Site,
    why: Holding.Why,
    *,
    device: Device | None,
    person: Person | None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Holding:
    assignment = open_assignment(device) if device and person is None else None
    holder = person or (assignment.person if assignment else None)
    due = at.astimezone(ZoneInfo(site.timezone)).date() if why is Why.DAY else None
    holding = Holding.objects.create(kind=kind, site=site, person=holder, device=device, why=why, since=at, due_on=due)
    _record_given(holding, due, by=by, at=at, op=op)
    return holding


def _record_given(holding: Holding, due: date | None, *, by: Actor, at: datetime, op: Op) -> None:
    fact = events.Given(
        holding.pk,
        holding.kind_id,
        Code(holding.kind.sort),
        holding.person_id,
        holding.device_id,
        Code(holding.why),
        due,
    )
    record(fact, about=[holding, *linked(holding, "person", "device")], by=by, at=at, op=op)


@verb
def note_returned(*, holding_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Holding:
    """Take an accessory back into a place."""
    holding = load(Holding, holding_id, by=by, permission=Permission.LEND)
    rules.check_open(holding)
    bring_back(holding=holding, place_id=place_id, by=by, at=at, op=op)
    return holding


def bring_back(*, holding: Holding, place_id: int, by: Actor, at: datetime, op: Op) -> None:
    """End a locked holding: the piece lies in a place from now on."""
    stock = _stock(holding.kind_id, place_id, Permission.LEND, by=by)
    _end(holding, Holding.End.RETURNED, by=by, at=at, op=op)
    _change(stock, 1, Reason.RETURNED, by=by, at=at, op=op)


@verb
def note_gone(*, holding_id: int, end: Holding.End, by: Actor, at: datetime, op: Op) -> Holding:
    """Note that an accessory is lost or broken."""
    holding = load(Holding, holding_id, by=by, permission=Permission.LEND)
    rules.check_open(holding)
    if end == Holding.End.RETURNED:
        raise Refused("where_to", _("Say where it lies now."))
    _end(holding, end, by=by, at=at, op=op)
    return holding


@verb
def replace(*, holding_id: int, stock_id: int, end: Holding.End, by: Actor, at: datetime, op: Op) -> Holding:
    """Give another for one that is lost or broken: the old one ends, the new one goes with the same device."""
    stock = load(Stock, stock_id, by=by, permission=Permission.LEND)
    old = note_gone(holding_id=holding_id, end=end, by=by, at=at, op=op)
    return give(
        stock=stock, why=Why.ISSUED, reason=Reason.REPLACED, device=old.device, person=old.person, by=by, at=at, op=op
    )


def take_in_loose(*, kind: AccessoryKind, place_id: int, by: Actor, at: datetime, op: Op) -> None:
    """Count a piece that came in without anybody having written down that it was out."""
    _change(_stock(kind.pk, place_id, Permission.LEND, by=by), 1, Reason.RETURNED, by=by, at=at, op=op)


def never_came(*, kind: AccessoryKind, place_id: int, holding: Holding | None, by: Actor, at: datetime, op: Op) -> None:
    """Take back that a piece came in: it leaves the count again, and what it was held as is lost."""
    stock = _stock(kind.pk, place_id, Permission.LEND, by=by)
    rules.check_left(stock)
    _change(stock, -1, Reason.RETURNED, by=by, at=at, op=op)
    if holding:
        _end(holding, Holding.End.LOST, by=by, at=at, op=op)


def note_missing(*, device: Device, kind: AccessoryKind, site: Site, by: Actor, at: datetime, op: Op) -> Holding:
    """Note that a locked device came without its accessory. One that nobody had written down is written down now."""
    rows = Holding.objects.everyone(reason="the device is locked").select_for_update(of=("self",), no_key=True)
    holding = rows.filter(device=device, kind=kind, until__isnull=True).select_related("kind").first()
    if holding is None:
        holding = _hold(kind, site, Why.FOUND, device=device, person=None, by=by, at=at, op=op)
    _end(holding, Holding.End.LOST, by=by, at=at, op=op)
    return holding


def not_missing(*, holding: Holding, by: Actor, at: datetime, op: Op) -> None:
    """Take back that a locked holding is lost: the piece was there after all."""
    if holding.end != Holding.End.LOST:
        return
    holding.until, holding.end = None, ""
    holding.save(update_fields=["until", "end"])
    fact = events.Reopened(holding.pk, holding.kind_id, Code(holding.kind.sort), holding.device_id)
    record(fact, about=[holding, *linked(holding, "person", "device")], by=by, at=at, op=op)


def _end(holding: Holding, end: Holding.End, *, by: Actor, at: datetime, op: Op) -> None:
    holding.until, holding.end = max(at, holding.since), end
    holding.save(update_fields=["until", "end"])
    fact = events.Ended(
        holding.pk,
        holding.kind_id,
        Code(holding.kind.sort),
        holding.person_id,
        holding.device_id,
        Code(end.value),
    )
    record(fact, about=[holding, *linked(holding, "person", "device")], by=by, at=at, op=op)
