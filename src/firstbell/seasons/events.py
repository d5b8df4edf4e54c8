"""What can be written in the ledger about collecting and handing out."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class CollectionOpened(Fact):
    """A school began to collect its devices."""

    kind = "seasons.collection_opened"
    sentence = _("{site} began to collect its devices, until {until}")
    collection_id: int
    site_id: int
    place_id: int
    grades: list[Code]
    until: date


@dataclass(frozen=True)
class CollectionClosed(Fact):
    """A school ended its collecting; what was still out is in the fact."""

    kind = "seasons.collection_closed"
    sentence = _("{site} ended its collecting: {collected} came back, {missing} did not")
    collection_id: int
    site_id: int
    collected: int
    missing: int


@dataclass(frozen=True)
class DeviceCollected(Fact):
    """A device came back on a collection day. Whose it is has not changed."""

    kind = "seasons.collected"
    sentence = _("Collected ({charger})")
    collection_id: int
    device_id: int
    person_id: int | None
    charger: Code


@dataclass(frozen=True)
class CollectedAmended(Fact):
    """Something was added to what was noted when a device was collected."""

    kind = "seasons.collected_amended"
    sentence = _("Added to what was noted when it was collected: {what}")
    collection_id: int
    device_id: int
    what: Code


@dataclass(frozen=True)
class HandOutOpened(Fact):
    """The handing out to a homeroom began."""

    kind = "seasons.hand_out_opened"
    sentence = _("Handing out to {class} began")
    hand_out_id: int
    site_id: int
    class_group_id: int


@dataclass(frozen=True)
class HandOutClosed(Fact):
    """The handing out to a homeroom ended."""

    kind = "seasons.hand_out_closed"
    sentence = _("Handing out to {class} ended: {given} given, {without} without")
    hand_out_id: int
    class_group_id: int
    given: int
    without: int


@dataclass(frozen=True)
class HandedOut(Fact):
    """A student was given a device with their homeroom."""

    kind = "seasons.handed_out"
    sentence = _("Handed out to {person} with their homeroom")
    hand_out_id: int
    device_id: int
    person_id: int


@dataclass(frozen=True)
class Skipped(Fact):
    """A student was skipped when devices were handed out."""

    kind = "seasons.skipped"
    sentence = _("{person} was skipped at the hand-out")
    hand_out_id: int
    person_id: int


@dataclass(frozen=True)
class TurnUndone(Fact):
    """A student's turn was undone: what it did is taken back, what was is still told."""

    kind = "seasons.turn_undone"
    sentence = _("The turn of {person} at the hand-out was undone")
    hand_out_id: int
    device_id: int | None
    person_id: int
