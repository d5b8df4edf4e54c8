"""Waivers and appeals. Why a waiver is asked for is read by who decides, and by nobody else, ever."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.directory.scope import load, lock
from firstbell.fees import events, rules
from firstbell.fees.actions.books import A, K, Move, load_charge, post, take_back
from firstbell.fees.models import Appeal, Charge, Waiver, WaiverGround
from firstbell.fees.queries import appeal_until, check_fees_asked, second_person, taken_in
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.kernel.sealed import Sealed
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code

DECIDE = Permission.DECIDE_WAIVERS


@verb
def ask_waiver(*, charge_id: int, ground: Sealed, by: Actor, at: datetime, op: Op) -> Waiver:
    """Enter, for a family that wrote or came by, the wish that a charge be waived."""
    return enter_waiver(charge=load_charge(charge_id, by=by, permission=DECIDE), ground=ground, by=by, at=at, op=op)


@verb
def ask_waiver_by_link(*, charge_id: int, ground: Sealed, by: Actor, at: datetime, op: Op) -> Waiver:
    """Ask, with the link of the charge, that it be waived."""
    check_fees_asked()
    return enter_waiver(charge=lock(Charge, charge_id), ground=ground, by=by, at=at, op=op)


def enter_waiver(*, charge: Charge, ground: Sealed, by: Actor, at: datetime, op: Op) -> Waiver:
    """Enter the wish that a locked charge be waived. The ground is kept apart until somebody decides."""
    rules.check_owed(charge)
    if ground.word not in WaiverGround.Ground.values:
        raise Refused("ground_unknown", _("Choose one of the reasons."))
    if charge.waivers.filter(outcome=Waiver.Outcome.OPEN).exists():
        raise Stale("waiver_asked", _("A waiver was asked for already. Somebody decides about it soon."))
    waiver = Waiver.objects.create(charge=charge, site_id=charge.site_id, asked_at=at, asked_by_id=by.user_id)
    WaiverGround.objects.create(waiver=waiver, site_id=charge.site_id, word=ground.word)
    record(events.WaiverAsked(waiver.pk, charge.pk), about=[charge], by=by, at=at, op=op)
    return waiver


@verb
def decide_waiver(
    *, waiver_id: int, grant: bool, amount_cents: int | None = None, by: Actor, at: datetime, op: Op
) -> Waiver:
    """Waive what is owed, or some of it, or decline. The ground is removed: nothing says later why."""
    waiver = load(Waiver, waiver_id, by=by, permission=DECIDE)
    charge = load_charge(waiver.charge_id, by=by, permission=DECIDE)
    if waiver.outcome:
        raise Stale("waiver_decided", _("Somebody has decided about this waiver already."))
    rules.check_second(waiver.asked_by_id, by.user_id, asked=second_person(charge.site_id))
    cents = _granted(charge, grant=grant, amount_cents=amount_cents)
    waiver.outcome = Waiver.Outcome.GRANTED if grant else Waiver.Outcome.DECLINED
    waiver.amount_cents, waiver.decided_at, waiver.decided_by_id = cents, at, by.user_id
    waiver.save(update_fields=["outcome", "amount_cents", "decided_at", "decided_by"])
    WaiverGround.objects.everyone(reason="removed by who decides").filter(waiver=waiver).delete()
    fact = events.WaiverDecided(waiver.pk, charge.pk, Code(waiver.outcome), cents)
    record(fact, about=[charge], by=by, at=at, op=op)
    post(charge=charge, move=Move(K.WAIVED, A.WAIVED, A.OWED), cents=cents, by=by, at=at, op=op)
    return waiver


def _granted(charge: Charge, *, grant: bool, amount_cents: int | None) -> int:
    if not grant:
        return 0
    cents = charge.owed_cents if amount_cents is None else amount_cents
    rules.check_amount(Money(cents), charge.owed)
    return cents


@verb
def file_appeal(*, charge_id: int, words: str = "", by: Actor, at: datetime, op: Op) -> Appeal:
    """Enter an appeal that came on paper or by word."""
    return enter_appeal(charge=load_charge(charge_id, by=by), words=words, by=by, at=at, op=op)


@verb
def appeal_by_link(*, charge_id: int, words: str, by: Actor, at: datetime, op: Op) -> Appeal:
    """Appeal with the link of the charge."""
    check_fees_asked()
    return enter_appeal(charge=lock(Charge, charge_id), words=words, by=by, at=at, op=op)


def enter_appeal(*, charge: Charge, words: str, by: Actor, at: datetime, op: Op) -> Appeal:
    """Enter an appeal against a locked charge, while it is time."""
    last = appeal_until(charge)
    if charge.amount_cents == 0:
        raise Refused("nothing_asked", _("Nothing is asked here, so there is nothing to appeal."))
    if at.date() > last:
        raise Refused("appeal_late", _("This charge could be appealed until {day}."), day=last)
    if charge.appeals.filter(outcome=Appeal.Outcome.OPEN).exists():
        raise Stale("appeal_filed", _("An appeal came in already. Somebody looks at it."))
    appeal = Appeal.objects.create(
        charge=charge, site_id=charge.site_id, words=words.strip()[:1000], filed_at=at, filed_by_id=by.user_id
    )
    record(events.AppealFiled(appeal.pk, charge.pk), about=[charge], by=by, at=at, op=op)
    return appeal


@verb
def decide_appeal(
    *, appeal_id: int, outcome: Appeal.Outcome, amount_cents: int = 0, by: Actor, at: datetime, op: Op
) -> Appeal:
    """Decide an appeal: the charge stays, is reduced by an amount, or is dropped. What was paid too much goes back."""
    appeal = load(Appeal, appeal_id, by=by)
    charge = load_charge(appeal.charge_id, by=by)
    if appeal.outcome or not outcome:
        raise Stale("appeal_decided", _("Somebody has decided about this appeal already."))
    rules.check_second(charge.decided_by_id, by.user_id, asked=second_person(charge.site_id))
    cents = _reduction(charge, outcome, amount_cents)
    appeal.outcome, appeal.amount_cents = outcome, cents
    appeal.decided_at, appeal.decided_by_id = at, by.user_id
    appeal.save(update_fields=["outcome", "amount_cents", "decided_at", "decided_by"])
    fact = events.AppealDecided(appeal.pk, charge.pk, Code(outcome.value), cents)
    record(fact, about=[charge], by=by, at=at, op=op)
    if cents:
        take_back(charge=charge, kind=K.REDUCED, cents=cents, by=by, at=at, op=op)
    return appeal


def _reduction(charge: Charge, outcome: Appeal.Outcome, amount_cents: int) -> int:
    whole = charge.owed_cents + taken_in(charge)
    if outcome is Appeal.Outcome.DROPPED:
        return whole
    if outcome is Appeal.Outcome.KEPT:
        return 0
    rules.check_amount(Money(amount_cents), Money(whole))
    return amount_cents
