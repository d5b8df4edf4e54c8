"""A device's page: where it is, whose turn, one next step; its history, its record."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from firstbell.accessories.queries import with_device
from firstbell.decisions.queries import says
from firstbell.decisions.register import VENDOR_ROUTE
from firstbell.devices.models import Assignment, Award, Condition, Custody, MobileLine, OldSerial
from firstbell.devices.queries import owns_another
from firstbell.directory.models import Person, Place
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.queries import history
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.rules import ON_THE_BENCH
from firstbell.tickets.triage import Symptom, symptoms
from firstbell.vendors.models import VendorCase
from firstbell.vendors.queries import case_on
from firstbell.web.asking import new_operation, whole
from firstbell.web.cover import lines_of
from firstbell.web.desk.brought import said_of_loaner
from firstbell.web.desk.device_view import Beside, DeviceView, Step, conditions, journey, look, turn
from firstbell.web.desk.expected import expected_back
from firstbell.web.desk.past import asked_day, device_then
from firstbell.web.desk.words import address, local_day, money, name_of, owner_of, where_is
from firstbell.web.history import lines
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import status_of, told

NOT_AT_A_DESK = frozenset({"missing", "blocked"})
"""What nobody brings to the desk: it is noted, nothing is swapped."""


def device_page(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Show a device."""
    return show(request, tag)


def beside_of(request: FirstbellRequest) -> Beside:
    """Return what was brought to the device: from a form that was refused, else from the address."""
    asked = request.POST if request.method == "POST" else request.GET
    return Beside(
        loaner=asked.get("loaner", "")[:64],
        symptom=asked.get("symptom", "")[:40],
        person=_person(asked.get("person"), request.actor),
        place=_place(asked.get("place", ""), request.actor),
    )


def _person(text: str | None, by: Actor) -> Person | None:
    number = whole(text)
    return Person.objects.visible_to(by).filter(pk=number).first() if number else None


def _place(code: str, by: Actor) -> Place | None:
    place = Place.objects.select_related("site").filter(code=code, closed_at__isnull=True).first() if code else None
    return place if place and by.may(Permission.MOVE_DEVICES, place.site_id) else None


def show(request: FirstbellRequest, tag: str, refusal: Refused | None = None) -> HttpResponse:
    """Show a device; after a refusal with the sentence, and what was entered, in place."""
    view = look(tag, by=request.actor, at=request.at, beside=beside_of(request))
    context = {
        "view": view,
        "device": view.device,
        "step": f"desk/steps/{view.step}.html",
        "turn": turn(view),
        "journey": journey(view),
        "expected": expected_back(view.order, view.custody, view.at),
        "symptoms": offered_symptoms(),
        "conditions": conditions(),
        "grade": _grade(request),
        "seconds": _why_second(view, refusal),
        "typed_who": request.POST.get("who", ""),
        "refusal": told(refusal),
        "box": _box(view),
        "holdings": with_device(view.device),
        "covers": lines_of(view.covers, local_day(request.at, view.device.home_site)),
        "case": _case(view),
        "may_hand_out": may_hand_out(view),
        "travel": travel(view),
        "then": device_then(view.device, asked_day(request, view.device.home_site.timezone), view.by),
        "brought": said_of_loaner(view) if refusal is None else ("", ""),
        "zone": view.device.home_site.timezone,
        "scan_beside": beside_scan(view),
        "op": new_operation(),
    }
    return render(request, "desk/device.html", context, status=status_of(refusal))


def _why_second(view: DeviceView, refusal: Refused | None) -> list[tuple[str, str]]:
    """Return why somebody may get a second device, where that is to be said before it is given (S126)."""
    chosen = view.beside.person
    asked = refusal.code == "why_second" if refusal else bool(chosen and owns_another(chosen.pk, view.device.pk))
    wanted = asked and view.step is Step.ISSUE and view.owner is None
    return [(value, str(label)) for value, label in Assignment.Reason.choices if value != "list"] if wanted else []


def offered_symptoms() -> list[Symptom]:
    """Return what may be wrong with a device that somebody holds in their hands."""
    return [branch for branch in symptoms() if branch.code not in NOT_AT_A_DESK]


def beside_scan(view: DeviceView) -> dict[str, object]:
    """Return what the scan line tells: the device one is on, and what was chosen for it already."""
    chosen = {"symptom": view.beside.symptom, "person": view.beside.person.pk if view.beside.person else ""}
    return {"with": view.device.tag} | {name: value for name, value in chosen.items() if value}


def _grade(request: FirstbellRequest) -> str:
    chosen = request.POST.get("grade", "")
    return chosen if chosen in Condition.Grade.values else Condition.Grade.GOOD


def _box(view: DeviceView) -> Place | None:
    """Return the pick-up box that a broken device goes to next."""
    if view.step is not Step.TO_BOX:
        return None
    rows = Place.objects.filter(kind=Place.Kind.PICKUP_BOX, closed_at__isnull=True, site_id=view.device.at_site_id)
    return rows.order_by("pk").first()


def _case(view: DeviceView) -> VendorCase | None:
    """Return its open case with a vendor: asked only where the device may be on that way, so most pages ask nothing."""
    order, custody = view.order, view.custody
    if order is None or custody is None or order.status not in ON_THE_BENCH:
        return None
    waits = custody.place is not None and custody.place.kind == Place.Kind.PICKUP_BOX
    return None if waits else case_on(order.pk)


def may_hand_out(view: DeviceView) -> bool:
    """Say whether the reader may hand its repair to a vendor from here, where the plan lets a school send by itself."""
    if view.step is not Step.TO_BOX or view.order is None or not view.may(Permission.SHIP):
        return False
    return says(VENDOR_ROUTE, view.device.at_site_id) == "school"


def travel(view: DeviceView) -> dict[str, object]:
    """Return the shipment that a device is on, and whether the reader may say that it is here."""
    shipment = view.custody.shipment if view.custody else None
    url = address("shipment", shipment.code) if shipment else ""
    if shipment is None or not url:
        return {}
    may = any(view.by.may(carry, shipment.to_site_id) for carry in (Permission.SHIP, Permission.TRANSPORT))
    return {"code": shipment.code, "url": url, "may_receive": may, "here": shipment.to_site.name}


def device_history(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Show everything on record about a device: sentences, holders, conditions, repairs with their cost."""
    view = look(tag, by=request.actor, at=request.at)
    context: dict[str, Any] = {
        "view": view,
        "device": view.device,
        "zone": view.device.home_site.timezone,
        "entries": lines(history(view.device), by=request.actor),
        "holders": _holders(view),
        "owners": _owners(view),
        "conditions": _conditions(view),
        "repairs": _repairs(view),
        "back": view.address,
        "title": view.device.tag,
    }
    context["cost"] = money(sum(row["cents"] for row in context["repairs"]))
    return render(request, "desk/device_history.html", context)


def _holders(view: DeviceView) -> list[dict[str, Any]]:
    """Return who and what has had it, newest first."""
    rows = Custody.objects.filter(device=view.device).order_by("-since", "-pk")
    rows = rows.select_related("person", "place", "site", "shipment__to_site")[:100]
    return [{"where": where_is(row, view.by), "until": row.until} for row in rows]


def _owners(view: DeviceView) -> list[dict[str, Any]]:
    """Return whose it was and is, newest first."""
    rows = Assignment.objects.filter(device=view.device).order_by("-since", "-pk")
    rows = rows.select_related("person", "class_group")[:100]
    return [{"who": owner_of(row, view.by), "since": row.since, "until": row.until} for row in rows]


def _conditions(view: DeviceView) -> list[dict[str, Any]]:
    """Return the conditions noted, each with who answered for it then."""
    rows = Condition.objects.filter(device=view.device).order_by("-noted_at")
    rows = rows.select_related("custody__person", "custody__place", "custody__site", "custody__shipment__to_site")[:50]
    return [
        {
            "at": row.noted_at,
            "grade": Condition.Grade(row.grade).label,
            "bad": row.grade in {Condition.Grade.DAMAGED, Condition.Grade.DEAD},
            "who": name_of(row.custody.person, view.by) if row.custody.person else where_is(row.custody, view.by).where,
        }
        for row in rows
    ]


def _repairs(view: DeviceView) -> list[dict[str, Any]]:
    """Return its repairs, newest first, with what the parts cost."""
    rows = WorkOrder.objects.visible_to(view.by).filter(device=view.device)
    found = []
    for order in rows.prefetch_related("parts").order_by("-opened_at")[:50]:
        known = fix(order.fault)
        cents = sum(part.cents for part in order.parts.all())
        found.append(
            {
                "order": order,
                "fault": known.fault if known else _("not found yet"),
                "status": WorkOrder.Status(order.status).label,
                "cents": cents,
                "cost": money(cents),
            }
        )
    return found


def device_record(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Show its record: purchase and mobile line, with the forms that correct them."""
    return show_record(request, tag)


def show_record(request: FirstbellRequest, tag: str, refusal: Refused | None = None) -> HttpResponse:
    """Show the record; after a refusal with the sentence and what was typed."""
    view = look(tag, by=request.actor, at=request.at)
    line = MobileLine.objects.filter(device=view.device, until__isnull=True).first()
    award = Award.objects.filter(device=view.device).first()
    context = {
        "view": view,
        "device": view.device,
        "line": line,
        "award": award,
        "old_serials": OldSerial.objects.filter(device=view.device).select_related("changed_by").order_by("-until"),
        "may_repair": request.actor.may(Permission.REPAIR, view.device.at_site_id),
        "award_price": money(award.disposed_cents) if award and award.disposed_cents is not None else "",
        "typed": request.POST,
        "price": money(view.device.price_cents) if view.device.price_cents is not None else "",
        "refusal": told(refusal),
        "op": new_operation(),
        "scan_beside": {"with": view.device.tag},
    }
    return render(request, "desk/device_record.html", context, status=status_of(refusal))


def device_places(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Offer the places of the school to put it in."""
    view = look(tag, by=request.actor, at=request.at)
    if not view.may_move:
        raise Missing("Device")
    reach = request.actor.sites(Permission.MOVE_DEVICES)
    sites = {view.device.at_site_id, view.device.home_site_id} & (
        {view.device.at_site_id, view.device.home_site_id} if reach is None else reach
    )
    rows = Place.objects.filter(site_id__in=sites, closed_at__isnull=True).select_related("site")
    context = {
        "view": view,
        "device": view.device,
        "places": rows.order_by("site__name", "kind", "name"),
        "op": new_operation(),
        "scan_beside": {"with": view.device.tag},
    }
    return render(request, "desk/device_places.html", context)


def device_fault(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Offer to note what is wrong without taking the device in."""
    return show_fault(request, tag)


def show_fault(request: FirstbellRequest, tag: str, refusal: Refused | None = None) -> HttpResponse:
    """Show the form that notes a fault; after a refusal with the sentence and what was typed."""
    view = look(tag, by=request.actor, at=request.at)
    context = {
        "view": view,
        "device": view.device,
        "symptoms": symptoms(),
        "chosen": request.POST.get("symptom", "") or request.GET.get("symptom", ""),
        "channel": request.POST.get("channel", "desk"),
        "note": request.POST.get("note", ""),
        "refusal": told(refusal),
        "op": new_operation(),
        "scan_beside": {"with": view.device.tag},
    }
    return render(request, "desk/device_fault.html", context, status=status_of(refusal))
