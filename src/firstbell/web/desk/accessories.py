"""Chargers, cords, cases, styluses: what lies where, what runs low, and who has what."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.accessories.actions import (
    correct_count,
    issue_accessory,
    lend_for_day,
    make_kind,
    note_gone,
    note_returned,
    receive_stock,
    replace,
    set_reorder_point,
)
from firstbell.accessories.models import AccessoryKind, Holding, Stock
from firstbell.accessories.queries import low, stock_at, stocks
from firstbell.devices.models import DeviceModel
from firstbell.devices.queries import by_code
from firstbell.directory.models import Place
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.measures.accessories import losses
from firstbell.web.asking import act_of, new_operation, one, safe_next, whole
from firstbell.web.desk.finding import code_in
from firstbell.web.desk.motions import person_called
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

LOWEST = (Column("over", int), Column("pk", int))
PAGE = 50


def accessories(request: FirstbellRequest) -> HttpResponse:
    """Show the stocks in reach, those that run low first."""
    return _show(request)


def _lines(asked: Asked) -> Lines[Stock, Stock]:
    site, rows = whole(asked.query.get("site")), stocks(by=asked.by)
    return Lines(rows.filter(site_id=site) if site else rows, LOWEST, list)


def _sheet(asked: Asked) -> Sheet[Stock]:
    return Sheet(FIELDS, _lines(asked))


FIELDS: tuple[Field[Stock], ...] = (
    Field(gettext_lazy("Kind"), lambda row: row.kind.name),
    Field(gettext_lazy("Sort"), lambda row: AccessoryKind.Sort(row.kind.sort).label),
    Field(gettext_lazy("School"), lambda row: row.site.name),
    Field(gettext_lazy("Lies in"), lambda row: row.place.name),
    Field(gettext_lazy("There"), lambda row: row.count, Sort.NUMBER),
    Field(gettext_lazy("Order more at"), lambda row: row.reorder_at, Sort.NUMBER),
)
LISTING = listing("accessories", gettext_lazy("Accessories"), "accessories", _sheet)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    by, site = request.actor, whole(request.GET.get("site"))
    page = _lines(asked_by(request)).chosen(request.GET.get("after", ""), PAGE)
    sites = sites_of(by, Permission.MOVE_DEVICES)
    places = Place.objects.filter(site__in=sites, closed_at=None, kind__in=[Place.Kind.STORE, Place.Kind.DESK])
    context: dict[str, Any] = {
        "rows": page.rows,
        "low": low(by=by).count(),
        "figures": losses(by=by, at=request.at),
        "sites": sites,
        "site": site,
        "kinds": AccessoryKind.objects.all(),
        "sorts": AccessoryKind.Sort.choices,
        "models": DeviceModel.objects.order_by("manufacturer", "name")[:200],
        "places": places.select_related("site").order_by("site__name", "name")[:400],
        "may_make": by.may(Permission.REGISTER_DEVICES),
        "typed": request.POST,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/accessories.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(safe_next(request, reverse("accessories")))


def _number(request: FirstbellRequest, field: str) -> int:
    found = whole(request.POST.get(field))
    return -1 if found is None else found


@require_POST
def make(request: FirstbellRequest) -> HttpResponse:
    """Count a new kind."""
    sort, name = request.POST.get("sort", ""), request.POST.get("name", "")
    chosen = tuple(sorted(filter(None, map(whole, request.POST.getlist("model")))))

    def doing() -> None:
        if sort not in AccessoryKind.Sort.values:
            raise Refused("sort_unknown", _("Choose what it is."))
        cents = _number(request, "price") * 100
        make_kind(sort=AccessoryKind.Sort(sort), name=name, price_cents=cents, model_ids=chosen, **act_of(request))

    return _do(request, doing, _("“{name}” is counted from now on.").format(name=name))


@require_POST
def receive(request: FirstbellRequest) -> HttpResponse:
    """Put what arrived into a place."""
    kind, place = whole(request.POST.get("kind")) or 0, whole(request.POST.get("place")) or 0
    pieces = _number(request, "pieces")
    return _do(
        request,
        lambda: receive_stock(kind_id=kind, place_id=place, pieces=pieces, **act_of(request)),
        _("{n} more are there.").format(n=pieces),
    )


def _stock(request: FirstbellRequest, pk: int) -> Stock:
    return one(Stock.objects.visible_to(request.actor, Permission.MOVE_DEVICES).select_related("kind"), pk=pk)


@require_POST
def count(request: FirstbellRequest, stock: int) -> HttpResponse:
    """Correct what is there, or from when on more are ordered."""
    found = _stock(request, stock)
    if "reorder_at" in request.POST:
        at = _number(request, "reorder_at")
        return _do(
            request,
            lambda: set_reorder_point(stock_id=found.pk, reorder_at=at, **act_of(request)),
            _("Noted."),
        )
    counted = _number(request, "counted")
    return _do(request, lambda: correct_count(stock_id=found.pk, counted=counted, **act_of(request)), _("Noted."))


@require_POST
def issue(request: FirstbellRequest, stock: int) -> HttpResponse:
    """Give one away: with the device that was scanned, or for the day to the person."""
    found = _stock(request, stock)
    text = request.POST.get("to", "").strip()[:200]

    def doing() -> None:
        act = act_of(request)
        device = by_code(code_in(text), by=request.actor) if text else None
        if device:
            issue_accessory(stock_id=found.pk, device_id=device.pk, **act)
        else:
            person = person_called(text, request.actor)
            lend_for_day(stock_id=found.pk, person_id=person.pk, **act)

    return _do(request, doing, _("{kind} went out.").format(kind=found.kind.name))


@require_POST
def settle(request: FirstbellRequest, holding: int) -> HttpResponse:
    """Say what became of one that is out: back, lost, broken; or replace it."""
    rows = Holding.objects.visible_to(request.actor, Permission.LEND).select_related("kind")
    found = one(rows, pk=holding)
    return _do(request, lambda: _settle(request, found), _("Noted: {kind}.").format(kind=found.kind.name))


def _settle(request: FirstbellRequest, holding: Holding) -> None:
    what, act = request.POST.get("what", ""), act_of(request)
    stock = stock_at(holding.site_id, holding.kind_id)
    if what in {Holding.End.LOST, Holding.End.BROKEN}:
        note_gone(holding_id=holding.pk, end=Holding.End(what), **act)
    elif stock is None:
        raise Refused("no_stock", _("This school has no place for these yet. Receive some first."))
    elif what == "replace":
        replace(holding_id=holding.pk, stock_id=stock.pk, end=Holding.End.LOST, **act)
    else:
        note_returned(holding_id=holding.pk, place_id=stock.place_id, **act)
