"""What views share: the operation id of a form, the way back, one row or 404."""

from datetime import date, time
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.dateparse import parse_date, parse_time
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from firstbell.directory.scope import ScopedModel, ScopedQuerySet
from firstbell.kernel.errors import Missing, Refused

Row = TypeVar("Row", bound=ScopedModel)


def operation(request: HttpRequest) -> UUID:
    """Return the form's operation id. A form without one was not made by us."""
    try:
        return UUID(request.POST.get("op", ""))
    except ValueError as error:
        raise Refused("no_operation", _("This form was incomplete. Reload the page and send it again.")) from error


def act_of(request: Any) -> dict[str, Any]:
    """Return the keywords that every verb takes: who does it, when, and as which operation."""
    return {"by": request.actor, "at": request.at, "op": operation(request)}


def new_operation() -> UUID:
    """Return an id for a form that is about to be shown."""
    return uuid4()


def whole(text: str | None) -> int | None:
    """Return a number from a form field, or None when it holds none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def day_of(text: str | None) -> date | None:
    """Return a day from a form field, or None when it holds none; the 30th of February is none."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def clock_of(text: str | None) -> time | None:
    """Return a time of day from a form field, or None when it holds none; 25:00 is none."""
    try:
        return parse_time(text or "")
    except ValueError:
        return None


def one(rows: ScopedQuerySet[Row], **where: object) -> Row:
    """Return the one row in reach, or raise Missing, which becomes 404."""
    found = rows.filter(**where).first()
    if found is None:
        raise Missing(rows.model.__name__)
    return found


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Return where to go next: only addresses of this very site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here and wanted.startswith("/") else fallback


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """Go back to the page that sent the form, when it is one of ours."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    ours = came_from.netloc == request.get_host()
    return HttpResponseRedirect(came_from.path if ours else safe_next(request, fallback))
