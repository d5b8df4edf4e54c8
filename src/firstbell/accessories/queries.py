"""Reads of accessories that several pages share."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from firstbell.accessories.models import AccessoryKind, Holding, Stock
from firstbell.devices.models import Device
from firstbell.directory.models import Person
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.stock.queries import run_low, that_differ, with_over


def stocks(*, by: Actor) -> ScopedQuerySet[Stock]:
    """Return the stocks in reach with what is shown of them; ``over`` is how far each is above its reorder point."""
    return with_over(Stock.objects.visible_to(by).select_related("site", "place", "kind"))


def low(*, by: Actor) -> QuerySet[Stock]:
    """Return the stocks in reach that have reached their reorder point."""
    return run_low(stocks(by=by))


def held_by(person: Person) -> list[Holding]:
    """Return what a person who was loaded in reach has, or has with their device."""
    rows = Holding.objects.everyone(reason="the person was loaded in reach").filter(person=person, until=None)
    return list(rows.select_related("kind", "device", "site").order_by("since", "pk"))


def with_device(device: Device) -> list[Holding]:
    """Return what goes with a device that was loaded in reach."""
    rows = Holding.objects.everyone(reason="the device was loaded in reach").filter(device=device, until=None)
    return list(rows.select_related("kind", "person", "site").order_by("since", "pk"))


def charger_of(device: Device) -> AccessoryKind | None:
    """Return the kind of charger that fits a device: the one that names its model."""
    rows = AccessoryKind.objects.filter(sort=AccessoryKind.Sort.CHARGER, fits=device.model_id)
    return rows.order_by("pk").first()


def boxes_at(site_ids: Iterable[int]) -> dict[int, int]:
    """Return how many reusable boxes lie at sites that the caller has found in reach; those that count none are out."""
    rows = Stock.objects.everyone(reason="the sites are in reach").filter(
        site_id__in=list(site_ids), kind__sort=AccessoryKind.Sort.BOX
    )
    return dict(rows.order_by().values_list("site_id").annotate(Sum("count")))


def stock_at(site_id: int, kind_id: int) -> Stock | None:
    """Return the fullest stock of a kind at a site."""
    rows = Stock.objects.everyone(reason="asked by verbs that have asked for the site")
    return rows.filter(site_id=site_id, kind_id=kind_id).order_by("-count", "pk").first()


def differences() -> list[int]:
    """Return the stocks whose count is not the sum of their movements; there should be none."""
    return that_differ(Stock.objects.everyone(reason="checked by the system"))
