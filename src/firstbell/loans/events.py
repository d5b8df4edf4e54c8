"""What can be written in the ledger about loans."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class JoinedPool(Fact):
    """A device became a loaner."""

    kind = "loans.joined_pool"
    sentence = _("Became a loaner of {site}")
    device_id: int
    site_id: int


@dataclass(frozen=True)
class LeftPool(Fact):
    """A device is no loaner any more."""

    kind = "loans.left_pool"
    sentence = _("Left the loaner pool of {site}")
    device_id: int
    site_id: int


@dataclass(frozen=True)
class Lent(Fact):
    """A loaner went out."""

    kind = "loans.lent"
    sentence = _("Lent to {person} until {due_on}")
    loan_id: int
    device_id: int
    person_id: int
    reason: Code
    due_on: date


@dataclass(frozen=True)
class Returned(Fact):
    """A loaner came back."""

    kind = "loans.returned"
    sentence = _("{person} brought the loaner back, condition: {grade}")
    loan_id: int
    device_id: int
    person_id: int
    grade: Code


@dataclass(frozen=True)
class NoLoaner(Fact):
    """A device was taken in and no loaner went out: none left, not wanted, or nobody was asked (S54)."""

    kind = "loans.none_given"
    sentence = _("No loaner was given: {reason}")
    device_id: int
    site_id: int
    reason: Code


@dataclass(frozen=True)
class KeptAtHandBack(Fact):
    """The own device was handed back and the loaner was not (S71); the reason stays with the loan."""

    kind = "loans.kept_at_hand_back"
    sentence = _("The loaner stayed with {person}")
    loan_id: int
    device_id: int
    person_id: int
