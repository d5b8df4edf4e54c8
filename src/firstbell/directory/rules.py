"""What the directory allows: keeping roles apart, shares of a week, supervisors, passwords, days and bell times."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from firstbell.directory.models import Place, RoleHeld, User
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role

SCHOOL_ROLES = frozenset({Role.STUDENT_TECH, Role.IT_LEAD, Role.COACH, Role.SCHOOL_ADMIN})
KEPT_APART = frozenset({Role.COACH, Role.IT_LEAD})
FULL_WEEK = 100
DROP_POINTS = frozenset({Place.Kind.DESK, Place.Kind.PICKUP_BOX})


_POINT = re.compile(r"\s*\(?\s*([+-]?\d{1,2}(?:\.\d+)?)\s*[,;\s]\s*([+-]?\d{1,3}(?:\.\d+)?)\s*\)?\s*", re.ASCII)
ABOUT_A_METRE = Decimal("0.00001")


class Period(NamedTuple):
    """One bell period, local time; weekday 0 is Monday."""

    weekday: int
    name: str
    starts: time
    ends: time


def read_point(text: str, name: str) -> tuple[Decimal | None, Decimal | None]:
    """Return latitude and longitude as somebody copied them from a map, "39.80, -98.55"; nothing typed is no point."""
    if not text.strip():
        return None, None
    found = _POINT.fullmatch(text)
    latitude, longitude = (Decimal(part) for part in found.groups()) if found else (Decimal(91), Decimal(0))
    if abs(latitude) > 90 or abs(longitude) > 180:
        sentence = _("The coordinates of {site} are not clear. Write latitude and longitude, such as 39.80, -98.55.")
        raise Refused("point_unclear", sentence, site=name)
    return latitude.quantize(ABOUT_A_METRE), longitude.quantize(ABOUT_A_METRE)


def check_place_of_role(role: Role, site_id: int | None) -> None:
    """School roles are held at a school."""
    if role in SCHOOL_ROLES and site_id is None:
        raise Refused("role_needs_school", _("This role is held at a school. Choose the school."))


def check_roles_apart(role: Role, held: Iterable[RoleHeld], site_id: int | None, reason: str) -> None:
    """Coach and IT lead of one school are two people, unless the exception is recorded with its reason (S4)."""
    others = {Role(row.role) for row in held if row.site_id == site_id}
    if role in KEPT_APART and (others & KEPT_APART) - {role} and not reason.strip():
        raise Refused(
            "roles_apart",
            _("This person would be coach and IT lead of the same school. Teaching would yield to repairs. "
              "Choose somebody else, or record why there is no other way."),
        )  # fmt: skip


def check_shares(role: Role, held: Iterable[RoleHeld], share: int) -> None:
    """The weekly shares of one lead over several schools stay within one week (S5)."""
    total = share + sum(row.share for row in held if row.role == role)
    if role is Role.IT_LEAD and total > FULL_WEEK:
        raise Refused(
            "share_over_week",
            _("That would be {total} % of a week for this lead. The shares of all schools may add up to 100 %."),
            total=total,
        )


def check_supervisor(role: Role, supervisor: User | None, site_id: int | None, on: date) -> None:
    """A student helper has an active adult supervisor at the same school (S7)."""
    if role is not Role.STUDENT_TECH:
        return
    leads = list(supervisor.roles.filter(role=Role.IT_LEAD, since__lte=on)) if supervisor else []
    if not any(row.site_id == site_id and row.until is None for row in leads):
        raise Refused("needs_supervisor", _("A student helper needs an IT lead of this school as supervisor."))


def check_password(password: str, user: User) -> None:
    """A password is long, not common and not the person's name (AUTH_PASSWORD_VALIDATORS says how long)."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused("weak_password", "{reason}", reason=" ".join(error.messages)) from error


def check_drop_point(place: Place) -> None:
    """Devices are handed in at a desk or dropped into a box."""
    if place.kind not in DROP_POINTS:
        raise Refused("no_drop_point", _("Devices are handed in at a tech desk or a pick-up box. This is neither."))


def check_open_hours(spans: Iterable[tuple[int, time, time]]) -> None:
    """Each stretch has a length, and those of one weekday don't overlap."""
    ordered = sorted(spans)
    if any(ends <= starts for _day, starts, ends in ordered):
        raise Refused("hours_backwards", _("A time ends before it begins. Look at the hours once more."))
    for (day, _starts, ends), (other, starts, _ends) in pairwise(ordered):
        if day == other and starts < ends:
            raise Refused("hours_overlap", _("Two times of one day overlap. Make them one, or change a time."))


def check_timezone(name: str) -> None:
    """A time zone is one of the IANA database."""
    if name not in available_timezones():
        raise Refused("no_such_zone", _("“{zone}” is not a time zone. Choose one like America/New_York."), zone=name)


def check_year(first_day: date, last_day: date) -> None:
    """A school year begins before it ends."""
    if last_day < first_day:
        raise Refused("days_out_of_order", _("The last day lies before the first."))


def check_periods(periods: Sequence[Period]) -> None:
    """Periods have a length, and those of one weekday don't overlap."""
    for period in periods:
        if period.ends <= period.starts:
            raise Refused("period_backwards", _("“{name}” ends before it begins."), name=period.name)
    for one, two in pairwise(sorted(periods, key=lambda period: (period.weekday, period.starts))):
        if one.weekday == two.weekday and two.starts < one.ends:
            words = _("“{one}” and “{two}” overlap on the same day. Change a time or a day.")
            raise Refused("periods_overlap", words, one=one.name, two=two.name)
