"""What the state of a device allows."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Assignment, Custody, Device, ShipmentItem
from firstbell.directory.models import Place
from firstbell.kernel.errors import Refused, Stale
from firstbell.kernel.identifiers import luhn_ok

S = Device.Status

MOVES: dict[Device.Status, frozenset[Device.Status]] = {
    S.IN_STOCK: frozenset({S.IN_SERVICE, S.IN_REPAIR, S.LOST, S.STOLEN, S.QUARANTINED, S.RETIRED}),
    S.IN_SERVICE: frozenset({S.IN_STOCK, S.IN_REPAIR, S.LOST, S.STOLEN, S.QUARANTINED, S.RETIRED}),
    S.IN_REPAIR: frozenset({S.IN_SERVICE, S.IN_STOCK, S.LOST, S.STOLEN, S.QUARANTINED, S.RETIRED}),
    S.LOST: frozenset({S.IN_SERVICE, S.IN_STOCK, S.IN_REPAIR, S.STOLEN, S.RETIRED}),
    S.STOLEN: frozenset({S.IN_SERVICE, S.IN_STOCK, S.IN_REPAIR, S.RETIRED}),
    S.QUARANTINED: frozenset({S.IN_SERVICE, S.IN_STOCK, S.IN_REPAIR, S.RETIRED}),
    S.RETIRED: frozenset(),
}
"""From each status, the statuses a device may go to."""

MISSING = frozenset({S.LOST, S.STOLEN})
FIT = frozenset({S.IN_STOCK, S.IN_SERVICE})
"""What may go into somebody's hands."""


def check_move(device: Device, to: Device.Status) -> None:
    """A status follows the table of moves."""
    check_turn(device.tag, S(device.status), to)


def check_turn(tag: str, status: Device.Status, to: Device.Status) -> None:
    """The same, for a device that is still being entered."""
    if to not in MOVES[status]:
        sentence = _("{tag} is {status} and cannot become {to}.")
        raise Refused("status_move", sentence, tag=tag, status=status.label, to=to.label)


SECURED = (Place.Security.OPEN, Place.Security.LOCKED, Place.Security.KEYS, Place.Security.ALARM)
"""From nothing to best."""


def check_secured(place: Place, wanted: str) -> None:
    """New devices wait only where the plan lets them: before a rollout most are stolen from ordinary rooms (S134)."""
    if wanted == "any":
        return
    least = Place.Security(wanted)
    if SECURED.index(Place.Security(place.security)) < SECURED.index(least):
        sentence = _("New devices cannot be entered in {place}. The plan asks for: {least}.")
        raise Refused("not_secured", sentence, place=place.name, least=least.label)


def check_in_order(custody: Custody, at: datetime) -> None:
    """A hand-over cannot lie before the one already known."""
    if at < custody.since:
        raise Stale(
            "out_of_order",
            _("A later hand-over of {tag} is on record already. This one is kept for somebody to look at."),
            tag=custody.device.tag,
        )


def check_not_retired(device: Device) -> None:
    """A retired device is handed to nobody."""
    if device.status == S.RETIRED:
        raise Refused("retired", _("{tag} is retired and cannot be handed out."), tag=device.tag)


def check_fit(device: Device) -> None:
    """Only what is in stock or in service goes into somebody's hands. What is in repair is handed back instead."""
    if device.status not in FIT:
        raise Refused(
            "not_fit",
            _("{tag} is {status} and cannot be handed out."),
            tag=device.tag,
            status=S(device.status).label,
        )


def check_not_loaner(device: Device) -> None:
    """A loaner is lent, so that somebody knows when it is due; it belongs to nobody."""
    if device.is_loaner:
        raise Refused("is_loaner", _("{tag} is a loaner. Lend it, or take it out of the pool first."), tag=device.tag)


def check_not_lent(device: Device, custody: Custody | None) -> None:
    """A loaner in somebody's hands is lent: it comes back over the desk, where its condition is noted."""
    if device.is_loaner and custody is not None and custody.kind == Custody.Kind.PERSON:
        raise Refused("lent_out", _("{tag} is lent. Take it back first, noting its condition."), tag=device.tag)


def check_at_rest(device: Device, custody: Custody | None) -> None:
    """A device in somebody's hands or on its way is taken in before it goes further."""
    if custody is None or custody.kind != Custody.Kind.PLACE:
        raise Refused(
            "not_at_rest", _("{tag} is not in a place according to the record. Scan it in first."), tag=device.tag
        )


def check_not_in_repair(device: Device) -> None:
    """A device in repair leaves the inventory by the end of its repair."""
    if device.status == S.IN_REPAIR:
        raise Refused("in_repair", _("{tag} has an open repair. End that first."), tag=device.tag)


def check_not_travelling(device: Device) -> None:
    """What is on a shipment is received before it goes anywhere else."""
    item = ShipmentItem.objects.filter(device=device, received_at__isnull=True).select_related("shipment").first()
    if item:
        raise Refused(
            "on_a_shipment",
            _("{tag} is in shipment {code}. Scan the shipment in first."),
            tag=device.tag,
            code=item.shipment.code,
        )


def check_line_numbers(imei: str, iccid: str) -> None:
    """IMEI and SIM number end in a check digit."""
    if imei and not (len(imei) == 15 and luhn_ok(imei)):
        raise Refused("imei_wrong", _("This IMEI has a wrong digit. It has 15, the last one is a check digit."))
    if iccid and not (18 <= len(iccid) <= 22 and luhn_ok(iccid)):
        raise Refused(
            "iccid_wrong", _("This SIM number has a wrong digit. It has 19 or 20, the last is a check digit.")
        )


def check_share(share: int | None) -> None:
    """A share, in hundredths of a percent, is at most the whole."""
    if share is not None and not 0 <= share <= 100_00:
        raise Refused("share_wrong", _("The federal share is a percentage from 0 to 100."))


def why_second(reason: str) -> str:
    """Return why somebody gets a second device of their own; without a reason it is refused (S126)."""
    if reason not in Assignment.Reason.values:
        raise Refused(
            "why_second", _("This person has a device of their own already. Say why they get another, or lend one.")
        )
    return reason
