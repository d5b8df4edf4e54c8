"""The verbs of the directory, except the roster (see flows.roster)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from firstbell.directory import events, rules
from firstbell.directory.models import (
    Absence,
    Badge,
    BellPeriod,
    Calendar,
    Holiday,
    OpenHours,
    Person,
    PersonWord,
    Place,
    Presence,
    RoleHeld,
    Site,
    User,
    VoidCode,
)
from firstbell.directory.queries import leads_of, roles_on
from firstbell.directory.rules import Period
from firstbell.directory.scope import load, load_all
from firstbell.directory.words import name_words
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import new_code
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission, Role
from firstbell.kernel.sealed import Sealed
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code


@dataclass(frozen=True)
class Hours:
    """When somebody is at a site (``present``) or teaching."""

    weekday: int
    starts: time
    ends: time
    present: bool = True


@verb
def open_site(
    *, kind: Site.Kind, name: str, timezone: str, calendar_id: int | None = None, by: Actor, at: datetime, op: Op
) -> Site:
    """Enter a site that no roster knows: a depot, an office, a vendor's address."""
    by.require_everywhere(Permission.GRANT_ROLES)
    name = name.strip()
    rules.check_timezone(timezone)
    if not name:
        raise Refused("name_missing", _("Give the site a name people will recognise."))
    if Site.objects.filter(name__iexact=name, closed_on__isnull=True).exists():
        raise Refused("site_exists", _("There is a site called “{name}” already."), name=name)
    site = Site.objects.create(kind=kind, name=name, timezone=timezone, calendar_id=calendar_id)
    record(events.SiteOpened(site.pk, Code(kind.value)), about=[site], by=by, at=at, op=op)
    return site


@verb
def set_site(*, site_id: int, timezone: str, calendar_id: int | None, by: Actor, at: datetime, op: Op) -> Site:
    """Set the time zone and the calendar by which a site's clocks run. Its name belongs to the roster."""
    site = Site.objects.select_for_update().filter(pk=site_id).first()
    if site is None or not by.may(Permission.GRANT_ROLES, site_id):
        raise Missing("Site")
    rules.check_timezone(timezone)
    if calendar_id and not Calendar.objects.filter(pk=calendar_id).exists():
        raise Missing("Calendar")
    site.timezone, site.calendar_id = timezone, calendar_id
    site.save(update_fields=["timezone", "calendar"])
    record(events.SiteChanged(site.pk, calendar_id), about=[site], by=by, at=at, op=op)
    return site


@dataclass(frozen=True)
class Location:
    """Where a site is: its address as a driver reads it, and its coordinates as somebody typed them."""

    site_id: int
    address: str
    point: str


@verb
def set_locations(*, locations: Sequence[Location], by: Actor, at: datetime, op: Op) -> None:
    """Set addresses and coordinates of sites; those that stay as they are are left alone."""
    rows = Site.objects.select_for_update().filter(pk__in=[location.site_id for location in locations])
    sites = {site.pk: site for site in rows.order_by("pk")}
    for location in locations:
        site = sites.get(location.site_id)
        if site is None or not by.may(Permission.GRANT_ROLES, site.pk):
            raise Missing("Site")
        _locate(site, location, by=by, at=at, op=op)


def _locate(site: Site, location: Location, *, by: Actor, at: datetime, op: Op) -> None:
    before = (site.address, site.latitude, site.longitude)
    latitude, longitude = rules.read_point(location.point, site.name)
    after = (location.address.strip()[:200], latitude, longitude)
    if after != before:
        site.address, site.latitude, site.longitude = after
        site.save(update_fields=["address", "latitude", "longitude"])
        record(events.SiteLocated(site.pk, latitude is not None), about=[site], by=by, at=at, op=op)


@verb
def set_calendar(
    *,
    name: str,
    first_day: date,
    last_day: date,
    periods: Sequence[Period],
    holidays: Sequence[tuple[date, str]],
    site_ids: Sequence[int],
    by: Actor,
    at: datetime,
    op: Op,
) -> Calendar:
    """Set the school days and bell times of some sites. Due times derive from it at reading, so history re-computes."""
    by.require_everywhere(Permission.GRANT_ROLES)
    name = name.strip()
    if not name:
        raise Refused("name_missing", _("Give the calendar a name, such as “High schools 2026–27”."))
    rules.check_year(first_day, last_day)
    rules.check_periods(periods)
    values = {"first_day": first_day, "last_day": last_day}
    calendar, _made = Calendar.objects.update_or_create(name=name, defaults=values)
    calendar.periods.all().delete()
    calendar.holidays.all().delete()
    BellPeriod.objects.bulk_create(
        BellPeriod(calendar=calendar, weekday=p.weekday, name=p.name, starts=p.starts, ends=p.ends) for p in periods
    )
    Holiday.objects.bulk_create(Holiday(calendar=calendar, day=day, name=label) for day, label in holidays)
    calendar.sites.exclude(pk__in=site_ids).update(calendar=None)
    Site.objects.filter(pk__in=site_ids).update(calendar=calendar)
    record(events.CalendarSet(calendar.pk, len(holidays)), about=[calendar], by=by, at=at, op=op)
    return calendar


@verb
def make_place(*, site_id: int, kind: Place.Kind, name: str, by: Actor, at: datetime, op: Op) -> Place:
    """Make a place of a site, with a code of its own."""
    by.require(Permission.MOVE_DEVICES, site_id)
    name = name.strip()
    if not name:
        raise Refused("name_missing", _("Give the place a name people will recognise."))
    if Place.objects.filter(site_id=site_id, name__iexact=name).exists():
        raise Refused("place_exists", _("This site has a place called “{name}” already."), name=name)
    place = Place.objects.create(site_id=site_id, kind=kind, name=name)
    record(events.PlaceMade(place.pk, Code(kind.value)), about=[place], by=by, at=at, op=op)
    return place


@verb
def secure_place(*, place_id: int, security: str, counted_daily: bool, by: Actor, at: datetime, op: Op) -> Place:
    """Say how well a place is secured, and whether the stock in it is counted every day."""
    place = own_place(place_id, by=by)
    if security not in Place.Security.values:
        raise Refused("security_unknown", _("Choose how the place is secured."))
    place.security, place.counted_daily = security, counted_daily
    place.save(update_fields=["security", "counted_daily"])
    fact = events.PlaceSecured(place.pk, Code(security or "open"), counted_daily)
    record(fact, about=[place], by=by, at=at, op=op)
    return place


def own_place(place_id: int, *, by: Actor) -> Place:
    """Return an open place, locked, at a site where the actor moves devices; raises Missing."""
    place = Place.objects.select_for_update().filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    return place


@verb
def renew_place_code(*, place_id: int, by: Actor, at: datetime, op: Op) -> Place:
    """Give a place a new code; posters with the old one say that it was replaced from now on."""
    place = own_place(place_id, by=by)
    VoidCode.objects.get_or_create(code=place.code, defaults={"place": place})
    place.code = new_code()
    place.save(update_fields=["code"])
    record(events.PlaceCodeRenewed(place.pk), about=[place], by=by, at=at, op=op)
    return place


@verb
def set_drop_point(
    *, place_id: int, hours: Sequence[Hours], custodian_id: int | None, by: Actor, at: datetime, op: Op
) -> Place:
    """Set when a place takes devices, and who answers for what is handed in there (S60)."""
    place = own_place(place_id, by=by)
    rules.check_drop_point(place)
    rules.check_open_hours([(span.weekday, span.starts, span.ends) for span in hours])
    if custodian_id and not leads_of(place.site_id, on=at.date()).filter(pk=custodian_id).exists():
        raise Missing("User")
    place.custodian_id = custodian_id
    place.save(update_fields=["custodian"])
    place.open_hours.all().delete()
    OpenHours.objects.bulk_create(
        OpenHours(place=place, weekday=span.weekday, starts=span.starts, ends=span.ends) for span in hours
    )
    record(events.DropPointSet(place.pk, len(hours), custodian_id), about=[place], by=by, at=at, op=op)
    return place


@verb
def make_badges(*, person_ids: Sequence[int], by: Actor, at: datetime, op: Op) -> None:
    """Give people badge codes. One who has a badge keeps it: printing again changes nothing."""
    people = load_all(Person, person_ids, by=by)
    badged = set(Badge.objects.filter(person_id__in=people).values_list("person_id", flat=True))
    fresh = [person for pk, person in people.items() if pk not in badged]
    Badge.objects.bulk_create(Badge(person=person, made_at=at) for person in fresh)
    for person in fresh:
        record(events.BadgeMade(person.pk), about=[person], by=by, at=at, op=op)


@verb
def renew_badge(*, person_id: int, by: Actor, at: datetime, op: Op) -> Badge:
    """Replace the code of a badge that was lost or copied; the old one leads nowhere from now on."""
    person = load(Person, person_id, by=by)
    badge = Badge.objects.select_for_update().filter(person=person).first()
    if badge is None:
        raise Refused("no_badge", _("This person has no badge yet. Print one first."))
    VoidCode.objects.get_or_create(code=badge.code)
    badge.code, badge.made_at = new_code(), at
    badge.save(update_fields=["code", "made_at"])
    record(events.BadgeRenewed(person.pk), about=[person], by=by, at=at, op=op)
    return badge


@verb
def make_user(
    *, username: str, display_name: str, password: Sealed | None, person_id: int | None, by: Actor, at: datetime, op: Op
) -> User:
    """Make a login. Without a password nobody can sign in with it until one is set."""
    by.require_everywhere(Permission.GRANT_ROLES)
    username = username.strip().lower()
    if User.objects.filter(username=username).exists():
        raise Refused("username_taken", _("There is a login with this name already."))
    user = User(username=username, display_name=display_name.strip(), person_id=person_id)
    if not username:
        raise Refused("name_missing", _("Say with which name the person signs in."))
    if password is not None:
        rules.check_password(password.word, user)
    user.set_password(password.word if password else None)
    user.save()
    record(events.UserMade(user.pk), about=[user], by=by, at=at, op=op)
    return user


@verb
def set_password(*, user_id: int, password: Sealed, by: Actor, at: datetime, op: Op) -> User:
    """Set a login's password: anybody their own, who gives out logins anybody's. Other sessions end with it."""
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise Missing("User")
    if user_id != by.user_id:
        by.require_everywhere(Permission.GRANT_ROLES)
    rules.check_password(password.word, user)
    user.set_password(password.word)
    user.save(update_fields=["password"])
    record(events.PasswordSet(user.pk), about=[user], by=by, at=at, op=op)
    return user


@verb
def set_language(*, language: str, by: Actor, at: datetime, op: Op) -> User:
    """Say in which language one is written to."""
    user = _oneself(by)
    if language not in dict(settings.LANGUAGES):
        raise Refused("no_such_language", _("Choose one of the languages offered."))
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
        record(events.LanguageSet(user.pk, Code(language)), about=[user], by=by, at=at, op=op)
    return user


@verb
def set_address(*, address: Sealed, by: Actor, at: datetime, op: Op) -> User:
    """Keep one's own mail address, of which the caller has seen that it is theirs."""
    user = _oneself(by)
    user.email = address.word
    user.save(update_fields=["email"])
    record(events.AddressConfirmed(user.pk), about=[user], by=by, at=at, op=op)
    return user


def _oneself(by: Actor) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=by.user_id or 0).first()
    if user is None:
        raise Missing("User")
    return user


@verb
def grant_role(
    *,
    user_id: int,
    role: Role,
    site_id: int | None,
    share: int = 100,
    deputy: bool = False,
    supervisor_id: int | None = None,
    exception_reason: str = "",
    by: Actor,
    at: datetime,
    op: Op,
) -> RoleHeld:
    """Give a role to a user, from today on. A role held already is answered as it is."""
    by.require(Permission.GRANT_ROLES, site_id)
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise Missing("User")
    held = list(roles_on(at.date()).filter(user=user))
    same = [row for row in held if row.role == role and row.site_id == site_id]
    if same:
        return same[0]
    supervisor = User.objects.filter(pk=supervisor_id).first() if supervisor_id else None
    rules.check_place_of_role(role, site_id)
    rules.check_roles_apart(role, held, site_id, exception_reason)
    rules.check_shares(role, held, share)
    rules.check_supervisor(role, supervisor, site_id, at.date())
    row = RoleHeld.objects.create(
        user=user,
        role=role,
        site_id=site_id,
        since=at.date(),
        share=share,
        deputy=deputy,
        supervisor=supervisor,
        exception_reason=exception_reason.strip(),
    )
    fact = events.RoleGranted(user.pk, Code(role), site_id, share, deputy, bool(row.exception_reason))
    record(fact, about=[user, *([row.site] if row.site else [])], by=by, at=at, op=op)
    return row


@verb
def note_kept_apart(
    *, user_id: int, role: Role, site_id: int | None, reason: str, by: Actor, at: datetime, op: Op
) -> None:
    """Note that a role or a piece of work was refused to keep coaching and repairs apart (S4, S63).

    ``reason`` is ``roles_apart`` or the permission that was asked for.
    """
    fact = events.RoleRefused(user_id, Code(role.value), site_id, Code(reason))
    record(fact, about=[("user", user_id)], by=by, at=at, op=op)


@verb
def end_role(*, role_held_id: int, by: Actor, at: datetime, op: Op) -> RoleHeld:
    """End a role today. The row stays: who held what on any past day remains known."""
    row = (
        RoleHeld.objects.select_for_update(of=("self",)).select_related("user", "site").filter(pk=role_held_id).first()
    )
    if row is None or not by.may(Permission.GRANT_ROLES, row.site_id):
        raise Missing("RoleHeld")
    if row.until is None:
        row.until = at.date()
        row.save(update_fields=["until"])
        fact = events.RoleEnded(row.user_id, Code(row.role), row.site_id)
        record(fact, about=[row.user, *([row.site] if row.site else [])], by=by, at=at, op=op)
    return row


@verb
def set_hours(*, role_held_id: int, hours: Sequence[Hours], by: Actor, at: datetime, op: Op) -> RoleHeld:
    """Set when the holder of a role is at the site, and when they teach (S5, S6)."""
    row = RoleHeld.objects.select_for_update(of=("self",)).select_related("user").filter(pk=role_held_id).first()
    if row is None or not by.may(Permission.GRANT_ROLES, row.site_id):
        raise Missing("RoleHeld")
    row.presences.all().delete()
    Presence.objects.bulk_create(
        Presence(role_held=row, weekday=h.weekday, starts=h.starts, ends=h.ends, present=h.present) for h in hours
    )
    record(events.HoursSet(row.user_id, row.site_id, len(hours)), about=[row.user], by=by, at=at, op=op)
    return row


@verb
def note_absence(*, user_id: int, first_day: date, last_day: date, by: Actor, at: datetime, op: Op) -> Absence:
    """Note that somebody is away: their deputy answers meanwhile (S3). Anyone may note their own."""
    if user_id != by.user_id:
        by.require(Permission.GRANT_ROLES)
    rules.check_year(first_day, last_day)
    absence = Absence.objects.create(user_id=user_id, first_day=first_day, last_day=last_day)
    fact = events.AbsenceNoted(user_id, (last_day - first_day).days + 1)
    record(fact, about=[absence.user], by=by, at=at, op=op)
    return absence


def write_words(people: Sequence[Person]) -> None:
    """Write the search words of people anew: names and number."""
    PersonWord.objects.filter(person__in=[person.pk for person in people]).delete()
    PersonWord.objects.bulk_create(
        [PersonWord(person=person, word=word) for person in people for word in words_of(person)],
        batch_size=5000,
    )


def words_of(person: Person) -> list[str]:
    """Return what a person is found by."""
    return name_words(person.given_name, person.family_name, person.preferred_name, person.local_number)
