"""What the state of a stock or a holding allows."""

from django.utils.translation import gettext_lazy as _

from firstbell.accessories.models import AccessoryKind, Holding, Stock
from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused, Stale


def check_left(stock: Stock) -> None:
    """What is not there cannot be given."""
    if stock.count < 1:
        raise Stale("none_left", _("No {kind} is left in {place}."), kind=stock.kind.name, place=stock.place.name)


def check_fits(kind: AccessoryKind, device: Device) -> None:
    """A kind that names models goes with these only."""
    fits = set(kind.fits.values_list("pk", flat=True))
    if fits and device.model_id not in fits:
        raise Refused("does_not_fit", _("{kind} does not fit {tag}."), kind=kind.name, tag=device.tag)


def check_open(holding: Holding) -> None:
    """What has ended cannot end again."""
    if holding.until is not None:
        raise Stale("ended_already", _("This {kind} is not out any more."), kind=holding.kind.name)
