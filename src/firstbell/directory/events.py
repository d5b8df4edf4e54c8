"""What can be written in the ledger about the directory."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class SiteOpened(Fact):
    """A site was entered."""

    kind = "directory.site_opened"
    sentence = _("{site} was entered")
    site_id: int
    site_kind: Code


@dataclass(frozen=True)
class SiteChanged(Fact):
    """A site's time zone or calendar was set."""

    kind = "directory.site_changed"
    sentence = _("The time zone and calendar of {site} were set")
    site_id: int
    calendar_id: int | None


@dataclass(frozen=True)
class SiteLocated(Fact):
    """A site's address and coordinates were set."""

    kind = "directory.site_located"
    sentence = _("The address of {site} was set")
    site_id: int
    on_the_map: bool


@dataclass(frozen=True)
class PlaceMade(Fact):
    """A place was made."""

    kind = "directory.place_made"
    sentence = _("{place} was made")
    place_id: int
    place_kind: Code


@dataclass(frozen=True)
class PlaceCodeRenewed(Fact):
    """A place's code was replaced; the old one says so."""

    kind = "directory.place_code_renewed"
    sentence = _("{place} got a new code; the old one is void")
    place_id: int


@dataclass(frozen=True)
class PlaceSecured(Fact):
    """It was said how well a place is secured, and whether its stock is counted every day."""

    kind = "directory.place_secured"
    sentence = _("How {place} is secured: {security}")
    place_id: int
    security: Code
    counted_daily: bool


@dataclass(frozen=True)
class DropPointSet(Fact):
    """When a place takes devices, and who answers for what lies there."""

    kind = "directory.drop_point_set"
    sentence = _("The hours of {place} were set")
    place_id: int
    spans: int
    custodian_id: int | None


@dataclass(frozen=True)
class BadgeMade(Fact):
    """A person got a badge with a code."""

    kind = "directory.badge_made"
    sentence = _("{person} got a badge")
    person_id: int


@dataclass(frozen=True)
class BadgeRenewed(Fact):
    """The code of a person's badge was replaced; the old one leads nowhere."""

    kind = "directory.badge_renewed"
    sentence = _("The badge of {person} was replaced; the old one is void")
    person_id: int


@dataclass(frozen=True)
class CalendarSet(Fact):
    """A calendar's days and hours were set."""

    kind = "directory.calendar_set"
    sentence = _("The calendar's days and bell times were set")
    calendar_id: int
    holidays: int


@dataclass(frozen=True)
class RoleGranted(Fact):
    """Somebody holds a role from now on."""

    kind = "directory.role_granted"
    sentence = _("{user} became {role} ({site})")
    user_id: int
    role: Code
    site_id: int | None
    share: int
    deputy: bool
    exception: bool


@dataclass(frozen=True)
class RoleEnded(Fact):
    """Somebody no longer holds a role."""

    kind = "directory.role_ended"
    sentence = _("{user} is no longer {role} ({site})")
    user_id: int
    role: Code
    site_id: int | None


@dataclass(frozen=True)
class RoleRefused(Fact):
    """A grant or an assignment was refused to keep two roles apart (S4, S63)."""

    kind = "directory.role_refused"
    sentence = _("{user} was not given this work: {reason}")
    user_id: int
    role: Code
    site_id: int | None
    reason: Code


@dataclass(frozen=True)
class UserMade(Fact):
    """A login was made."""

    kind = "directory.user_made"
    sentence = _("The login of {user} was made")
    user_id: int


@dataclass(frozen=True)
class PasswordSet(Fact):
    """A login's password was set, by its holder or by somebody who gives out logins."""

    kind = "directory.password_set"
    sentence = _("The password of {user} was set")
    user_id: int


@dataclass(frozen=True)
class LanguageSet(Fact):
    """Somebody said in which language they are written to."""

    kind = "directory.language_set"
    sentence = _("{user} chose a language")
    user_id: int
    language: Code


@dataclass(frozen=True)
class AddressConfirmed(Fact):
    """Somebody showed that a mail address is theirs."""

    kind = "directory.address_confirmed"
    sentence = _("{user} confirmed a mail address")
    user_id: int


@dataclass(frozen=True)
class AbsenceNoted(Fact):
    """A lead is away on some days; the deputy takes over."""

    kind = "directory.absence_noted"
    sentence = _("{user} is away for {days} days")
    user_id: int
    days: int


@dataclass(frozen=True)
class HoursSet(Fact):
    """When the holder of a role is at the site."""

    kind = "directory.hours_set"
    sentence = _("The hours of {user} at {site} were set")
    user_id: int
    site_id: int | None
    spans: int


@dataclass(frozen=True)
class RosterApplied(Fact):
    """A roster package was applied."""

    kind = "directory.roster_applied"
    sentence = _("A roster was applied: {added} added, {changed} changed, {left} left")
    added: int
    changed: int
    left: int
    sites: int
    bulk: bool
