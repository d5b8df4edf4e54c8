"""Words of the courier's pages: kinds of devices, miles, vans."""

import math
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Boxes:
    """The reusable boxes of a stop: how many its devices need, how many lie there."""

    needed: int
    here: int

    @property
    def lacking(self) -> int:
        """Boxes that the driver takes along."""
        return max(0, self.needed - self.here)

    @property
    def said(self) -> str:
        """Return it in words."""
        words = {"n": self.needed, "m": self.here, "k": self.lacking}
        if self.lacking:
            return _("Boxes: {n} needed, {m} there. Bring {k} along.").format(**words)
        return _("Boxes: {n} needed, {m} there.").format(**words)


def boxes_of(devices: int, here: int | None, each: int) -> Boxes | None:
    """Return the boxes that so many devices need; None where nobody counts boxes, or nothing is to be fetched."""
    return Boxes(math.ceil(devices / each), here) if devices and here is not None else None


def miles(metres: float) -> str:
    """Return a length as drivers say it; nothing where it is not known."""
    if not metres:
        return ""
    number = metres / METRES_PER_MILE
    return _("{n} miles").format(n=localize(round(number, 1 if number < 100 else None)))
