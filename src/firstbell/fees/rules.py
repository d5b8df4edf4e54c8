"""What the fee policy allows."""

from calendar import monthrange
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.register import FEES_PARTS, FEES_SECOND_PERSON
from firstbell.fees.models import Account, Charge, Cover, FeePolicy, PayPlan
from firstbell.kernel.damage import Cause
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.money import Money

ANYWHERE = timedelta(hours=12)
"""A policy holds in every time zone of a district: today is today until it is over everywhere."""


def check_row(cause: str, occurrence: int, amount: Money, cap: Money) -> None:
    """A row names a cause we know, counts from one, and asks no more than its cap."""
    if cause not in set(Cause):
        raise Refused("cause_unknown", _("Choose a cause."))
    if occurrence < 1:
        raise Refused("occurrence_wrong", _("The first time is 1."))
    if not Money(0) <= amount <= cap:
        raise Refused("above_cap", _("The amount must lie between nothing and the cap of {cap}."), cap=cap)


def check_from_today(since: date, at: datetime) -> None:
    """What applied on a day that is past stays as it was: charges were decided by it."""
    if since < (at - ANYWHERE).date():
        raise Refused("policy_backdated", _("A fee can change from today on, not for days that are past."))


def check_after(row: FeePolicy, day: date) -> None:
    """A row lasts at least a day, so the next begins after it did."""
    if day <= row.since:
        raise Stale("policy_newer", _("A row for this case begins on {since} already."), since=row.since)


def check_unused(row: FeePolicy, day: date) -> None:
    """A row outlasts the charges that were decided by it."""
    if row.charges.filter(happened_on__gte=day).exists():
        raise Stale("policy_used", _("A charge was decided by this row already. Let the change begin a day later."))


def check_in_force(row: FeePolicy | None) -> FeePolicy:
    """Nothing is asked without a row in force on the day it happened (rule 12)."""
    if row is None:
        raise Refused("no_policy", _("The fee policy has no row for this case on the day it happened."))
    return row


def check_within_cap(amount: Money, row: FeePolicy) -> None:
    """Never more than the cap (rule 12)."""
    if not Money(0) <= amount <= row.cap:
        raise Refused("above_cap", _("The amount must lie between nothing and the cap of {cap}."), cap=row.cap)


def check_year_cap(amount: Money, year_cap_cents: int | None) -> None:
    """The cap of the year leaves room for at least one charge."""
    if year_cap_cents is not None and amount > Money(year_cap_cents):
        raise Refused("above_year_cap", _("The cap of the year must leave room for the amount itself."))


def check_choices(holder_kind: str, cover: str) -> None:
    """A row is for students or staff, with a protection plan or without one."""
    if holder_kind not in FeePolicy.Holder.values or cover not in Cover.values:
        raise Refused("case_unknown", _("Choose who it is for, and with which protection."))


def room_in_year(row: FeePolicy, asked_cents: int) -> Money | None:
    """Return what the cap of the year leaves after what was asked already; None when there is no such cap."""
    return None if row.year_cap is None else max(Money(0), row.year_cap - Money(asked_cents))


def usual(row: FeePolicy, room: Money | None) -> Money:
    """Return what a row asks: its amount, or what the year leaves."""
    return row.amount if room is None else row.amount.capped(room)


def check_within_year(amount: Money, room: Money | None) -> None:
    """Never more than the cap of the year."""
    if room is not None and amount > room:
        raise Refused("above_year_cap_now", _("The cap of the year leaves {room} for this person."), room=room)


METHODS = (Account.CASH, Account.CHEQUE, Account.ONLINE)


def check_method(method: Account, reference: str) -> None:
    """Money comes in cash, by check or online; the last two have a number by which the office finds them."""
    if method not in METHODS:
        raise Refused("method_unknown", _("Say how it was paid."))
    if method is not Account.CASH and not reference.strip():
        raise Refused("no_reference", _("Write the number of the check or of the online payment."))


def check_amount(amount: Money, most: Money) -> None:
    """An amount is more than nothing and not more than there is."""
    if not Money(0) < amount <= most:
        raise Refused("amount_wrong", _("The amount must be more than nothing and at most {most}."), most=most)


def check_owed(charge: Charge) -> None:
    """Only what is owed can be waived or paid in parts."""
    if charge.owed_cents == 0:
        raise Refused("nothing_owed", _("Nothing is owed here any more."))


def check_parts(charge: Charge, parts: int, allowed: int) -> None:
    """Parts: at least two, as many as the plan allows, none smaller than a dollar."""
    check_owed(charge)
    if parts > allowed:
        sentence = _("The district allows at most {allowed} monthly parts.")
        raise Refused("too_many_parts", sentence, decision=FEES_PARTS.key, allowed=allowed)
    if parts < 2 or charge.owed_cents < parts * 100:
        raise Refused("parts_wrong", _("Agree on two parts or more, of at least one dollar each."))


def check_first_part(first_on: date, at: datetime) -> None:
    """The first part is due in the coming year."""
    if not at.date() <= first_on <= at.date() + timedelta(days=366):
        raise Refused("first_part", _("The first part is due on a day of the coming year."))


def check_second(first_id: int | None, second_id: int | None, *, asked: bool) -> None:
    """Nobody decides about their own wish or decision where the plan asks for somebody else."""
    if asked and first_id is not None and first_id == second_id:
        sentence = _("Somebody else has to decide this: it was you who entered or decided it before.")
        raise Refused("second_person", sentence, decision=FEES_SECOND_PERSON.key)


def instalments(plan: PayPlan) -> list[tuple[date, Money]]:
    """Return the day and the amount of each part; together they are exactly what was owed, the first the largest."""
    part, rest = divmod(plan.total_cents, plan.parts)
    return [
        (_months_later(plan.first_on, number), Money(part + (1 if number < rest else 0)))
        for number in range(plan.parts)
    ]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def late_cents(plan: PayPlan, owed_cents: int, day: date) -> int:
    """Return the cents that should have been paid by a day and were not."""
    due = sum(amount.cents for due_on, amount in instalments(plan) if due_on <= day)
    return max(0, due - (plan.total_cents - owed_cents))
