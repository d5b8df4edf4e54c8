"""Who is told: leads and deputies in office, the student team on duty, the hands at the depot."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from firstbell.directory.models import Absence, RoleHeld, Site
from firstbell.directory.queries import district_lead, roles_on
from firstbell.kernel.roles import Role


def leads(site_id: int, *, at: datetime) -> list[int]:
    """Return the users who answer for a school now: leads and deputies who are not away, else district IT."""
    held = _in_office(Role.IT_LEAD, at.date()).filter(site_id=site_id)
    found = list(held.order_by("deputy", "-share", "pk").values_list("user_id", flat=True))
    if found:
        return found
    fallback = district_lead(at=at)
    return [fallback.pk] if fallback else []


def team_on_duty(site: Site, *, at: datetime) -> list[int]:
    """Return the student helpers whose hours say that they are at the school now (S112)."""
    local = at.astimezone(ZoneInfo(site.timezone))
    held = _in_office(Role.STUDENT_TECH, at.date()).filter(
        site=site,
        presences__present=True,
        presences__weekday=local.weekday(),
        presences__starts__lte=local.time(),
        presences__ends__gt=local.time(),
    )
    return list(held.order_by("pk").values_list("user_id", flat=True))


def hands_at(site: Site, *, at: datetime) -> list[int]:
    """Return who answers for devices at a site: a school's leads, elsewhere the technicians of the place."""
    if site.kind == Site.Kind.SCHOOL:
        return leads(site.pk, at=at)
    technicians = _in_office(Role.DISTRICT_TECH, at.date())
    here = technicians.filter(site=site)
    held = here if here.exists() else technicians.filter(site__isnull=True)
    return list(held.order_by("pk").values_list("user_id", flat=True))


def administrators(site_id: int, *, at: datetime) -> list[int]:
    """Return the administrators of a school who are not away."""
    held = _in_office(Role.SCHOOL_ADMIN, at.date()).filter(site_id=site_id)
    return list(held.order_by("pk").values_list("user_id", flat=True))


def district(*, at: datetime) -> list[int]:
    """Return the district IT users who are not away."""
    return list(_in_office(Role.DISTRICT_IT, at.date()).order_by("pk").values_list("user_id", flat=True))


def _in_office(role: Role, day: date) -> QuerySet[RoleHeld]:
    away = Absence.objects.filter(first_day__lte=day, last_day__gte=day).values("user_id")
    return roles_on(day).filter(role=role, user__is_active=True).exclude(user_id__in=away)
