"""Collecting devices at the end of the year: one scan each; whose they are does not change (journey B)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from firstbell.accessories.actions import bring_back, never_came, not_missing, note_missing, take_in_loose
from firstbell.accessories.models import Holding
from firstbell.accessories.queries import charger_of
from firstbell.devices.actions.custody import change_status, move, note_condition, open_custody, place_holder
from firstbell.devices.models import Condition, Custody, Device
from firstbell.directory.models import Person
from firstbell.directory.scope import load
from firstbell.flows.desk import person_behind, take_in
from firstbell.flows.following import tickets_follow
from firstbell.flows.handback import return_loaner
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.repairs.queries import order_of
from firstbell.seasons.actions import amend_collected, note_collected
from firstbell.seasons.models import Collected, Collection
from firstbell.seasons.queries import open_collection
from firstbell.seasons.rules import check_collecting
from firstbell.tickets.triage import symptom

Charger = Collected.Charger
SAID = {"": None, "yes": True, "no": False}
"""What a scan may say about the charger: nothing, that it is here, or that it is missing."""


@dataclass(frozen=True)
class Said:
    """What a scan says about a device: the code of its damage ("" for none), charger (yes, no, ""), grade."""

    damage: str
    charger: str
    grade: Condition.Grade


@verb
def collect(
    *,
    device_id: int,
    damage: str = "",
    charger: str = "",
    grade: Condition.Grade = Condition.Grade.GOOD,
    by: Actor,
    at: datetime,
    op: Op,
) -> Collected:
    """Collect a device: it goes where the collection says, or into repair when damaged. Its owner stays its owner.

    Said again of a device that was collected, it adds what is new: damage, or a charger that is missing or found.
    A collected loaner ends its loan. Raises Refused when the school does not collect, Stale when nothing is new.
    """
    said = Said(damage, charger, grade)
    _check_said(said)
    device = load(Device, device_id, by=by)
    collection = _collection_of(device, by)
    row = Collected.objects.visible_to(by).filter(collection=collection, device=device).first()
    if row:
        _add(row, device, collection, said, by=by, at=at, op=op)
        return row
    return _take(device, collection, said, by=by, at=at, op=op)


def _check_said(said: Said) -> None:
    if said.damage and symptom(said.damage) is None:
        raise Refused("symptom_unknown", _("Choose what is wrong."))
    if said.charger not in SAID:
        raise Refused("charger_unknown", _("Say whether the charger is here: yes or no."))


def _collection_of(device: Device, by: Actor) -> Collection:
    """Return what is collected where the device is; else where it belongs."""
    found = open_collection(device.at_site_id) or open_collection(device.home_site_id)
    collection = check_collecting(found)
    by.require(Permission.LEND, collection.site_id)
    return collection


def _take(device: Device, collection: Collection, said: Said, *, by: Actor, at: datetime, op: Op) -> Collected:
    custody = open_custody(device)
    bringer = custody.person if custody and custody.person else person_behind(device, None)
    charger = _first_word(said, collection)
    row = note_collected(
        collection=collection,
        device=device,
        person=bringer,
        grade=Condition.Grade.DAMAGED if said.damage else said.grade,
        damage=said.damage,
        charger=charger,
        by=by,
        at=at,
        op=op,
    )
    if device.is_loaner and custody and custody.kind == Custody.Kind.PERSON:
        return_loaner(device_id=device.pk, grade=Condition.Grade(row.grade), by=by, at=at, op=op)
    elif said.damage:
        _into_repair(row, device, bringer, happened_at=at - timedelta(microseconds=1), by=by, at=at, op=op)
    else:
        _into_place(device, collection, said.grade, by=by, at=at, op=op)
    _settle_charger(row, device, collection, by=by, at=at, op=op)
    return row


def _first_word(said: Said, collection: Collection) -> Charger:
    if said.charger == "no":
        return Charger.MISSING
    return Charger.HERE if collection.chargers else Charger.NOT_ASKED


def _into_place(
    device: Device, collection: Collection, grade: Condition.Grade, *, by: Actor, at: datetime, op: Op
) -> None:
    note_condition(device=device, grade=grade, marks=[], by=by, at=at, op=op)
    move(device=device, to=place_holder(collection.place), reason="collected", by=by, at=at, op=op)
    if device.status == Device.Status.LOST:
        change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    tickets_follow([device.pk], reason="put", by=by, at=at, op=op)


def _into_repair(
    row: Collected, device: Device, person: Person | None, *, happened_at: datetime, by: Actor, at: datetime, op: Op
) -> None:
    """Open ticket and repair by the desk's own verb, and note the damage for whoever had the device until now."""
    if order_of(device.pk):
        return
    ticket = take_in(
        device_id=device.pk,
        symptom=row.damage,
        person_id=person.pk if person else None,
        no_loaner="not_asked",
        by=by,
        at=at,
        op=op,
    )
    note_damage(
        device_id=device.pk,
        cause=Incident.Cause.UNKNOWN,
        happened_at=happened_at,
        found_at=at,
        ticket_id=ticket.pk,
        by=by,
        at=at,
        op=op,
    )


def _settle_charger(row: Collected, device: Device, collection: Collection, *, by: Actor, at: datetime, op: Op) -> None:
    """Reconcile the charger: lost, or back in the place. Nothing is counted without a kind for the model."""
    kind = charger_of(device)
    if kind is None or row.charger == Charger.NOT_ASKED:
        return
    if row.charger == Charger.MISSING:
        note_missing(device=device, kind=kind, site=collection.site, by=by, at=at, op=op)
        return
    holding = _holding(device, kind.pk, until__isnull=True)
    if holding:
        bring_back(holding=holding, place_id=collection.place_id, by=by, at=at, op=op)
    else:
        take_in_loose(kind=kind, place_id=collection.place_id, by=by, at=at, op=op)


def _holding(device: Device, kind_id: int, **where: object) -> Holding | None:
    rows = Holding.objects.everyone(reason="the device is locked").select_for_update(of=("self",), no_key=True)
    found = rows.filter(device=device, kind_id=kind_id, **where).select_related("kind")
    return found.order_by("-pk").first()


def _add(
    row: Collected, device: Device, collection: Collection, said: Said, *, by: Actor, at: datetime, op: Op
) -> None:
    if said.damage and not row.damage:
        amend_collected(row=row, what="damage", damage=said.damage, grade=Condition.Grade.DAMAGED, by=by, at=at, op=op)
        before = max(row.at - timedelta(microseconds=1), device.registered_at)
        _into_repair(row, device, row.person, happened_at=before, by=by, at=at, op=op)
    elif said.charger == "no" and row.charger != Charger.MISSING:
        counted = row.charger == Charger.HERE
        amend_collected(row=row, what="charger_missing", charger=Charger.MISSING, by=by, at=at, op=op)
        _lose_charger(row, device, collection, counted=counted, by=by, at=at, op=op)
    elif said.charger == "yes" and row.charger == Charger.MISSING:
        amend_collected(row=row, what="charger_here", charger=Charger.HERE, by=by, at=at, op=op)
        _find_charger(device, collection, by=by, at=at, op=op)
    else:
        raise Stale("collected_already", _("{tag} was collected already."), tag=device.tag)


def _lose_charger(
    row: Collected, device: Device, collection: Collection, *, counted: bool, by: Actor, at: datetime, op: Op
) -> None:
    """The charger that was taken to be here is missing: what was counted for it is taken back."""
    kind = charger_of(device)
    if kind is None:
        return
    came = _holding(device, kind.pk, end=Holding.End.RETURNED, until__gte=row.at)
    if counted:
        never_came(kind=kind, place_id=collection.place_id, holding=came, by=by, at=at, op=op)
    if not (counted and came):
        note_missing(device=device, kind=kind, site=collection.site, by=by, at=at, op=op)


def _find_charger(device: Device, collection: Collection, *, by: Actor, at: datetime, op: Op) -> None:
    kind = charger_of(device)
    holding = _holding(device, kind.pk, end=Holding.End.LOST) if kind else None
    if holding:
        not_missing(holding=holding, by=by, at=at, op=op)
        bring_back(holding=holding, place_id=collection.place_id, by=by, at=at, op=op)
