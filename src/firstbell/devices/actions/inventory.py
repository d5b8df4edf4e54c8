"""Into and out of the inventory, and whose a device is."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import STORAGE_GRADE
from firstbell.devices import events, rules
from firstbell.devices.actions.custody import change_status, move, open_custody, place_holder
from firstbell.devices.models import Assignment, Device, DeviceCode, DeviceModel, MobileLine, OldLabel, OldSerial
from firstbell.devices.queries import owns_another
from firstbell.directory.models import ClassGroup, Person, Place
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import new_code
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Purchase:
    """How a device was bought; prices in cents."""

    purchased_on: date | None = None
    price_cents: int | None = None
    funding_source: str = ""
    order_number: str = ""
    warranty_until: date | None = None


@dataclass(frozen=True)
class Line:
    """A mobile line as the carrier knows it."""

    imei: str = ""
    iccid: str = ""
    eid: str = ""
    mdn: str = ""
    carrier: str = ""


@verb
def register(
    *,
    tag: str,
    serial: str,
    model_id: int,
    place_id: int,
    purchase: Purchase | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> Device:
    """Enter a device into the inventory, at rest in a place of its home site."""
    place = Place.objects.select_related("site").filter(pk=place_id).first()
    if place is None or not by.may(Permission.REGISTER_DEVICES, place.site_id):
        raise Missing("Place")
    rules.check_secured(place, says(STORAGE_GRADE, place.site_id))
    tag, serial = normalise_tag(tag), normalise_serial(serial)
    _check_new(tag, serial, model_id)
    bought = purchase or Purchase()
    device = Device.objects.create(
        tag=tag,
        serial=serial,
        model_id=model_id,
        home_site=place.site,
        at_site=place.site,
        registered_at=at,
        **{field.name: getattr(bought, field.name) for field in fields(Purchase)},
    )
    write_codes(device)
    record(events.DeviceRegistered(device.pk, place.site_id), about=[device], by=by, at=at, op=op)
    move(device=device, to=place_holder(place), reason="registered", by=by, at=at, op=op)
    return device


def _check_new(tag: str, serial: str, model_id: int, *, but: Device | None = None) -> None:
    if not tag or not serial:
        raise Refused("tag_and_serial", _("A device needs both its asset tag and its serial number."))
    everywhere = Device.objects.everyone(reason="tag and serial are unique in the whole district")
    if everywhere.filter(tag=tag).exists():
        raise Refused("tag_taken", _("There is a device with tag {tag} already."), tag=tag)
    if everywhere.filter(model_id=model_id, serial=serial).exists():
        raise Refused("serial_taken", _("There is a device of this model with serial {serial} already."), serial=serial)
    _check_never_had(serial, model_id, but=but)


def _check_never_had(serial: str, model_id: int, *, but: Device | None = None) -> None:
    """A serial that another device of the model had before its board was replaced stays that device's."""
    had = OldSerial.objects.filter(serial=serial, device__model_id=model_id).exclude(device=but)
    found = had.select_related("device").first()
    if found:
        raise Refused(
            "serial_was",
            _("{tag} had serial {serial} before its board was replaced. Look that device up."),
            tag=found.device.tag,
            serial=serial,
        )


def codes_of(device: Device, line: MobileLine | None) -> set[str]:
    """Return what a device is found by: what it has now, and what it had before its board was replaced."""
    before = OldSerial.objects.filter(device=device).values_list("serial", "imei")
    old = {code for serial, imei in before for code in (serial, serial[-6:], imei)} - {""}
    return all_codes(device.tag, device.serial, device.code, line) | old


def all_codes(tag: str, serial: str, code: str, line: Line | MobileLine | None) -> set[str]:
    """Return what a device of these names is found by; the last six of the serial help with worn labels."""
    numbers = {line.imei, line.iccid, line.mdn, line.eid} if line else set()
    return {tag, serial, serial[-6:], code, *numbers} - {""}


def write_codes(device: Device) -> None:
    """Write anew what a device is found by."""
    line = MobileLine.objects.filter(device=device, until__isnull=True).first()
    DeviceCode.objects.filter(device=device).delete()
    DeviceCode.objects.bulk_create(DeviceCode(device=device, code=code) for code in sorted(codes_of(device, line)))


@verb
def amend(*, device_id: int, serial: str, purchase: Purchase, by: Actor, at: datetime, op: Op) -> Device:
    """Correct a device's record. The names of changed fields go to the ledger, not their contents."""
    device = load(Device, device_id, by=by)
    by.require(Permission.REGISTER_DEVICES, device.home_site_id)
    wanted = {field.name: getattr(purchase, field.name) for field in fields(Purchase)}
    wanted |= {"serial": normalise_serial(serial)}
    changed = sorted(name for name, value in wanted.items() if getattr(device, name) != value)
    if "serial" in changed:
        _check_new(device.tag + "?", str(wanted["serial"]), device.model_id, but=device)
    if changed:
        for name in changed:
            setattr(device, name, wanted[name])
        device.save(update_fields=changed)
        write_codes(device)
        record(events.DeviceAmended(device.pk, [Code(name) for name in changed]), about=[device], by=by, at=at, op=op)
    return device


@verb
def change_serial(*, device_id: int, serial: str, imei: str = "", by: Actor, at: datetime, op: Op) -> Device:
    """Note the serial number that came with another board, and its IMEI where it has one. The old stay findable."""
    device = load(Device, device_id, by=by)
    by.require(Permission.REPAIR, device.at_site_id)
    serial, imei = normalise_serial(serial), imei.strip()
    rules.check_not_retired(device)
    _check_other_serial(device, serial)
    line = MobileLine.objects.select_for_update(no_key=True).filter(device=device, until__isnull=True).first()
    old = _keep_serial(device, line.imei if line and imei else "", by=by, at=at)
    if imei:
        _change_imei(device, line, imei, at=at)
    device.serial = serial
    device.save(update_fields=["serial"])
    write_codes(device)
    record(events.SerialChanged(device.pk, old.pk, bool(imei)), about=[device], by=by, at=at, op=op)
    return device


def _check_other_serial(device: Device, serial: str) -> None:
    """A new serial is another one, and nobody else's, now or before."""
    if not serial or serial == device.serial:
        raise Refused("same_serial", _("Write the serial number of the new board."))
    everywhere = Device.objects.everyone(reason="serials are unique in the whole district")
    taken = everywhere.filter(model_id=device.model_id, serial=serial).exclude(pk=device.pk).first()
    if taken:
        raise Refused(
            "serial_taken", _("{tag} has serial {serial}. Look at both devices."), tag=taken.tag, serial=serial
        )
    _check_never_had(serial, device.model_id, but=device)


def _keep_serial(device: Device, imei: str, *, by: Actor, at: datetime) -> OldSerial:
    """Keep what a device was found by until now. Where it had the same serial twice, the later time counts."""
    since = OldSerial.objects.filter(device=device).order_by("-until").values_list("until", flat=True).first()
    had = {"imei": imei, "since": since, "until": at, "changed_by_id": by.user_id}
    row, _made = OldSerial.objects.update_or_create(device=device, serial=device.serial, defaults=had)
    return row


def _change_imei(device: Device, line: MobileLine | None, imei: str, *, at: datetime) -> None:
    """The SIM goes into the new board: the same line, with another IMEI."""
    rules.check_line_numbers(imei, "")
    numbers = {part.name: getattr(line, part.name) for part in fields(Line)} if line else {}
    if line:
        line.until = at
        line.save(update_fields=["until"])
    MobileLine.objects.create(device=device, since=at, **numbers | {"imei": imei})


@verb
def renew_label(*, device_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Give a device's label a new code: the old label was copied, or sticks on something else."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.at_site_id)
    OldLabel.objects.create(device=device, code=device.code)
    device.code = new_code()
    device.save(update_fields=["code"])
    write_codes(device)
    record(events.LabelRenewed(device.pk), about=[device], by=by, at=at, op=op)
    return device


@verb
def set_line(*, device_id: int, line: Line | None, by: Actor, at: datetime, op: Op) -> Device:
    """Put a mobile line into a device, or take it out (None). Check digits of IMEI and ICCID are tested."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    current = MobileLine.objects.filter(device=device, until__isnull=True).first()
    if line:
        _check_line(line, device)
    if current:
        current.until = at
        current.save(update_fields=["until"])
    if line:
        MobileLine.objects.create(
            device=device, since=at, **{field.name: getattr(line, field.name).strip() for field in fields(Line)}
        )
    write_codes(device)
    change = "swapped" if current and line else "put_in" if line else "taken_out"
    record(events.LineChanged(device.pk, Code(change)), about=[device], by=by, at=at, op=op)
    return device


def _check_line(line: Line, device: Device) -> None:
    rules.check_line_numbers(line.imei, line.iccid)
    other = MobileLine.objects.filter(iccid=line.iccid, until__isnull=True).exclude(device=device).exclude(iccid="")
    if other.exists():
        raise Stale("sim_elsewhere", _("This SIM is on record in another device. Take it out there first."))


@verb
def assign(
    *,
    device_id: int,
    person_id: int | None = None,
    class_group_id: int | None = None,
    reason: str = Assignment.Reason.LIST,
    by: Actor,
    at: datetime,
    op: Op,
) -> Device:
    """Say whose a device is. It stays where it is until it is handed over.

    ``reason`` says why somebody gets a second one, and counts for nothing with a first; lists give none of their own.
    """
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    current = open_assignment(device)
    if current and (current.person_id, current.class_group_id) == (person_id, class_group_id):
        return device
    if current:
        raise Stale("has_owner", _("{tag} belongs to somebody already. End that first."), tag=device.tag)
    rules.check_not_retired(device)
    rules.check_not_loaner(device)
    person, group = _named(person_id, class_group_id, by=by)
    why = rules.why_second(reason) if person and owns_another(person.pk, device.pk) else ""
    give(device=device, person=person, class_group=group, reason=why, by=by, at=at, op=op)
    return device


def _named(person_id: int | None, class_group_id: int | None, *, by: Actor) -> tuple[Person | None, ClassGroup | None]:
    if (person_id is None) == (class_group_id is None):
        raise Refused("one_owner", _("Choose the person or the class that the device belongs to."))
    if person_id is not None:
        return load(Person, person_id, by=by, lock=False), None
    group = ClassGroup.objects.filter(pk=class_group_id or 0).first()
    if group is None or not by.may(Permission.MOVE_DEVICES, group.site_id):
        raise Missing("ClassGroup")
    return None, group


def give(
    *,
    device: Device,
    person: Person | None,
    class_group: ClassGroup | None,
    reason: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> Assignment:
    """Open the assignment of a locked device that has none, and record it."""
    assignment = Assignment.objects.create(
        device=device, person=person, class_group=class_group, reason=reason, since=at
    )
    fact = events.Assigned(device.pk, assignment.person_id, assignment.class_group_id, Code(reason))
    record(fact, about=[device, *linked(assignment, "person", "class_group")], by=by, at=at, op=op)
    if device.status == Device.Status.IN_STOCK:
        change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    return assignment


@verb
def unassign(*, device_id: int, reason: str, by: Actor, at: datetime, op: Op) -> Device:
    """End whose a device is: the owner left, or it goes to the pool. ``reason`` is a code."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    release(device=device, reason=reason, by=by, at=at, op=op)
    return device


def release(*, device: Device, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """End the open assignment of a locked device, if it has one, and record it."""
    current = open_assignment(device)
    if current is None:
        return
    current.until = max(at, current.since)
    current.save(update_fields=["until"])
    fact = events.Unassigned(device.pk, current.person_id, current.class_group_id, Code(reason))
    record(fact, about=[device, *linked(current, "person")], by=by, at=at, op=op)


def open_assignment(device: Device) -> Assignment | None:
    """Return whose the device is."""
    return Assignment.objects.select_related("person").filter(device=device, until__isnull=True).first()


@verb
def set_aside(*, device_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Set a device aside: nobody gets it until somebody has looked at it."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    rules.check_at_rest(device, open_custody(device))
    rules.check_not_in_repair(device)
    change_status(device=device, to=Device.Status.QUARANTINED, by=by, at=at, op=op)
    return device


@verb
def clear_for_use(*, device_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Say that a device that was set aside is fit: somebody has looked at it."""
    device = load(Device, device_id, by=by)
    by.require(Permission.MOVE_DEVICES, device.home_site_id)
    if device.status != Device.Status.QUARANTINED:
        raise Refused("not_set_aside", _("{tag} is not set aside."), tag=device.tag)
    change_status(device=device, to=Device.Status.IN_STOCK, by=by, at=at, op=op)
    return device


@verb
def retire(*, device_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Take a device that rests somewhere out of the inventory for good. Its history stays.

    Raises Refused while it is in somebody's hands, on its way, in repair or a loaner.
    """
    device = load(Device, device_id, by=by)
    by.require(Permission.REGISTER_DEVICES, device.home_site_id)
    rules.check_not_in_repair(device)
    rules.check_not_loaner(device)
    take_out(device=device, by=by, at=at, op=op)
    return device


def take_out(*, device: Device, by: Actor, at: datetime, op: Op) -> None:
    """Retire a locked device, whose repair and loans somebody above has ended."""
    rules.check_at_rest(device, open_custody(device))
    release(device=device, reason="retired", by=by, at=at, op=op)
    change_status(device=device, to=Device.Status.RETIRED, by=by, at=at, op=op)


@verb
def make_model(*, manufacturer: str, name: str, kind: DeviceModel.Kind, by: Actor, at: datetime, op: Op) -> DeviceModel:
    """Return the model of this maker and name, made if it is new."""
    by.require(Permission.REGISTER_DEVICES)
    found, _made = DeviceModel.objects.get_or_create(
        manufacturer=manufacturer.strip(), name=name.strip(), defaults={"kind": kind}
    )
    return found
