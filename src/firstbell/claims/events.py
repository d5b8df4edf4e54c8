"""What can be written in the ledger about cover and claims."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class TermsSet(Fact):
    """The terms of a cover apply from a day on. Amounts in cents."""

    kind = "claims.terms_set"
    sentence = _("Terms of a cover set")
    cover_id: int
    terms_id: int
    cover_kind: Code
    deductible_cents: int
    limit_cents: int | None
    year_cents: int | None
    claims_a_year: int | None
    since: date


@dataclass(frozen=True)
class Covered(Fact):
    """A device has a cover from a day until another (exclusive)."""

    kind = "claims.covered"
    sentence = _("Covered from {since} on")
    coverage_id: int
    cover_id: int
    device_id: int
    since: date
    until: date | None


@dataclass(frozen=True)
class CoverEnded(Fact):
    """A device's cover ends on a day."""

    kind = "claims.cover_ended"
    sentence = _("No longer covered from {until} on")
    coverage_id: int
    device_id: int
    until: date


@dataclass(frozen=True)
class ClaimDrafted(Fact):
    """A fault is covered: the claim is prepared. Amount in cents."""

    kind = "claims.drafted"
    sentence = _("Covered: a claim is prepared")
    claim_id: int
    work_order_id: int
    device_id: int
    fault: Code
    expected_cents: int


@dataclass(frozen=True)
class ClaimSent(Fact):
    """A claim was sent. Amount in cents."""

    kind = "claims.sent"
    sentence = _("The claim was sent")
    claim_id: int
    work_order_id: int
    device_id: int
    asked_cents: int


@dataclass(frozen=True)
class ClaimDecided(Fact):
    """The protection paid or refused. Amount in cents."""

    kind = "claims.decided"
    sentence = _("The claim is decided: {claim_status}")
    claim_id: int
    work_order_id: int
    device_id: int
    claim_status: Code
    paid_cents: int
    why_refused: Code


@dataclass(frozen=True)
class ClaimDropped(Fact):
    """Nothing is claimed, and somebody said why."""

    kind = "claims.dropped"
    sentence = _("Nothing is claimed")
    claim_id: int
    work_order_id: int
    device_id: int
    why_dropped: Code
