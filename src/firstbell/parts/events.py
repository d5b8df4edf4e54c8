"""What can be written in the ledger about spare parts. Amounts in cents."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class KindMade(Fact):
    """A kind of part is counted from now on."""

    kind = "parts.kind_made"
    sentence = _("A kind of part is counted from now on: {sort}")
    kind_id: int
    sort: Code
    price_cents: int
    lead_days: int
    models: list[int]


@dataclass(frozen=True)
class KindAmended(Fact):
    """Price, supplier or time of delivery of a kind of part are others now."""

    kind = "parts.kind_amended"
    sentence = _("Price and delivery of a part are noted anew: {sort}")
    kind_id: int
    sort: Code
    price_cents: int
    lead_days: int


@dataclass(frozen=True)
class StockChanged(Fact):
    """A stock of parts grew or shrank; ``left`` is what lies there now."""

    kind = "parts.stock_changed"
    sentence = _("Parts in {place}, {sort}: {change} ({reason}), {left} left")
    stock_id: int
    kind_id: int
    sort: Code
    site_id: int
    place_id: int
    change: int
    left: int
    reason: Code
    device_id: int | None


@dataclass(frozen=True)
class ReorderSet(Fact):
    """It was said from which number on more parts are ordered."""

    kind = "parts.reorder_set"
    sentence = _("More parts are ordered when {reorder_at} are left in {place}")
    stock_id: int
    place_id: int
    reorder_at: int


@dataclass(frozen=True)
class Ordered(Fact):
    """Parts were ordered; the supplier promised them for a day."""

    kind = "parts.ordered"
    sentence = _("{pieces} ordered ({sort}), promised for {promised_on}")
    order_id: int
    kind_id: int
    sort: Code
    site_id: int
    pieces: int
    promised_on: date


@dataclass(frozen=True)
class OrderEnded(Fact):
    """An order is over: all of it came, or what is missing is waited for no longer."""

    kind = "parts.order_ended"
    sentence = _("The order is over: {received} of {pieces} came ({sort})")
    order_id: int
    kind_id: int
    sort: Code
    site_id: int
    pieces: int
    received: int
