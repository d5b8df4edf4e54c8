"""What the state of parts and orders allows."""

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused, Stale
from firstbell.parts.models import PartKind, PartOrder, PartStock

LONGEST = 365
"""Days of delivery; more than this is a slip of the keyboard."""


def check_kind(sort: str, name: str, lead_days: int) -> None:
    """A kind says what it is, has a name, and comes within a year."""
    if sort not in PartKind.Sort.values:
        raise Refused("part_unknown", _("Choose what kind of part it is."))
    if not name:
        raise Refused("kind_name", _("Give it a name that no other kind has."))
    check_lead(lead_days)


def check_lead(days: int) -> None:
    """Days of delivery are whole and believable."""
    if not 0 <= days <= LONGEST:
        raise Refused("lead_days", _("Say in how many days it comes: 0 to {most}."), most=LONGEST)


def check_left(stock: PartStock, pieces: int) -> None:
    """What is not there cannot be taken: a stock never goes below zero without somebody saying so."""
    if stock.count < pieces:
        raise Stale(
            "part_not_there",
            _("According to the record {n} of “{kind}” lie in {place}. Count them, or say it came from elsewhere."),
            n=stock.count,
            kind=stock.kind.name,
            place=stock.place.name,
        )


def check_fits(kind: PartKind, device: Device) -> None:
    """A kind that names models belongs into these only."""
    fits = set(kind.fits.values_list("pk", flat=True))
    if fits and device.model_id not in fits:
        raise Refused("does_not_fit", _("{kind} does not fit {tag}."), kind=kind.name, tag=device.tag)


def check_moves(stock: PartStock, place_id: int) -> None:
    """Parts that are sent go somewhere else."""
    if stock.place_id == place_id:
        raise Refused("same_place", _("They lie there already. Choose another place."))


def check_awaited(order: PartOrder, pieces: int) -> None:
    """An order takes what is still missing of it, and nothing once it is over."""
    if order.ended_at is not None:
        raise Stale("order_over", _("This order is over already."))
    if pieces > order.missing:
        raise Refused(
            "more_than_ordered",
            _("{n} are missing of this order. Enter what came beyond that as a delivery of its own."),
            n=order.missing,
        )
