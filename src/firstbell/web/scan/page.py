"""The scan page itself: a shell without data that a phone keeps, its service worker and what makes it installable."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from firstbell.web.desk.devices import offered_symptoms
from firstbell.web.middleware import POLICY, FirstbellRequest

SHELL = ("firstbell.css", "icons.svg", "favicon.svg", "scan.js")
"""What the page needs to stand without a network; the decoder of camera pictures comes when a camera is opened."""
DECODER = "zxing_reader.wasm"


def scan_line(request: FirstbellRequest) -> HttpResponse:
    """Show the scan page: the same for everybody, without any data."""
    wasm = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
    context = {
        "decoder": static(f"firstbell/{DECODER}"),
        "symptoms": sorted(((each.code, each.label) for each in offered_symptoms()), key=lambda one: one[0] != "other"),
    }
    response = render(request, "scan/line.html", context)
    response["Content-Security-Policy"] = wasm
    return response


def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django hands it over
    """Say how the page stands on a phone's home screen."""
    icons = [
        {"src": static(f"firstbell/scan-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": why}
        for size, why in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    about = {
        "id": "/scan/line",
        "name": _("Firstbell scan line"),
        "short_name": _("Scan line"),
        "lang": get_language(),
        "start_url": "/scan/line",
        "scope": "/scan/",
        "display": "standalone",
        "background_color": "#1b1e25",
        "theme_color": "#1b1e25",
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json")


def worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django hands it over
    """Return the service worker with the list of what it keeps; another list is another version."""
    known = _worker() if settings.SAFE else _worker.__wrapped__()
    return HttpResponse(known, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def _worker() -> str:
    contents = [_built(name) for name in (*SHELL, "worker.js")]
    version = hashlib.sha256(b"".join(contents)).hexdigest()[:12]
    kept = [static(f"firstbell/{name}") for name in SHELL]
    return f"const SHELL={json.dumps({'version': version, 'kept': kept})};\n{contents[-1].decode()}"


def _built(name: str) -> bytes:
    found = finders.find(f"firstbell/{name}")
    if not isinstance(found, str):
        raise Http404
    return Path(found).read_bytes()
