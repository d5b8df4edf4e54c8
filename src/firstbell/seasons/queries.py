"""Reads of collections and hand-outs that verbs and pages share."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from firstbell.devices.models import Assignment, Custody, Device
from firstbell.directory.models import ClassGroup, Enrolment, Person
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.seasons.models import Collected, Collection, HandOut, Turn

GONE = (Device.Status.RETIRED, Device.Status.STOLEN)


def open_collection(site_id: int) -> Collection | None:
    """Return what a school collects now."""
    rows = Collection.objects.everyone(reason="asked by verbs that ask for the site")
    return rows.filter(site_id=site_id, closed_at__isnull=True).select_related("site", "place").first()


def still_out(collection: Collection) -> QuerySet[Custody]:
    """Return the devices that people of the collection's grades still have: the missing list, which writes itself."""
    rows = Custody.objects.filter(
        until__isnull=True, kind=Custody.Kind.PERSON, site_id=collection.site_id, person__kind=Person.Kind.STUDENT
    ).exclude(device__status__in=GONE)
    if collection.grades:
        rows = rows.filter(person__grade__in=collection.grades)
    return rows.select_related("device__model", "person", "site").order_by(
        "person__family_name", "person__given_name", "pk"
    )


@dataclass(frozen=True)
class Tally:
    """How far a collection is, in one query each for what came and what did not."""

    came: int
    damaged: int
    no_charger: int
    out: int


def tally(collection: Collection) -> Tally:
    """Count a collection."""
    rows = Collected.objects.everyone(reason="the collection was loaded in reach").filter(collection=collection)
    counts = rows.aggregate(
        came=Count("pk"),
        damaged=Count("pk", filter=~Q(damage="")),
        no_charger=Count("pk", filter=Q(charger=Collected.Charger.MISSING)),
    )
    return Tally(**counts, out=still_out(collection).count())


def open_hand_out(class_group_id: int) -> HandOut | None:
    """Return the open hand-out of a homeroom."""
    rows = HandOut.objects.everyone(reason="asked by verbs that ask for the site")
    found = rows.filter(class_group_id=class_group_id, closed_at__isnull=True)
    return found.select_related("site", "class_group__place").first()


def homerooms(*, by: Actor) -> QuerySet[ClassGroup]:
    """Return the homerooms where the actor hands devices out, with their students and those who have a device."""
    reach = by.sites(Permission.LEND)
    rows = ClassGroup.objects.filter(homeroom=True, active=True, site__closed_on__isnull=True)
    rows = rows if reach is None else rows.filter(site_id__in=reach)
    return rows.select_related("site", "place")


def students_of(class_group_id: int) -> ScopedQuerySet[Person]:
    """Return the students of a class as its list has them, with ``has_own``: their own device is in their hands."""
    return _students(class_group_id).annotate(has_own=_own_in_hands())


def without_own(class_group_id: int) -> ScopedQuerySet[Person]:
    """Return the students of a class who have no device of their own in their hands."""
    return _students(class_group_id).filter(~_own_in_hands())


def _students(class_group_id: int) -> ScopedQuerySet[Person]:
    people = Person.objects.everyone(reason="the class was loaded in reach").filter(
        active=True, kind=Person.Kind.STUDENT, pk__in=_enrolled(class_group_id)
    )
    return people.order_by(Lower("family_name"), Lower("given_name"), "pk")


def _own_in_hands() -> Exists:
    own = Assignment.objects.filter(
        person_id=OuterRef("pk"),
        until__isnull=True,
        device__custodies__person_id=OuterRef("pk"),
        device__custodies__until__isnull=True,
    )
    return Exists(own)


def _enrolled(class_group_id: int) -> QuerySet[Enrolment, int]:
    return Enrolment.objects.filter(class_group_id=class_group_id, teacher=False).values_list("person_id", flat=True)


def turns_of(hand_out: HandOut) -> dict[int, Turn]:
    """Return the turns that stand, by person."""
    rows = Turn.objects.filter(hand_out=hand_out, undone_at__isnull=True).select_related("device", "person")
    return {turn.person_id: turn for turn in rows}


def last_turn(hand_out: HandOut) -> Turn | None:
    """Return the newest turn that stands: what undo takes back."""
    rows = Turn.objects.filter(hand_out=hand_out, undone_at__isnull=True)
    return rows.select_related("device", "person", "from_place").order_by("-pk").first()


def next_student(hand_out: HandOut) -> Person | None:
    """Return whose turn it is: the first on the list without a turn and without a device of their own."""
    had = Turn.objects.filter(hand_out=hand_out, undone_at__isnull=True).values("person_id")
    return without_own(hand_out.class_group_id).exclude(pk__in=had).first()
