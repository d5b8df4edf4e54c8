"""How public pages answer: see other after a form, small bodies only, kept by no cache."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

MOST_BYTES = 32 * 1024
View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirect):
    """The form was taken: its page is elsewhere, and reloading that sends nothing again."""

    status_code = 303


def see_other(name: str, *args: object) -> SeeOther:
    return SeeOther(reverse(name, args=args))


def public_form(view: View) -> View:
    """Take a POST from anybody, but not a large one: its size is asked before its body is read."""
    guarded = csrf_protect(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(request.path.rpartition("/")[0])
        if _size(request) > MOST_BYTES:
            return render(request, "street/too_large.html", status=413)
        return guarded(request, *args, **kwargs)

    return csrf_exempt(answer)


def _size(request: HttpRequest) -> int:
    said = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(said) if said.isdigit() else MOST_BYTES + 1
