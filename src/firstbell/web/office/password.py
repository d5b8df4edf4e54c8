"""One's own password; and a new one for somebody who has lost theirs, by whoever gives out logins."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from firstbell.directory.actions import set_password
from firstbell.kernel.errors import Refused
from firstbell.kernel.sealed import Sealed
from firstbell.web.asking import act_of, new_operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


@sensitive_post_parameters()
def own(request: FirstbellRequest) -> HttpResponse:
    """Change one's own password; this session goes on, others end."""
    refusal = attempt(lambda: _change(request)) if request.method == "POST" else None
    if request.method == "POST" and refusal is None:
        messages.success(request, _("Your password is changed. Other places where you were signed in are signed out."))
        return redirect("home")
    context = {"refusal": told(refusal), "op": new_operation()}
    return render(request, "office/password.html", context, status=status_of(refusal))


def _change(request: FirstbellRequest) -> None:
    sent = request.POST
    if not request.user.check_password(sent.get("current", "")):
        raise Refused("wrong_password", _("That is not your password of now."))
    if sent.get("password", "") != sent.get("again", ""):
        raise Refused("not_the_same", _("The two new passwords differ. Type the same twice."))
    user = set_password(
        user_id=request.actor.user_id or 0, password=Sealed(sent.get("password", "")), **act_of(request)
    )
    update_session_auth_hash(request, user)
