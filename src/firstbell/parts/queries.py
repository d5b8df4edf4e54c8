"""Reads of parts that several pages share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from firstbell.devices.models import DeviceModel
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.money import Money
from firstbell.parts.models import PartKind, PartOrder, PartStock
from firstbell.stock.queries import run_low, that_differ, with_over


def stocks(*, by: Actor) -> ScopedQuerySet[PartStock]:
    """Return the stocks in reach with what is shown of them; ``over`` is how far each is above its reorder point."""
    return with_over(PartStock.objects.visible_to(by).select_related("site", "place", "kind"))


def low(*, by: Actor) -> QuerySet[PartStock]:
    """Return the stocks in reach that have reached their reorder point."""
    return run_low(stocks(by=by))


def fitting(model_id: int) -> Q:
    """Return the condition for stocks whose kind fits a model: it names the model, or none at all."""
    return Q(kind__fits=model_id) | Q(kind__fits__isnull=True)


def stock_for(site_id: int, sort: str, model_id: int) -> PartStock | None:
    """Return the stock from which a part for a model is taken at a site: the fullest; None where none is kept."""
    rows = PartStock.objects.everyone(reason="asked by verbs and pages that have asked for the site")
    found = rows.filter(fitting(model_id), site_id=site_id, kind__sort=sort).select_related("kind", "place")
    return found.order_by("-count", "pk").first()


def left_for(site_id: int, model_id: int) -> dict[str, int]:
    """Return how many parts for a model lie at a site, by sort; a sort that is not kept there is absent."""
    rows = PartStock.objects.everyone(reason="asked by pages that have asked for the site")
    pairs = rows.filter(fitting(model_id), site_id=site_id).order_by().values_list("kind__sort", "count", "pk")
    found: dict[str, int] = defaultdict(int)
    for sort, count, _pk in pairs.distinct():
        found[sort] += count
    return dict(found)


def kinds_for(model_id: int) -> list[PartKind]:
    """Return the kinds that fit a model: what can be taken out of a device of it."""
    fits = Q(fits=model_id) | Q(fits__isnull=True)
    return list(PartKind.objects.filter(fits).distinct().order_by("sort", "name"))


def models_without_parts() -> list[DeviceModel]:
    """Return the models in use for which no kind of part is on record (S83: flagged if none)."""
    used = DeviceModel.objects.filter(devices__status__in=["in_stock", "in_service", "in_repair"]).distinct()
    if PartKind.objects.filter(fits__isnull=True).exists():
        return []
    return list(used.filter(part_kinds__isnull=True).order_by("manufacturer", "name"))


def open_orders(*, by: Actor) -> ScopedQuerySet[PartOrder]:
    """Return the orders in reach that are awaited, the first promised first."""
    rows = PartOrder.objects.visible_to(by).filter(ended_at__isnull=True)
    return rows.select_related("kind", "site", "place").order_by("promised_on", "pk")


@dataclass(frozen=True)
class Proposal:
    """What should be ordered for one stock: up to twice its reorder point, with what is on its way counted in."""

    stock: PartStock
    coming: int
    pieces: int

    @property
    def cost(self) -> Money:
        """Return what that costs at the price on record."""
        return Money(self.pieces * self.stock.kind.price_cents)


def to_order(*, by: Actor) -> list[Proposal]:
    """Return what should be ordered, by supplier and kind; what is on its way already is not ordered twice."""
    rows = list(low(by=by).filter(reorder_at__gt=0).order_by("kind__supplier", "kind__name", "pk"))
    coming = _coming(rows)
    found = [_proposal(row, coming.get((row.place_id, row.kind_id), 0)) for row in rows]
    return [row for row in found if row.pieces > 0 and row.stock.count + row.coming <= row.stock.reorder_at]


def _coming(rows: Iterable[PartStock]) -> dict[tuple[int, int], int]:
    orders = PartOrder.objects.everyone(reason="the stocks were chosen in reach").filter(
        ended_at__isnull=True, place_id__in={row.place_id for row in rows}
    )
    sums = orders.order_by().values("place_id", "kind_id").annotate(n=Sum(F("pieces") - F("received")))
    return {(row["place_id"], row["kind_id"]): row["n"] for row in sums}


def _proposal(stock: PartStock, coming: int) -> Proposal:
    return Proposal(stock, coming, 2 * stock.reorder_at - stock.count - coming)


@dataclass(frozen=True)
class Delivery:
    """How a supplier keeps its promises: orders that came, days promised and taken on average, how many in time."""

    supplier: str
    orders: int
    promised: float
    actual: float
    in_time: int


def deliveries(*, by: Actor) -> list[Delivery]:
    """Return promised and actual days of delivery by supplier, of orders in reach that came (S83)."""
    rows = PartOrder.objects.visible_to(by).filter(ended_at__isnull=False, received_on__isnull=False)
    groups: dict[str, list[PartOrder]] = defaultdict(list)
    for row in rows.order_by("pk"):
        groups[row.supplier].append(row)
    return [_delivery(supplier, found) for supplier, found in sorted(groups.items())]


def _delivery(supplier: str, found: list[PartOrder]) -> Delivery:
    promised = sum(row.promised_days for row in found) / len(found)
    actual = sum(row.actual_days or 0 for row in found) / len(found)
    in_time = sum((row.actual_days or 0) <= row.promised_days for row in found)
    return Delivery(supplier, len(found), round(promised, 1), round(actual, 1), in_time)


def value_of(*, by: Actor) -> Money:
    """Return what the parts in reach are worth at the price on record."""
    rows = PartStock.objects.visible_to(by)
    return Money(int(rows.aggregate(cents=Coalesce(Sum(F("count") * F("kind__price_cents")), 0))["cents"]))


def differences() -> list[int]:
    """Return the stocks of parts whose count is not the sum of their movements; there should be none."""
    return that_differ(PartStock.objects.everyone(reason="checked by the system"))
