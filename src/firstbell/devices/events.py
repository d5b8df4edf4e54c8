"""What can be written in the ledger about devices."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact

NO_REASON = Code("")


@dataclass(frozen=True)
class DeviceRegistered(Fact):
    """A device entered the inventory."""

    kind = "devices.registered"
    sentence = _("Entered the inventory of {home_site}")
    device_id: int
    home_site_id: int


@dataclass(frozen=True)
class DeviceAmended(Fact):
    """Fields of a device's record were corrected; the names of the fields, not their contents."""

    kind = "devices.amended"
    sentence = _("Record corrected: {fields}")
    device_id: int
    fields: list[Code]


@dataclass(frozen=True)
class StatusChanged(Fact):
    """What may happen to a device next changed."""

    kind = "devices.status_changed"
    sentence = _("Is now {to_status}")
    device_id: int
    from_status: Code
    to_status: Code


@dataclass(frozen=True)
class CustodyChanged(Fact):
    """A device went from one hand or place to another."""

    kind = "devices.custody_changed"
    sentence = _("Went from {from_holder} to {to_holder} ({reason})")
    device_id: int
    holder_kind: Code
    holder_id: int
    site_id: int
    previous_kind: Code | None
    previous_id: int | None
    reason: Code


@dataclass(frozen=True)
class Assigned(Fact):
    """A device belongs to a person or a class from now on."""

    kind = "devices.assigned"
    sentence = _("Belongs to {person} from now on")
    device_id: int
    person_id: int | None
    class_group_id: int | None
    reason: Code = NO_REASON


@dataclass(frozen=True)
class Unassigned(Fact):
    """A device no longer belongs to anybody."""

    kind = "devices.unassigned"
    sentence = _("No longer belongs to {person}")
    device_id: int
    person_id: int | None
    class_group_id: int | None
    reason: Code


@dataclass(frozen=True)
class ConditionNoted(Fact):
    """The condition of a device was noted at a hand-over."""

    kind = "devices.condition_noted"
    sentence = _("Condition noted: {grade}, {marks}")
    device_id: int
    grade: Code
    marks: list[Code]
    holder_kind: Code
    holder_id: int


@dataclass(frozen=True)
class LineChanged(Fact):
    """The mobile line of a device changed: a SIM was put in or taken out. No number is written here."""

    kind = "devices.line_changed"
    sentence = _("Mobile line: {change}")
    device_id: int
    change: Code


@dataclass(frozen=True)
class ShipmentPacked(Fact):
    """Devices were put together to travel."""

    kind = "devices.shipment_packed"
    sentence = _("Packed at {from_site} for {to_site}: {devices} devices")
    shipment_id: int
    from_site_id: int
    to_site_id: int
    devices: int


@dataclass(frozen=True)
class ShipmentSent(Fact):
    """A shipment left; both sides know what is in it."""

    kind = "devices.shipment_sent"
    sentence = _("Left {from_site} for {to_site} with {devices} devices")
    shipment_id: int
    from_site_id: int
    to_site_id: int
    devices: int


@dataclass(frozen=True)
class ShipmentJoined(Fact):
    """One more device was put on a load that had left already."""

    kind = "devices.shipment_joined"
    sentence = _("One more device was loaded")
    shipment_id: int
    device_id: int


@dataclass(frozen=True)
class ShipmentReceived(Fact):
    """Some or all of a shipment was scanned in."""

    kind = "devices.shipment_received"
    sentence = _("{devices} devices arrived at {to_site}; {missing} still on the way")
    shipment_id: int
    to_site_id: int
    devices: int
    missing: int


@dataclass(frozen=True)
class ShipmentClosed(Fact):
    """Everything in a shipment is accounted for."""

    kind = "devices.shipment_closed"
    sentence = _("The shipment is complete")
    shipment_id: int


@dataclass(frozen=True)
class DeviceSeen(Fact):
    """A device was seen in a place. That moves it nowhere; where it belongs is for a person to say."""

    kind = "devices.seen"
    sentence = _("Seen in {place}")
    device_id: int
    place_id: int


@dataclass(frozen=True)
class ScanKept(Fact):
    """A phone's scan did not fit any more and was kept for a person."""

    kind = "devices.scan_kept"
    sentence = _("A scan did not fit and was kept: {code}")
    conflict_id: int
    device_id: int | None
    verb: Code
    code: Code


@dataclass(frozen=True)
class ScanSettled(Fact):
    """A person settled a scan that did not fit."""

    kind = "devices.scan_settled"
    sentence = _("The scan that did not fit was settled: {how}")
    conflict_id: int
    device_id: int | None
    how: Code


@dataclass(frozen=True)
class ScanUndone(Fact):
    """A scan was taken back on the phone before it was sent."""

    kind = "devices.scan_undone"
    sentence = _("A scan was taken back before it was sent")
    seq: int


@dataclass(frozen=True)
class GapGivenUp(Fact):
    """Somebody said that the missing scans of a phone will never come."""

    kind = "devices.gap_given_up"
    sentence = _("The phone's missing scans are not waited for any longer")
    from_seq: int
    to_seq: int


@dataclass(frozen=True)
class LabelRenewed(Fact):
    """The code on a device's label was replaced; the old one says so."""

    kind = "devices.label_renewed"
    sentence = _("It got a new label; the old code is void")
    device_id: int


@dataclass(frozen=True)
class SerialChanged(Fact):
    """A device got another serial number with another board; the old one is still found. Numbers are not told here."""

    kind = "devices.serial_changed"
    sentence = _("It has another serial number since its board was replaced; it is found by the old one, too")
    device_id: int
    old_serial_id: int
    imei_changed: bool
