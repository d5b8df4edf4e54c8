"""Calendars: the school year, bell times and days off by which every clock of the plan runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.directory.actions import set_calendar
from firstbell.directory.models import Calendar, Site
from firstbell.directory.queries import sites_of
from firstbell.directory.rules import Period
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, clock_of, day_of, new_operation, whole
from firstbell.web.lists import Asked, Sheet, listing, table
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

WEEK = range(7)
SPARE_ROWS, FIRST_ROWS = 3, 8
"""Empty rows below the periods that are there, and on a new calendar."""
LONGEST_BREAK = 120
"""Days of one line of days off; more than a summer is a slip of the pen."""
DAYS_OFF = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*(?:-|–|—|to|a)\s*(\d{4}-\d\d-\d\d))?[\s,;:]*(.*)")


@dataclass(frozen=True)
class Bell:
    """One row of the form: a period and the weekdays on which it is held at these times."""

    name: str = ""
    starts: time | None = None
    ends: time | None = None
    days: frozenset[int] = frozenset(range(5))


def _sheet(_asked: Asked) -> Sheet[Any]:
    """Every calendar's first and last day, then each day off on a line of its own."""
    rows = Calendar.objects.prefetch_related("holidays").order_by("name")
    return table(
        [gettext_lazy("Calendar"), gettext_lazy("First day"), gettext_lazy("Last day"), gettext_lazy("Day off"),
         gettext_lazy("Name")],
        [cells for row in rows for cells in _cells(row)],
    )  # fmt: skip


def _cells(row: Calendar) -> Iterator[list[object]]:
    yield [row.name, row.first_day, row.last_day, "", ""]
    for holiday in row.holidays.all():
        yield [row.name, "", "", holiday.day, holiday.name]


LISTING = listing("calendars", gettext_lazy("Calendars"), "calendars", _sheet)


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the calendars and who goes by them."""
    rows = Calendar.objects.prefetch_related("sites", "holidays").order_by("name")
    without = sites_of(request.actor, Permission.GRANT_ROLES).filter(calendar=None).exclude(kind=Site.Kind.VENDOR)
    return render(request, "office/calendars.html", {"calendars": rows, "without": without})


def new(request: FirstbellRequest) -> HttpResponse:
    """Show the form of a calendar that is not there yet."""
    return _form(request, None)


def calendar_page(request: FirstbellRequest, calendar_id: int) -> HttpResponse:
    """Show a calendar in the form with which it is set."""
    return _form(request, calendar_id)


def _form(request: FirstbellRequest, calendar_id: int | None, refusal: Refused | None = None) -> HttpResponse:
    calendar = _one(calendar_id) if calendar_id else None
    typed = request.POST if refusal else None
    goes = {int(pk) for pk in typed.getlist("site") if pk.isdigit()} if typed else _sites(calendar)
    context: dict[str, Any] = {
        "calendar": calendar,
        "typed": typed or _written(calendar),
        "bells": [
            *(_typed_bells(typed) if typed else _bells(calendar)),
            *[Bell()] * (SPARE_ROWS if calendar or typed else FIRST_ROWS),
        ],
        "week": WEEK,
        "sites": [(site, site.pk in goes) for site in sites_of(request.actor, Permission.GRANT_ROLES)],
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "office/calendar.html", context, status=status_of(refusal))


def _one(calendar_id: int) -> Calendar:
    found = Calendar.objects.prefetch_related("periods", "holidays", "sites").filter(pk=calendar_id).first()
    if found is None:
        raise Missing("Calendar")
    return found


def _sites(calendar: Calendar | None) -> set[int]:
    return {site.pk for site in calendar.sites.all()} if calendar else set()


def _written(calendar: Calendar | None) -> dict[str, str]:
    if calendar is None:
        return {}
    off = sorted(calendar.holidays.all(), key=lambda holiday: holiday.day)
    return {
        "name": calendar.name,
        "first_day": calendar.first_day.isoformat() if calendar.first_day else "",
        "last_day": calendar.last_day.isoformat() if calendar.last_day else "",
        "off": "\n".join(f"{holiday.day} {holiday.name}".strip() for holiday in off),
    }


def _bells(calendar: Calendar | None) -> list[Bell]:
    """Return the periods as rows, weekdays with the same times together."""
    days: dict[tuple[str, time, time], set[int]] = {}
    for period in calendar.periods.all() if calendar else []:
        days.setdefault((period.name, period.starts, period.ends), set()).add(period.weekday)
    rows = [Bell(name, starts, ends, frozenset(held)) for (name, starts, ends), held in days.items()]
    return sorted(rows, key=lambda row: (row.starts or time.min, min(row.days)))


def _typed_bells(sent: QueryDict) -> Iterator[Bell]:
    names, starts, ends = (sent.getlist(field) for field in ("bell", "starts", "ends"))
    for number, (name, start, end) in enumerate(zip(names, starts, ends, strict=False)):
        days = frozenset(int(day) for day in sent.getlist(f"days-{number}") if day in "0123456")
        if name.strip() or start or end:
            yield Bell(name.strip()[:40], clock_of(start), clock_of(end), days)


def _periods(sent: QueryDict) -> list[Period]:
    found = []
    for row in _typed_bells(sent):
        if row.starts is None or row.ends is None:
            raise Refused("no_time", _("“{name}” lacks a time. Give when it begins and ends."), name=row.name or "–")
        if not row.days:
            raise Refused("no_day", _("“{name}” is on no weekday. Tick the days."), name=row.name or "–")
        found += [Period(day, row.name, row.starts, row.ends) for day in sorted(row.days)]
    if not found:
        raise Refused(
            "no_periods", _("Give at least one period: without bell times no clock knows when school is open.")
        )
    return found


def days_off(text: str) -> list[tuple[date, str]]:
    """Read days off, a line each: a day or two with a dash between them, then what it is. Refuses with the line."""
    found: dict[date, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            found |= _days_of(line.strip(), number)
    return sorted(found.items())


def _days_of(line: str, number: int) -> dict[date, str]:
    match = DAYS_OFF.fullmatch(line)
    first, last = (day_of(match[1]), day_of(match[2] or match[1])) if match else (None, None)
    if match is None or first is None or last is None:
        words = _("Line {line} of the days off is not a date: “{text}”. Write 2026-11-26 Thanksgiving.")
        raise Refused("not_a_day", words, line=number, text=line[:60])
    if not 0 <= (last - first).days <= LONGEST_BREAK:
        words = _("Line {line} of the days off: “{text}” is not a stretch of days in order.")
        raise Refused("days_out_of_order", words, line=number, text=line[:60])
    return {first + timedelta(days=ahead): match[3][:80] for ahead in range((last - first).days + 1)}


@require_POST
def enter(request: FirstbellRequest) -> HttpResponse:
    """Set up a calendar."""
    return _set(request, None)


@require_POST
def setting(request: FirstbellRequest, calendar_id: int) -> HttpResponse:
    """Set a calendar anew."""
    return _set(request, calendar_id)


def _set(request: FirstbellRequest, calendar_id: int | None) -> HttpResponse:
    refusal = attempt(lambda: _take(request, calendar_id))
    if refusal:
        return _form(request, calendar_id, refusal)
    messages.success(request, _("The calendar is set. Every due time follows it from now on."))
    return redirect("calendars")


def _take(request: FirstbellRequest, calendar_id: int | None) -> None:
    sent = request.POST
    name = _one(calendar_id).name if calendar_id else sent.get("name", "").strip()[:80]
    first, last = day_of(sent.get("first_day", "")), day_of(sent.get("last_day", ""))
    if first is None or last is None:
        raise Refused("no_year", _("Give the first and the last day of the school year."))
    if calendar_id is None and Calendar.objects.filter(name=name).exists():
        raise Refused("calendar_exists", _("There is a calendar called “{name}” already. Change that one."), name=name)
    reach = set(sites_of(request.actor, Permission.GRANT_ROLES).values_list("pk", flat=True))
    set_calendar(
        name=name,
        first_day=first,
        last_day=last,
        periods=_periods(sent),
        holidays=days_off(sent.get("off", "")),
        site_ids=sorted(reach & {whole(pk) for pk in sent.getlist("site")}),
        **act_of(request),
    )
