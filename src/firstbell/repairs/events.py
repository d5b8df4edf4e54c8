"""What can be written in the ledger about repairs."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class WorkOrderOpened(Fact):
    """A repair began."""

    kind = "repairs.opened"
    sentence = _("Repair opened: {symptom}")
    work_order_id: int
    device_id: int
    symptom: Code
    route: Code


@dataclass(frozen=True)
class Diagnosed(Fact):
    """The fault was found."""

    kind = "repairs.diagnosed"
    sentence = _("Fault found: {fault}")
    work_order_id: int
    device_id: int
    fault: Code


@dataclass(frozen=True)
class PartAwaited(Fact):
    """The repair waits for a part."""

    kind = "repairs.part_awaited"
    sentence = _("Waits for a part: {part}")
    work_order_id: int
    device_id: int
    part: Code


@dataclass(frozen=True)
class Repaired(Fact):
    """The repair is complete, before its check. Amounts in cents, time in minutes."""

    kind = "repairs.repaired"
    sentence = _("Repaired: {fault}")
    work_order_id: int
    device_id: int
    fault: Code
    part_cents: int
    minutes: int


@dataclass(frozen=True)
class Checked(Fact):
    """The repair was checked."""

    kind = "repairs.checked"
    sentence = _("Check: {result}")
    work_order_id: int
    device_id: int
    result: Code


@dataclass(frozen=True)
class BeyondRepair(Fact):
    """The device is not worth repairing."""

    kind = "repairs.beyond_repair"
    sentence = _("Beyond repair")
    work_order_id: int
    device_id: int


@dataclass(frozen=True)
class HandedBack(Fact):
    """The repair ended: the device is with its person, or in the pool."""

    kind = "repairs.handed_back"
    sentence = _("Repair closed: {outcome}")
    work_order_id: int
    device_id: int
    outcome: Code


@dataclass(frozen=True)
class DelayExplained(Fact):
    """Somebody wrote down why a leg of a repair's way was late (S52, S53)."""

    kind = "repairs.delay_explained"
    sentence = _("Late ({leg}): {delay}")
    work_order_id: int
    device_id: int
    leg: Code
    delay: Code


@dataclass(frozen=True)
class ScopeSet(Fact):
    """A row of the scope table applies from a day on."""

    kind = "repairs.scope_set"
    sentence = _("From {since} on this may be repaired {lowest}: {fault}")
    row_id: int
    fault: Code
    device_kind: Code
    model_id: int | None
    lowest: int
    voids_cover: bool
    since: date


@dataclass(frozen=True)
class ScopeEnded(Fact):
    """A row of the scope table ended."""

    kind = "repairs.scope_ended"
    sentence = _("From {until} on the scope table says nothing about this: {fault}")
    row_id: int
    fault: Code
    until: date


@dataclass(frozen=True)
class ScopeOverridden(Fact):
    """A repair was made outside the scope table, or voids cover; why is kept with the repair."""

    kind = "repairs.scope_overridden"
    sentence = _("Repaired against the scope table: {fault}")
    work_order_id: int
    device_id: int
    row_id: int
    fault: Code
    outside: bool
    voids_cover: bool


@dataclass(frozen=True)
class Worked(Fact):
    """Somebody worked on a repair for some minutes."""

    kind = "repairs.worked"
    sentence = _("Worked on it for {minutes} minutes")
    work_order_id: int
    device_id: int
    minutes: int


@dataclass(frozen=True)
class PhotoKept(Fact):
    """A picture of a repair is kept."""

    kind = "repairs.photo_kept"
    sentence = _("A photo was kept: {photo_when}")
    work_order_id: int
    device_id: int
    photo_id: int
    photo_when: Code


@dataclass(frozen=True)
class PhotoRemoved(Fact):
    """A picture of a repair was removed."""

    kind = "repairs.photo_removed"
    sentence = _("A photo was removed: {photo_when}")
    work_order_id: int
    device_id: int
    photo_id: int
    photo_when: Code


@dataclass(frozen=True)
class ReplacementAsked(Fact):
    """The school was asked to give the owner another device."""

    kind = "repairs.replacement_asked"
    sentence = _("The school was asked to give {person} another device")
    work_order_id: int
    device_id: int
    ticket_id: int
    person_id: int | None
