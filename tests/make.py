"""Builders with no surprises. Everything is made by the real verbs, as the running system would."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from firstbell.decisions.actions import decide
from firstbell.devices.actions.custody import hand_over
from firstbell.devices.actions.inventory import assign, make_model, register
from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.actions import grant_role, make_place, make_user, open_site, set_calendar, write_words
from firstbell.directory.models import Person, Place, Site, User
from firstbell.directory.queries import actor_for
from firstbell.directory.rules import Period
from firstbell.kernel.actor import SYSTEM, Actor
from firstbell.kernel.roles import Role
from firstbell.kernel.sealed import Sealed
from firstbell.loans.actions import join_pool

MONDAY = datetime(2026, 9, 14, 12, 30, tzinfo=UTC)
"""A school day: 08:30 in New York."""
PASSWORD = "correct horse battery staple"

_numbers = itertools.count(1)


def op() -> UUID:
    """Return a fresh operation id, as a client would make it."""
    return uuid4()


@dataclass
class School:
    """One school with its places, lead and people."""

    site: Site
    places: dict[str, Place]
    lead: User
    lead_actor: Actor


@dataclass
class District:
    """A small district: depot, schools, technicians."""

    depot: Site
    bench: Place
    schools: list[School]
    technician: Actor
    office: Actor
    checker: Actor
    model: DeviceModel
    at: datetime = field(default=MONDAY)


def system(**kwargs: Any) -> dict[str, Any]:
    """Return the keywords of a verb run by the system."""
    return {"by": SYSTEM, "at": MONDAY - timedelta(days=30), "op": op()} | kwargs


def calendar(*sites: Site) -> None:
    """Give sites a calendar of 07:30-15:30 on weekdays, in three periods."""
    bells = [
        ("1st period", time(7, 30), time(10)),
        ("2nd period", time(10), time(12, 30)),
        ("3rd", time(12, 30), time(15, 30)),
    ]
    set_calendar(
        name=f"Calendar {next(_numbers)}",
        first_day=date(2026, 8, 1),
        last_day=date(2027, 6, 10),
        periods=[Period(day, name, start, end) for day in range(5) for name, start, end in bells],
        holidays=[(date(2026, 9, 7), "Labor Day")],
        site_ids=[site.pk for site in sites],
        **system(),
    )


def user(name: str, role: Role, site: Site | None = None, **extra: Any) -> tuple[User, Actor]:
    """Make a user with one role; return both the user and the actor they are."""
    made = make_user(
        username=f"{name}{next(_numbers)}", display_name=name, password=Sealed(PASSWORD), person_id=None, **system()
    )
    grant_role(user_id=made.pk, role=role, site_id=site.pk if site else None, **(system() | extra))
    return made, actor_for(made, at=MONDAY)


def person(site: Site, given: str = "Ana", family: str = "Reyes", kind: str = "student", **extra: Any) -> Person:
    """Make a person as the roster would."""
    number = next(_numbers)
    made = Person.objects.create(
        kind=kind,
        source_id=f"p{number}",
        local_number=str(100000 + number),
        given_name=given,
        family_name=family,
        site=site,
        **extra,
    )
    write_words([made])
    return made


def school(name: str = "Lincoln Middle") -> School:
    """Make a school with the places that the journey needs and an IT lead."""
    site = open_site(kind=Site.Kind.SCHOOL, name=f"{name} {next(_numbers)}", timezone="America/New_York", **system())
    wanted = [
        (Place.Kind.ROOM, "Room 12"),
        (Place.Kind.DESK, "Library desk"),
        (Place.Kind.PICKUP_BOX, "Pick-up box"),
        (Place.Kind.RETURN_SHELF, "Return shelf"),
        (Place.Kind.LOANER_SHELF, "Loaner shelf"),
    ]
    places = {kind.value: make_place(site_id=site.pk, kind=kind, name=label, **system()) for kind, label in wanted}
    lead, actor = user("lead", Role.IT_LEAD, site)
    return School(site, places, lead, actor)


def district(schools: int = 1) -> District:
    """Make a district with a depot, technicians and some schools."""
    depot = open_site(kind=Site.Kind.DEPOT, name=f"Depot {next(_numbers)}", timezone="America/New_York", **system())
    bench = make_place(site_id=depot.pk, kind=Place.Kind.BENCH, name="Bench 1", **system())
    made = [school() for _ in range(schools)]
    calendar(depot, *[row.site for row in made])
    model = make_model(manufacturer="Acme", name=f"Book {next(_numbers)}", kind=DeviceModel.Kind.CHROMEBOOK, **system())
    return District(
        depot=depot,
        bench=bench,
        schools=made,
        technician=user("tech", Role.DISTRICT_TECH)[1],
        checker=user("checker", Role.DISTRICT_TECH)[1],
        office=user("office", Role.DISTRICT_IT)[1],
        model=model,
    )


def device(town: District, at: School, owner: Person | None = None, tag: str | None = None) -> Device:
    """Register a device at a school; with an owner it is theirs and in their hands."""
    number = next(_numbers)
    made = register(
        tag=tag or f"D-{number:05}",
        serial=f"SN{number:08}",
        model_id=town.model.pk,
        place_id=at.places["loaner_shelf"].pk,
        **system(),
    )
    if owner:
        assign(device_id=made.pk, person_id=owner.pk, **system())
        hand_over(device_id=made.pk, person_id=owner.pk, **system())
    return fresh(made)


def loaner(town: District, at: School, tag: str | None = None) -> Device:
    """Register a device and put it into the school's pool."""
    made = device(town, at, tag=tag or f"L-{next(_numbers):04}")
    join_pool(device_id=made.pk, site_id=at.site.pk, **system())
    return fresh(made)


def fresh(row: Device) -> Device:
    """Return a device as the database holds it now."""
    return Device.objects.everyone(reason="a test looks").get(pk=row.pk)


def decision(key: str, value: object, site: Site | None = None) -> None:
    """Answer a question of the plan."""
    decide(key=key, value=value, site_id=site.pk if site else None, **system())


def everything() -> Q:
    """Return the condition that every row meets: a guard switched off, for negative controls."""
    return Q(pk__isnull=False)
