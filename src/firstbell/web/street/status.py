"""The reporter's own page: receipt right after sending, later where it stands. The link is the key to it."""

import re
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from zxingcpp import BarcodeFormat, create_barcode

from firstbell.decisions.queries import plan
from firstbell.kernel.errors import Missing, Refused
from firstbell.tickets.actions import NOTE_LIMIT, write_as_reporter
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import by_status_token, told_to_reporter
from firstbell.tickets.rules import OPEN, is_held_back, opens_again
from firstbell.tickets.triage import symptom
from firstbell.web.asking import new_operation, operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.street.answers import public_form, see_other
from firstbell.web.street.bill import bill
from firstbell.web.street.budget import too_many_messages
from firstbell.web.street.standing import standing

SIZE = re.compile(r'<svg width="(\d+)"')
SHAPES = re.compile(r"<(?:rect|path) [^>]*/>")


@never_cache
def status(request: FirstbellRequest, token: str) -> HttpResponse:
    """Show how it stands and the words exchanged; to a family with the link of a charge, that charge."""
    if "." in token:
        return bill(request, token)
    return _page(request, token, _ticket(request, token))


def _ticket(request: FirstbellRequest, token: str) -> Ticket:
    found = by_status_token(token, at=request.at)
    if found is None:
        raise Missing("Ticket")
    return found


def _page(request: FirstbellRequest, token: str, ticket: Ticket, **more: str) -> HttpResponse:
    link = request.build_absolute_uri(see_other("status", token).url)
    context = {
        "ticket": ticket,
        "code": f"{ticket.code[:4]} {ticket.code[4:]}",
        "symptom": symptom(ticket.symptom),
        "standing": standing(ticket, plan(), request.at),
        "note_held": is_held_back(ticket),
        "messages_told": told_to_reporter(ticket),
        "again": "again" in request.GET,
        "may_write": ticket.status in OPEN or opens_again(ticket, request.at),
        "token": token,
        "link": link,
        "drawing": qr(link),
        "op": new_operation(),
        "limit": NOTE_LIMIT,
    }
    return render(request, "street/status.html", context | more, status=422 if more else 200)


def qr(text: str) -> SafeString:
    """Return a QR code as a drawing that scales, for a phone to take over from a school computer."""
    drawn = create_barcode(text, BarcodeFormat.QRCode).to_svg()
    size, shapes = SIZE.search(drawn), SHAPES.findall(drawn)
    side = size[1] if size else "33"
    svg = f'<svg viewBox="0 0 {side} {side}" aria-hidden="true">{"".join(shapes)}</svg>'
    return mark_safe(svg)  # noqa: S308 -- drawn by the encoder: numbers only


@public_form
def write(request: FirstbellRequest, token: str) -> HttpResponse:
    """Add a word to one's own report."""
    ticket = _ticket(request, token)
    try:
        _say(request, ticket, operation(request))
    except Refused as error:
        return _page(request, token, ticket, refusal=error.sentence, body=request.POST.get("body", ""))
    return see_other("status", token)


def _say(request: FirstbellRequest, ticket: Ticket, op: UUID) -> None:
    if too_many_messages(ticket.code, request.at):
        raise Refused("too_many_messages", _("That were many messages at once. Please wait ten minutes."))
    body = request.POST.get("body", "").replace("\r\n", "\n")
    write_as_reporter(ticket_id=ticket.pk, body=body, by=request.actor, at=request.at, op=op)
