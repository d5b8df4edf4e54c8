"""Devices that are there already: what a list knows better is corrected, one by one, by the single verbs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from firstbell.devices.actions.custody import hand_over
from firstbell.devices.actions.inventory import Line, Purchase, amend, assign, set_line
from firstbell.devices.models import Assignment, Custody, Device, DeviceCode, MobileLine, OldSerial
from firstbell.flows.inventory_import.rows import LINE, Wanted, purchase_of
from firstbell.flows.inventory_import.statuses import IN_HANDS
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.ledger.actions import Op, verb

_BOUGHT = {
    "purchased_on": "purchased_on",
    "price_cents": "purchase_price_cents",
    "funding_source": "funding_source",
    "order_number": "po_number",
    "warranty_until": "warranty_until",
}
"""Field of a purchase -> column of the list."""


@dataclass(frozen=True)
class Correction:
    """What a list knows better about one device. None leaves it as it is."""

    device_id: int
    serial: str
    purchase: Purchase | None = None
    line: Line | None = None
    owner_id: int | None = None
    in_hand: bool = False

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to correct."""
        return self.purchase is None and self.line is None and self.owner_id is None


class Present:
    """The devices of a batch that are there already, with line, owner and whereabouts, in six queries."""

    def __init__(self, wanted: Iterable[Wanted], columns: Collection[str], by: Actor) -> None:
        rows = [row.device for row in wanted]
        tags = [row.tag for row in rows if row.tag]
        serials = [row.serial for row in rows if not row.tag]
        named = Q(tag__in=tags)
        if serials:
            named |= Q(pk__in=DeviceCode.objects.filter(code__in=serials).values("device_id"))
        found = list(Device.objects.visible_to(by).filter(named).select_related("model"))
        self._columns = columns
        self._by_tag = {device.tag: device for device in found}
        self._by_serial: dict[str, list[Device]] = {}
        self._old = set(OldSerial.objects.filter(device__in=found).values_list("device_id", "serial"))
        by_id = {device.pk: device for device in found}
        for serial, device in [
            *((device.serial, device) for device in found),
            *((serial, by_id[pk]) for pk, serial in self._old),
        ]:
            self._by_serial.setdefault(serial, []).append(device)
        now = Q(device__in=found, until__isnull=True)
        self._lines = {line.device_id: line for line in MobileLine.objects.filter(now)}
        self._owners = dict(Assignment.objects.filter(now).values_list("device_id", "person_id"))
        held = Custody.objects.filter(now, kind=Custody.Kind.PERSON)
        self._in_hands = set(held.values_list("device_id", flat=True))

    def find(self, wanted: Wanted) -> Device | None:
        """Return the device of a row: by its tag, or by its serial where the row has no tag."""
        row = wanted.device
        if row.tag:
            return self._by_tag.get(row.tag)
        same = self._by_serial.get(row.serial, [])
        return same[0] if len(same) == 1 else None

    def correction(self, wanted: Wanted, device: Device) -> Correction:
        """Return what the row knows better. Raises Refused when it means another device, or another owner."""
        row = wanted.device
        serial = self._serial(row.serial, device)
        if serial != device.serial and row.model and row.model.casefold() != device.model.name.casefold():
            raise Refused("tag_reused", _("Tag {tag} is on another device: model and serial differ."), tag=device.tag)
        purchase = self._purchase(wanted, device)
        return Correction(
            device_id=device.pk,
            serial=serial,
            purchase=purchase if purchase != bought(device) or serial != device.serial else None,
            line=self._line(wanted, device),
            owner_id=self._owner(wanted, device),
            in_hand=wanted.standing in IN_HANDS and device.pk not in self._in_hands,
        )

    def _serial(self, told: str, device: Device) -> str:
        """Return the serial that a row means; a list from before its board was replaced changes nothing."""
        return device.serial if not told or (device.pk, told) in self._old else told

    def _purchase(self, wanted: Wanted, device: Device) -> Purchase:
        """Return the purchase with the list's columns in it; a column that the list lacks stays as it is."""
        known, told = bought(device), purchase_of(wanted.device)
        values = {name: getattr(told if column in self._columns else known, name) for name, column in _BOUGHT.items()}
        return Purchase(**values)

    def _line(self, wanted: Wanted, device: Device) -> Line | None:
        if wanted.line is None:
            return None
        current = self._lines.get(device.pk)
        known = Line(*(getattr(current, name) for name in LINE)) if current else None
        told = {name: getattr(wanted.line if name in self._columns else known or wanted.line, name) for name in LINE}
        line = Line(**told)
        return None if line == known else line

    def _owner(self, wanted: Wanted, device: Device) -> int | None:
        if wanted.owner is None or device.status == Device.Status.RETIRED:
            return None
        current = self._owners.get(device.pk, 0)
        if current == wanted.owner.pk:
            return None
        if device.pk in self._owners:
            raise Refused("has_owner", _("{tag} belongs to somebody already. End that first."), tag=device.tag)
        return wanted.owner.pk


def bought(device: Device) -> Purchase:
    """Return how a device was bought, as it is on record."""
    values: Mapping[str, object] = {part.name: getattr(device, part.name) for part in fields(Purchase)}
    return Purchase(**values)  # type: ignore[arg-type]  # the fields of the two are the same


@verb
def correct_device(*, correction: Correction, by: Actor, at: datetime, op: Op) -> None:
    """Correct one device by the single verbs, in one transaction."""
    device_id = correction.device_id
    if correction.purchase is not None:
        amend(device_id=device_id, serial=correction.serial, purchase=correction.purchase, by=by, at=at, op=op)
    if correction.line is not None:
        set_line(device_id=device_id, line=correction.line, by=by, at=at, op=op)
    if correction.owner_id is not None:
        assign(device_id=device_id, person_id=correction.owner_id, by=by, at=at, op=op)
        if correction.in_hand:
            hand_over(device_id=device_id, person_id=correction.owner_id, by=by, at=at, op=op)
