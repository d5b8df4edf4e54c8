"""Reads of accessories that several pages share."""

from collections.abc import Iterable

from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Coalesce

from firstbell.accessories.models import AccessoryKind, Holding, Stock
from firstbell.devices.models import Device
from firstbell.directory.models import Person
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor


def stocks(*, by: Actor) -> ScopedQuerySet[Stock]:
    """Return the stocks in reach with what is shown of them; ``missing`` is how many are below the reorder point."""
    rows = Stock.objects.visible_to(by).select_related("site", "place", "kind")
    return rows.annotate(over=F("count") - F("reorder_at"))


def low(*, by: Actor) -> QuerySet[Stock]:
    """Return the stocks in reach that have reached their reorder point."""
    return stocks(by=by).filter(count__lte=F("reorder_at"))


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
    rows = Stock.objects.everyone(reason="checked by the system").annotate(moved=Coalesce(Sum("movements__change"), 0))
    return list(rows.exclude(moved=F("count")).order_by("pk").values_list("pk", flat=True))
