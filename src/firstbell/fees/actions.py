"""The verbs of fees. What joins a charge to its incident is in flows.charges."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.fees import events, rules
from firstbell.fees.models import Charge, FeePolicy
from firstbell.fees.queries import charge_for, in_force, policy_on
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Stale
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Basis:
    """What a charge stands on: the facts of one incident. ``happened_on`` is the local day at its site."""

    incident_id: int
    device_id: int
    person_id: int
    site_id: int
    cause: str
    holder_kind: str
    occurrence: int
    happened_on: date


@verb
def set_policy(
    *,
    cause: str,
    holder_kind: FeePolicy.Holder,
    amount_cents: int,
    cap_cents: int,
    since: date,
    occurrence: int = 1,
    by: Actor,
    at: datetime,
    op: Op,
) -> FeePolicy:
    """Set what is asked from a day on; the row in force until then ends on that day."""
    by.require(Permission.DECIDE_CHARGES)
    rules.check_row(cause, occurrence, Money(amount_cents), Money(cap_cents))
    rules.check_from_today(since, at)
    key = {"cause": cause, "holder_kind": holder_kind, "occurrence": occurrence}
    earlier = FeePolicy.objects.select_for_update(no_key=True).filter(until__isnull=True, **key).first()
    if earlier:
        _end(earlier, since)
    row = FeePolicy.objects.create(
        amount_cents=amount_cents, cap_cents=cap_cents, since=since, set_by_id=by.user_id, **key
    )
    fact = events.PolicySet(row.pk, Code(cause), Code(holder_kind.value), occurrence, amount_cents, cap_cents, since)
    record(fact, about=[row], by=by, at=at, op=op)
    return row


def _end(row: FeePolicy, day: date) -> None:
    rules.check_after(row, day)
    rules.check_unused(row, day)
    row.until = day
    row.save(update_fields=["until"])


@verb
def end_policy(*, policy_id: int, until: date, by: Actor, at: datetime, op: Op) -> FeePolicy:
    """End a row: from that day on nothing is asked in its case."""
    by.require(Permission.DECIDE_CHARGES)
    row = FeePolicy.objects.select_for_update(no_key=True).filter(pk=policy_id, until__isnull=True).first()
    if row is None:
        raise Missing("FeePolicy")
    rules.check_from_today(until, at)
    _end(row, until)
    record(events.PolicyEnded(row.pk, Code(row.cause), until), about=[row], by=by, at=at, op=op)
    return row


def _row_of_the_day(basis: Basis) -> FeePolicy:
    """Return the row in force on the incident's day, locked: nobody ends it while the charge is written."""
    list(policy_on(basis.happened_on).filter(cause=basis.cause).select_for_update(no_key=True))
    row = in_force(cause=basis.cause, holder_kind=basis.holder_kind, occurrence=basis.occurrence, on=basis.happened_on)
    return rules.check_in_force(row)


def decide_charge(
    *,
    basis: Basis,
    outcome: Charge.Outcome,
    amount: Money | None = None,
    reason: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> Charge:
    """Decide what is asked for one locked incident, once, by the row in force on its day (rule 12)."""
    if charge_for(basis.incident_id):
        raise Stale("charge_decided", _("Somebody has decided about this charge already."))
    row = _row_of_the_day(basis)
    asked = Money(0) if outcome is Charge.Outcome.NONE else (row.amount if amount is None else amount)
    rules.check_within_cap(asked, row)
    charge = Charge.objects.create(
        **vars(basis),
        policy=row,
        outcome=outcome,
        amount_cents=asked.cents,
        reason=reason.strip()[:300],
        decided_at=at,
        decided_by_id=by.user_id,
    )
    fact = events.ChargeDecided(charge.pk, basis.incident_id, row.pk, Code(outcome.value), asked.cents)
    record(fact, about=[charge], by=by, at=at, op=op)
    return charge
