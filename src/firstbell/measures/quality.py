"""What is wrong with the records themselves (S124-S127): each is a list that can be worked off."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window

from firstbell.devices.models import Assignment, Custody, Device, MobileLine
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission

SHOWN = 20
"""Devices named for each fault; the number says how many there are."""
D = Device.Status
IN_USE = (D.IN_SERVICE, D.IN_REPAIR)


class Fault(StrEnum):
    """What can be wrong with a record."""

    NOWHERE = "nowhere"
    NOBODYS = "nobodys"
    OF_LEAVERS = "of_leavers"
    TWIN_SERIALS = "twin_serials"
    NO_LINE = "no_line"


@dataclass(frozen=True)
class Finding:
    """One fault: how many devices have it, and the first of them."""

    fault: Fault
    number: int
    tags: tuple[str, ...]


Rows = ScopedQuerySet[Device]


def _nowhere(rows: Rows) -> QuerySet[Device]:
    here = Custody.objects.filter(device_id=OuterRef("pk"), until__isnull=True)
    return rows.filter(~Exists(here))


def _nobodys(rows: Rows) -> QuerySet[Device]:
    owned = Assignment.objects.filter(device_id=OuterRef("pk"), until__isnull=True)
    return rows.filter(~Exists(owned), status=D.IN_SERVICE, is_loaner=False)


def _of_leavers(rows: Rows) -> QuerySet[Device]:
    owned = Assignment.objects.filter(device_id=OuterRef("pk"), until__isnull=True, person__active=False)
    return rows.filter(Exists(owned))


def _twin_serials(rows: Rows) -> QuerySet[Device]:
    everywhere = Device.objects.everyone(reason="a serial is looked for in the whole district")
    twins = everywhere.filter(serial=OuterRef("serial")).exclude(pk=OuterRef("pk")).exclude(status=D.RETIRED)
    return rows.filter(Exists(twins))


def _no_line(rows: Rows) -> QuerySet[Device]:
    cellular = MobileLine.objects.order_by().values("device__model_id")
    line = MobileLine.objects.filter(device_id=OuterRef("pk"), until__isnull=True).exclude(imei="").exclude(iccid="")
    return rows.filter(~Exists(line), Q(model_id__in=cellular), status__in=IN_USE)


FAULTS: dict[Fault, Callable[[Rows], QuerySet[Device]]] = {
    Fault.NOWHERE: _nowhere,
    Fault.NOBODYS: _nobodys,
    Fault.OF_LEAVERS: _of_leavers,
    Fault.TWIN_SERIALS: _twin_serials,
    Fault.NO_LINE: _no_line,
}


def findings(by: Actor) -> list[Finding]:
    """Return what is wrong in reach, one query for each fault. Tags only for those who may see devices."""
    named = by.may(Permission.SEE_DEVICES)
    return [_finding(fault, by, named=named) for fault in Fault]


def _finding(fault: Fault, by: Actor, *, named: bool) -> Finding:
    rows = Device.objects.visible_to(by, Permission.SEE_MEASURES).exclude(status=D.RETIRED)
    wrong = FAULTS[fault](rows).order_by("tag").annotate(number=Window(Count("pk")))
    found = list(wrong.values_list("tag", "number")[: SHOWN if named else 1])
    number = found[0][1] if found else 0
    return Finding(fault, number, tuple(tag for tag, _number in found) if named else ())
