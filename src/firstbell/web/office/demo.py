"""Only in the demo: step into the shoes of anybody with a role. Elsewhere these addresses don't exist."""

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from firstbell.directory.models import Place, Site
from firstbell.directory.queries import actor_for, demo_cast
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.web.office.roles import ROLE_WORDS

BACKEND = "firstbell.web.office.backend.PasswordBackend"


def _only_in_the_demo() -> None:
    if settings.MODE != "demo":
        raise Http404


def people(request: HttpRequest) -> HttpResponse:
    """Show the cast: who to be, and a room to report from."""
    _only_in_the_demo()
    cast = [(ROLE_WORDS[Role(row.role)], row) for row in demo_cast(at=utc_now())]
    room = Place.objects.filter(kind=Place.Kind.ROOM, site__kind=Site.Kind.SCHOOL).select_related("site").first()
    return render(request, "office/demo.html", {"cast": cast, "room": room})


@require_POST
def sign_in_as(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign in as one of the cast, without a password."""
    _only_in_the_demo()
    row = next((row for row in demo_cast(at=utc_now()) if row.user_id == user_id), None)
    if row is None or not actor_for(row.user, at=utc_now()).grants:
        raise Http404
    login(request, row.user, backend=BACKEND)
    return redirect("home")
