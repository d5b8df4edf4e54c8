"""Reads of the directory that several pages share."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from firstbell.directory.models import (
    Absence,
    BellPeriod,
    Membership,
    Person,
    PersonWord,
    Place,
    Presence,
    RoleHeld,
    Site,
    User,
)
from firstbell.directory.words import fold
from firstbell.kernel.actor import Actor, Grant, user_actor
from firstbell.kernel.openings import Openings
from firstbell.kernel.roles import Permission, Role
from firstbell.kernel.schooltime import Hours, SchoolTime

SAME_PERSON = 4
"""So many of a person's words may begin alike: found so often, they are shown once."""
ALWAYS: dict[int, Hours] = {weekday: (time(8), time(15)) for weekday in range(5)}
"""Hours assumed for a site without a calendar; the office's coverage page lists such sites."""


def roles_on(day: date) -> QuerySet[RoleHeld]:
    """Return the roles in force on a day."""
    return RoleHeld.objects.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day))


def actor_for(user: User, *, at: datetime) -> Actor:
    """Return the actor that a signed-in user is at this moment."""
    held = roles_on(at.date()).filter(user=user).values_list("role", "site_id") if user.is_active else ()
    return user_actor(user.pk, str(user), [Grant(Role(role), site_id) for role, site_id in held])


def address_of(user: User) -> str:
    """Return where a user is written to: the address they showed to be theirs, else the one the roster holds."""
    return user.email or (user.person.email if user.person and user.person.active else "")


def language_of(user: User) -> str:
    """Return the language in which a user is written to: chosen, else the roster's, else the usual one."""
    offered = dict(settings.LANGUAGES)
    wished = (user.language, user.person.language[:2] if user.person else "")
    return next((language for language in wished if language in offered), settings.LANGUAGE_CODE)


def sites_of(actor: Actor, permission: Permission) -> QuerySet[Site]:
    """Return the open sites where the actor holds a permission."""
    reach = actor.sites(permission)
    found = Site.objects.filter(closed_on__isnull=True)
    return found if reach is None else found.filter(pk__in=reach)


def _hours(periods: Iterable[BellPeriod]) -> dict[int, Hours]:
    days: dict[int, list[Hours]] = defaultdict(list)
    for period in periods:
        days[period.weekday].append((period.starts, period.ends))
    return {day: (min(start for start, _ in spans), max(end for _, end in spans)) for day, spans in days.items()}


def school_times(sites: Iterable[Site]) -> dict[int, SchoolTime]:
    """Return the school time of each site, by id, in three queries whatever their number.

    The sites need ``calendar`` with its ``periods`` and ``holidays`` prefetched, or one query each is made.
    """
    return {site.pk: school_time(site) for site in sites}


def with_calendar(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Fetch calendars along with sites, ready for ``school_time``."""
    return sites.select_related("calendar").prefetch_related("calendar__periods", "calendar__holidays")


def school_time(site: Site) -> SchoolTime:
    """Return the open hours of one site."""
    calendar = site.calendar
    if calendar is None:
        return SchoolTime(ZoneInfo(site.timezone), ALWAYS)
    return SchoolTime(
        zone=ZoneInfo(site.timezone),
        hours=_hours(calendar.periods.all()) or ALWAYS,
        closed=frozenset(holiday.day for holiday in calendar.holidays.all()),
        first_day=calendar.first_day,
        last_day=calendar.last_day,
    )


def bell_hours(site: Site) -> tuple[tuple[int, int, str, str], ...]:
    """Return when a school is open, as spans of weekdays with the same local times; nothing without bell times."""
    if site.calendar is None:
        return ()
    spans: list[tuple[int, int, str, str]] = []
    for day, (opens, closes) in sorted(_hours(site.calendar.periods.all()).items()):
        times = (f"{opens:%H:%M}", f"{closes:%H:%M}")
        if spans and spans[-1][1] == day - 1 and spans[-1][2:] == times:
            spans[-1] = (spans[-1][0], day, *times)
        else:
            spans.append((day, day, *times))
    return tuple(spans)


def place_by_code(code: str) -> Place | None:
    """Return the open place with this code: what a room's poster leads to."""
    return Place.objects.select_related("site").filter(code=code.upper(), closed_at__isnull=True).first()


def school_time_of(site_id: int) -> SchoolTime:
    """Return the open hours of a site that is not loaded yet, in three queries."""
    return school_time(with_calendar(Site.objects.filter(pk=site_id)).get())


def place_by_old_code(code: str) -> Place | None:
    """Return the open place whose poster said this before its code was replaced."""
    rows = Place.objects.select_related("site").filter(closed_at__isnull=True)
    return rows.filter(old_codes__code=code.upper()).first()


def person_by_badge(code: str, *, by: Actor) -> Person | None:
    """Return whose badge this is, within reach. Void, unknown and out of reach are the same answer."""
    rows = Person.objects.visible_to(by).select_related("site")
    return rows.filter(badge__code=code.upper()).first() if code else None


def place_of_kind(site_id: int, kind: Place.Kind) -> Place | None:
    """Return the first open place of a kind at a site."""
    return Place.objects.filter(site_id=site_id, kind=kind, closed_at__isnull=True).order_by("pk").first()


def leads_of(site_id: int, *, on: date) -> QuerySet[User]:
    """Return a school's leads and deputies of a day: who can answer for a place there."""
    held = roles_on(on).filter(role=Role.IT_LEAD, site_id=site_id)
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True).order_by("display_name", "pk")


def openings(place: Place | None, site: Site) -> Openings | None:
    """Return when a place takes devices; None when neither it nor its school has hours."""
    school, own = school_time(site), defaultdict[int, list[Hours]](list)
    for span in place.open_hours.all() if place else ():
        own[span.weekday].append((span.starts, span.ends))
    if not own and site.calendar is None:
        return None
    return Openings(school, own or {day: [hours] for day, hours in school.hours.items()}, own=bool(own))


def lead_on_duty(site: Site, *, at: datetime) -> User | None:
    """Return who answers for a school's tickets now: the lead, or the deputy while the lead is away or teaches.

    A shared lead is passed over on the day, and during the hours, of another school (S5). Falls back to a district
    IT user, so that a ticket falls to nobody only in a district without any (S3, S6).
    """
    local = at.astimezone(ZoneInfo(site.timezone))
    held = roles_on(local.date()).filter(role=Role.IT_LEAD, site=site, user__is_active=True)
    free = held.filter(~Exists(_away(local.date())), ~Exists(_teaching(local)), ~_elsewhere(local))
    row = free.select_related("user").order_by("deputy", "-share", "pk").first()
    return row.user if row else district_lead(at=at)


def _away(day: date) -> QuerySet[Absence]:
    return Absence.objects.filter(first_day__lte=day, last_day__gte=day, user_id=OuterRef("user_id"))


def _teaching(local: datetime) -> QuerySet[Presence]:
    """Return the lessons that a user gives at this local time: nothing falls to them by itself (S6)."""
    return Presence.objects.filter(
        role_held__user_id=OuterRef("user_id"),
        role_held__until__isnull=True,
        present=False,
        weekday=local.weekday(),
        starts__lte=local.time(),
        ends__gt=local.time(),
    )


def _elsewhere(local: datetime) -> Q:
    """Whether the hours of a user say that they are at another school: all of this day, or now."""
    today = Presence.objects.filter(role_held__until__isnull=True, present=True, weekday=local.weekday())
    here = today.filter(role_held__user_id=OuterRef("user_id"), role_held__site_id=OuterRef("site_id"))
    there = today.filter(role_held__user_id=OuterRef("user_id"), role_held__site__isnull=False)
    there = there.exclude(role_held__site_id=OuterRef("site_id"))
    now = Q(starts__lte=local.time(), ends__gt=local.time())
    all_day = Q(Exists(there)) & ~Q(Exists(here))
    return all_day | (Q(Exists(there.filter(now))) & ~Q(Exists(here.filter(now))))


def has_supervisor(user_id: int | None, site_id: int, *, on: date) -> bool:
    """Say whether a student helper's supervisor is an IT lead of the school today (S7)."""
    held = roles_on(on).filter(role=Role.STUDENT_TECH, site_id=site_id)
    leads = roles_on(on).filter(role=Role.IT_LEAD, site_id=site_id, user__is_active=True)
    supervisors = held.filter(user_id=user_id or 0).values("supervisor_id")
    return leads.filter(user_id__in=supervisors).exists()


def district_lead(*, at: datetime) -> User | None:
    """Return the first district IT user in office, one who is in before one who is away."""
    held = roles_on(at.date()).filter(role=Role.DISTRICT_IT, user__is_active=True).select_related("user")
    row = held.order_by(Exists(_away(at.date())), "pk").first()
    return row.user if row else None


def find_people(text: str, *, by: Actor, limit: int = 8, active: bool = True) -> list[Person]:
    """Return people in reach whose name or number begins with each word of the text; or those who have left."""
    words = sorted(fold(text)[:4], key=len)
    if not words:
        return []
    found = PersonWord.objects.filter(_begins(words.pop()), person__active=active)
    for word in words:
        found = found.filter(Exists(PersonWord.objects.filter(_begins(word), person_id=OuterRef("person_id"))))
    reach = by.sites(Permission.SEE_PEOPLE)
    if reach is not None:
        found = found.filter(person_id__in=_people_of(reach))
    some = list(found.values_list("person_id", flat=True)[: limit * SAME_PERSON])
    return list(Person.objects.visible_to(by).filter(pk__in=some).select_related("site")[:limit])


def _begins(word: str) -> Q:
    return Q(word__gte=word, word__lt=word + "\U0010ffff")


def _people_of(sites: frozenset[int]) -> QuerySet[Any, Any]:
    first = Person.objects.everyone(reason="narrows a search in reach").filter(site_id__in=sites).order_by()
    return first.values("pk").union(Membership.objects.filter(site_id__in=sites).values("person_id"))


def roles_held(*, by: Actor, at: datetime) -> list[RoleHeld]:
    """Return the roles in force at the sites whose roles the actor may see, by site, with hours."""
    reach = by.sites(Permission.SEE_ROLES)
    rows = roles_on(at.date()).select_related("user", "site", "supervisor").prefetch_related("presences")
    if reach is not None:
        rows = rows.filter(site_id__in=reach)
    return list(rows.order_by("site__name", "role", "deputy", "user__display_name"))


def user_named(text: str) -> User | None:
    """Return the login in use that somebody typed: its sign-in name, or a name that only one of them has."""
    wanted, active = text.strip(), User.objects.filter(is_active=True)
    found = active.filter(username__iexact=wanted).first()
    alike = [] if found or not wanted else list(active.filter(display_name__iexact=wanted)[:2])
    return alike[0] if len(alike) == 1 else found


def demo_cast(*, at: datetime) -> list[RoleHeld]:
    """Return one holder of each role, the deputies left out: whom a visitor of the demo can be."""
    rows = roles_on(at.date()).filter(deputy=False, user__is_active=True).select_related("user", "site")
    first: dict[str, RoleHeld] = {}
    for row in rows.order_by("pk"):
        first.setdefault(row.role, row)
    return [first[role] for role in Role if role in first]


def users_called(text: str, *, limit: int = 50, active: bool = False) -> list[User]:
    """Return logins whose name or login name holds the text, also of people who have left: history names them."""
    rows = User.objects.filter(Q(display_name__icontains=text) | Q(username__icontains=text))
    rows = rows.filter(is_active=True) if active else rows
    return list(rows.order_by("display_name", "pk")[:limit])
