"""What should be ordered, what is on its way, and how suppliers keep their promises."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from firstbell.connectors.papers import typeset
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.parts.actions import end_order, order_parts, receive_order
from firstbell.parts.models import PartKind, PartOrder
from firstbell.parts.queries import Proposal, deliveries, open_orders, to_order
from firstbell.web.asking import act_of, new_operation, one
from firstbell.web.depot.parts import number, stock_in_reach, tabs
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper
from firstbell.web.refusing import attempt, status_of, told

SHOWN = 200


def part_orders(request: FirstbellRequest) -> HttpResponse:
    """Show what to order, what is awaited, and promised beside actual days."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    by, today = request.actor, request.at.date()
    proposals = to_order(by=by)
    context: dict[str, Any] = {
        "proposals": [(row, str(new_operation())) for row in proposals],
        "total": _total(proposals),
        "orders": [(row, row.late_on(today), str(new_operation())) for row in open_orders(by=by)[:SHOWN]],
        "deliveries": deliveries(by=by),
        "refusal": told(refusal),
    } | tabs("part_orders")
    return render(request, "depot/part_orders.html", context, status=status_of(refusal))


def _total(proposals: list[Proposal]) -> Money:
    return Money(sum(row.cost.cents for row in proposals))


def _sheet(asked: Asked) -> Sheet[Proposal]:
    return Sheet(FIELDS, to_order(by=asked.by))


FIELDS: tuple[Field[Proposal], ...] = (
    Field(gettext_lazy("Supplier"), lambda row: row.stock.kind.supplier),
    Field(gettext_lazy("Part"), lambda row: row.stock.kind.name),
    Field(gettext_lazy("Part number"), lambda row: row.stock.kind.number),
    Field(gettext_lazy("Site"), lambda row: row.stock.site.name),
    Field(gettext_lazy("There"), lambda row: row.stock.count, Sort.NUMBER),
    Field(gettext_lazy("On its way"), lambda row: row.coming, Sort.NUMBER),
    Field(gettext_lazy("To order"), lambda row: row.pieces, Sort.NUMBER),
    Field(gettext_lazy("Price"), lambda row: str(row.stock.kind.price)),
    Field(gettext_lazy("In all"), lambda row: str(row.cost)),
)
LISTING = listing("part_orders", gettext_lazy("Parts to order"), "part_orders", _sheet)


def draft(request: FirstbellRequest) -> HttpResponse:
    """Print what should be ordered, as a paper for the office or the supplier."""
    proposals = to_order(by=request.actor)
    values = {
        "title": _("Parts to order"),
        "about": [date_format(request.at, "DATE_FORMAT"), str(request.user)],
        "heads": [_("Part"), _("Supplier"), _("Site"), _("To order"), _("Price"), _("In all")],
        "rows": [_printed(row) for row in proposals],
        "total": _("In all {sum}").format(sum=_total(proposals)),
        "empty": _("Nothing has reached its reorder point."),
        "signs": [_("Approved by, date"), _("Ordered by, date")],
    }
    return paper(typeset.pdf("order", values), "parts-to-order")


def _printed(row: Proposal) -> list[str]:
    kind = row.stock.kind
    name = f"{kind.name} ({kind.number})" if kind.number else kind.name
    return [name, kind.supplier or "–", row.stock.site.name, str(row.pieces), str(kind.price), str(row.cost)]


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("part_orders"))


@require_POST
def order(request: FirstbellRequest, part_stock: int) -> HttpResponse:
    """Note that parts were ordered."""
    stock, pieces = stock_in_reach(request, part_stock), number(request, "pieces")
    made: list[PartOrder] = []
    refusal = attempt(lambda: made.append(order_parts(stock_id=stock.pk, pieces=pieces, **act_of(request))))
    if refusal:
        return _show(request, refusal)
    day = date_format(made[0].promised_on, "MONTH_DAY_FORMAT")
    said = _("Noted. It is promised for {day}.").format(day=day)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("part_orders"))


def _order(request: FirstbellRequest, pk: int) -> PartOrder:
    return one(PartOrder.objects.visible_to(request.actor, Permission.REPAIR).select_related("kind"), pk=pk)


@require_POST
def arrival(request: FirstbellRequest, part_order: int) -> HttpResponse:
    """Put what came of an order into its place."""
    row, pieces = _order(request, part_order), number(request, "pieces")
    said = ngettext("{n} piece is in stock.", "{n} pieces are in stock.", pieces).format(n=pieces)
    return _do(request, lambda: receive_order(order_id=row.pk, pieces=pieces, **act_of(request)), said)


@require_POST
def end(request: FirstbellRequest, part_order: int) -> HttpResponse:
    """Wait no longer for what is missing of an order."""
    row = _order(request, part_order)
    said = _("Nothing more is awaited: {part}.").format(part=PartKind.Sort(row.kind.sort).label)
    return _do(request, lambda: end_order(order_id=row.pk, **act_of(request)), said)
