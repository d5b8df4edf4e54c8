"""What the state of a collection or a hand-out allows."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from firstbell.kernel.errors import Refused, Stale
from firstbell.seasons.models import Collection, HandOut


def check_collecting(collection: Collection | None) -> Collection:
    """A device is collected while its school collects."""
    if collection is None or collection.closed_at is not None:
        raise Refused("not_collecting", _("This school does not collect devices now. Open a collection first."))
    return collection


def check_days(until: date, today: date) -> None:
    """A collection ends today or later."""
    if until < today:
        raise Refused("until_past", _("Choose a last day that is not over yet."))


def check_handing_out(hand_out: HandOut | None) -> HandOut:
    """A device is handed out while the homeroom's hand-out is open."""
    if hand_out is None or hand_out.closed_at is not None:
        raise Stale("not_handing_out", _("The hand-out of this homeroom is not open. Open it first."))
    return hand_out
