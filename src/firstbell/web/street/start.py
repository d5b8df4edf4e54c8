"""The first page of all: scan, or type the code; and the way in for staff."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from firstbell.web.street.spots import anywhere


def start(request: HttpRequest) -> HttpResponse:
    """Say how to report; nothing more."""
    return render(request, "street/start.html", {"demo": settings.MODE == "demo"})


def find(request: HttpRequest) -> HttpResponse:
    """Go to what a typed code or tag leads to."""
    text = request.GET.get("code", "").strip()
    found = anywhere(text)
    return redirect(found.url) if found else unknown(request, text)


def unknown(request: HttpRequest, text: str) -> HttpResponse:
    """A code that leads nowhere: a worn label, a removed poster, a slip of the finger. Never a dead end."""
    return render(request, "street/unknown.html", {"text": text[:40]}, status=404)
