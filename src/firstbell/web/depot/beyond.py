"""What becomes of a device that is beyond repair: its good parts go into stock, or it is recycled as it is."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.devices.queries import owner
from firstbell.flows import beyond as verbs
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.parts.queries import kinds_for
from firstbell.repairs.models import WorkOrder
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.depot.order_view import what_is_wrong
from firstbell.web.depot.parts import places_for_parts
from firstbell.web.desk.words import owner_of
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


def page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show what can be taken out of a device, and where it goes."""
    return _show(request, _order(request, code))


def _order(request: FirstbellRequest, code: str) -> WorkOrder:
    rows = WorkOrder.objects.visible_to(request.actor, Permission.REGISTER_DEVICES)
    return one(rows.select_related("device__model", "site", "ticket"), code=code.upper())


def _show(request: FirstbellRequest, order: WorkOrder, refusal: Refused | None = None) -> HttpResponse:
    assigned = owner(order.device)
    places = places_for_parts(request.actor)
    context: dict[str, Any] = {
        "order": order,
        "device": order.device,
        "what": what_is_wrong(order),
        "owner": owner_of(assigned, request.actor) if assigned else "",
        "kinds": kinds_for(order.device.model_id),
        "places": sorted(places[:400], key=lambda place: place.site_id != order.device.at_site_id),
        "open": order.status == WorkOrder.Status.BEYOND_REPAIR,
        "chosen": request.POST.getlist("kind"),
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/beyond.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, code: str, doing: Callable[[WorkOrder], object], said: str) -> HttpResponse:
    order = _order(request, code)
    refusal = attempt(lambda: doing(order))
    if refusal:
        return _show(request, order, refusal)
    messages.success(request, said.format(tag=order.device.tag))
    return redirect("returns")


def _reason(request: FirstbellRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


@require_POST
def harvest(request: FirstbellRequest, code: str) -> HttpResponse:
    """Put the ticked parts into stock and retire the device."""
    kinds = tuple(sorted(filter(None, map(whole, request.POST.getlist("kind")))))
    place, said = whole(request.POST.get("place")) or 0, _("The parts of {tag} are in stock; it is retired.")
    content: dict[str, Any] = {"kind_ids": kinds, "place_id": place, "reason": _reason(request)}
    return _do(request, code, lambda order: verbs.harvest(work_order_id=order.pk, **content, **act_of(request)), said)


@require_POST
def recycle(request: FirstbellRequest, code: str) -> HttpResponse:
    """Retire the device as it is."""
    said, reason = _("{tag} is retired and goes to recycling."), _reason(request)
    return _do(
        request, code, lambda order: verbs.recycle(work_order_id=order.pk, reason=reason, **act_of(request)), said
    )
