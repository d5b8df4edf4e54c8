"""The ledger replayed and compared with the tables, device by device: flat memory, however many there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from firstbell.devices.events import Assigned, CustodyChanged, StatusChanged, Unassigned
from firstbell.devices.models import Assignment, Custody, Device
from firstbell.ledger.queries import Told, replay_by

CHUNK = 5000
Interval = tuple[str, int, int, datetime]
"""Kind of holder, holder, site, since."""
Owner = tuple[int | None, int | None]
"""Person or class."""


@dataclass(frozen=True)
class Difference:
    """Where the ledger's replay and the tables disagree."""

    device_id: int
    what: str
    replayed: object
    stored: object


@dataclass
class _Story:
    """One device twice: as the ledger tells it and as the tables hold it."""

    told: list[Told] = field(default_factory=list)
    custodies: list[tuple[Interval, datetime | None]] = field(default_factory=list)
    owner: Owner | None = None
    site_id: int | None = None
    status: str | None = None


def find_differences() -> Iterator[Difference]:
    """Compare custody, its touching, site, status and owner of every device.

    While others write, call it in one REPEATABLE READ transaction; else what happens in between looks like a fault.
    """
    rows = merge(_told(), _custodies(), _owners(), _devices(), key=itemgetter(0))
    for device_id, parts in groupby(rows, key=itemgetter(0)):
        yield from _compare(device_id, _collect(parts))


def _told() -> Iterator[tuple[int, str, Any]]:
    kinds = (CustodyChanged.kind, StatusChanged.kind, Assigned.kind, Unassigned.kind)
    return ((told.key, "told", told) for told in replay_by("device_id", *kinds))


def _custodies() -> Iterator[tuple[int, str, Any]]:
    names = ("device_id", "kind", "person_id", "place_id", "shipment_id", "site_id", "since", "until")
    rows = Custody.objects.order_by("device_id", "since", "pk").values_list(*names)
    for device_id, kind, person, place, shipment, site, since, until in rows.iterator(chunk_size=CHUNK):
        yield device_id, "custody", ((kind, person or place or shipment, site, since), until)


def _owners() -> Iterator[tuple[int, str, Any]]:
    rows = Assignment.objects.filter(until__isnull=True).order_by("device_id")
    for device_id, *owner in rows.values_list("device_id", "person_id", "class_group_id").iterator(chunk_size=CHUNK):
        yield device_id, "owner", tuple(owner)


def _devices() -> Iterator[tuple[int, str, Any]]:
    rows = Device.objects.everyone(reason="the replay compares every device").order_by("pk")
    for device_id, *now in rows.values_list("pk", "at_site_id", "status").iterator(chunk_size=CHUNK):
        yield device_id, "now", now


def _collect(parts: Iterable[tuple[int, str, Any]]) -> _Story:
    story = _Story()
    for _device_id, what, value in parts:
        if what == "told":
            story.told.append(value)
        elif what == "custody":
            story.custodies.append(value)
        elif what == "owner":
            story.owner = value
        else:
            story.site_id, story.status = value
    return story


def _compare(device_id: int, story: _Story) -> Iterator[Difference]:
    intervals = [interval for interval, _until in story.custodies]
    ends = [until for _interval, until in story.custodies]
    starts = [since for _kind, _holder, _site, since in intervals[1:]]
    pairs = (
        ("custody", _replayed_custody(story.told), intervals),
        ("gap", [*starts, None] if intervals else [], ends),
        ("site", intervals[-1][2] if intervals else None, story.site_id),
        ("status", _replayed_status(story.told), story.status),
        ("owner", _replayed_owner(story.told), story.owner),
    )
    for what, replayed, stored in pairs:
        if replayed != stored:
            yield Difference(device_id, what, replayed, stored)


def _replayed_custody(told: Iterable[Told]) -> list[Interval]:
    moves = [one for one in told if one.kind == CustodyChanged.kind]
    return [(one.facts["holder_kind"], one.facts["holder_id"], one.facts["site_id"], one.happened_at) for one in moves]


def _replayed_status(told: Iterable[Told]) -> str:
    changes = [one.facts["to_status"] for one in told if one.kind == StatusChanged.kind]
    return str(changes[-1]) if changes else Device.Status.IN_STOCK.value


def _replayed_owner(told: Iterable[Told]) -> Owner | None:
    changes = [one for one in told if one.kind in {Assigned.kind, Unassigned.kind}]
    if not changes or changes[-1].kind == Unassigned.kind:
        return None
    return changes[-1].facts["person_id"], changes[-1].facts["class_group_id"]
