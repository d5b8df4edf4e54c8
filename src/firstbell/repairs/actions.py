"""The verbs of the bench: repairs, the scope table, labour and photos."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import QUALITY_CHECK, REPAIR_FIELDS, REPAIR_PHOTO_DAYS, REPAIR_WHERE
from firstbell.devices.actions.custody import change_status, open_custody
from firstbell.devices.models import Device
from firstbell.directory.scope import load, load_all
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code, Fact
from firstbell.parts.actions import use_part
from firstbell.parts.queries import stock_for
from firstbell.repairs import events, files, rules
from firstbell.repairs.fixes import Fix, fix
from firstbell.repairs.models import Delay, Labour, PartUsed, Photo, ScopeOverride, ScopeRow, WorkOrder
from firstbell.repairs.queries import order_of, photographed
from firstbell.repairs.scope import row_for
from firstbell.repairs.usual import Line
from firstbell.tickets.models import Ticket

NO_PART = "none"
OUTSIDE = "outside"
"""What a vendor asked for a repair stands among its parts under this code."""


def open_order(
    *,
    device: Device,
    ticket: Ticket | None,
    site_id: int,
    symptom: str,
    route: str,
    for_pool: bool,
    by: Actor,
    at: datetime,
    op: Op,
) -> WorkOrder:
    """Open the repair of a locked device; ``route`` is the plan's word. One that is open is answered as it is."""
    existing = order_of(device.pk)
    if existing:
        return existing
    change_status(device=device, to=Device.Status.IN_REPAIR, by=by, at=at, op=op)
    order = WorkOrder.objects.create(
        device=device,
        ticket=ticket,
        site_id=site_id,
        symptom=symptom,
        route=route,
        for_pool=for_pool,
        opened_at=at,
    )
    fact = events.WorkOrderOpened(order.pk, device.pk, Code(symptom), Code(order.route))
    _record(fact, order, by=by, at=at, op=op)
    return order


def _record(fact: Fact, order: WorkOrder, *, by: Actor, at: datetime, op: Op) -> None:
    record(fact, about=[order, *linked(order, "device", "ticket")], by=by, at=at, op=op)


def _load_on_bench(work_order_id: int, by: Actor) -> WorkOrder:
    order = load(WorkOrder, work_order_id, by=by, permission=Permission.REPAIR)
    custody = open_custody(order.device)
    rules.check_bench_is_here(order, custody, says(REPAIR_WHERE, order.site_id), by)
    return order


def _known(code: str) -> Fix:
    found = fix(code)
    if found is None:
        raise Refused("fix_unknown", _("Choose what was wrong."))
    return found


@verb
def diagnose(*, work_order_id: int, fault: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say which fault was found, before it is repaired."""
    order = _load_on_bench(work_order_id, by)
    rules.check_move(order, WorkOrder.Status.DIAGNOSED)
    _name_fault(order, _known(fault), by=by, at=at, op=op)
    order.status = WorkOrder.Status.DIAGNOSED
    order.save(update_fields=["status"])
    return order


def _name_fault(order: WorkOrder, found: Fix, *, by: Actor, at: datetime, op: Op) -> None:
    order.fault = found.code
    order.diagnosed_at = order.diagnosed_at or at
    order.checked_at, order.checked_by = None, None
    order.save(update_fields=["fault", "diagnosed_at", "checked_at", "checked_by"])
    _record(events.Diagnosed(order.pk, order.device_id, Code(found.code)), order, by=by, at=at, op=op)


@verb
def await_part(*, work_order_id: int, fault: str, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say that the part for a fault is not here."""
    order = _load_on_bench(work_order_id, by)
    rules.check_move(order, WorkOrder.Status.AWAITING_PARTS)
    found = _known(fault)
    _name_fault(order, found, by=by, at=at, op=op)
    order.status = WorkOrder.Status.AWAITING_PARTS
    order.awaited_part = found.part or found.code
    order.save(update_fields=["status", "awaited_part"])
    _record(events.PartAwaited(order.pk, order.device_id, Code(order.awaited_part)), order, by=by, at=at, op=op)
    return order


@verb
def repair(
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
    """Complete a repair: fault, part (its usual one by default, ``none`` for none), cents and minutes.

    The part is taken from the stock of the bench, where one is kept, unless it came from ``elsewhere``. What the scope
    table keeps away from here needs ``why_outside``. With ``checked`` the same person's check goes with it, where the
    plan lets them.
    """
    order = _load_on_bench(work_order_id, by)
    found = _known(fault)
    rules.check_move(order, WorkOrder.Status.REPAIRED)
    rules.check_amounts(part_cents, minutes)
    row = _within_scope(order, found, why_outside, by=by, at=at, op=op)
    _name_fault(order, found, by=by, at=at, op=op)
    _work(order, found.minutes if minutes is None else minutes, by=by, at=at)
    used = _part_of(found, row, part)
    _check_record(order, part_named=bool(used) or found.part == "")
    cents = _use_part(order, used, _Price(part_cents, found.cents), elsewhere=elsewhere, by=by, at=at, op=op)
    _complete(order, cents, by=by, at=at, op=op)
    if checked:
        _pass(order, by=by, at=at, op=op)
    return order


def _part_of(found: Fix, row: ScopeRow | None, part: str | None) -> str:
    """Return which part goes in: the one that is named, else the scope table's, else the usual one."""
    if part is not None:
        return part
    return (row.part if row else "") or found.part


def _check_record(order: WorkOrder, *, part_named: bool) -> None:
    needed = says(REPAIR_FIELDS, order.site_id)
    rules.check_complete(order, needed, part_named=part_named, photographed="photos" in needed and photographed(order))


def _complete(order: WorkOrder, cents: int, *, by: Actor, at: datetime, op: Op) -> None:
    order.status = WorkOrder.Status.REPAIRED
    order.awaited_part = ""
    order.repaired_at, order.repaired_by_id = at, by.user_id
    order.save(update_fields=["status", "awaited_part", "minutes", "repaired_at", "repaired_by"])
    fact = events.Repaired(order.pk, order.device_id, Code(order.fault), cents, order.minutes)
    _record(fact, order, by=by, at=at, op=op)


def _within_scope(order: WorkOrder, found: Fix, why: str, *, by: Actor, at: datetime, op: Op) -> ScopeRow | None:
    """Return the row of the scope table that decides; what goes against it is refused, or kept with the reason."""
    device, here = order.device, rules.bench_at(order.device.at_site)
    today = _day(order.site.timezone, at)
    row = row_for(found.code, device.model, today)
    if row is None:
        return None
    outside = rules.is_outside(row, here)
    voids = rules.voids_cover(row, here, device.warranty_until, today)
    if outside or voids:
        rules.check_scope(order, found, row, outside=outside, why=why, actor=by)
        _override(order, row, why, outside=outside, voids=voids, by=by, at=at, op=op)
    return row


def _override(
    order: WorkOrder, row: ScopeRow, why: str, *, outside: bool, voids: bool, by: Actor, at: datetime, op: Op
) -> None:
    ScopeOverride.objects.create(
        work_order=order,
        site_id=order.device.at_site_id,
        row=row,
        fault=row.fault,
        outside=outside,
        voids_cover=voids,
        reason=why.strip()[:300],
        by_id=by.user_id,
        at=at,
    )
    fact = events.ScopeOverridden(order.pk, order.device_id, row.pk, Code(row.fault), outside, voids)
    _record(fact, order, by=by, at=at, op=op)


def _day(zone: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class _Price:
    """What somebody typed for a part, in cents, and what it usually costs."""

    typed: int | None
    usual: int


def _use_part(order: WorkOrder, part: str, price: _Price, *, elsewhere: bool, by: Actor, at: datetime, op: Op) -> int:
    """Note the part that went in, and take it from the stock of the bench where one is kept."""
    if part in {"", NO_PART}:
        return 0
    device = order.device
    stock = None if elsewhere else stock_for(device.at_site_id, part, device.model_id)
    taken = use_part(stock=stock, device=device, work_order_id=order.pk, by=by, at=at, op=op) if stock else None
    cents = price.typed if price.typed is not None else stock.kind.price_cents if stock else price.usual
    PartUsed.objects.create(work_order=order, part=part, unit_cents=cents, taken=taken)
    return cents


def _pass(order: WorkOrder, *, by: Actor, at: datetime, op: Op) -> None:
    rules.check_move(order, WorkOrder.Status.CHECKED)
    rules.check_second_person(order, by, says(QUALITY_CHECK, order.site_id))
    order.status = WorkOrder.Status.CHECKED
    order.checked_at, order.checked_by_id = at, by.user_id
    order.save(update_fields=["status", "checked_at", "checked_by"])
    _record(events.Checked(order.pk, order.device_id, Code("passed")), order, by=by, at=at, op=op)


@verb
def check(*, work_order_id: int, passed: bool, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Check a repair: it passes, or goes back to the bench."""
    order = _load_on_bench(work_order_id, by)
    if order.status != WorkOrder.Status.REPAIRED:
        raise Stale("nothing_to_check", _("The repair of {tag} does not wait for a check."), tag=order.device.tag)
    if passed:
        _pass(order, by=by, at=at, op=op)
        return order
    order.status = WorkOrder.Status.DIAGNOSED
    order.check_failures += 1
    order.save(update_fields=["status", "check_failures"])
    _record(events.Checked(order.pk, order.device_id, Code("failed")), order, by=by, at=at, op=op)
    return order


@verb
def give_up(*, work_order_id: int, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Say that a device is beyond repair. Whose it was stays known until somebody decides what they get."""
    order = _load_on_bench(work_order_id, by)
    rules.check_move(order, WorkOrder.Status.BEYOND_REPAIR)
    order.status = WorkOrder.Status.BEYOND_REPAIR
    order.save(update_fields=["status"])
    _record(events.BeyondRepair(order.pk, order.device_id), order, by=by, at=at, op=op)
    return order


def name_fault_outside(*, order: WorkOrder, fault: str, by: Actor, at: datetime, op: Op) -> Fix:
    """Say what is wrong with a device that somebody outside repairs, for a locked repair; return the usual fix."""
    found = _known(fault)
    if order.fault != found.code:
        rules.check_move(order, WorkOrder.Status.DIAGNOSED)
        _name_fault(order, found, by=by, at=at, op=op)
        order.status = WorkOrder.Status.DIAGNOSED
        order.save(update_fields=["status"])
    return found


def repaired_outside(*, order: WorkOrder, cents: int, by: Actor, at: datetime, op: Op) -> None:
    """Complete a locked repair that a vendor did and somebody here has looked at: that is its check."""
    rules.check_move(order, WorkOrder.Status.REPAIRED)
    if cents:
        PartUsed.objects.create(work_order=order, part=OUTSIDE, unit_cents=cents)
    order.status, order.awaited_part = WorkOrder.Status.CHECKED, ""
    order.repaired_at, order.checked_at, order.checked_by_id = at, at, by.user_id
    order.save(update_fields=["status", "awaited_part", "repaired_at", "checked_at", "checked_by"])
    fact = events.Repaired(order.pk, order.device_id, Code(order.fault), cents, order.minutes)
    _record(fact, order, by=by, at=at, op=op)
    _record(events.Checked(order.pk, order.device_id, Code("passed")), order, by=by, at=at, op=op)


def not_repaired_outside(*, order: WorkOrder, beyond: bool, by: Actor, at: datetime, op: Op) -> None:
    """Take a locked repair back that a vendor could not do: to the bench again, or ``beyond`` repair."""
    to = WorkOrder.Status.BEYOND_REPAIR if beyond else WorkOrder.Status.DIAGNOSED
    if order.status != to:
        rules.check_move(order, to)
        order.status = to
        order.save(update_fields=["status"])
    if beyond:
        _record(events.BeyondRepair(order.pk, order.device_id), order, by=by, at=at, op=op)


def close_order(*, order: WorkOrder, outcome: str, reason: str = "", by: Actor, at: datetime, op: Op) -> None:
    """Close a locked work order: handed_back, joined_pool, retired, harvested, recycled or closed_all_the_same."""
    order.status = WorkOrder.Status.CLOSED
    order.closed_at = at
    order.closing_reason = reason.strip()[:300]
    order.outcome = outcome
    order.save(update_fields=["status", "closed_at", "closing_reason", "outcome"])
    _record(events.HandedBack(order.pk, order.device_id, Code(outcome)), order, by=by, at=at, op=op)


@verb
def explain_delay(
    *, legs: Collection[tuple[int, str]], why: str, note: str = "", by: Actor, at: datetime, op: Op
) -> None:
    """Write down why legs were late: work orders with ``pickup`` or ``return``, one reason for all that came together.

    Raises Missing unless the actor ships for the schools of all of them.
    """
    if not legs or any(leg not in Delay.Leg.values for _pk, leg in legs):
        raise Refused("no_legs", _("Tick what you give the reason for."))
    rules.check_delay(why, note)
    orders = load_all(WorkOrder, {pk for pk, _leg in legs}, by=by)
    for pk, leg in sorted(set(legs)):
        order = orders[pk]
        if not by.may(Permission.SHIP, order.site_id):
            raise Missing("WorkOrder")
        told = {"why": why, "note": note.strip()[:200], "noted_by_id": by.user_id, "noted_at": at}
        Delay.objects.update_or_create(work_order=order, leg=leg, defaults=told)
        fact = events.DelayExplained(order.pk, order.device_id, Code(leg), Code(why))
        _record(fact, order, by=by, at=at, op=op)


def ask_replacement(
    *, order: WorkOrder, ticket: Ticket, person_id: int | None, by: Actor, at: datetime, op: Op
) -> None:
    """Note on a locked work order that the school was asked for another device: nothing lies idle."""
    fact = events.ReplacementAsked(order.pk, order.device_id, ticket.pk, person_id)
    record(fact, about=[order, ticket, *linked(order, "device")], by=by, at=at, op=op)


# --- Labour and photos ---------------------------------------------------------------------------------------------


def _work(order: WorkOrder, minutes: int, *, by: Actor, at: datetime) -> None:
    """Add one person's minutes to a locked order; the caller saves the sum."""
    if minutes:
        Labour.objects.create(work_order=order, user_id=by.user_id, minutes=minutes, at=at)
        order.minutes += minutes


@verb
def log_work(*, work_order_id: int, minutes: int, by: Actor, at: datetime, op: Op) -> WorkOrder:
    """Note minutes of work on a repair that goes on, such as those of its diagnosis."""
    order = _load_on_bench(work_order_id, by)
    rules.check_worked(order, minutes)
    _work(order, minutes, by=by, at=at)
    order.save(update_fields=["minutes"])
    _record(events.Worked(order.pk, order.device_id, minutes), order, by=by, at=at, op=op)
    return order


@dataclass(frozen=True)
class Picture:
    """A picture that lies in the folder already: its name there, and its size in dots."""

    file: str
    width: int
    height: int


@verb
def keep_photo(*, work_order_id: int, when: Photo.When, picture: Picture, by: Actor, at: datetime, op: Op) -> Photo:
    """Keep a photo of a repair; the picture has been made anew, without what a camera writes into it."""
    order = load(WorkOrder, work_order_id, by=by, permission=Permission.REPAIR)
    rules.check_may_photograph(order, Photo.objects.filter(work_order=order).count())
    photo = Photo.objects.create(work_order=order, when=when, taken_at=at, taken_by_id=by.user_id, **vars(picture))
    fact = events.PhotoKept(order.pk, order.device_id, photo.pk, Code(when.value))
    _record(fact, order, by=by, at=at, op=op)
    return photo


@verb
def remove_photo(*, photo_id: int, by: Actor, at: datetime, op: Op) -> None:
    """Remove a photo and its file: it shows what it should not."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise Missing("Photo")
    order = load(WorkOrder, photo.work_order_id, by=by, permission=Permission.REPAIR)
    fact = events.PhotoRemoved(order.pk, order.device_id, photo.pk, Code(photo.when))
    _record(fact, order, by=by, at=at, op=op)
    photo.delete()
    files.drop(photo.file)


def forget_photos(*, at: datetime) -> int:
    """Remove the photos of repairs that were closed long ago, and files that no row knows; return how many rows."""
    before = at - timedelta(days=says(REPAIR_PHOTO_DAYS))
    old = list(Photo.objects.filter(work_order__closed_at__lte=before))
    for photo in old:
        photo.delete()
        files.drop(photo.file)
    files.sweep(known=set(Photo.objects.values_list("file", flat=True)), at=at)
    return len(old)


# --- The scope table -----------------------------------------------------------------------------------------------


@verb
def set_scope(*, line: Line, since: date, by: Actor, at: datetime, op: Op) -> ScopeRow:
    """Set from where on a fault may be repaired, from a day on; the row in force until then ends on that day."""
    by.require_everywhere(Permission.DECIDE)
    rules.check_lowest(line.lowest, fix(line.fault) is not None)
    rules.check_scope_day(since, at.date())
    earlier = ScopeRow.objects.select_for_update(no_key=True).filter(_same(line), until__isnull=True).first()
    if earlier:
        _end_scope(earlier, since)
    row = ScopeRow.objects.create(since=since, set_by_id=by.user_id, **vars(line))
    codes = (Code(line.fault), Code(line.kind))
    fact = events.ScopeSet(row.pk, *codes, row.model_id, row.lowest, row.voids_cover, since)
    record(fact, about=[row], by=by, at=at, op=op)
    return row


def _same(line: Line) -> Q:
    return Q(fault=line.fault, kind=line.kind) & (Q(model=line.model_id) if line.model_id else Q(model__isnull=True))


def _end_scope(row: ScopeRow, day: date) -> None:
    rules.check_scope_after(row, day)
    row.until = day
    row.save(update_fields=["until"])


@verb
def set_scope_rows(*, lines: Sequence[Line], since: date, by: Actor, at: datetime, op: Op) -> ScopeRow | None:
    """Set several rows at once, such as the usual ones: all of them or none."""
    row = None
    for line in lines:
        row = set_scope(line=line, since=since, by=by, at=at, op=op)
    return row


@verb
def end_scope(*, row_id: int, until: date, by: Actor, at: datetime, op: Op) -> ScopeRow:
    """End a row: from that day on the table says nothing about its case."""
    by.require_everywhere(Permission.DECIDE)
    row = ScopeRow.objects.select_for_update(no_key=True).filter(pk=row_id, until__isnull=True).first()
    if row is None:
        raise Missing("ScopeRow")
    rules.check_scope_day(until, at.date())
    _end_scope(row, until)
    record(events.ScopeEnded(row.pk, Code(row.fault), until), about=[row], by=by, at=at, op=op)
    return row
