"""Giving a device to somebody: it is theirs, and in their hands."""

from datetime import datetime

from firstbell.devices.actions.custody import hand_over
from firstbell.devices.actions.inventory import assign
from firstbell.devices.models import Device
from firstbell.kernel.actor import Actor
from firstbell.ledger.actions import Op, verb


@verb
def issue(*, device_id: int, person_id: int, reason: str = "", by: Actor, at: datetime, op: Op) -> Device:
    """Give a device to a person for good. One that is theirs already is only handed over.

    Raises Stale when it belongs to somebody else, and Refused when it is a second one and no reason is given (S126).
    """
    assign(device_id=device_id, person_id=person_id, reason=reason, by=by, at=at, op=op)
    return hand_over(device_id=device_id, person_id=person_id, by=by, at=at, op=op)
