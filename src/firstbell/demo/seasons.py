"""The two big days as a visitor finds them: a collection under way, a hand-out prepared, stocks to look at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from firstbell.accessories.actions import make_kind, receive_stock, set_reorder_point
from firstbell.accessories.models import AccessoryKind
from firstbell.demo.town import School, Town
from firstbell.devices.models import Custody, Device
from firstbell.directory.models import ClassGroup, Person, Place
from firstbell.directory.queries import school_time_of
from firstbell.flows.collect import collect
from firstbell.seasons.actions import start_collecting, start_handing_out

DAYS = 4
TAKEN = 14
SHORT = 4
"""What the first school has of chargers: low, as it happens."""


def prepare(town: Town, space: UUID) -> None:
    """Stock every living school; the last one collects, the first has a hand-out prepared."""
    kind = make_kind(
        sort=AccessoryKind.Sort.CHARGER,
        name="45 W USB-C charger",
        price_cents=2_900,
        model_ids=sorted(set(_devices(town).values_list("model_id", flat=True))),
        by=town.office,
        at=town.now,
        op=uuid5(space, "seasons kind"),
    )
    for number, school in enumerate(town.schools):
        _stock(school, kind, SHORT if number == 0 else 60, town.now, space)
    _collect(town.schools[-1], town.now, space)
    _hand_out(town.schools[0], town.now, space)


def _devices(town: Town) -> Any:
    sites = [school.pk for school in town.schools]
    return Device.objects.everyone(reason="the demo prepares").filter(home_site__in=sites)


def _acting(school: School, at: datetime, space: UUID) -> Callable[[str], dict[str, Any]]:
    return lambda what: {"by": school.lead, "at": at, "op": uuid5(space, f"seasons {school.pk} {what}")}


def _stock(school: School, kind: AccessoryKind, pieces: int, at: datetime, space: UUID) -> None:
    place, act = school.places.get(Place.Kind.DESK), _acting(school, at, space)
    if place is None:
        return
    stock = receive_stock(kind_id=kind.pk, place_id=place, pieces=pieces, **act("delivery"))
    set_reorder_point(stock_id=stock.pk, reorder_at=10, **act("reorder"))


def _collect(school: School, at: datetime, space: UUID) -> None:
    """Some have brought theirs already, on a school day: one cracked, two without a charger."""
    place, act = school.places.get(Place.Kind.DESK), _acting(school, at, space)
    if place is None:
        return
    start_collecting(place_id=place, until=at.date() + timedelta(days=DAYS), **act("collect"))
    for number, device_id in enumerate(_held(school) if _is_school_day(school, at) else []):
        damage = "cracked" if number == 5 else ""
        charger = "no" if number in {2, 9} else ""
        collect(device_id=device_id, damage=damage, charger=charger, **act(f"device {number}"))


def _is_school_day(school: School, at: datetime) -> bool:
    time = school_time_of(school.pk)
    return time.is_school_day(at.astimezone(time.zone).date())


def _held(school: School) -> list[int]:
    rows = Custody.objects.filter(
        site_id=school.pk,
        until__isnull=True,
        kind=Custody.Kind.PERSON,
        person__kind=Person.Kind.STUDENT,
        device__status=Device.Status.IN_SERVICE,
        device__is_loaner=False,
    )
    return list(rows.order_by("-device__tag").values_list("device_id", flat=True)[:TAKEN])


def _hand_out(school: School, at: datetime, space: UUID) -> None:
    group = ClassGroup.objects.filter(site_id=school.pk, homeroom=True, active=True).order_by("title", "pk").first()
    if group:
        start_handing_out(class_group_id=group.pk, chargers=True, **_acting(school, at, space)("hand out"))
