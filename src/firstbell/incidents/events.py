"""What can be written in the ledger about incidents."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class DamageNoted(Fact):
    """Damage to a device was noted. Who had it then is found through the custody named here."""

    kind = "incidents.damage_noted"
    sentence = _("Damage noted: {cause}")
    incident_id: int
    device_id: int
    cause: Code
    custody_id: int


@dataclass(frozen=True)
class GoneNoted(Fact):
    """A device was reported lost or stolen."""

    kind = "incidents.gone_noted"
    sentence = _("Reported missing: {cause}")
    incident_id: int
    device_id: int
    cause: Code
    where: Code
    circumstance: Code
    custody_id: int


@dataclass(frozen=True)
class StepNoted(Fact):
    """A step of a case was done."""

    kind = "incidents.step_noted"
    sentence = _("Done: {step}")
    incident_id: int
    step: Code


@dataclass(frozen=True)
class CaseEnded(Fact):
    """The search for a device ended."""

    kind = "incidents.case_ended"
    sentence = _("The search ended: {ending}")
    incident_id: int
    device_id: int
    ending: Code


@dataclass(frozen=True)
class Referred(Fact):
    """An incident was referred to an administrator, with facts only."""

    kind = "incidents.referred"
    sentence = _("Referred to an administrator")
    referral_id: int
    incident_id: int


@dataclass(frozen=True)
class ReferralDecided(Fact):
    """An administrator has looked at a referral. What came of it is not in the ledger."""

    kind = "incidents.referral_decided"
    sentence = _("The administrator has looked at it")
    referral_id: int
