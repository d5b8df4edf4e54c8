"""The pages for refusals: why, which rule of the plan is behind it, and who can change it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from firstbell.decisions.register import BY_KEY
from firstbell.kernel.errors import Denied, Refused, Stale
from firstbell.kernel.roles import Permission, Role

STATUS_STALE = 409
STATUS_REFUSED = 422
BARRED = {
    (Role.COACH, Permission.SHIP),
    (Role.COACH, Permission.TRANSPORT),
    (Role.COACH, Permission.REPAIR),
    (Role.COACH, Permission.WORK_TICKETS),
}


def refused_page(request: HttpRequest, error: Refused) -> HttpResponse:
    """Say why it can't be done now. Somebody who was faster is 409, everything else 422."""
    status = STATUS_STALE if isinstance(error, Stale) else STATUS_REFUSED
    question = BY_KEY.get(error.decision or "")
    context = {
        "why": error.sentence,
        "decision": question.title if question else "",
        "who": _("the district's IT leadership") if question else "",
        "back": request.headers.get("Referer") or "",
        "code": error.code,
    }
    return render(request, "errors/refused.html", context, status=status)


def denied_page(request: HttpRequest, error: Denied) -> HttpResponse:
    """A stranger learns nothing (404); a coach is told why repairs and shipping are not theirs (S63)."""
    if (error.barred_role, error.permission) not in BARRED:
        raise Http404
    why = _(
        "You are a coach here. The district keeps coaching apart from repairs, so that lessons come first: "
        "repairs and shipping belong to the school's IT lead."
    )
    context = {"why": why, "who": _("the district's IT leadership")}
    return render(request, "errors/refused.html", context, status=403)


def missing_page(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django hands it over
    """Say that there is nothing here: the same for what never was and for what is not the reader's to see."""
    return render(request, "errors/404.html", status=404)


def outdated_page(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- the same
    """Say that a form was open too long, or came from elsewhere."""
    return render(request, "errors/csrf.html", status=403)


def broken_page(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- the same
    """Say sorry with what needs neither database nor session."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)
