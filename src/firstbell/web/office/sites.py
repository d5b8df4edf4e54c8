"""The sites with the time zone and calendar by which their clocks run; depot and office are entered here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.directory.actions import open_site, set_site
from firstbell.directory.models import Calendar, Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
"""Suggested while somebody types; any zone of the IANA database is taken."""


def _sheet(asked: Asked) -> Sheet[Site]:
    return Sheet(FIELDS, sites_of(asked.by, Permission.SEE_ROLES).select_related("calendar"))


FIELDS: tuple[Field[Site], ...] = (
    Field(gettext_lazy("Site"), lambda row: row.name),
    Field(gettext_lazy("Code"), lambda row: row.code),
    Field(gettext_lazy("Kind"), lambda row: Site.Kind(row.kind).label),
    Field(gettext_lazy("Calendar"), lambda row: row.calendar.name if row.calendar else ""),
    Field(gettext_lazy("Time zone"), lambda row: row.timezone),
    Field(gettext_lazy("Enrolment"), lambda row: row.enrolment, Sort.NUMBER),
    Field(gettext_lazy("Live since"), lambda row: row.live_on, Sort.DAY),
)
LISTING = listing("sites", gettext_lazy("Sites"), "sites", _sheet)


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the sites, and the form to enter one that no roster knows."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    sites = sites_of(request.actor, Permission.SEE_ROLES).select_related("calendar")
    context: dict[str, Any] = {
        "sites": sites,
        "without": [site for site in sites if site.calendar is None and site.kind != Site.Kind.VENDOR],
        "calendars": Calendar.objects.order_by("name"),
        "kinds": Site.Kind.choices,
        "zones": ZONES,
        "may_set": request.actor.sites(Permission.GRANT_ROLES) is None,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "office/sites.html", context, status=status_of(refusal))


@require_POST
def enter(request: FirstbellRequest) -> HttpResponse:
    """Enter a site that no roster knows."""
    sent, kind = request.POST, request.POST.get("kind", "")
    if kind not in Site.Kind.values:
        raise Missing("Kind")
    refusal = attempt(
        lambda: open_site(
            kind=Site.Kind(kind),
            name=sent.get("name", "")[:120],
            timezone=sent.get("timezone", ""),
            calendar_id=whole(sent.get("calendar")),
            **act_of(request),
        )
    )
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("“{name}” is entered. Now make its places.").format(name=sent["name"].strip()))
    return redirect("sites")


def site_page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show one site with the form for its time zone and calendar."""
    return _show_one(request, code)


def _show_one(request: FirstbellRequest, code: str, refusal: Refused | None = None) -> HttpResponse:
    context = {
        "site": _one(request, code),
        "calendars": Calendar.objects.order_by("name"),
        "zones": ZONES,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "office/site.html", context, status=status_of(refusal))


def _one(request: FirstbellRequest, code: str) -> Site:
    site = sites_of(request.actor, Permission.GRANT_ROLES).filter(code=code.upper()).select_related("calendar").first()
    if site is None:
        raise Missing("Site")
    return site


@require_POST
def setting(request: FirstbellRequest, code: str) -> HttpResponse:
    """Set a site's time zone and calendar."""
    sent, site = request.POST, _one(request, code)
    calendar = whole(sent.get("calendar"))
    refusal = attempt(
        lambda: set_site(site_id=site.pk, timezone=sent.get("timezone", ""), calendar_id=calendar, **act_of(request))
    )
    if refusal:
        return _show_one(request, code, refusal)
    messages.success(request, _("{site}: time zone and calendar are set.").format(site=site.name))
    return redirect("sites")
