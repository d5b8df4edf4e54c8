"""The verbs that open and close the two big days. What happens to a device there is in flows."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Condition, Device
from firstbell.directory.models import ClassGroup, Person, Place
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.seasons import events, rules
from firstbell.seasons.models import Collected, Collection, HandOut, Turn
from firstbell.seasons.queries import open_collection, open_hand_out, still_out, students_of, turns_of, without_own


@verb
def start_collecting(
    *,
    place_id: int,
    until: date,
    grades: Sequence[str] = (),
    chargers: bool = True,
    by: Actor,
    at: datetime,
    op: Op,
) -> Collection:
    """Begin to collect a school's devices into a place of it. Without grades everybody's."""
    place = Place.objects.select_related("site").filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.LEND, place.site_id):
        raise Missing("Place")
    rules.check_days(until, at.astimezone(ZoneInfo(place.site.timezone)).date())
    if open_collection(place.site_id):
        raise Refused("collecting_already", _("{site} collects already. Close that first."), site=place.site.name)
    collection = Collection.objects.create(
        site=place.site, place=place, until=until, grades=sorted(set(grades)), chargers=chargers, opened_at=at
    )
    codes = [Code(grade) for grade in collection.grades]
    fact = events.CollectionOpened(collection.pk, place.site_id, place.pk, codes, until)
    record(fact, about=[collection, place], by=by, at=at, op=op)
    return collection


@verb
def stop_collecting(*, collection_id: int, by: Actor, at: datetime, op: Op) -> Collection:
    """End a collection. Who has not returned is on the missing list of that day, and stays without a device to find."""
    collection = load(Collection, collection_id, by=by)
    rules.check_collecting(collection)
    collection.closed_at = at
    collection.save(update_fields=["closed_at"])
    came = collection.collected.count()
    fact = events.CollectionClosed(collection.pk, collection.site_id, came, still_out(collection).count())
    record(fact, about=[collection], by=by, at=at, op=op)
    return collection


def note_collected(
    *,
    collection: Collection,
    device: Device,
    person: Person | None,
    grade: Condition.Grade,
    damage: str,
    charger: Collected.Charger,
    by: Actor,
    at: datetime,
    op: Op,
) -> Collected:
    """Write down that a locked device came back."""
    row = Collected.objects.create(
        collection=collection,
        site_id=collection.site_id,
        device=device,
        person=person,
        grade=grade,
        damage=damage,
        charger=charger,
        at=at,
        taken_by_id=by.user_id,
    )
    fact = events.DeviceCollected(collection.pk, device.pk, row.person_id, Code(charger.value))
    record(fact, about=[collection, device, *linked(row, "person")], by=by, at=at, op=op)
    return row


def amend_collected(
    *,
    row: Collected,
    what: str,
    grade: Condition.Grade | None = None,
    damage: str | None = None,
    charger: Collected.Charger | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> None:
    """Add to what was noted of a device when it was collected; ``what`` is a code."""
    said = {"grade": grade, "damage": damage, "charger": charger}
    changed = {name: value for name, value in said.items() if value is not None}
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    fact = events.CollectedAmended(row.collection_id, row.device_id, Code(what))
    record(fact, about=linked(row, "collection", "device", "person"), by=by, at=at, op=op)


@verb
def start_handing_out(*, class_group_id: int, chargers: bool = False, by: Actor, at: datetime, op: Op) -> HandOut:
    """Begin to hand devices out to a homeroom. One that is open already is answered as it is."""
    group = ClassGroup.objects.filter(pk=class_group_id, active=True).first()
    if group is None or not by.may(Permission.LEND, group.site_id):
        raise Missing("ClassGroup")
    known = open_hand_out(group.pk)
    if known:
        return known
    hand_out = HandOut.objects.create(site_id=group.site_id, class_group=group, chargers=chargers, opened_at=at)
    fact = events.HandOutOpened(hand_out.pk, group.site_id, group.pk)
    record(fact, about=[hand_out], by=by, at=at, op=op)
    return hand_out


@verb
def stop_handing_out(*, hand_out_id: int, by: Actor, at: datetime, op: Op) -> HandOut:
    """End the hand-out of a homeroom: how many got one, and how many are still without."""
    hand_out = load(HandOut, hand_out_id, by=by)
    rules.check_handing_out(hand_out)
    hand_out.closed_at = at
    hand_out.save(update_fields=["closed_at"])
    given = sum(turn.device_id is not None for turn in turns_of(hand_out).values())
    without = without_own(hand_out.class_group_id).count()
    fact = events.HandOutClosed(hand_out.pk, hand_out.class_group_id, given, without)
    record(fact, about=[hand_out], by=by, at=at, op=op)
    return hand_out


@verb
def skip_student(*, hand_out_id: int, person_id: int, by: Actor, at: datetime, op: Op) -> Turn:
    """Skip a student who is not here: the next scan goes to the one after."""
    hand_out = load(HandOut, hand_out_id, by=by)
    rules.check_handing_out(hand_out)
    person = students_of(hand_out.class_group_id).filter(pk=person_id).first()
    if person is None:
        raise Missing("Person")
    standing = turns_of(hand_out).get(person.pk)
    if standing:
        return standing
    turn = Turn.objects.create(hand_out=hand_out, person=person, at=at)
    record(events.Skipped(hand_out.pk, person.pk), about=[hand_out, person], by=by, at=at, op=op)
    return turn


def take_turn(turn: Turn, *, by: Actor, at: datetime, op: Op) -> Turn:
    """Write down that a student was given a device; a skip of theirs ends with it."""
    earlier = Turn.objects.filter(hand_out=turn.hand_out, person=turn.person, undone_at__isnull=True)
    earlier.update(undone_at=at)
    turn.save()
    fact = events.HandedOut(turn.hand_out_id, turn.device_id or 0, turn.person_id)
    record(fact, about=linked(turn, "hand_out", "device", "person"), by=by, at=at, op=op)
    return turn


def end_turn(turn: Turn, *, by: Actor, at: datetime, op: Op) -> None:
    """Write down that a turn is undone."""
    turn.undone_at = at
    turn.save(update_fields=["undone_at"])
    fact = events.TurnUndone(turn.hand_out_id, turn.device_id, turn.person_id)
    record(fact, about=linked(turn, "hand_out", "device", "person"), by=by, at=at, op=op)
