"""What can be written in the ledger about accessories."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class KindMade(Fact):
    """A kind of accessory is counted from now on."""

    kind = "accessories.kind_made"
    sentence = _("A kind of {sort} is counted from now on")
    kind_id: int
    sort: Code
    price_cents: int
    models: list[int]


@dataclass(frozen=True)
class StockChanged(Fact):
    """A stock grew or shrank; ``left`` is what lies there now."""

    kind = "accessories.stock_changed"
    sentence = _("Stock in {place}: {change} ({reason}), {left} left")
    stock_id: int
    kind_id: int
    site_id: int
    place_id: int
    change: int
    left: int
    reason: Code


@dataclass(frozen=True)
class ReorderSet(Fact):
    """It was said from which number on somebody orders more."""

    kind = "accessories.reorder_set"
    sentence = _("More are ordered when {reorder_at} are left in {place}")
    stock_id: int
    place_id: int
    reorder_at: int


@dataclass(frozen=True)
class Given(Fact):
    """An accessory went out."""

    kind = "accessories.given"
    sentence = _("A {sort} went out ({why})")
    holding_id: int
    kind_id: int
    sort: Code
    person_id: int | None
    device_id: int | None
    why: Code
    due_on: date | None


@dataclass(frozen=True)
class Ended(Fact):
    """An accessory came back, is lost or is broken."""

    kind = "accessories.ended"
    sentence = _("The {sort}: {end}")
    holding_id: int
    kind_id: int
    sort: Code
    person_id: int | None
    device_id: int | None
    end: Code


@dataclass(frozen=True)
class Reopened(Fact):
    """An accessory that was noted as lost is there after all."""

    kind = "accessories.reopened"
    sentence = _("The {sort} is not lost after all")
    holding_id: int
    kind_id: int
    sort: Code
    device_id: int | None
