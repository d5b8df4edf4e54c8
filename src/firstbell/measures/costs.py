"""What repairs cost: by model, by device, by fault and by cause (S70). Parts at their price then, work by the hour."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from firstbell.decisions.queries import says
from firstbell.decisions.register import REPAIR_HOUR_DOLLARS
from firstbell.devices.models import Device
from firstbell.incidents.models import Incident
from firstbell.measures.reach import Reach
from firstbell.repairs.models import PartUsed, WorkOrder

UNNOTED = ""
"""The cause of repairs without a noted incident."""


@dataclass(frozen=True, slots=True)
class Mended:
    """One completed repair: of which device, for which fault and cause, with cents of parts and minutes of work."""

    device_id: int
    tag: str
    price_cents: int | None
    model_id: int
    model: str
    fault: str
    cause: str
    parts_cents: int
    minutes: int


@dataclass(frozen=True)
class Cost:
    """What some repairs cost together. ``hour_cents`` is what an hour at the bench costs by the plan."""

    repairs: int
    parts_cents: int
    minutes: int
    hour_cents: int

    @property
    def work_cents(self) -> int:
        """Return what the work cost."""
        return self.minutes * self.hour_cents // 60

    @property
    def cents(self) -> int:
        """Return parts and work together."""
        return self.parts_cents + self.work_cents

    @property
    def each(self) -> int:
        """Return what one repair cost."""
        return round(self.cents / self.repairs) if self.repairs else 0


def mended(reach: Reach, since: datetime, until: datetime) -> list[Mended]:
    """Return the repairs completed in a period of the schools in reach, in one query."""
    orders = WorkOrder.objects.everyone(reason="the schools are in reach").filter(
        site_id__in=reach.ids, repaired_at__gte=since, repaired_at__lt=until
    )
    parts = PartUsed.objects.filter(work_order=OuterRef("pk")).order_by().values("work_order")
    cost = parts.annotate(cost=Sum(F("quantity") * F("unit_cents"))).values("cost")
    noted = Incident.objects.everyone(reason="a figure of schools in reach").filter(ticket=OuterRef("ticket_id"))
    rows = orders.annotate(
        spent=Coalesce(Subquery(cost), Value(0)),
        noted=Coalesce(Subquery(noted.order_by("pk").values("cause")[:1]), Value(UNNOTED)),
    )
    return [_mended(row) for row in rows.select_related("device__model").order_by("repaired_at", "pk")]


def _mended(row: Any) -> Mended:
    device = row.device
    model = (device.model_id, str(device.model))
    return Mended(device.pk, device.tag, device.price_cents, *model, row.fault, row.noted, row.spent, row.minutes)


def hour_cents() -> int:
    """Return what an hour at the bench costs by the plan; 0 where only parts are counted."""
    return 100 * says(REPAIR_HOUR_DOLLARS)


Key = Callable[[Mended], Hashable]


def cost_by(rows: Iterable[Mended], key: Key, hour: int) -> dict[Any, Cost]:
    """Return what repairs cost by whatever ``key`` answers, the most expensive first."""
    groups: dict[Hashable, list[Mended]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    found = {name: together(group, hour) for name, group in groups.items()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].cents, str(pair[0]))))


def together(rows: Iterable[Mended], hour: int) -> Cost:
    """Return what some repairs cost together."""
    listed = list(rows)
    return Cost(len(listed), sum(row.parts_cents for row in listed), sum(row.minutes for row in listed), hour)


def fleet(reach: Reach) -> dict[int, int]:
    """Return how many devices of each model the schools in reach have, in one query."""
    rows = Device.objects.everyone(reason="the schools are in reach").filter(home_site_id__in=reach.ids)
    counted = rows.exclude(status=Device.Status.RETIRED).order_by().values("model_id").annotate(n=Count("pk"))
    return {row["model_id"]: row["n"] for row in counted}
