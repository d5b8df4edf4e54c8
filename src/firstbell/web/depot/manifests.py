"""The manifest as a paper that travels in the box: what is in it, with its codes and two lines to sign."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.connectors.papers import marks, typeset
from firstbell.devices.models import Shipment
from firstbell.web.depot.shipments import Line, lines_of, shipment_in_reach
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper, shipment_link


def manifest(request: FirstbellRequest, code: str) -> HttpResponse:
    """Print the manifest of a shipment, to the depot or back to a school."""
    row = shipment_in_reach(request.actor, code)
    values = manifest_values(row, lines_of(row), shipment_link(request, row))
    return paper(typeset.pdf("manifest", values), f"manifest-{row.code}")


def manifest_values(row: Shipment, lines: list[Line], address: str) -> dict[str, Any]:
    """Return what the template of a manifest reads."""
    return {
        "title": _("Shipment {code}").format(code=row.code),
        "route": _("{here} to {there}").format(here=row.from_site.name, there=row.to_site.name),
        "about": _about(row),
        "code": row.code,
        "qr": marks.square(address),
        "bars": marks.bars(row.code),
        "counted": ngettext("{n} device", "{n} devices", len(lines)).format(n=len(lines)),
        "heads": [_("Device"), _("Model"), _("What is wrong"), _("Leaves"), _("Arrives")],
        "rows": [
            {"tag": line.device.tag, "model": str(line.device.model), "fault": line.symptom or "–"} for line in lines
        ],
        "signs": [_("Given by, date"), _("Received by, date")],
    }


def _about(row: Shipment) -> list[str]:
    left = localtime(row.sent_at or row.packed_at, ZoneInfo(row.from_site.timezone))
    said = [_("Left {moment}").format(moment=date_format(left, "SHORT_DATETIME_FORMAT"))]
    return [*said, _("carried by {who}").format(who=row.carrier)] if row.carrier else said
