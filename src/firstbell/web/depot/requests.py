"""The school asks for the courier, or takes its request back; and how its page says when the courier comes."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from firstbell.courier.actions import ask_by_hand, withdraw_request
from firstbell.courier.models import PickupRequest
from firstbell.decisions.queries import Plan
from firstbell.decisions.register import PICKUP_HOURS, PICKUP_NUMBER, PICKUP_RULE
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Permission
from firstbell.measures.waiting import Standing
from firstbell.web.asking import act_of, one, whole
from firstbell.web.desk.words import local_day, said_day
from firstbell.web.middleware import FirstbellRequest


@require_POST
def ask(request: FirstbellRequest) -> HttpResponse:
    """Ask for the courier by hand."""
    site, act = _site(request), act_of(request)
    ask_by_hand(site_id=site.pk, wanted_on=local_day(request.at, site), **act)
    messages.success(request, _("The courier is asked for. The depot plans the day."))
    return redirect("pickups")


def _site(request: FirstbellRequest) -> Site:
    site = sites_of(request.actor, Permission.SHIP).filter(pk=whole(request.POST.get("site")) or 0).first()
    if site is None:
        raise Missing("Site")
    return site


@require_POST
def withdraw(request: FirstbellRequest, request_id: int) -> HttpResponse:
    """Take a request back."""
    wish = one(PickupRequest.objects.visible_to(request.actor), pk=request_id)
    withdraw_request(request_id=wish.pk, **act_of(request))
    messages.success(request, _("The request is withdrawn. The courier is not coming for it."))
    return redirect("pickups")


def coming(row: Standing, answers: Plan, at: datetime) -> str:
    """Return when the courier comes to a school, or what makes it come."""
    if row.visit:
        return _("The courier comes {day}.").format(day=said_day(row.visit, local_day(at, row.site)))
    rule = answers.says(PICKUP_RULE, row.site.pk)
    if rule == "days":
        return _("No courier day ahead: the school year is over.")
    if row.request:
        return _("The courier is asked for; the depot plans the day.")
    if rule == "demand":
        return _("The courier comes when you ask.")
    number, hours = answers.says(PICKUP_NUMBER, row.site.pk), answers.says(PICKUP_HOURS, row.site.pk)
    said = ngettext(
        "The courier comes as soon as {n} device waits.",
        "The courier comes once {n} devices wait, or one has waited {hours} school hours.",
        number,
    )
    return said.format(n=number, hours=hours)


def forecast_said(row: Standing, at: datetime) -> str:
    """Return how much will wait when the courier comes; nothing where that is no news."""
    today = local_day(at, row.site)
    if row.visit is None or row.visit <= today or row.forecast <= row.count:
        return ""
    words = {"n": row.forecast, "day": said_day(row.visit, today)}
    return _("If as many come in as lately, about {n} will wait {day}.").format(**words)
