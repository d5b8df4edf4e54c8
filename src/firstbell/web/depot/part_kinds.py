"""Kinds of parts: what fits which model, who delivers it, in how many days and for how much."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.devices.models import DeviceModel
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import read_money
from firstbell.kernel.roles import Permission
from firstbell.parts.actions import amend_kind, make_kind, take_usual_kinds
from firstbell.parts.models import PartKind
from firstbell.parts.queries import models_without_parts
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.depot.parts import number, tabs
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

BY_NAME = (Column("name", str), Column("pk", int))
PAGE = 50


def part_kinds(request: FirstbellRequest) -> HttpResponse:
    """Show the kinds of parts."""
    return _show(request)


def _lines(_asked: Asked) -> Lines[PartKind, PartKind]:
    fits = Prefetch("fits", queryset=DeviceModel.objects.order_by("manufacturer", "name"), to_attr="models")
    return Lines(PartKind.objects.prefetch_related(fits), BY_NAME, list)


def _sheet(asked: Asked) -> Sheet[PartKind]:
    return Sheet(FIELDS, _lines(asked))


def fits_said(kind: PartKind) -> str:
    """Return the models that a kind fits, as words."""
    models: list[DeviceModel] = getattr(kind, "models", [])
    return ", ".join(map(str, models)) or _("every model")


FIELDS: tuple[Field[PartKind], ...] = (
    Field(gettext_lazy("Part"), lambda kind: kind.name),
    Field(gettext_lazy("Kind"), lambda kind: PartKind.Sort(kind.sort).label),
    Field(gettext_lazy("Part number"), lambda kind: kind.number),
    Field(gettext_lazy("Fits"), fits_said),
    Field(gettext_lazy("Supplier"), lambda kind: kind.supplier),
    Field(gettext_lazy("Price"), lambda kind: str(kind.price)),
    Field(gettext_lazy("Days of delivery"), lambda kind: kind.lead_days, Sort.NUMBER),
)
LISTING = listing("part_kinds", gettext_lazy("Kinds of parts"), "part_kinds", _sheet)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    page = _lines(asked_by(request)).chosen(request.GET.get("after", ""), PAGE)
    context: dict[str, Any] = {
        "rows": [(kind, fits_said(kind)) for kind in page.rows],
        "without": models_without_parts(),
        "sorts": PartKind.Sort.choices,
        "models": DeviceModel.objects.order_by("manufacturer", "name")[:200],
        "chosen": request.POST.getlist("model"),
        "may_make": request.actor.may(Permission.REGISTER_DEVICES),
        "typed": request.POST,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "refusal": told(refusal),
        "op": new_operation(),
    } | tabs("part_kinds")
    return render(request, "depot/part_kinds.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("part_kinds"))


def _cents(request: FirstbellRequest) -> int:
    found = read_money(request.POST.get("price", ""))
    if found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return found.cents


@require_POST
def make(request: FirstbellRequest) -> HttpResponse:
    """Count a new kind of part."""
    sent = request.POST
    name = sent.get("name", "")
    models = tuple(sorted(filter(None, map(whole, sent.getlist("model")))))

    def doing() -> None:
        make_kind(
            sort=sent.get("sort", ""),
            name=name,
            number=sent.get("number", ""),
            supplier=sent.get("supplier", ""),
            price_cents=_cents(request),
            lead_days=number(request, "lead_days"),
            model_ids=models,
            **act_of(request),
        )

    return _do(request, doing, _("“{name}” is counted from now on.").format(name=name))


@require_POST
def amend(request: FirstbellRequest, part_kind: int) -> HttpResponse:
    """Note price, supplier and days of delivery anew."""

    def doing() -> None:
        supplier, days = request.POST.get("supplier", ""), number(request, "lead_days")
        amend_kind(kind_id=part_kind, supplier=supplier, price_cents=_cents(request), lead_days=days, **act_of(request))

    return _do(request, doing, _("Noted. What was used or ordered keeps its price."))


@require_POST
def take_usual(request: FirstbellRequest) -> HttpResponse:
    """Make the usual kinds for the models in use that have none."""
    models = tuple(model.pk for model in models_without_parts())
    said = _("These kinds are counted from now on. Correct price and days of delivery where your supplier says others.")
    return _do(request, lambda: take_usual_kinds(model_ids=models, **act_of(request)), said)
