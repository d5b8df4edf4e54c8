"""All addresses of the system, by door."""

from django.http import HttpRequest, HttpResponse

from firstbell.web.doors import door
from firstbell.web.urls import patterns


def healthz(_request: HttpRequest) -> HttpResponse:
    """The web process is alive. Asks nothing else, so that a slow database never restarts healthy processes."""
    return HttpResponse("ok\n", content_type="text/plain")


handler404 = "firstbell.web.errors.missing_page"
handler500 = "firstbell.web.errors.broken_page"
urlpatterns = [door("healthz", healthz, name="healthz", public=True), *patterns]
