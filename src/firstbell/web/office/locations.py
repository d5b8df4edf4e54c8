"""Where the sites are: addresses that a driver reads, and coordinates by which the vans' order is worked out."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.directory.actions import Location, set_locations
from firstbell.directory.models import Site
from firstbell.directory.queries import sites_of
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told


def page(request: FirstbellRequest) -> HttpResponse:
    """Show schools and depots with their addresses and coordinates, to be filled in."""
    return _show(request)


def _sites(request: FirstbellRequest) -> QuerySet[Site]:
    kinds = [Site.Kind.DEPOT, Site.Kind.SCHOOL]
    return sites_of(request.actor, Permission.GRANT_ROLES).filter(kind__in=kinds).order_by("kind", "name", "pk")


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    sent = request.POST if refusal else {}
    lines = [
        {
            "site": site,
            "address": sent.get(f"address-{site.pk}", site.address),
            "point": sent.get(f"point-{site.pk}", point_of(site)),
        }
        for site in _sites(request)
    ]
    context: dict[str, Any] = {
        "lines": lines,
        "missing": sum(not line["point"] for line in lines),
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "office/locations.html", context, status=status_of(refusal))


def point_of(site: Site) -> str:
    """Return coordinates as they are typed."""
    return "" if site.latitude is None else f"{site.latitude}, {site.longitude}"


@require_POST
def setting(request: FirstbellRequest) -> HttpResponse:
    """Set what was filled in; sites that the form does not name stay as they are."""
    sent = request.POST
    locations = [
        Location(site.pk, sent.get(f"address-{site.pk}", ""), sent.get(f"point-{site.pk}", "")[:60])
        for site in _sites(request)
        if f"point-{site.pk}" in sent
    ]
    refusal = attempt(lambda: set_locations(locations=locations, **act_of(request)))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("Addresses and coordinates are set."))
    return redirect("locations")
