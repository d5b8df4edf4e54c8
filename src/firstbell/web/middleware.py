"""What every request passes: who asks, whether the door is open, which refusal becomes which page, what is safe."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from firstbell.directory.models import User
from firstbell.directory.queries import actor_for
from firstbell.kernel.actor import REPORTER, Actor
from firstbell.kernel.clock import utc_now
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.web.apart import note_barred
from firstbell.web.doors import DOORS
from firstbell.web.errors import denied_page, refused_page

Answer = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

OWN_COPY = "private, max-age=0"
"""Kept by this browser alone: on the way back it shows the same form, with the same operation, as it was sent."""


class FirstbellRequest(HttpRequest):
    """A request with who is asking (``actor``) and when (``at``)."""

    actor: Actor
    at: Any


def _actor_of(request: HttpRequest, at: Any) -> Actor:
    return actor_for(request.user, at=at) if isinstance(request.user, User) else REPORTER


def _deny(request: FirstbellRequest, error: Denied) -> HttpResponse:
    if request.method == "POST":
        note_barred(error, request.POST, by=request.actor, at=request.at)
    return denied_page(request, error)


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.at``, and shuts the doors."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: FirstbellRequest) -> HttpResponse:
        request.at = utc_now()
        request.actor = _actor_of(request, request.at)
        return self.answer(request)

    def process_view(
        self, request: FirstbellRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Let somebody in, show the way to the sign-in, or know nothing of this address."""
        name = request.resolver_match.view_name if request.resolver_match else None
        entry = DOORS.get(name or "")
        if entry is None or entry.public:
            return None
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{reverse('sign_in')}?next={quote(request.get_full_path())}")
        if entry.open_to(request.actor):
            return None
        return _deny(request, Denied(entry.needs[0], barred_role=request.actor.barred_by(entry.needs[0])))

    def process_exception(self, request: FirstbellRequest, error: Exception) -> HttpResponse | None:
        """Turn the four ways of saying no into pages, in this one place."""
        if isinstance(error, Missing):
            raise Http404 from error
        if isinstance(error, Denied):
            return _deny(request, error)
        if isinstance(error, Refused):
            return refused_page(request, error)
        return None


class SafetyMiddleware:
    """Content policy on every page; what somebody signed in has seen is kept by no cache."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.answer(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            response.setdefault("Cache-Control", "no-store")
        if response.get("Cache-Control") == OWN_COPY:
            response["Vary"] = "Accept-Language, Accept-Encoding"  # a cookie set since then is no other reader
        return response
