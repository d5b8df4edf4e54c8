"""What travels on a broken device: a tag without a name; and a new code for a device's label."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.connectors.papers import marks, typeset
from firstbell.devices.actions.inventory import renew_label
from firstbell.devices.models import Device
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets.queries import open_ticket_of
from firstbell.tickets.triage import symptom
from firstbell.web.asking import act_of, one
from firstbell.web.desk.words import device_address
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import device_link, paper
from firstbell.web.refusing import attempt


def luggage_tag(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Print the tag for a device on its way to repair: school, fault, codes; nobody's name."""
    device = one(Device.objects.visible_to(request.actor).select_related("model", "home_site"), tag=tag)
    order = order_of(device.pk)
    ticket = open_ticket_of(device.pk, by=request.actor)
    code = order.code if order else ticket.code if ticket else device.tag
    values = {
        "tag": device.tag,
        "model": str(device.model),
        "serial": device.serial,
        "qr": marks.square(device_link(request, device)),
        "bars": marks.bars(code),
        "code": code,
        "lines": _lines(device, order, order.symptom if order else ticket.symptom if ticket else ""),
        "printed": date_format(request.at, "SHORT_DATE_FORMAT"),
    }
    return paper(typeset.pdf("luggage", values), f"tag-{code}")


def _lines(device: Device, order: WorkOrder | None, fault: str) -> list[tuple[str, str]]:
    branch = symptom(fault)
    said = f"{branch.label} ({branch.code})" if branch else _("not said")
    lines = [(_("Comes from and goes back to"), (order.site if order else device.home_site).name)]
    lines.append((_("What is wrong"), said))
    lines.append((_("Repair") if order else _("Device"), order.code if order else device.tag))
    return lines


@require_POST
def renew(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Give the device's label a new code."""
    device = one(Device.objects.visible_to(request.actor), tag=tag)
    refusal = attempt(lambda: renew_label(device_id=device.pk, **act_of(request)))
    if refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("{tag} has a new code. Print its label and stick it on.").format(tag=device.tag))
    return HttpResponseRedirect(f"{device_address(device)}/record")
