"""The manifest: what travels together, who has it, what has arrived and what is still on the way."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import plan
from firstbell.devices.models import Device, Shipment, ShipmentItem
from firstbell.devices.queries import find_devices, where
from firstbell.directory.models import Place, Site
from firstbell.flows.transport import found_elsewhere, scan_in, take_extra
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder
from firstbell.web.asking import act_of, new_operation, one, safe_next, whole
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.depot.due import QUESTIONS, Signal, arrival_signal
from firstbell.web.depot.marks import bar_code, qr_code
from firstbell.web.desk.finding import code_in
from firstbell.web.desk.words import site_time, where_is
from firstbell.web.lists import Asked, Field, Sheet, Sort, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


@dataclass(frozen=True)
class Line:
    """One line of the manifest."""

    item: ShipmentItem
    device: Device
    symptom: str


@dataclass(frozen=True)
class Extra:
    """A device that was scanned here and is not on the manifest, with where the record has it."""

    text: str
    device: Device | None
    where: str
    other: str


def shipment_in_reach(by: Actor, code: str) -> Shipment:
    """Return a shipment that this actor may see."""
    rows = Shipment.objects.visible_to(by).select_related("from_site", "to_site__calendar", "carrier")
    whole_row = rows.prefetch_related("to_site__calendar__periods", "to_site__calendar__holidays")
    return one(whole_row, code=code.upper())


def _may_receive(request: FirstbellRequest, row: Shipment) -> bool:
    return any(request.actor.may(carry, row.to_site_id) for carry in (Permission.SHIP, Permission.TRANSPORT))


def lines_of(row: Shipment) -> list[Line]:
    orders = WorkOrder.objects.everyone(reason="of devices on a manifest in reach").filter(
        closed_at__isnull=True, device=OuterRef("device")
    )
    items = ShipmentItem.objects.filter(shipment=row).select_related("device__model")
    known = items.annotate(symptom=Subquery(orders.values("symptom")[:1])).order_by("device__tag")
    return [Line(item, item.device, said_symptom(item.symptom or "")) for item in known]


def _sheet(asked: Asked) -> Sheet[Line]:
    row = shipment_in_reach(asked.by, asked.about["code"])
    came: Field[Line] = Field(
        gettext_lazy("Scanned in"), lambda line: site_time(line.item.received_at, row.to_site), Sort.MOMENT
    )
    return Sheet([*FIELDS, came], lines_of(row))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.device.tag),
    Field(gettext_lazy("Serial number"), lambda line: line.device.serial),
    Field(gettext_lazy("Model"), lambda line: str(line.device.model)),
    Field(gettext_lazy("What is wrong"), lambda line: line.symptom),
)
LISTING = listing("shipment", gettext_lazy("Manifest"), "shipment", _sheet)


def shipment(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show a manifest to both sides."""
    return _show(request, code)


def _show(
    request: FirstbellRequest,
    code: str,
    refusal: Refused | None = None,
    extra: Extra | None = None,
    said: str = "",
) -> HttpResponse:
    row = shipment_in_reach(request.actor, code)
    context = _manifest(request, row) | {"refusal": told(refusal), "extra": extra, "said": said}
    status = 422 if extra else status_of(refusal)
    if request.headers.get("HX-Request"):
        return render(request, "depot/parts/manifest.html", context, status=status)
    return render(request, "depot/shipment.html", context | _around(request, row, context["open"]), status=status)


def _manifest(request: FirstbellRequest, row: Shipment) -> dict[str, Any]:
    lines = lines_of(row)
    still = [line for line in lines if line.item.received_at is None]
    return {
        "shipment": row,
        "lines": lines,
        "open": still,
        "arrived": len(lines) - len(still),
        "may_receive": _may_receive(request, row) and bool(still),
        "to_depot": row.to_site.kind == Site.Kind.DEPOT,
        "op": new_operation(),
    }


def _around(request: FirstbellRequest, row: Shipment, still: list[Line]) -> dict[str, Any]:
    """Return what surrounds the manifest: its age, its codes, and where a device may have turned up."""
    address = request.build_absolute_uri(request.path)
    label = _("Shipment {code}").format(code=row.code)
    signal = _signal(request, row) if still else None
    return {
        "signal": signal,
        "late": signal is not None and signal.kind == "late",
        "qr": qr_code(address.split("/arrivals")[0], label),
        "bars": bar_code(row.code, label),
        "places": _finds(request, row) if still else [],
        "carrier": str(row.carrier) if row.carrier else "",
    }


def _signal(request: FirstbellRequest, row: Shipment) -> Signal:
    return arrival_signal(row.to_site, row.sent_at or row.packed_at, plan(QUESTIONS), request.at)


def _finds(request: FirstbellRequest, row: Shipment) -> list[Place]:
    """Return the places where this reader may say that a device turned up."""
    sites = [
        site
        for site in (row.from_site_id, row.to_site_id)
        if any(request.actor.may(carry, site) for carry in (Permission.SHIP, Permission.TRANSPORT))
    ]
    rows = Place.objects.filter(site_id__in=sites, closed_at__isnull=True).exclude(kind=Place.Kind.ROOM)
    return list(rows.select_related("site").order_by("site__name", "name"))


@require_POST
def arrivals(request: FirstbellRequest, code: str) -> HttpResponse:
    """Scan in: everything (the shipment's own code, or the button), or the one device that was scanned."""
    row, act = shipment_in_reach(request.actor, code), act_of(request)
    text = code_in(request.POST.get("code", "").strip()[:200])
    if text and text.upper() != row.code:
        return _one_arrives(request, row, text, act)
    refusal = attempt(lambda: scan_in(shipment_id=row.pk, **act))
    if refusal:
        return _show(request, code, refusal)
    said = _all_in(row)
    if request.headers.get("HX-Request"):
        return _show(request, code, said=said)
    messages.success(request, said)
    return HttpResponseRedirect(safe_next(request, row_address(row)))


def row_address(row: Shipment) -> str:
    """Return the page of a shipment."""
    return f"/shipments/{row.code}"


def _all_in(row: Shipment) -> str:
    count = row.items.count()
    return ngettext("%(n)d device of %(code)s is in.", "All %(n)d devices of %(code)s are in.", count) % {
        "n": count,
        "code": row.code,
    }


def _item(row: Shipment, text: str) -> ShipmentItem | None:
    """Return the one line that a scanned tag, serial or label code means; a whole tag goes before a serial's end."""
    wanted = {normalise_tag(text), normalise_serial(text)}
    items = ShipmentItem.objects.filter(shipment=row, device__codes__code__in=wanted).select_related("device")
    found = list(items.distinct())
    exact = [item for item in found if item.device.tag in wanted]
    return (exact or found)[0] if len(exact or found) == 1 else None


def _one_arrives(request: FirstbellRequest, row: Shipment, text: str, act: dict[str, Any]) -> HttpResponse:
    item = _item(row, text)
    if item is None:
        return _show(request, row.code, extra=_extra(request, text))
    tag = item.device.tag
    if item.received_at:
        return _answer(request, row, _("{tag} is in already.").format(tag=tag))
    refusal = attempt(lambda: scan_in(shipment_id=row.pk, device_ids=(item.device_id,), **act))
    if refusal:
        return _show(request, row.code, refusal)
    return _answer(request, row, _("{tag} is in.").format(tag=tag))


def _answer(request: FirstbellRequest, row: Shipment, said: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _show(request, row.code, said=said)
    messages.success(request, said)
    return HttpResponseRedirect(safe_next(request, row_address(row)))


def _extra(request: FirstbellRequest, text: str) -> Extra:
    found = find_devices(text, by=request.actor, exact=True, limit=2)
    device = found[0] if len(found) == 1 else None
    if device is None:
        return Extra(text, None, "", "")
    custody = where(device)
    other = custody.shipment.code if custody and custody.shipment else ""
    return Extra(text, device, where_is(custody, request.actor).where, other)


@require_POST
def extra(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take in a device that came along without being on the manifest."""
    row, act = shipment_in_reach(request.actor, code), act_of(request)
    device = one(Device.objects.visible_to(request.actor), pk=whole(request.POST.get("device")))
    refusal = attempt(lambda: take_extra(shipment_id=row.pk, device_id=device.pk, **act))
    if refusal:
        return _show(request, code, refusal)
    return _answer(request, row, _("{tag} is in, although it was not on the manifest.").format(tag=device.tag))


@require_POST
def found(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take a device off its shipment because it turned up somewhere else."""
    row, act = shipment_in_reach(request.actor, code), act_of(request)
    item = ShipmentItem.objects.filter(shipment=row, device_id=whole(request.POST.get("device")) or 0).first()
    place = whole(request.POST.get("place"))
    if item is None or place is None:
        return _show(request, code, Refused("choose_both", _("Choose the device and where it turned up.")))
    refusal = attempt(lambda: found_elsewhere(device_id=item.device_id, place_id=place, **act))
    if refusal:
        return _show(request, code, refusal)
    messages.success(request, _("{tag} is found and off this shipment.").format(tag=item.device.tag))
    return redirect("shipment", row.code)
