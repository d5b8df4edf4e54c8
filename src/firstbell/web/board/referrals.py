"""Referrals: an administrator looks at the facts of an incident, and decides where IT does not look."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.incidents.actions import decide_referral
from firstbell.incidents.models import Referral
from firstbell.incidents.queries import between_looks, earlier_of, referrals
from firstbell.kernel.errors import Refused
from firstbell.web.asking import act_of, new_operation, one
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import cause_said
from firstbell.web.refusing import attempt, status_of, told

SHOWN = 100


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show what was referred, what is to be looked at first."""
    rows = [(row, cause_said(row.incident.cause)) for row in referrals(by=request.actor)[:SHOWN]]
    context = {"open": [row for row in rows if not row[0].outcome], "seen": [row for row in rows if row[0].outcome]}
    return render(request, "board/referrals.html", context)


def _referral(request: FirstbellRequest, pk: int) -> Referral:
    return one(referrals(by=request.actor), pk=pk)


@require_safe
def referral_page(request: FirstbellRequest, referral: int) -> HttpResponse:
    """Show the facts of one referral."""
    return _show(request, _referral(request, referral))


def _show(request: FirstbellRequest, row: Referral, refusal: Refused | None = None) -> HttpResponse:
    incident = row.incident
    context = {
        "row": row,
        "incident": incident,
        "cause": cause_said(incident.cause),
        "looks": between_looks(incident),
        "earlier": [(one, cause_said(one.cause)) for one in earlier_of(incident)],
        "outcomes": [choice for choice in Referral.Outcome.choices if choice[0]],
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "board/referral.html", context, status=status_of(refusal))


@require_POST
def decide(request: FirstbellRequest, referral: int) -> HttpResponse:
    """Note what is done about it: a code, seen by administrators alone."""
    row, sent = _referral(request, referral), request.POST.get("outcome", "")

    def doing() -> None:
        if sent not in Referral.Outcome.values:
            raise Refused("outcome_unknown", _("Choose what you do about it."))
        decide_referral(referral_id=row.pk, outcome=Referral.Outcome(sent), **act_of(request))

    refusal = attempt(doing)
    if refusal:
        return _show(request, row, refusal)
    messages.success(request, _("Noted. Only administrators see it."))
    return HttpResponseRedirect(reverse("referrals"))
