"""What comes by mail: each chooses for themselves, in their language, to an address that was shown to be theirs."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from firstbell.directory.models import User
from firstbell.directory.queries import address_of, language_of
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.sealed import Sealed
from firstbell.notices.actions import ask_address, choose_mail, confirm_address
from firstbell.notices.links import letter_of
from firstbell.notices.models import Letter, MailWish
from firstbell.notices.queries import asked_address, undelivered, wishes
from firstbell.notices.rules import may_name_address
from firstbell.web.asking import act_of, new_operation, one
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

G = MailWish.Group
HINTS = {
    G.URGENT: gettext_lazy("At once, to the leads and to the student helpers who are there then."),
    G.DEVICES: gettext_lazy("Repaired, arrived, missing on arrival, no news for too long."),
    G.WAITING: gettext_lazy("Broken devices, overdue loaners, late pick-ups and hand-backs, reports nobody looked at."),
    G.CASES: gettext_lazy("Steps that are due, facts to look at."),
    G.TICKETS: gettext_lazy("Also what comes up from the student team."),
}


def page(request: FirstbellRequest) -> HttpResponse:
    """Show what comes by mail, where to, and whether mail leaves at all."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    user = User.objects.select_related("person").get(pk=request.actor.user_id or 0)
    wanted = wishes([user.pk])[user.pk]
    context: dict[str, Any] = {
        "groups": [(group, group.label, HINTS[group], wanted[group]) for group in G],
        "languages": settings.LANGUAGES,
        "language": language_of(user),
        "address": address_of(user),
        "own": bool(user.email),
        "asked": asked_address(by=request.actor),
        "may_name": may_name_address(request.actor),
        "undelivered": undelivered(by=request.actor),
        "on": settings.MAIL_ON,
        "to_files": settings.MAIL_TO_FILES,
        "refusal": told(refusal),
        "op": new_operation(),
        "address_op": new_operation(),
    }
    return render(request, "office/mail.html", context, status=status_of(refusal))


@require_POST
def choice(request: FirstbellRequest) -> HttpResponse:
    """Choose what comes by mail."""
    wanted, language = request.POST.getlist("wanted"), request.POST.get("language", "")
    refusal = attempt(lambda: choose_mail(wanted=wanted, language=language, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Saved."))
    return redirect("mail")


@require_POST
@sensitive_post_parameters()
def address(request: FirstbellRequest) -> HttpResponse:
    """Name an address; a mail to it asks whether it is theirs."""
    named = Sealed(request.POST.get("address", "").strip()[:254])
    refusal = attempt(lambda: ask_address(address=named, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("A mail is on its way to that address. Open its link to say that it is yours."))
    return redirect("mail")


def confirmation(request: FirstbellRequest, token: str) -> HttpResponse:
    """Ask once more, then keep the address."""
    letter = one(Letter.objects.visible_to(request.actor), pk=_letter_id(token))
    if request.method != "POST":
        return render(request, "office/mail_address.html", {"letter": letter, "op": new_operation()})
    refusal = attempt(lambda: confirm_address(letter_id=letter.pk, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Notices come to this address from now on."))
    return redirect("mail")


def _letter_id(token: str) -> int:
    found = letter_of(token)
    if found is None:
        raise Missing("Letter")
    return found
