"""A list that was handed in and looked through is imported: as it was seen, past the brake only when confirmed."""

from datetime import datetime

from firstbell.directory.scope import load
from firstbell.flows.inventory_import import check_brake
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.transfers.actions import order_import
from firstbell.transfers.models import Upload


@verb
def import_list(*, upload_id: int, confirmed: bool = False, by: Actor, at: datetime, op: Op) -> Upload:
    """Have a list imported. Raises Refused (``list_brake``) when it would change or leave out too much, unconfirmed."""
    by.require(Permission.IMPORT)
    upload = load(Upload, upload_id, by=by)
    if not confirmed:
        check_brake(upload.counts)
    return order_import(upload_id=upload_id, by=by, at=at, op=op)
