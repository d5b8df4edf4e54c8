"""The fee policy: rows from a day on, who is protected, and the decision under them. flows.charges joins incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import Person
from firstbell.directory.scope import load, lock
from firstbell.fees import events, rules
from firstbell.fees.models import Charge, Cover, FeePolicy, Protection
from firstbell.fees.queries import asked_around, charge_for, in_force, policy_on
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
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
    cover: str = Cover.NONE.value


@dataclass(frozen=True)
class Line:
    """One row of the policy as somebody wants it."""

    cause: str
    holder_kind: str
    amount_cents: int
    cap_cents: int
    cover: str = Cover.NONE.value
    occurrence: int = 1
    year_cap_cents: int | None = None
    source: str = ""


@verb
def set_policy(
    *,
    cause: str,
    holder_kind: FeePolicy.Holder,
    amount_cents: int,
    cap_cents: int,
    since: date,
    occurrence: int = 1,
    cover: Cover = Cover.NONE,
    year_cap_cents: int | None = None,
    source: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> FeePolicy:
    """Set what is asked from a day on; the row in force until then ends on that day."""
    by.require(Permission.SET_FEES)
    rules.check_row(cause, occurrence, Money(amount_cents), Money(cap_cents))
    rules.check_year_cap(Money(amount_cents), year_cap_cents)
    rules.check_from_today(since, at)
    key = {"cause": cause, "cover": cover.value, "holder_kind": holder_kind, "occurrence": occurrence}
    earlier = FeePolicy.objects.select_for_update(no_key=True).filter(until__isnull=True, **key).first()
    if earlier:
        _end(earlier, since)
    sums = {"amount_cents": amount_cents, "cap_cents": cap_cents, "year_cap_cents": year_cap_cents}
    row = FeePolicy.objects.create(since=since, source=source.strip()[:200], set_by_id=by.user_id, **key, **sums)
    codes = (Code(cause), Code(cover.value), Code(holder_kind.value))
    fact = events.PolicySet(row.pk, *codes, occurrence, amount_cents, cap_cents, year_cap_cents, since)
    record(fact, about=[row], by=by, at=at, op=op)
    return row


@verb
def set_rows(*, lines: Sequence[Line], since: date, by: Actor, at: datetime, op: Op) -> FeePolicy | None:
    """Set several rows at once, such as for students and staff: all of them or none."""
    row = None
    for line in lines:
        rules.check_choices(line.holder_kind, line.cover)
        choices = {"holder_kind": FeePolicy.Holder(line.holder_kind), "cover": Cover(line.cover)}
        row = set_policy(**vars(line) | choices, since=since, by=by, at=at, op=op)
    return row


def _end(row: FeePolicy, day: date) -> None:
    rules.check_after(row, day)
    rules.check_unused(row, day)
    row.until = day
    row.save(update_fields=["until"])


@verb
def end_policy(*, policy_id: int, until: date, by: Actor, at: datetime, op: Op) -> FeePolicy:
    """End a row: from that day on nothing is asked in its case."""
    by.require(Permission.SET_FEES)
    row = FeePolicy.objects.select_for_update(no_key=True).filter(pk=policy_id, until__isnull=True).first()
    if row is None:
        raise Missing("FeePolicy")
    rules.check_from_today(until, at)
    _end(row, until)
    record(events.PolicyEnded(row.pk, Code(row.cause), until), about=[row], by=by, at=at, op=op)
    return row


@verb
def protect(*, person_id: int, since: date, until: date, by: Actor, at: datetime, op: Op) -> Protection:
    """Note that a person has a protection plan from a day until another (exclusive)."""
    person = load(Person, person_id, by=by, permission=Permission.DECIDE_CHARGES)
    if until <= since:
        raise Refused("protection_order", _("The last day must come after the first."))
    if person.site_id is None:
        raise Missing("Person")
    if Protection.objects.visible_to(by).filter(person=person, since__lt=until, until__gt=since).exists():
        raise Stale("protected_already", _("{name} is protected on some of these days already."), name=person)
    row = Protection.objects.create(
        person=person, site_id=person.site_id, since=since, until=until, set_by_id=by.user_id
    )
    record(events.ProtectionSet(row.pk, person.pk, since, until), about=[row, person], by=by, at=at, op=op)
    return row


def _row_of_the_day(basis: Basis) -> FeePolicy:
    """Return the row in force on the incident's day, locked: nobody ends it while the charge is written."""
    list(policy_on(basis.happened_on).filter(cause=basis.cause).select_for_update(no_key=True))
    row = in_force(
        cause=basis.cause,
        cover=basis.cover,
        holder_kind=basis.holder_kind,
        occurrence=basis.occurrence,
        on=basis.happened_on,
    )
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
    lock(Person, basis.person_id)
    if charge_for(basis.incident_id):
        raise Stale("charge_decided", _("Somebody has decided about this charge already."))
    row = _row_of_the_day(basis)
    room = rules.room_in_year(row, asked_around(basis.person_id, basis.happened_on))
    usual = rules.usual(row, room)
    asked = Money(0) if outcome is Charge.Outcome.NONE else (usual if amount is None else amount)
    rules.check_within_cap(asked, row)
    rules.check_within_year(asked, room)
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
