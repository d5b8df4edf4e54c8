"""What can be written in the ledger about work that joins several areas."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class LeftBehind(Fact):
    """A device stayed in its box while the courier took others: not there, or no room for it."""

    kind = "flows.left_behind"
    sentence = _("Stayed in {place} when the courier came")
    device_id: int
    place_id: int


@dataclass(frozen=True)
class VisitFailed(Fact):
    """The courier came and could not empty a box."""

    kind = "flows.visit_failed"
    sentence = _("The courier came to {site} and could not empty the box: {reason}")
    place_id: int
    site_id: int
    reason: Code


@dataclass(frozen=True)
class WentLive(Fact):
    """A school went live: with everything, or with gaps as a recorded exception (S1, S56)."""

    kind = "flows.went_live"
    sentence = _("{site} went live")
    site_id: int
    missing: int


@dataclass(frozen=True)
class ReceiptGiven(Fact):
    """Somebody got a receipt for a device that was handed in (S60)."""

    kind = "flows.receipt_given"
    sentence = _("A receipt was given for {device}")
    ticket_id: int
    device_id: int


@dataclass(frozen=True)
class IdentityChecked(Fact):
    """Before a device was handed back somebody made sure who receives it, and how (S69)."""

    kind = "flows.identity_checked"
    sentence = _("Checked who receives it: {identity}")
    device_id: int
    person_id: int
    identity: Code
