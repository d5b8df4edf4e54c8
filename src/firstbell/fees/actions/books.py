"""The books: asked, paid, waived, reduced, taken back, paid back. Each entry debits one account, credits another."""

from dataclasses import dataclass
from datetime import date, datetime

from firstbell.directory.scope import load
from firstbell.fees import events, rules
from firstbell.fees.models import Account, Charge, Entry, PayPlan
from firstbell.fees.queries import check_fees_asked, parts_allowed, taken_in
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code

A, K = Account, Entry.Kind


@dataclass(frozen=True)
class Move:
    """What one entry does: its kind, the account debited, the account credited."""

    kind: Entry.Kind
    debit: Account
    credit: Account


def post(
    *, charge: Charge, move: Move, cents: int, reference: str = "", by: Actor, at: datetime, op: Op
) -> Entry | None:
    """Write one entry for a locked charge; an entry of nothing is none. The database keeps the charge's sums."""
    if cents == 0:
        return None
    entry = Entry.objects.create(
        charge=charge,
        person_id=charge.person_id,
        site_id=charge.site_id,
        kind=move.kind,
        debit=move.debit,
        credit=move.credit,
        amount_cents=cents,
        reference=reference.strip()[:60],
        posted_at=at,
        posted_by_id=by.user_id,
    )
    charge.refresh_from_db(fields=["owed_cents", "back_cents"])
    codes = (Code(move.kind.value), Code(move.debit.value), Code(move.credit.value))
    record(events.Posted(entry.pk, charge.pk, *codes, cents), about=[charge], by=by, at=at, op=op)
    return entry


def charge_account(*, charge: Charge, by: Actor, at: datetime, op: Op) -> None:
    """Enter a charge that was just decided: what it asks is owed from now on."""
    post(charge=charge, move=Move(K.CHARGED, A.OWED, A.INCOME), cents=charge.amount_cents, by=by, at=at, op=op)


def load_charge(charge_id: int, *, by: Actor, permission: Permission = Permission.DECIDE_CHARGES) -> Charge:
    """Return a charge in reach, locked, of somebody who may decide about charges there."""
    charge = load(Charge, charge_id, by=by, permission=permission)
    by.require(permission, charge.site_id)
    return charge


@verb
def take_payment(
    *, charge_id: int, amount_cents: int, method: Account, reference: str = "", by: Actor, at: datetime, op: Op
) -> Entry | None:
    """Note what was paid towards a charge, in cash, by check or online; never more than is owed."""
    charge = load_charge(charge_id, by=by)
    check_fees_asked()
    rules.check_method(method, reference)
    rules.check_amount(Money(amount_cents), charge.owed)
    move = Move(K.PAID, method, A.OWED)
    entry = post(charge=charge, move=move, cents=amount_cents, reference=reference, by=by, at=at, op=op)
    _end_when_paid(charge, by=by, at=at, op=op)
    return entry


@verb
def pay_back(
    *, charge_id: int, amount_cents: int, method: Account, reference: str = "", by: Actor, at: datetime, op: Op
) -> Entry | None:
    """Note what was paid back; never more than is to be paid back."""
    charge = load_charge(charge_id, by=by)
    rules.check_method(method, reference)
    rules.check_amount(Money(amount_cents), charge.back)
    move = Move(K.REFUNDED, A.BACK, method)
    return post(charge=charge, move=move, cents=amount_cents, reference=reference, by=by, at=at, op=op)


def take_back(*, charge: Charge, kind: Entry.Kind, cents: int, by: Actor, at: datetime, op: Op) -> None:
    """Take back some of a locked charge: first what is still owed; what was paid already is to be paid back."""
    room = charge.owed_cents + taken_in(charge)
    rules.check_amount(Money(cents), Money(room))
    open_part = min(cents, charge.owed_cents)
    post(charge=charge, move=Move(kind, A.INCOME, A.OWED), cents=open_part, by=by, at=at, op=op)
    post(charge=charge, move=Move(kind, A.INCOME, A.BACK), cents=cents - open_part, by=by, at=at, op=op)
    _end_when_paid(charge, by=by, at=at, op=op)


@verb
def agree_plan(*, charge_id: int, parts: int, first_on: date, by: Actor, at: datetime, op: Op) -> PayPlan:
    """Agree that what is owed is paid in monthly parts; an earlier agreement ends."""
    charge = load_charge(charge_id, by=by)
    check_fees_asked()
    rules.check_parts(charge, parts, parts_allowed(charge.site_id))
    rules.check_first_part(first_on, at)
    _end_plans(charge, by=by, at=at, op=op)
    plan = PayPlan.objects.create(
        charge=charge,
        site_id=charge.site_id,
        total_cents=charge.owed_cents,
        parts=parts,
        first_on=first_on,
        agreed_at=at,
        agreed_by_id=by.user_id,
    )
    record(events.PlanAgreed(plan.pk, charge.pk, parts, first_on), about=[charge], by=by, at=at, op=op)
    return plan


@verb
def end_plan(*, plan_id: int, by: Actor, at: datetime, op: Op) -> PayPlan:
    """End an agreement to pay in parts: the rest is owed at once."""
    plan = load(PayPlan, plan_id, by=by)
    if plan.ended_at is not None:
        raise Missing("PayPlan")
    _end_plans(load_charge(plan.charge_id, by=by), by=by, at=at, op=op)
    return plan


def _end_when_paid(charge: Charge, *, by: Actor, at: datetime, op: Op) -> None:
    if charge.owed_cents == 0:
        _end_plans(charge, by=by, at=at, op=op)


def _end_plans(charge: Charge, *, by: Actor, at: datetime, op: Op) -> None:
    for plan in charge.plans.filter(ended_at__isnull=True).select_for_update(no_key=True):
        plan.ended_at = at
        plan.save(update_fields=["ended_at"])
        record(events.PlanEnded(plan.pk, charge.pk), about=[charge], by=by, at=at, op=op)
