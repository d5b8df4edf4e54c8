"""Spare parts: what lies where, what runs low, what came, went, was counted or thrown away."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.directory.models import Place
from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.parts.actions import correct_parts, receive_parts, scrap_parts, send_parts, set_reorder_point
from firstbell.parts.models import PartKind, PartStock
from firstbell.parts.queries import low, models_without_parts, stocks, value_of
from firstbell.web.asking import act_of, new_operation, one, safe_next, whole
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

LOWEST = (Column("over", int), Column("pk", int))
PAGE = 50
LIES = (Place.Kind.STORE, Place.Kind.BENCH, Place.Kind.DESK)
"""Kinds of places in which parts lie."""


def parts(request: FirstbellRequest) -> HttpResponse:
    """Show the stocks of parts in reach, those that run low first."""
    return _show(request)


def _lines(asked: Asked) -> Lines[PartStock, PartStock]:
    site, sort, rows = whole(asked.query.get("site")), asked.query.get("sort", ""), stocks(by=asked.by)
    rows = rows.filter(site_id=site) if site else rows
    return Lines(rows.filter(kind__sort=sort) if sort else rows, LOWEST, list)


def _sheet(asked: Asked) -> Sheet[PartStock]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[PartStock], ...] = (
    Field(gettext_lazy("Part"), lambda row: row.kind.name),
    Field(gettext_lazy("Kind"), lambda row: PartKind.Sort(row.kind.sort).label),
    Field(gettext_lazy("Part number"), lambda row: row.kind.number),
    Field(gettext_lazy("Site"), lambda row: row.site.name),
    Field(gettext_lazy("Lies in"), lambda row: row.place.name),
    Field(gettext_lazy("There"), lambda row: row.count, Sort.NUMBER),
    Field(gettext_lazy("Order more at"), lambda row: row.reorder_at, Sort.NUMBER),
    Field(gettext_lazy("Price"), lambda row: str(row.kind.price)),
    Field(gettext_lazy("Supplier"), lambda row: row.kind.supplier),
)
LISTING = listing("parts", gettext_lazy("Spare parts"), "parts", _sheet)


def places_for_parts(by: Actor) -> QuerySet[Place]:
    """Return the open places in which somebody may put parts."""
    sites = sites_of(by, Permission.REPAIR)
    rows = Place.objects.filter(site__in=sites, closed_at=None, kind__in=LIES)
    return rows.select_related("site").order_by("site__name", "name")


def tabs(here: str) -> dict[str, Any]:
    """Return the tabs of the pages about parts."""
    words = (("parts", _("In stock")), ("part_orders", _("To order and ordered")), ("part_kinds", _("Kinds of parts")))
    rows = [{"label": label, "url": reverse(name), "current": name == here, "count": ""} for name, label in words]
    return {"tabs": rows, "tabs_label": _("Spare parts")}


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    by = request.actor
    page = _lines(asked_by(request)).chosen(request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "rows": page.rows,
        "low": low(by=by).filter(reorder_at__gt=0).count(),
        "value": value_of(by=by),
        "without": models_without_parts(),
        "sites": sites_of(by, Permission.REPAIR),
        "site": whole(request.GET.get("site")),
        "sorts": PartKind.Sort.choices,
        "sort": request.GET.get("sort", ""),
        "kinds": PartKind.objects.all(),
        "places": places_for_parts(by)[:400],
        "typed": request.POST,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "refusal": told(refusal),
        "op": new_operation(),
    } | tabs("parts")
    return render(request, "depot/parts.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(safe_next(request, reverse("parts")))


def number(request: FirstbellRequest, field: str) -> int:
    """Return a number that was typed; -1, which every verb refuses, for none."""
    found = whole(request.POST.get(field))
    return -1 if found is None else found


@require_POST
def receive(request: FirstbellRequest) -> HttpResponse:
    """Put what arrived into a place."""
    kind, place = whole(request.POST.get("kind")) or 0, whole(request.POST.get("place")) or 0
    pieces = number(request, "pieces")
    return _do(
        request,
        lambda: receive_parts(kind_id=kind, place_id=place, pieces=pieces, **act_of(request)),
        _("{n} more are there.").format(n=pieces),
    )


def stock_in_reach(request: FirstbellRequest, pk: int) -> PartStock:
    """Return a stock of those who repair at its site."""
    return one(PartStock.objects.visible_to(request.actor, Permission.REPAIR).select_related("kind"), pk=pk)


@require_POST
def count(request: FirstbellRequest, part_stock: int) -> HttpResponse:
    """Correct what is there, throw some away, or say from when on more are ordered."""
    pk = stock_in_reach(request, part_stock).pk
    if "reorder_at" in request.POST:
        at = number(request, "reorder_at")
        return _do(request, lambda: set_reorder_point(stock_id=pk, reorder_at=at, **act_of(request)), _("Noted."))
    if "scrapped" in request.POST:
        gone = number(request, "scrapped")
        return _do(request, lambda: scrap_parts(stock_id=pk, pieces=gone, **act_of(request)), _("Noted."))
    counted = number(request, "counted")
    return _do(request, lambda: correct_parts(stock_id=pk, counted=counted, **act_of(request)), _("Noted."))


@require_POST
def send(request: FirstbellRequest, part_stock: int) -> HttpResponse:
    """Move parts to another place."""
    stock, place = stock_in_reach(request, part_stock), whole(request.POST.get("place")) or 0
    pieces = number(request, "pieces")
    return _do(
        request,
        lambda: send_parts(stock_id=stock.pk, place_id=place, pieces=pieces, **act_of(request)),
        _("{n} lie there now.").format(n=pieces),
    )
