"""A family's own page about one charge: the amount, the rule in plain words, and how to appeal. The link is the key.

The link stands on the statement, not on the report: whoever reported a broken device learns nothing about money.
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from firstbell.fees.actions.waivers import appeal_by_link, ask_waiver_by_link
from firstbell.fees.models import Charge, WaiverGround
from firstbell.fees.queries import appeal_until, by_number, fees_asked, plan_of
from firstbell.fees.rules import instalments
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.sealed import Sealed
from firstbell.web.asking import new_operation, operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import cause_said, rule_said
from firstbell.web.street.answers import public_form, see_other
from firstbell.web.street.budget import too_many_messages

MARK = "c"
"""With it a link begins that leads to a charge; the link of a report never has a point in it."""


def token_of(charge_id: int) -> str:
    """Return the family's link to a charge: its number and a signature that nobody can make up."""
    return f"{MARK}{charge_id}.{_signature(charge_id)}"


def _signature(charge_id: int) -> str:
    return salted_hmac("firstbell.charge", str(charge_id), algorithm="sha256").hexdigest()[:32]


def charge_behind(token: str) -> Charge | None:
    """Return the charge that a link leads to, if it is one of ours."""
    number, _point, signed = token.removeprefix(MARK).partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return by_number(int(number)) if constant_time_compare(signed, _signature(int(number))) else None


def bill(request: FirstbellRequest, token: str, refusal: str = "") -> HttpResponse:
    """Show the charge to the family that has the link."""
    charge = _charge(token)
    plan, last = plan_of(charge), appeal_until(charge)
    context = {
        "charge": charge,
        "cause": cause_said(charge.cause),
        "rule": rule_said(charge),
        "entries": charge.entries.order_by("posted_at", "pk"),
        "parts": instalments(plan) if plan else [],
        "asked": fees_asked(),
        "appeal_until": last,
        "appeal": charge.appeals.order_by("-pk").first(),
        "waiver": charge.waivers.order_by("-pk").first(),
        "may_appeal": charge.amount_cents > 0 and request.at.date() <= last,
        "grounds": WaiverGround.Ground.choices,
        "token": token,
        "refusal": refusal,
        "op": new_operation(),
        "op_waiver": new_operation(),
    }
    return render(request, "street/bill.html", context, status=422 if refusal else 200)


def _charge(token: str) -> Charge:
    found = charge_behind(token)
    if found is None:
        raise Missing("Charge")
    return found


@public_form
def appeal(request: FirstbellRequest, token: str) -> HttpResponse:
    """Appeal, in one's own words or none."""
    return _send(request, token, appeal=True)


@public_form
def waiver(request: FirstbellRequest, token: str) -> HttpResponse:
    """Ask that it be waived. Only who decides reads why."""
    return _send(request, token, appeal=False)


def _send(request: FirstbellRequest, token: str, *, appeal: bool) -> HttpResponse:
    charge = _charge(token)
    try:
        _say(request, charge, operation(request), appeal=appeal)
    except Refused as error:
        return bill(request, token, error.sentence)
    return see_other("status", token)


def _say(request: FirstbellRequest, charge: Charge, op: UUID, *, appeal: bool) -> None:
    if too_many_messages(f"charge {charge.pk}", request.at):
        raise Refused("too_many_messages", _("That were many messages at once. Please wait ten minutes."))
    if appeal:
        words = request.POST.get("words", "").replace("\r\n", "\n")
        appeal_by_link(charge_id=charge.pk, words=words, by=request.actor, at=request.at, op=op)
    else:
        ground = Sealed(request.POST.get("ground", ""))
        ask_waiver_by_link(charge_id=charge.pk, ground=ground, by=request.actor, at=request.at, op=op)
