"""A code that is nothing yet becomes a device: the way on from a scan that found nothing."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.devices.actions.inventory import register
from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Place
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.desk.words import device_address
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


def register_page(request: FirstbellRequest) -> HttpResponse:
    """Show the form, with the code that was scanned as its tag."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    typed = request.POST if request.method == "POST" else request.GET
    reach = request.actor.sites(Permission.REGISTER_DEVICES)
    places = Place.objects.filter(closed_at__isnull=True).select_related("site").order_by("site__name", "name")
    context: dict[str, Any] = {
        "typed": typed,
        "model": whole(typed.get("model")),
        "models": DeviceModel.objects.order_by("manufacturer", "name"),
        "places": places if reach is None else places.filter(site_id__in=reach),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/register.html", context, status=status_of(refusal))


@require_POST
def enter(request: FirstbellRequest) -> HttpResponse:
    """Enter a device into the inventory."""
    place = Place.objects.filter(code=request.POST.get("place", "").upper(), closed_at__isnull=True).first()
    model = DeviceModel.objects.filter(pk=whole(request.POST.get("model")) or 0).first()
    if place and not request.actor.may(Permission.REGISTER_DEVICES, place.site_id):
        raise Missing("Place")
    made: list[Device] = []

    def doing() -> None:
        if place is None or model is None:
            raise Refused("incomplete", _("Choose the model, and the place where it lies."))
        tag, serial = request.POST.get("tag", "")[:40], request.POST.get("serial", "")[:60]
        made.append(register(tag=tag, serial=serial, model_id=model.pk, place_id=place.pk, **act_of(request)))

    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("{tag} is in the inventory now.").format(tag=made[0].tag))
    return HttpResponseRedirect(device_address(made[0]))
