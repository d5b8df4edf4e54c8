"""The receipt for a device that was handed in: what, where, when, and where it is now. No name, nobody's words."""

from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from firstbell.decisions.queries import plan
from firstbell.flows.receipt import hand_in_of
from firstbell.kernel.errors import Missing
from firstbell.loans.queries import loan_on
from firstbell.tickets.queries import link_of
from firstbell.tickets.triage import symptom
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.street.answers import see_other
from firstbell.web.street.going import to_the_desk
from firstbell.web.street.standing import standing, with_depot
from firstbell.web.street.status import qr


@never_cache
def receipt(request: FirstbellRequest, token: str) -> HttpResponse:
    """Show the receipt; nothing is known here while nothing was handed in."""
    link = link_of(token, at=request.at)
    found = hand_in_of(link.ticket) if link else None
    if link is None or found is None:
        raise Missing("HandIn")
    ticket, (site, _depot) = link.ticket, with_depot(link.ticket.site_id)
    address = request.build_absolute_uri(see_other("receipt", token).url)
    context = {
        "ticket": ticket,
        "device": found.order.device,
        "place": found.place,
        "handed_in": found.at.astimezone(ZoneInfo(site.timezone)),
        "symptom": symptom(found.order.symptom),
        "loan": loan_on(ticket.pk),
        "desk": to_the_desk(site, request.at),
        "standing": standing(ticket, plan(), request.at),
        "code": f"{ticket.code[:4]} {ticket.code[4:]}",
        "token": "" if link.receipt else token,
        "link": address,
        "drawing": qr(address),
    }
    return render(request, "street/receipt.html", context)
