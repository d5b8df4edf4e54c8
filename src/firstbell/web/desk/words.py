"""Where a thing is and whose turn it is, in words. Names only for those who may see them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.devices.models import Assignment, Custody, Device
from firstbell.directory.models import Person, Place, Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission

PLACE_ICONS = {
    Place.Kind.ROOM: "room",
    Place.Kind.DESK: "at-school",
    Place.Kind.PICKUP_BOX: "box",
    Place.Kind.RETURN_SHELF: "undo",
    Place.Kind.LOANER_SHELF: "loaner",
    Place.Kind.KIT: "loaner",
    Place.Kind.STORE: "box",
    Place.Kind.CART: "cart",
    Place.Kind.BENCH: "repair",
    Place.Kind.OUTBOX: "send",
}


@dataclass(frozen=True)
class Whereabouts:
    """Where a device is: a picture, a sentence, and since when."""

    icon: str
    where: str
    since: datetime | None = None


def name_of(person: Person | None, by: Actor) -> str:
    """Return what to call a person in front of this reader."""
    if person is None:
        return _("nobody")
    if by.may(Permission.SEE_PEOPLE, person.site_id):  # without a site: anybody who sees people somewhere
        return person.display_name
    return {"student": _("a student"), "staff": _("a staff member")}.get(person.kind, _("somebody"))


def grade_of(person: Person) -> str:
    """Return who somebody is at school: grade, or that they are staff."""
    if person.kind == Person.Kind.STUDENT:
        return _("grade {grade}").format(grade=person.grade) if person.grade else _("student")
    return str(Person.Kind(person.kind).label)


def owner_of(assignment: Assignment | None, by: Actor) -> str:
    """Return whose a device is."""
    if assignment is None:
        return _("nobody")
    if assignment.person:
        return name_of(assignment.person, by)
    return assignment.class_group.title if assignment.class_group else _("nobody")


def where_is(custody: Custody | None, by: Actor) -> Whereabouts:
    """Return where a device is, from its open custody."""
    if custody is None:
        return Whereabouts("lost", _("Nowhere on record yet"))
    if custody.person:
        return Whereabouts("person", _("With {who}").format(who=name_of(custody.person, by)), custody.since)
    if custody.shipment:
        where = _("On the way to {site}").format(site=custody.shipment.to_site.name)
        return Whereabouts("truck", where, custody.since)
    place = custody.place
    if place is None:
        return Whereabouts("lost", _("Nowhere on record yet"))
    where = _("{place}, {site}").format(place=place.name, site=custody.site.name)
    return Whereabouts(PLACE_ICONS.get(Place.Kind(place.kind), "place"), where, custody.since)


def device_address(device: Device) -> str:
    """Return the page of a device."""
    return reverse("device", args=[device.tag])


def address(name: str, *args: object) -> str:
    """Return the address of a page, or nothing where this system has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def local_day(at: datetime, site: Site) -> date:
    """Return the day it is at a site."""
    return at.astimezone(ZoneInfo(site.timezone)).date()


def site_time(at: datetime | None, site: Site) -> datetime | None:
    """Return a moment as the clock of a site shows it."""
    return at.astimezone(ZoneInfo(site.timezone)) if at else None


def said_day(day: date, today: date) -> str:
    """Return a day as people say it: today, tomorrow, Friday, October 3."""
    away = (day - today).days
    near: dict[int, Any] = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if away in near:
        return str(near[away])
    return date_format(day, "l" if 0 < away < 7 else "MONTH_DAY_FORMAT")


def days_late(days: int) -> str:
    """Return how late something is."""
    return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}


def money(cents: int) -> str:
    """Return an amount in dollars."""
    return f"${cents // 100:,}.{cents % 100:02}"
