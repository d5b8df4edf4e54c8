"""Words of the courier's pages: kinds of devices, miles, vans."""

from django.utils.formats import localize
from django.utils.translation import gettext as _

from firstbell.courier.rules import Waiting
from firstbell.devices.models import DeviceModel

METRES_PER_MILE = 1609.344


def kinds_said(boxed: Waiting | None) -> str:
    """Return what waits by kind, most first: “4 Chromebook, 1 iPad”."""
    found = boxed.kinds if boxed else ()
    return ", ".join(f"{count} {DeviceModel.Kind(kind).label}" for kind, count in found)


def miles(metres: float) -> str:
    """Return a length as drivers say it; nothing where it is not known."""
    if not metres:
        return ""
    number = metres / METRES_PER_MILE
    return _("{n} miles").format(n=localize(round(number, 1 if number < 100 else None)))
