"""What can be written in the ledger about counts."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class CountOpened(Fact):
    """A count began: what should be there was frozen from custody at that moment."""

    kind = "counts.opened"
    sentence = _("A count began: {expected} devices should be there")
    count_id: int
    site_id: int | None
    scope: Code
    expected: int
    due_on: date


@dataclass(frozen=True)
class Counted(Fact):
    """A device was seen in a place during a count. That moves it nowhere."""

    kind = "counts.counted"
    sentence = _("Counted in {place}")
    count_id: int
    device_id: int
    place_id: int


@dataclass(frozen=True)
class StrangerFound(Fact):
    """Something with a code that is on no record was found during a count."""

    kind = "counts.stranger_found"
    sentence = _("Something that is on no record was found in {place}")
    count_id: int
    line_id: int
    place_id: int


@dataclass(frozen=True)
class SightingsCredited(Fact):
    """Devices that were seen elsewhere since the count began were credited."""

    kind = "counts.credited"
    sentence = _("{devices} devices count as seen: they were seen elsewhere since it began")
    count_id: int
    devices: int


@dataclass(frozen=True)
class CountedByNumber(Fact):
    """A sealed store was counted by its number: all of it was there."""

    kind = "counts.by_number"
    sentence = _("Counted by number: {devices}, as on record")
    count_id: int
    devices: int


@dataclass(frozen=True)
class Reconciling(Fact):
    """The differences of a count are looked into."""

    kind = "counts.reconciling"
    sentence = _("The differences of the count are looked into: {missing} missing")
    count_id: int
    missing: int


@dataclass(frozen=True)
class DifferenceResolved(Fact):
    """A difference of a count was resolved."""

    kind = "counts.resolved"
    sentence = _("Difference of a count resolved: {how}")
    count_id: int
    line_id: int
    device_id: int | None
    how: Code
    ticket_id: int | None


@dataclass(frozen=True)
class DifferenceEscalated(Fact):
    """A difference of a count was handed to somebody, until a day."""

    kind = "counts.escalated"
    sentence = _("Difference of a count handed to {user} until {due_on}")
    count_id: int
    line_id: int
    device_id: int | None
    user_id: int
    due_on: date


@dataclass(frozen=True)
class CountCertified(Fact):
    """A count was certified: nothing was left open that nobody answers for."""

    kind = "counts.certified"
    sentence = _("Count certified: {in_place} of {expected} where expected")
    count_id: int
    expected: int
    in_place: int
    missing: int
    unexpected: int
    escalated: int
