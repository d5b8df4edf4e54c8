"""Words of the courier's pages: kinds of devices, miles, vans."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from firstbell.courier.rules import Waiting
from firstbell.devices.models import DeviceModel
from firstbell.directory.models import Site

METRES_PER_MILE = 1609.344


def kinds_said(boxed: Waiting | None) -> str:
    """Return what waits by kind, most first: “4 × Chromebook, 1 × iPad”."""
    found = boxed.kinds if boxed else ()
    return ", ".join(f"{count} × {DeviceModel.Kind(kind).label}" for kind, count in found)


def to_do(fetch: int, bring: int) -> str:
    """Return what is to be done at a stop: “fetch 3 · bring 2”; what is none is left out."""
    parts = [_("fetch {n}").format(n=fetch) if fetch else "", _("bring {n}").format(n=bring) if bring else ""]
    return " · ".join(part for part in parts if part) or _("nothing to fetch or bring")


def hour(at: datetime | None, site: Site) -> str:
    """Return a time of day as the clock of a site shows it; nothing where it is not known."""
    return date_format(at.astimezone(ZoneInfo(site.timezone)), "TIME_FORMAT") if at else ""


def miles(metres: float) -> str:
    """Return a length as drivers say it; nothing where it is not known."""
    if not metres:
        return ""
    number = metres / METRES_PER_MILE
    return _("{n} miles").format(n=localize(round(number, 1 if number < 100 else None)))
