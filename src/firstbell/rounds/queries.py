"""Reads of walks through the rooms that several pages share."""

from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth

from firstbell.devices.models import Device
from firstbell.directory.models import Place
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.rounds.models import Charging, FilterCheck

FAILED = ~Q(result=FilterCheck.Result.ON)


def device_to_check(code: str, *, by: Actor) -> Device | None:
    """Return the one device with this code at a school where the actor helps or supervises."""
    codes = {normalise_tag(code), normalise_serial(code)} - {""}
    helping = Device.objects.visible_to(by, Permission.WORK_TEAM_TASKS).filter(codes__code__in=codes)
    found = list(helping.distinct()[:2])
    return found[0] if len(found) == 1 else None


def to_look_into(*, by: Actor) -> ScopedQuerySet[FilterCheck]:
    """Return the failed checks that nobody has looked after, oldest first."""
    rows = FilterCheck.objects.visible_to(by).filter(FAILED, outcome="")
    return rows.select_related("device__model", "site").order_by("checked_at", "pk")


def filter_months(*, by: Actor, since: datetime) -> list[dict[str, Any]]:
    """Return month by month: checks, failures, and how long an adult took to look into one."""
    rows = FilterCheck.objects.visible_to(by).filter(checked_at__gte=since)
    months = rows.annotate(month=TruncMonth("checked_at")).values("month").order_by("month")
    told = months.annotate(
        checks=Count("pk"),
        failed=Count("pk", filter=FAILED),
        took=Avg(F("settled_at") - F("checked_at"), filter=Q(settled_at__isnull=False)),
    )
    return [dict(row) for row in told]


def rooms(*, by: Actor) -> QuerySet[Place]:
    """Return the rooms in reach with their charging places; those that nobody has counted yet too."""
    reach = by.sites(Permission.MOVE_DEVICES)
    rows = Place.objects.filter(kind=Place.Kind.ROOM, closed_at__isnull=True)
    rows = rows if reach is None else rows.filter(site_id__in=reach)
    return rows.select_related("site", "charging")


def charging_of(place: Place) -> Charging | None:
    """Return the charging places of a room that was loaded in reach."""
    rows = Charging.objects.everyone(reason="the place was loaded in reach")
    return rows.filter(place=place).first() if place.kind == Place.Kind.ROOM else None
