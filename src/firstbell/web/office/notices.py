"""What somebody is told: class-stoppers, arrivals, what waits too long. One line each, with where to go."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from firstbell.notices.actions import mark_all_read, mark_read
from firstbell.notices.models import Notice
from firstbell.notices.queries import recent
from firstbell.notices.texts import in_words
from firstbell.web.asking import new_operation, one, operation
from firstbell.web.middleware import FirstbellRequest

PAGES = {
    Notice.Kind.PICKUP_SOON: "pickups",
    Notice.Kind.PICKUP_LATE: "pickups",
    Notice.Kind.UNTOUCHED: "queue",
    Notice.Kind.NOT_RECEIVED: "receiving",
    Notice.Kind.KIT_SHORT: "loans",
    Notice.Kind.STORE_UNCOUNTED: "counts",
    Notice.Kind.VENDOR_OVERDUE: "vendors",
}
"""Where what is told of a whole school is worked off."""


@dataclass(frozen=True)
class Line:
    """One notice as the page shows it."""

    notice: Notice
    at: datetime
    text: str | SafeString
    codes: list[str]
    """Device, ticket or shipment, small below the sentence that doesn't name them."""


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the newest notices; what is unread stands out by shape and weight."""
    lines = [_line(row) for row in recent(by=request.actor)]
    unread = any(line.notice.read_at is None for line in lines)
    return render(request, "office/notices.html", {"lines": lines, "unread": unread, "op": new_operation()})


def _line(notice: Notice) -> Line:
    text = in_words(notice)
    return Line(notice, notice.created_at, text, [code for code in _codes(notice) if code not in text])


def _codes(notice: Notice) -> list[str]:
    ticket, shipment, device = notice.ticket, notice.shipment, notice.device
    found = [device.tag if device else "", ticket.code if ticket else "", shipment.code if shipment else ""]
    return [code for code in found if code]


@require_safe
def about(request: FirstbellRequest, notice_id: int) -> HttpResponse:
    """Lead from a mail to what its notice is about. Opening a link changes nothing: it stays unread."""
    return redirect(_about(one(Notice.objects.visible_to(request.actor), pk=notice_id)))


@require_POST
def reading(request: FirstbellRequest, notice_id: int) -> HttpResponse:
    """Note that it was read, and go to what it is about."""
    notice = one(Notice.objects.visible_to(request.actor), pk=notice_id)
    mark_read(notice_id=notice_id, by=request.actor, at=request.at, op=operation(request))
    return redirect(_about(notice))


def _about(notice: Notice) -> str:
    if notice.kind == Notice.Kind.REFERRED:
        return reverse("referrals")
    if notice.kind == Notice.Kind.CASE_STEP:
        return reverse("incidents")
    if notice.ticket:
        return reverse("ticket", args=[notice.ticket.code])
    if notice.shipment:
        return reverse("shipment", args=[notice.shipment.code])
    if notice.device:
        return reverse("device", args=[notice.device.tag])
    return reverse(PAGES.get(Notice.Kind(notice.kind), "hand_backs"))


@require_POST
def all_read(request: FirstbellRequest) -> HttpResponse:
    """Note that everything was read."""
    mark_all_read(by=request.actor, at=request.at, op=operation(request))
    return redirect("notices")
