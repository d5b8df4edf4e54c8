"""Handing devices out by homeroom: each scan goes to the next student on the list (journey J)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.accessories.actions import bring_back, give
from firstbell.accessories.models import Holding, Stock
from firstbell.accessories.queries import charger_of, stock_at
from firstbell.devices import rules
from firstbell.devices.actions import inventory
from firstbell.devices.actions.custody import change_status, move, open_custody, person_holder, place_holder
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.directory.models import Person
from firstbell.directory.scope import load, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.seasons.actions import end_turn, take_turn
from firstbell.seasons.models import HandOut, Turn
from firstbell.seasons.queries import last_turn, next_student, open_hand_out, students_of, turns_of
from firstbell.seasons.rules import check_handing_out


def handing_out_to(class_group_id: int, *, by: Actor) -> HandOut:
    """Return the open hand-out of a homeroom, locked: two desks with one list wait for each other."""
    found = check_handing_out(open_hand_out(class_group_id))
    if not by.may(Permission.LEND, found.site_id):
        raise Missing("HandOut")
    return check_handing_out(lock(HandOut, found.pk))


@verb
def give_to_homeroom(
    *, class_group_id: int, device_id: int, person_id: int | None = None, by: Actor, at: datetime, op: Op
) -> Turn:
    """Give a device to a student of a homeroom: theirs, and in their hands.

    Without a person: to its owner when that is somebody of this homeroom, else to the next on the list.
    The device is in stock and nobody's, or already that student's. Raises Refused or Stale with what to do instead.
    """
    hand_out = handing_out_to(class_group_id, by=by)
    device = load(Device, device_id, by=by)
    owned = inventory.open_assignment(device)
    person = _whose_turn(hand_out, device, owned, person_id)
    custody = _check_free(device, owned, person)
    if owned is None:
        inventory.give(device=device, person=person, class_group=None, by=by, at=at, op=op)
    move(device=device, to=person_holder(person, hand_out.site_id), reason="handed_over", by=by, at=at, op=op)
    change_status(device=device, to=Device.Status.IN_SERVICE, by=by, at=at, op=op)
    charger = _with_charger(hand_out, device, by=by, at=at, op=op) if hand_out.chargers else None
    turn = Turn(
        hand_out=hand_out,
        person=person,
        device=device,
        from_place_id=custody.place_id,
        new_owner=owned is None,
        charger=charger is not None,
        at=at,
    )
    return take_turn(turn, by=by, at=at, op=op)


def _whose_turn(hand_out: HandOut, device: Device, owned: Assignment | None, person_id: int | None) -> Person:
    """Return who gets the device."""
    students = students_of(hand_out.class_group_id)
    if person_id is not None:
        person = students.filter(pk=person_id).first()
        if person is None:
            raise Missing("Person")
    elif owned is not None:
        person = students.filter(pk=owned.person_id or 0).first()
    else:
        person = next_student(hand_out)
        if person is None:
            raise Stale("list_done", _("Everybody on this list has a device or was skipped."))
    if person is None:
        raise _not_theirs(device)
    if getattr(person, "has_own", False):  # annotated by the list
        raise Refused("has_one", _("{who} has a device of their own already."), who=person.display_name)
    return lock(Person, person.pk)


def _not_theirs(device: Device) -> Refused:
    return Refused("not_theirs", _("{tag} belongs to somebody else. Lay it aside and scan another."), tag=device.tag)


def _check_free(device: Device, owned: Assignment | None, person: Person) -> Custody:
    """The device is fit, lies somewhere, is no loaner, and is nobody's or already this student's."""
    if owned is not None and owned.person_id != person.pk:
        raise _not_theirs(device)
    rules.check_fit(device)
    rules.check_not_loaner(device)
    custody = open_custody(device)
    rules.check_at_rest(device, custody)
    if custody is None:
        raise Missing("Custody")
    return custody


def _with_charger(hand_out: HandOut, device: Device, *, by: Actor, at: datetime, op: Op) -> Holding | None:
    """Give the charger that fits, from the school's fullest stock; without one left the device goes without."""
    kind = charger_of(device)
    found = stock_at(hand_out.site_id, kind.pk) if kind else None
    stock = lock(Stock, found.pk) if found else None
    if stock is None or stock.count < 1:
        return None
    return give(stock=stock, why=Holding.Why.ISSUED, device=device, by=by, at=at, op=op)


@verb
def undo_turn(*, class_group_id: int, person_id: int | None = None, by: Actor, at: datetime, op: Op) -> Turn:
    """Undo a student's turn, or the last one: the device lies where it lay, and is nobody's if it was nobody's."""
    hand_out = handing_out_to(class_group_id, by=by)
    turn = turns_of(hand_out).get(person_id) if person_id else last_turn(hand_out)
    if turn is None:
        raise Refused("nothing_to_undo", _("There is nothing to undo."))
    if turn.device_id is not None:
        _take_from(turn, hand_out, by=by, at=at, op=op)
    end_turn(turn, by=by, at=at, op=op)
    return turn


def _take_from(turn: Turn, hand_out: HandOut, *, by: Actor, at: datetime, op: Op) -> None:
    device = load(Device, turn.device_id or 0, by=by)
    custody = open_custody(device)
    if turn.from_place is None or custody is None or custody.person_id != turn.person_id:
        raise Stale("moved_on", _("{tag} has moved on since. Look at its page."), tag=device.tag)
    move(device=device, to=place_holder(turn.from_place), reason="hand_out_undone", by=by, at=at, op=op)
    if turn.new_owner:
        inventory.release(device=device, reason="hand_out_undone", by=by, at=at, op=op)
        change_status(device=device, to=Device.Status.IN_STOCK, by=by, at=at, op=op)
    if turn.charger:
        _charger_back(turn, device, hand_out, by=by, at=at, op=op)


def _charger_back(turn: Turn, device: Device, hand_out: HandOut, *, by: Actor, at: datetime, op: Op) -> None:
    rows = Holding.objects.everyone(reason="the device is locked").select_for_update(of=("self",), no_key=True)
    holding = rows.filter(device=device, until__isnull=True, since__gte=turn.at).select_related("kind").first()
    stock = stock_at(hand_out.site_id, holding.kind_id) if holding else None
    if holding and stock:
        bring_back(holding=holding, place_id=stock.place_id, by=by, at=at, op=op)
