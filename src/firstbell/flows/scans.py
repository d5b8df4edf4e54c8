"""Scans made on phones, perhaps hours ago and out of reach: applied once, in order, by the time they happened (rule 8).

What does not fit any more is kept as a conflict for a person. Nothing is dropped and nothing is guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction
from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from firstbell.counts.actions import count_device
from firstbell.counts.models import Count as Counting
from firstbell.devices.actions.custody import hand_over, relocate
from firstbell.devices.actions.scans import (
    Misfit,
    advance,
    give_up_gap,
    hold,
    keep_conflict,
    load_open,
    lock_phone,
    meet_phone,
    note_seen,
    note_undone,
    settle,
    take_held,
)
from firstbell.devices.models import Condition, Device, HeldScan, Phone, ScanConflict, Shipment
from firstbell.devices.queries import by_code, travelling_on
from firstbell.directory.models import ClassGroup, Person, Place
from firstbell.directory.queries import place_by_code
from firstbell.flows.collect import collect
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.following import tickets_follow
from firstbell.flows.handback import hand_back
from firstbell.flows.handout import give_to_homeroom, handing_out_to, undo_turn
from firstbell.flows.transport import empty_box, load_one, scan_in
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.ledger.queries import was_done
from firstbell.seasons.actions import skip_student
from firstbell.seasons.models import HandOut
from firstbell.seasons.queries import next_student

OLDEST = timedelta(days=30)
"""A scan that claims to be older is looked at by a person first."""
NO_SKEW = timedelta(seconds=90)
"""Clocks that differ less are taken to agree: the rest is the way through the network."""


@dataclass(frozen=True)
class Scan:
    """One scan as a phone kept it: codes as they were read, and the moment by the phone's clock.

    ``seq`` counts from 1 per installation; ``op`` is the operation id, made when the scan was.

    What the two big days say:

    - ``collect``: ``device``; ``damage`` (a symptom's code, "" for none), ``charger`` ("yes", "no", "" for not said: it
      counts as here), ``grade`` (condition, good unless said). Sent again for the same device, with a new ``op`` and
      ``seq``, it adds what is new: ``damage``, or ``charger`` "no" (or "yes" after "no"). Where the device goes is
      the open collection's business. Codes back: not_collecting, collected_already, unknown_code, symptom_unknown.
    - ``hand_out``: ``device`` and ``group`` (the id of the homeroom), ``person_id`` for whom. Offline, always name
      the person: the phone knows the list. Without one the device goes to its owner when it has one in this homeroom,
      else to the next on the list. Codes back: not_handing_out, list_done, not_theirs, not_fit,
      not_at_rest, is_loaner, has_one.
    - ``skip``: ``group`` and ``person_id``: the student is not here, or the next on the list without one. No device.
    - ``undo_hand_out``: ``group``, ``person_id``: takes back what that student's turn did, a skip too; else the last.
    """

    op: UUID
    seq: int
    happened_at: datetime
    verb: str
    device: str = ""
    loaner: str = ""
    place: str = ""
    shipment: str = ""
    person_id: int | None = None
    symptom: str = "other"
    grade: str = Condition.Grade.GOOD.value
    reason: str = ""
    damage: str = ""
    charger: str = ""
    group: int | None = None
    count: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of a scan: ``applied``, ``held`` (one before it is missing) or ``conflict`` with its code."""

    op: UUID
    seq: int
    state: str
    code: str = ""
    sentence: str = ""


def apply_scans(
    *, install_id: UUID, batch: Sequence[Scan], by: Actor, at: datetime, sent_at: datetime | None = None
) -> list[Answer]:
    """Apply what a phone has kept, each scan once and in a transaction of its own; say of each what became of it.

    ``sent_at`` is the phone's clock when it sent the batch: a clock that goes wrong is set right by it.
    """
    skew = at - sent_at if sent_at else timedelta(0)
    skew = skew if abs(skew) > NO_SKEW else timedelta(0)
    answers: dict[UUID, Answer] = {}
    for scan in sorted(batch, key=lambda scan: scan.seq):
        dated = replace(scan, happened_at=min(scan.happened_at + skew, at))
        answers[scan.op] = _receive(install_id, dated, by, at)
        answers |= _drain(install_id, by, at)
    return [answers[scan.op] for scan in batch]


def _receive(install_id: UUID, scan: Scan, by: Actor, at: datetime) -> Answer:
    with transaction.atomic():
        phone = meet_phone(install_id, by=by, at=at)
        known = _known(phone, scan)
        if known:
            return known
        if scan.seq < phone.next_seq or HeldScan.objects.filter(phone=phone, seq=scan.seq).exists():
            return _keep(phone, scan, Refused("sequence_reused", _("This number was used before.")), by, at)
        if scan.seq > phone.next_seq:
            hold(phone, seq=scan.seq, op=scan.op, content=_content(scan), at=at)
            return Answer(scan.op, scan.seq, "held")
        return _apply(phone, scan, by, at)


def _known(phone: Phone, scan: Scan) -> Answer | None:
    """Answer again what was answered before."""
    conflict = ScanConflict.objects.everyone(reason="the phone asks for its own").filter(op=scan.op).first()
    if conflict is None and not was_done(scan.op):
        held = HeldScan.objects.filter(op=scan.op).exists()
        return Answer(scan.op, scan.seq, "held") if held else None
    if scan.seq == phone.next_seq:  # it came by another door before
        advance(phone)
    return Answer(scan.op, scan.seq, "conflict", conflict.code) if conflict else Answer(scan.op, scan.seq, "applied")


def _drain(install_id: UUID, by: Actor, at: datetime) -> dict[UUID, Answer]:
    answers: dict[UUID, Answer] = {}
    while True:
        with transaction.atomic():
            phone = lock_phone(install_id)
            held = take_held(phone)
            if held is None:
                return answers
            answers[held.op] = _apply(phone, _scan(held.content), by, at)


def _apply(phone: Phone, scan: Scan, by: Actor, at: datetime) -> Answer:
    try:
        with transaction.atomic():
            _check_age(scan, at)
            _run(scan, by=by, at=scan.happened_at, op=scan.op)
    except (Refused, Denied, Missing, DataError, IntegrityError, ValueError) as error:
        answer = _keep(phone, scan, error, by, at)
    else:
        answer = Answer(scan.op, scan.seq, "applied")
    advance(phone)
    return answer


def _check_age(scan: Scan, at: datetime) -> None:
    if at - scan.happened_at > OLDEST:
        raise Refused("too_old", _("This is more than a month old."))


def _keep(phone: Phone, scan: Scan, error: Exception, by: Actor, at: datetime) -> Answer:
    code, sentence = _why(error)
    device, place = by_code(scan.device, by=by), place_by_code(scan.place) if scan.place else None
    misfit = Misfit(
        op=scan.op,
        seq=scan.seq,
        verb=scan.verb if scan.verb in VERBS else "unknown",
        content=_content(scan),
        code=code,
        happened_at=scan.happened_at,
        device_id=device.pk if device else None,
        site_id=_site_of(scan, device, place, by),
    )
    keep_conflict(phone=phone, misfit=misfit, by=by, at=at, op=scan.op)
    return Answer(scan.op, scan.seq, "conflict", code, sentence)


def _site_of(scan: Scan, device: Device | None, place: Place | None, by: Actor) -> int | None:
    """Return the school whose people can settle it: where it was scanned, else the only one of who scanned."""
    if place or device:
        return place.site_id if place else device.at_site_id if device else None
    group = ClassGroup.objects.filter(pk=scan.group).first() if scan.group else None
    if group and by.may(Permission.MOVE_DEVICES, group.site_id):
        return group.site_id
    reach = by.sites(Permission.MOVE_DEVICES) or ()
    return next(iter(reach)) if len(reach) == 1 else None


def _why(error: Exception) -> tuple[str, str]:
    if isinstance(error, Refused):
        return error.code, error.sentence
    if isinstance(error, Denied):
        return "denied", str(_("You may not do this."))
    if isinstance(error, Missing):
        return "missing", str(_("It is not on record within your reach."))
    return "not_understood", str(_("This scan could not be read."))


# --- What a scan says ---------------------------------------------------------------------------------------------


def _content(scan: Scan) -> dict[str, Any]:
    told = {name: value for name, value in asdict(scan).items() if value not in {"", None}}
    return told | {"op": str(scan.op), "happened_at": scan.happened_at.isoformat()}


def _scan(content: dict[str, Any]) -> Scan:
    happened = datetime.fromisoformat(content["happened_at"])
    return Scan(**content | {"op": UUID(content["op"]), "happened_at": happened})


def _device(code: str, by: Actor) -> Device:
    device = by_code(code, by=by)
    if device is None:
        raise Refused("unknown_code", _("No device within your reach has the code {code}."), code=code)
    return device


def _place(code: str) -> Place:
    place = place_by_code(code)
    if place is None:
        raise Refused("unknown_place", _("No place has the code {code}."), code=code)
    return place


def _shipment(code: str, by: Actor) -> Shipment:
    shipment = Shipment.objects.visible_to(by).filter(code=code.upper()).first()
    if shipment is None:
        raise Refused("unknown_shipment", _("No shipment within your reach has the code {code}."), code=code)
    return shipment


# --- What a scan does ---------------------------------------------------------------------------------------------


@verb
def put(*, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> Device:
    """Put a device in a place; its ticket follows."""
    device = relocate(device_id=device_id, place_id=place_id, by=by, at=at, op=op)
    tickets_follow([device_id], reason="put", by=by, at=at, op=op)
    return device


def _put(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    put(device_id=_device(scan.device, by).pk, place_id=_place(scan.place).pk, by=by, at=at, op=op)


def _hand_over(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    hand_over(device_id=_device(scan.device, by).pk, person_id=scan.person_id or 0, by=by, at=at, op=op)


def _swap(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    broken, loaner = _device(scan.device, by), _device(scan.loaner, by)
    swap_at_desk(
        device_id=broken.pk,
        loaner_id=loaner.pk,
        symptom=scan.symptom,
        person_id=scan.person_id,
        by=by,
        at=at,
        op=op,
    )


def _hand_back(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    hand_back(
        device_id=_device(scan.device, by).pk,
        loaner_id=_device(scan.loaner, by).pk if scan.loaner else None,
        loaner_grade=Condition.Grade(scan.grade),
        reason=scan.reason,
        by=by,
        at=at,
        op=op,
    )


def _receive_shipment(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    device = _device(scan.device, by) if scan.device else None
    shipment = _shipment(scan.shipment, by) if scan.shipment or device is None else _shipment_with(device, by)
    scan_in(shipment_id=shipment.pk, device_ids=(device.pk,) if device else None, by=by, at=at, op=op)


def _shipment_with(device: Device, by: Actor) -> Shipment:
    shipment = travelling_on(device.pk, by=by)
    if shipment is None:
        raise Refused("not_travelling", _("{tag} is not on a shipment."), tag=device.tag)
    return shipment


def _load(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    place = _place(scan.place).pk
    if scan.device:
        load_one(place_id=place, device_id=_device(scan.device, by).pk, by=by, at=at, op=op)
    else:
        empty_box(place_id=place, by=by, at=at, op=op)


def _undone(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    """Nothing: the person took the scan back before it was sent. Its number and its id are spent."""
    note_undone(seq=scan.seq, by=by, at=at, op=op)


def _seen(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    note_seen(device_id=_device(scan.device, by).pk, place_id=_place(scan.place).pk, by=by, at=at, op=op)


def _count(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    counting = Counting.objects.visible_to(by).filter(code=scan.count.upper()).first()
    if counting is None:
        raise Refused("unknown_count", _("No count within your reach has the code {code}."), code=scan.count)
    device, place = _device(scan.device, by), _place(scan.place)
    count_device(count_id=counting.pk, device_id=device.pk, place_id=place.pk, by=by, at=at, op=op)


def _collect(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    collect(
        device_id=_device(scan.device, by).pk,
        damage=scan.damage,
        charger=scan.charger,
        grade=Condition.Grade(scan.grade),
        by=by,
        at=at,
        op=op,
    )


def _hand_out(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    device = _device(scan.device, by)
    give_to_homeroom(class_group_id=scan.group or 0, device_id=device.pk, person_id=scan.person_id, by=by, at=at, op=op)


def _skip(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    hand_out = handing_out_to(scan.group or 0, by=by)
    skip_student(hand_out_id=hand_out.pk, person_id=scan.person_id or _next(hand_out).pk, by=by, at=at, op=op)


def _next(hand_out: HandOut) -> Person:
    person = next_student(hand_out)
    if person is None:
        raise Refused("list_done", _("Everybody on this list has a device or was skipped."))
    return person


def _undo_hand_out(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    undo_turn(class_group_id=scan.group or 0, person_id=scan.person_id, by=by, at=at, op=op)


VERBS: dict[str, Callable[..., None]] = {
    "relocate": _put,
    "hand_over": _hand_over,
    "swap": _swap,
    "hand_back": _hand_back,
    "receive": _receive_shipment,
    "load": _load,
    "undone": _undone,
    "seen": _seen,
    "count": _count,
    "collect": _collect,
    "hand_out": _hand_out,
    "skip": _skip,
    "undo_hand_out": _undo_hand_out,
}
"""What a phone can do, by code. A newer phone's code that is not here is kept as a conflict."""


def _run(scan: Scan, *, by: Actor, at: datetime, op: Op) -> None:
    if scan.verb not in VERBS:
        raise Refused("unknown_verb", _("This server does not know what “{verb}” means."), verb=scan.verb)
    VERBS[scan.verb](scan, by=by, at=at, op=op)


# --- What a person does about it ----------------------------------------------------------------------------------


@verb
def settle_conflict(*, conflict_id: int, do_it: bool, by: Actor, at: datetime, op: Op) -> ScanConflict:
    """Settle a scan that did not fit: do now what it said, or say that it is no longer true."""
    conflict = load_open(conflict_id, by=by)
    if do_it:
        _run(_scan(conflict.content), by=by, at=at, op=op)
    how = ScanConflict.How.DONE_NOW if do_it else ScanConflict.How.MOOT
    settle(conflict=conflict, how=how, by=by, at=at, op=op)
    return conflict


def go_on_without(*, install_id: UUID, by: Actor, at: datetime, op: UUID) -> list[Answer]:
    """Stop waiting for scans that a phone will never send: those that are held go on, answered for by this person."""
    give_up_gap(install_id=install_id, by=by, at=at, op=op)
    return list(_drain(install_id, by, at).values())


def gaps(*, by: Actor) -> QuerySet[Phone]:
    """Return the phones whose scans wait for missing ones: one's own, or all of the district's; with ``held_since``."""
    rows = Phone.objects.filter(held__isnull=False).annotate(
        held_since=Min("held__delivered_at"), waiting=Count("held")
    )
    everywhere = by.sites(Permission.MOVE_DEVICES) is None
    mine = rows if everywhere else rows.filter(user_id=by.user_id or 0)
    return mine.select_related("user").order_by("held_since")


def conflicts(*, by: Actor) -> QuerySet[ScanConflict]:
    """Return the scans in reach that nobody has settled, longest waiting first."""
    rows = ScanConflict.objects.visible_to(by).filter(how=ScanConflict.How.OPEN)
    return rows.select_related("device__model", "site", "delivered_by").order_by("delivered_at", "pk")
