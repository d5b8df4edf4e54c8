"""The places of a school: rooms, shelves and boxes, each with a code that a scan leads to."""

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.devices.models import Device
from firstbell.devices.queries import owner, resting_in, where
from firstbell.directory.actions import Hours, make_place, renew_place_code, secure_place, set_drop_point
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import leads_of, school_time_of, sites_of
from firstbell.directory.rules import DROP_POINTS
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.rounds.queries import charging_of
from firstbell.web.asking import act_of, clock_of, new_operation, whole
from firstbell.web.desk.past import asked_day, place_then
from firstbell.web.desk.posters import POSTED, poster_of
from firstbell.web.desk.words import PLACE_ICONS, device_address, owner_of, site_time, where_is
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.papers import place_link, qr
from firstbell.web.refusing import attempt, status_of, told

WEEK = range(7)
BY_SITE = (Column("site__name", str), Column("name", str), Column("pk", int))
BY_TAG = (Column("tag", str), Column("pk", int))
PAGE = 100


def _in_reach(by: Actor) -> QuerySet[Place]:
    reach = by.sites(Permission.MOVE_DEVICES)
    rows = Place.objects.filter(closed_at__isnull=True).select_related("site")
    return rows if reach is None else rows.filter(site_id__in=reach)


def _filtered(query: QueryDict, rows: QuerySet[Place]) -> QuerySet[Place]:
    site, words = whole(query.get("site")), query.get("q", "").strip()[:80]
    if site:
        rows = rows.filter(site_id=site)
    return rows.filter(Q(name__icontains=words) | Q(code__iexact=words)) if words else rows


def _lines(asked: Asked) -> Lines[Place, Place]:
    resting = Count("custodies", filter=Q(custodies__until__isnull=True))
    return Lines(_filtered(asked.query, _in_reach(asked.by)).annotate(resting=resting), BY_SITE, list)


def _sheet(asked: Asked) -> Sheet[Place]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Place], ...] = (
    Field(gettext_lazy("School"), lambda row: row.site.name),
    Field(gettext_lazy("Place"), lambda row: row.name),
    Field(gettext_lazy("Kind"), lambda row: Place.Kind(row.kind).label),
    Field(gettext_lazy("Code"), lambda row: row.code),
    Field(gettext_lazy("Devices"), lambda row: getattr(row, "resting", 0), Sort.NUMBER),
)
LISTING = listing("places", gettext_lazy("Places"), "places", _sheet)


def places(request: FirstbellRequest) -> HttpResponse:
    """Show the places with what rests in them."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    page = _lines(asked_by(request)).chosen(request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "rows": [{"place": row, "icon": PLACE_ICONS[Place.Kind(row.kind)]} for row in page.rows],
        "sites": sites_of(request.actor, Permission.MOVE_DEVICES),
        "site": whole(request.GET.get("site")),
        "q": request.GET.get("q", ""),
        "kinds": Place.Kind.choices,
        "typed": request.POST,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/places.html", context, status=status_of(refusal))


@require_POST
def make(request: FirstbellRequest) -> HttpResponse:
    """Make a place."""
    kind = request.POST.get("kind", "")
    site = whole(request.POST.get("site")) or 0
    if not Site.objects.filter(pk=site).exists() or kind not in Place.Kind.values:
        raise Missing("Site")
    name = request.POST.get("name", "")[:80]
    refusal = attempt(lambda: make_place(site_id=site, kind=Place.Kind(kind), name=name, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("“{name}” is a place now. Print its code and put it up there.").format(name=name))
    return HttpResponseRedirect("/places")


def _place(by: Actor, code: str, permission: Permission = Permission.SEE_DEVICES) -> Place:
    place = Place.objects.select_related("site", "custodian").filter(code=code.upper(), closed_at__isnull=True).first()
    if place is None or not by.may(permission, place.site_id):
        raise Missing("Place")
    return place


def _resting(place: Place, by: Actor) -> Lines[Device, Device]:
    return Lines(resting_in(place.pk, by=by), BY_TAG, list)


def _place_sheet(asked: Asked) -> Sheet[Device]:
    place = _place(asked.by, asked.about["code"])
    owners: Field[Device] = Field(gettext_lazy("Belongs to"), lambda row: _owner(row, asked.by), Sort.PERSON)
    return Sheet([*IN_PLACE, owners], _resting(place, asked.by))


def _owner(row: Device, by: Actor) -> str:
    found = owner(row)
    return owner_of(found, by) if found else ""


IN_PLACE: tuple[Field[Device], ...] = (
    Field(gettext_lazy("Device"), lambda row: row.tag),
    Field(gettext_lazy("Model"), lambda row: str(row.model)),
    Field(gettext_lazy("Status"), lambda row: Device.Status(row.status).label),
    Field(gettext_lazy("Here since"), lambda row: site_time(_since(row), row.at_site), Sort.MOMENT),
)
PLACE = listing("place", gettext_lazy("Place"), "place", _place_sheet)


def _since(row: Device) -> datetime | None:
    found = where(row)
    return found.since if found else None


def place_page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show a place: its code, and what rests in it."""
    place = _place(request.actor, code)
    page = _resting(place, request.actor).chosen(request.GET.get("after", ""), PAGE)
    address = place_link(request, place)
    context = {
        "place": place,
        "kind": Place.Kind(place.kind).label,
        "address": address,
        "qr": qr(address),
        "poster": poster_of(place) if place.kind in POSTED else None,
        "devices": [
            {
                "device": row,
                "url": device_address(row),
                "owner": _owner(row, request.actor),
                "since": where_is(where(row), request.actor).since,
            }
            for row in page.rows
        ],
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "then": place_then(place, asked_day(request, place.site.timezone), request.actor),
        "securities": Place.Security.choices if place.kind != Place.Kind.ROOM else (),
        "charging": charging_of(place),
        "hours": _hours_said(place) if place.kind in DROP_POINTS else None,
        "may_renew": request.actor.may(Permission.MOVE_DEVICES, place.site_id),
        "op": new_operation(),
    }
    return render(request, "desk/place.html", context)


def _hours_said(place: Place) -> list[tuple[int, str, str]]:
    return [
        (span.weekday, time_format(span.starts, "TIME_FORMAT"), time_format(span.ends, "TIME_FORMAT"))
        for span in place.open_hours.all()
    ]


def drop_point(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show when a place takes devices, and who answers for it, to be set anew."""
    return _show_drop_point(request, _drop_point(request, code))


def _drop_point(request: FirstbellRequest, code: str) -> Place:
    place = _place(request.actor, code, Permission.MOVE_DEVICES)
    if place.kind not in DROP_POINTS:
        raise Missing("Place")
    return place


def _show_drop_point(request: FirstbellRequest, place: Place, refusal: Refused | None = None) -> HttpResponse:
    """Show the hours as they are, or as they were sent and refused."""
    sent = [(day, str(starts or ""), str(ends or "")) for day, starts, ends in _spans(request)]
    kept = [(span.weekday, f"{span.starts:%H:%M}", f"{span.ends:%H:%M}") for span in place.open_hours.all()]
    rows = sent if refusal else kept
    context = {
        "place": place,
        "days": [(day, [row[1:] for row in rows if row[0] == day] + [("", "")]) for day in _days(place, rows)],
        "leads": leads_of(place.site_id, on=request.at.date()),
        "custodian": whole(request.POST.get("custodian")) if refusal else place.custodian_id,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/drop_point.html", context, status=status_of(refusal))


def _days(place: Place, rows: list[tuple[int, str, str]]) -> list[int]:
    """Return the weekdays on which the school is open, and those that have hours already."""
    return sorted(set(school_time_of(place.site_id).hours) | {row[0] for row in rows})


def _spans(request: FirstbellRequest) -> list[tuple[int, time | None, time | None]]:
    """Return the stretches that were sent; a row without any time is none."""
    fields = (request.POST.getlist(name) for name in ("weekday", "starts", "ends"))
    rows = [(whole(day), clock_of(starts), clock_of(ends)) for day, starts, ends in zip(*fields, strict=False)]
    return [(day, starts, ends) for day, starts, ends in rows if day is not None and day in WEEK and (starts or ends)]


@require_POST
def set_hours(request: FirstbellRequest, code: str) -> HttpResponse:
    """Set when a place takes devices, and who answers for it."""
    place = _drop_point(request, code)
    refusal = attempt(lambda: _set_hours(request, place))
    if refusal:
        return _show_drop_point(request, place, refusal)
    messages.success(request, _("Saved. People see these hours when they report something."))
    return HttpResponseRedirect(f"/places/{place.code}")


def _set_hours(request: FirstbellRequest, place: Place) -> None:
    spans = _spans(request)
    hours = [Hours(day, starts, ends) for day, starts, ends in spans if starts and ends]
    if len(hours) < len(spans):
        raise Refused("half_a_time", _("A line has only one time. Give both, or neither."))
    custodian = whole(request.POST.get("custodian"))
    set_drop_point(place_id=place.pk, hours=hours, custodian_id=custodian, **act_of(request))


@require_POST
def renew(request: FirstbellRequest, code: str) -> HttpResponse:
    """Give a place a new code."""
    place = _place(request.actor, code, Permission.MOVE_DEVICES)
    fresh = renew_place_code(place_id=place.pk, **act_of(request))
    messages.success(
        request,
        _("“{name}” has a new code. Now print its new poster and label.").format(name=place.name),
    )
    return HttpResponseRedirect(f"/places/{fresh.code}")


@require_POST
def secure(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say how well a place is secured, and whether its stock is counted every day."""
    place = _place(request.actor, code, Permission.MOVE_DEVICES)
    secure_place(
        place_id=place.pk,
        security=request.POST.get("security", ""),
        counted_daily="counted_daily" in request.POST,
        **act_of(request),
    )
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(f"/places/{place.code}")
