"""What can be written in the ledger about repairs."""

from dataclasses import dataclass

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
