"""What can be written in the ledger about fees. Amounts in cents; no reason why a family pays less is ever here."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class PolicySet(Fact):
    """A row of the fee policy applies from a day on."""

    kind = "fees.policy_set"
    sentence = _("From {since} on the fee for {cause} is {amount_cents} cents, at most {cap_cents}")
    policy_id: int
    cause: Code
    cover: Code
    holder_kind: Code
    occurrence: int
    amount_cents: int
    cap_cents: int
    year_cap_cents: int | None
    since: date


@dataclass(frozen=True)
class PolicyEnded(Fact):
    """A row of the fee policy applies no more from a day on."""

    kind = "fees.policy_ended"
    sentence = _("The fee for {cause} ends on {until}")
    policy_id: int
    cause: Code
    until: date


@dataclass(frozen=True)
class ProtectionSet(Fact):
    """A person has a protection plan from a day to a day."""

    kind = "fees.protection_set"
    sentence = _("{person} is protected from {since} to {until}")
    protection_id: int
    person_id: int
    since: date
    until: date


@dataclass(frozen=True)
class ChargeDecided(Fact):
    """A charge was proposed, or it was decided to ask nothing."""

    kind = "fees.charge_decided"
    sentence = _("Charge decided: {outcome}")
    charge_id: int
    incident_id: int
    policy_id: int
    outcome: Code
    amount_cents: int


@dataclass(frozen=True)
class Posted(Fact):
    """An entry was written in a person's account."""

    kind = "fees.posted"
    sentence = _("Entry in the account: {entry}, {amount_cents} cents")
    entry_id: int
    charge_id: int
    entry: Code
    debit: Code
    credit: Code
    amount_cents: int


@dataclass(frozen=True)
class WaiverAsked(Fact):
    """Somebody asked that a charge be waived."""

    kind = "fees.waiver_asked"
    sentence = _("A waiver was asked for")
    waiver_id: int
    charge_id: int


@dataclass(frozen=True)
class WaiverDecided(Fact):
    """It was decided whether a charge is waived. Why is on no record."""

    kind = "fees.waiver_decided"
    sentence = _("The waiver was decided: {outcome}")
    waiver_id: int
    charge_id: int
    outcome: Code
    amount_cents: int


@dataclass(frozen=True)
class PlanAgreed(Fact):
    """What is owed is paid in parts."""

    kind = "fees.plan_agreed"
    sentence = _("Agreed: {parts} monthly parts")
    plan_id: int
    charge_id: int
    parts: int
    first_on: date


@dataclass(frozen=True)
class PlanEnded(Fact):
    """An agreement to pay in parts holds no more."""

    kind = "fees.plan_ended"
    sentence = _("The agreement to pay in parts ended")
    plan_id: int
    charge_id: int


@dataclass(frozen=True)
class AppealFiled(Fact):
    """Somebody does not agree with a charge."""

    kind = "fees.appeal_filed"
    sentence = _("An appeal against the charge came in")
    appeal_id: int
    charge_id: int


@dataclass(frozen=True)
class AppealDecided(Fact):
    """An appeal was decided."""

    kind = "fees.appeal_decided"
    sentence = _("The appeal was decided: {outcome}")
    appeal_id: int
    charge_id: int
    outcome: Code
    amount_cents: int
