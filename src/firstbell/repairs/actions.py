"""The verbs of the bench."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import QUALITY_CHECK, REPAIR_FIELDS, REPAIR_WHERE
from firstbell.devices.actions.custody import change_status, open_custody
from firstbell.devices.models import Device
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code, Fact
from firstbell.repairs import events, rules
from firstbell.repairs.fixes import Fix, fix
from firstbell.repairs.models import PartUsed, WorkOrder
from firstbell.repairs.queries import order_of
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
    minutes: int | None = None,
    checked: bool = False,
    by: Actor,
    at: datetime,
    op: Op,
) -> WorkOrder:
    """Complete a repair: fault, part (its usual one by default, ``none`` for none), cents and minutes.

    With ``checked`` the same person's check goes with it, where the plan lets them.
    """
    order = _load_on_bench(work_order_id, by)
    found = _known(fault)
    rules.check_move(order, WorkOrder.Status.REPAIRED)
    rules.check_amounts(part_cents, minutes)
    _name_fault(order, found, by=by, at=at, op=op)
    order.minutes += found.minutes if minutes is None else minutes
    used = found.part if part is None else part
    rules.check_complete(order, says(REPAIR_FIELDS, order.site_id), part_named=bool(used) or found.part == "")
    cents = _use_part(order, used, found.cents if part_cents is None else part_cents)
    order.status = WorkOrder.Status.REPAIRED
    order.awaited_part = ""
    order.repaired_at, order.repaired_by_id = at, by.user_id
    order.save(update_fields=["status", "awaited_part", "minutes", "repaired_at", "repaired_by"])
    fact = events.Repaired(order.pk, order.device_id, Code(found.code), cents, order.minutes)
    _record(fact, order, by=by, at=at, op=op)
    if checked:
        _pass(order, by=by, at=at, op=op)
    return order


def _use_part(order: WorkOrder, part: str, cents: int) -> int:
    if part in {"", NO_PART}:
        return 0
    PartUsed.objects.create(work_order=order, part=part, unit_cents=cents)
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
    """Close a locked work order: handed_back, joined_pool, retired or closed_all_the_same."""
    order.status = WorkOrder.Status.CLOSED
    order.closed_at = at
    order.closing_reason = reason.strip()[:300]
    order.save(update_fields=["status", "closed_at", "closing_reason"])
    _record(events.HandedBack(order.pk, order.device_id, Code(outcome)), order, by=by, at=at, op=op)
