"""What is written about a device: a fault noted at the desk, its purchase, federal money, its mobile line."""

import re
from dataclasses import replace
from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.devices.actions.awards import Federal, note_award
from firstbell.devices.actions.inventory import Line, Purchase, amend, change_serial, set_line
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.identifiers import normalise_tag
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from firstbell.web.asking import act_of, safe_next
from firstbell.web.desk.device_view import DeviceView, look
from firstbell.web.desk.devices import show_fault, show_record
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt

CHANNELS = (Ticket.Channel.DESK, Ticket.Channel.PHONE, Ticket.Channel.TEACHER)
"""How a fault reaches somebody who notes it for others."""


@require_POST
def note_fault(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Open a ticket about a device for somebody else: at the desk, on the phone, through a teacher."""
    view = look(tag, by=request.actor, at=request.at)
    if not view.may_note:
        raise Missing("Device")
    opened: list[Ticket] = []
    refusal = attempt(lambda: opened.append(_open(request, view)))
    if refusal:
        return show_fault(request, tag, refusal)
    messages.success(request, _("Noted as ticket {code}.").format(code=opened[0].code))
    return HttpResponseRedirect(view.address)


def _open(request: FirstbellRequest, view: DeviceView) -> Ticket:
    person = view.owner or view.holder
    known = person is not None and person.kind in Ticket.Reporter.values
    report = Report(
        site_id=view.device.home_site_id,
        symptom=request.POST.get("symptom", ""),
        device_id=view.device.pk,
        person_id=person.pk if person else None,
        reporter=person.kind if person is not None and known else Ticket.Reporter.UNKNOWN,
        note=request.POST.get("note", ""),
    )
    chosen = request.POST.get("channel", "")
    channel = next((row for row in CHANNELS if row == chosen), Ticket.Channel.DESK)
    return open_ticket(report=report, channel=channel, **act_of(request))


@require_POST
def correct(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Correct a device's record."""
    view = look(tag, by=request.actor, at=request.at)
    refusal = attempt(
        lambda: amend(
            device_id=view.device.pk,
            serial=request.POST.get("serial", "") or view.device.serial,
            purchase=_purchase(request),
            **act_of(request),
        )
    )
    if refusal:
        return show_record(request, tag, refusal)
    messages.success(request, _("The record is corrected."))
    return HttpResponseRedirect(f"{view.address}/record")


def _purchase(request: FirstbellRequest) -> Purchase:
    typed = request.POST
    return Purchase(
        purchased_on=_day(typed.get("purchased_on", "")),
        price_cents=_cents(typed.get("price", "")),
        funding_source=typed.get("funding_source", "").strip()[:80],
        order_number=typed.get("order_number", "").strip()[:60],
        warranty_until=_day(typed.get("warranty_until", "")),
    )


@require_POST
def note_federal(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Write down what federal rules ask of a device."""
    view = look(tag, by=request.actor, at=request.at)
    refusal = attempt(lambda: note_award(device_id=view.device.pk, federal=_federal(request), **act_of(request)))
    if refusal:
        return show_record(request, tag, refusal)
    messages.success(request, _("The record is corrected."))
    return HttpResponseRedirect(f"{view.address}/record")


def _federal(request: FirstbellRequest) -> Federal:
    typed = request.POST
    return Federal(
        fain=typed.get("fain", "").strip()[:40],
        title_holder=typed.get("title_holder", "").strip()[:80],
        federal_share=_percent(typed.get("federal_share", "")),
        disposition=typed.get("disposition", "").strip()[:80],
        disposed_on=_day(typed.get("disposed_on", "")),
        disposed_cents=_cents(typed.get("disposed_price", "")),
    )


def _percent(text: str) -> int | None:
    """Return a share such as 62.5 in hundredths of a percent."""
    plain = text.strip().rstrip("% ")
    if not plain:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", plain, re.ASCII):
        raise Refused("no_such_share", _("“{text}” is not a percentage. Write it like 62.5."), text=text)
    whole, _point, part = plain.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None:
        raise Refused("no_such_day", _("“{text}” is not a day. Write it like 2026-09-14."), text=text)
    return day


def _cents(text: str) -> int | None:
    """Return an amount such as 319.00 in cents."""
    plain = text.strip().lstrip("$").replace(",", "")
    if not plain:
        return None
    if not re.fullmatch(r"\d{1,7}(\.\d{0,2})?", plain, re.ASCII):
        raise Refused("no_such_amount", _("“{text}” is not an amount. Write it like 319.00."), text=text)
    whole, _point, part = plain.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


@require_POST
def new_serial(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Note the serial number that came with another board."""
    view = look(tag, by=request.actor, at=request.at)
    serial, imei = request.POST.get("new_serial", "")[:60], _digits(request.POST.get("new_imei", ""))[:16]
    refusal = attempt(lambda: change_serial(device_id=view.device.pk, serial=serial, imei=imei, **act_of(request)))
    if refusal:
        return show_record(request, tag, refusal)
    messages.success(request, _("Noted. {tag} is found by the old number, too.").format(tag=view.device.tag))
    return HttpResponseRedirect(safe_next(request, f"{view.address}/record"))


@require_POST
def change_line(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Put a mobile line into a device, or take it out."""
    view = look(tag, by=request.actor, at=request.at)
    out = "out" in request.POST
    refusal = attempt(
        lambda: set_line(device_id=view.device.pk, line=None if out else _line(request), **act_of(request))
    )
    if refusal:
        return show_record(request, tag, refusal)
    messages.success(request, _("The SIM is taken out.") if out else _("The mobile line is on record."))
    return HttpResponseRedirect(f"{view.address}/record")


def _line(request: FirstbellRequest) -> Line:
    typed = request.POST
    line = Line(
        imei=_digits(typed.get("imei", ""))[:16],
        iccid=_digits(typed.get("iccid", ""))[:23],
        eid=normalise_tag(typed.get("eid", ""))[:32],
        mdn=_digits(typed.get("mdn", ""))[:15],
        carrier=typed.get("carrier", "").strip()[:40],
    )
    if line == replace(Line(), carrier=line.carrier):
        raise Refused("no_line", _("Write at least one number: IMEI, SIM or phone number."))
    return line


def _digits(text: str) -> str:
    """Return a number as it is stored, however people group its digits."""
    return "".join(char for char in text if char.isascii() and char.isdigit())
