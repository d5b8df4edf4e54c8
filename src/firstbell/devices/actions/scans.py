"""What phones sent and what became of it: the order of scans, gaps, conflicts. ``flows.scans`` runs the verbs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from firstbell.devices import events
from firstbell.devices.models import Device, HeldScan, Phone, ScanConflict
from firstbell.directory.models import Place
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Misfit:
    """A scan that does not fit: what it said, and the code of the refusal."""

    op: UUID
    seq: int
    verb: str
    content: dict[str, Any]
    code: str
    happened_at: datetime
    device_id: int | None = None
    site_id: int | None = None


@verb
def note_seen(*, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Note that a device was seen in a place. Its custody stays as it is on record."""
    device = load(Device, device_id, by=by)
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    record(events.DeviceSeen(device.pk, place.pk), about=[device, place], by=by, at=at, op=op)
    return device


@verb
def note_undone(*, seq: int, by: Actor, at: datetime, op: Op) -> None:
    """Note that a scan was taken back on the phone before it was sent: nothing else happens."""
    record(events.ScanUndone(seq), about=[], by=by, at=at, op=op)


def lock_phone(install_id: UUID) -> Phone:
    """Return a phone that is known, locked."""
    phone = Phone.objects.select_for_update(no_key=True).filter(pk=install_id).first()
    if phone is None:
        raise Missing("Phone")
    return phone


def meet_phone(install_id: UUID, *, by: Actor, at: datetime) -> Phone:
    """Return the phone of an installation, locked: its scans come one after the other. New ones are entered."""
    if by.user_id is None:
        raise Missing("Phone")
    Phone.objects.bulk_create([Phone(id=install_id, user_id=by.user_id, first_seen_at=at)], ignore_conflicts=True)
    phone = lock_phone(install_id)
    if phone.user_id != by.user_id:
        raise Refused("other_phone", _("These scans belong to somebody else who uses this phone."))
    return phone


def advance(phone: Phone) -> None:
    """Wait for the next number of a locked phone."""
    phone.next_seq += 1
    phone.save(update_fields=["next_seq"])


def hold(phone: Phone, *, seq: int, op: UUID, content: dict[str, Any], at: datetime) -> None:
    """Keep a scan until those before it have come."""
    HeldScan.objects.create(phone=phone, seq=seq, op=op, content=content, delivered_at=at)


def take_held(phone: Phone) -> HeldScan | None:
    """Take the scan that is next on a locked phone out of those that are held, if it has come."""
    row = HeldScan.objects.filter(phone=phone, seq=phone.next_seq).first()
    if row:
        row.delete()
    return row


@verb
def keep_conflict(*, phone: Phone, misfit: Misfit, by: Actor, at: datetime, op: Op) -> ScanConflict:
    """Keep a scan that does not fit for a person to settle. Its operation id is spent by this."""
    conflict = ScanConflict.objects.create(
        op=misfit.op,
        phone=phone,
        seq=misfit.seq,
        content=misfit.content,
        code=misfit.code,
        device_id=misfit.device_id,
        site_id=misfit.site_id,
        happened_at=misfit.happened_at,
        delivered_at=at,
        delivered_by_id=by.user_id,
    )
    fact = events.ScanKept(conflict.pk, misfit.device_id, Code(misfit.verb), Code(misfit.code))
    record(fact, about=[conflict, *linked(conflict, "device")], by=by, at=at, op=op)
    return conflict


def load_open(conflict_id: int, *, by: Actor) -> ScanConflict:
    """Return a conflict in reach, locked, that nobody has settled."""
    conflict = load(ScanConflict, conflict_id, by=by, permission=Permission.MOVE_DEVICES)
    if conflict.how:
        raise Stale("settled", _("Somebody has settled this already."))
    return conflict


def settle(*, conflict: ScanConflict, how: ScanConflict.How, by: Actor, at: datetime, op: Op) -> None:
    """Write how a locked conflict was settled."""
    conflict.how, conflict.settled_at, conflict.settled_by_id = how, at, by.user_id
    conflict.save(update_fields=["how", "settled_at", "settled_by"])
    fact = events.ScanSettled(conflict.pk, conflict.device_id, Code(how.value))
    record(fact, about=[conflict, *linked(conflict, "device")], by=by, at=at, op=op)


@verb
def give_up_gap(*, install_id: UUID, by: Actor, at: datetime, op: Op) -> None:
    """Say that the missing scans of a phone will never come: those that are held go on without them.

    For the phone's own user, and for those who move devices in the whole district.
    """
    phone = lock_phone(install_id)
    if phone.user_id != by.user_id and by.sites(Permission.MOVE_DEVICES) is not None:
        raise Missing("Phone")
    first = HeldScan.objects.filter(phone=phone).aggregate(seq=Min("seq"))["seq"]
    if first is None:
        raise Refused("no_gap", _("Nothing of this phone waits."))
    record(events.GapGivenUp(phone.next_seq, first), about=[], by=by, at=at, op=op)
    phone.next_seq = first
    phone.save(update_fields=["next_seq"])
