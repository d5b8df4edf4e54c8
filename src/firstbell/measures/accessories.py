"""What accessories cost in losses: lost per 100 devices, and how often a stock ran out (S123)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from firstbell.accessories.models import AccessoryKind, Holding, Movement, Stock
from firstbell.devices.models import Device
from firstbell.kernel.actor import Actor

DAYS = 365
CORDS = (AccessoryKind.Sort.CHARGER, AccessoryKind.Sort.CORD)


@dataclass(frozen=True)
class Losses:
    """A year's figures: chargers and cords lost, the devices they go with, and the times a stock ran out."""

    lost: int
    devices: int
    stock_outs: int

    @property
    def per_hundred(self) -> float:
        """Return how many were lost for each 100 devices."""
        return round(100 * self.lost / self.devices, 1) if self.devices else 0.0


def losses(*, by: Actor, at: datetime) -> Losses:
    """Return the last year's losses in reach, in three queries."""
    since = at - timedelta(days=DAYS)
    lost = Holding.objects.visible_to(by).filter(
        end=Holding.End.LOST, until__gt=since, until__lte=at, kind__sort__in=CORDS
    )
    devices = Device.objects.visible_to(by).exclude(status=Device.Status.RETIRED)
    outs = Movement.objects.filter(
        stock__in=Stock.objects.visible_to(by).values("pk"), left=0, change__lt=0, at__gt=since, at__lte=at
    ).aggregate(n=Count("pk"))
    return Losses(lost.count(), devices.count(), outs["n"])
