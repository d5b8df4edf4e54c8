"""The run sheet as a paper: the stops in driving order, with what to fetch and bring and two lines to sign at each."""

from typing import Any

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from firstbell.connectors.papers import marks, typeset
from firstbell.courier.models import Run
from firstbell.web.depot.runs import Leg, legs_of, run_in_reach
from firstbell.web.depot.words import miles
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.papers import paper


def sheet(request: FirstbellRequest, code: str) -> HttpResponse:
    """Print the run sheet of a run."""
    run = run_in_reach(request.actor, code)
    address = request.build_absolute_uri(f"/runs/{run.code}")
    values = sheet_values(run, legs_of(run, by=request.actor), address)
    return paper(typeset.pdf("run", values), f"run-{run.code}")


def sheet_values(run: Run, legs: list[Leg], address: str) -> dict[str, Any]:
    """Return what the template of a run sheet reads."""
    about = [_("{depot}, {n} stops").format(depot=run.depot.name, n=len(legs)), miles(run.metres)]
    return {
        "title": _("Run {code}").format(code=run.code),
        "head": _("Van {n}, {day}").format(n=run.van, day=date_format(run.day, "DATE_FORMAT")),
        "about": [line for line in [*about, str(run.driver or "")] if line],
        "code": run.code,
        "qr": marks.square(address),
        "heads": [_("Stop"), _("About"), _("Fetch"), _("Bring"), _("Fetched"), _("Given by"), _("Received by")],
        "rows": [_values(leg) for leg in legs],
        "note": _("In the order of names: coordinates are missing.") if run.by_name else "",
    }


def _values(leg: Leg) -> dict[str, str]:
    codes = ", ".join(load.code for load in leg.shipments)
    return {
        "site": leg.stop.site.name,
        "address": "\n".join(filter(None, [leg.stop.site.address, leg.reusable.said if leg.reusable else ""])),
        "time": leg.arrives,
        "fetch": str(leg.fetch or leg.stop.expected),
        "bring": f"{leg.bring + leg.to_pack}" + (f"\n{codes}" if codes else ""),
    }
