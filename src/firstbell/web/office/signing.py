"""Signing in by password, signing out, and the first page after it. Single sign-on will enter by this door."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.kernel.roles import Permission
from firstbell.web.asking import safe_next
from firstbell.web.middleware import FirstbellRequest

FIRST_PAGES = (
    (Permission.DECIDE, "district"),
    (Permission.TRANSPORT, "bench"),
    (Permission.SEE_TICKETS, "queue"),
    (Permission.WORK_TEAM_TASKS, "team"),
    (Permission.SEE_MEASURES, "district"),
)


def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; say nothing about which of the two was wrong."""
    if request.method != "POST":
        return render(request, "office/sign_in.html", {"next": safe_next(request, "")})
    user = authenticate(request, username=request.POST.get("username"), password=request.POST.get("password"))
    if user is None:
        context = {"next": safe_next(request, ""), "error": _("Name and password don't fit together.")}
        return render(request, "office/sign_in.html", context, status=422)
    login(request, user)
    return redirect(safe_next(request, "/home"))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out and forget what this browser kept of the session."""
    logout(request)
    response = redirect("sign_in")
    response["Clear-Site-Data"] = '"cache"'
    return response


def home(request: FirstbellRequest) -> HttpResponse:
    """Go to where this person works."""
    page = next((name for permission, name in FIRST_PAGES if request.actor.may(permission)), "plan")
    return redirect(page)
