"""What is wrong with the records themselves (S124-S127): each is a list that can be worked off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, overload

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Window

from firstbell.devices.models import Assignment, Custody, Device, MobileLine
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket

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
    NO_ORDER = "no_order"
    NOT_IN_REPAIR = "not_in_repair"
    UNREPORTED = "unreported"
    NO_MODEL = "no_model"
    NO_PRICE = "no_price"
    NO_PURCHASE = "no_purchase"
    NO_FUNDING = "no_funding"


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


def _open_orders() -> ScopedQuerySet[WorkOrder]:
    rows = WorkOrder.objects.everyone(reason="subquery of devices in reach")
    return rows.filter(device_id=OuterRef("pk"), closed_at__isnull=True)


def _no_order(rows: Rows) -> QuerySet[Device]:
    return rows.filter(~Exists(_open_orders()), status=D.IN_REPAIR)


def _not_in_repair(rows: Rows) -> QuerySet[Device]:
    return rows.filter(Exists(_open_orders())).exclude(status__in=[D.IN_REPAIR, D.LOST, D.STOLEN])


def _unreported(rows: Rows) -> QuerySet[Device]:
    told = Ticket.objects.everyone(reason="subquery of devices in reach").filter(device_id=OuterRef("pk"))
    return rows.filter(~Exists(told), status__in=[D.LOST, D.STOLEN])


def _no_model(rows: Rows) -> QuerySet[Device]:
    return rows.filter(Q(model__name="") | Q(model__name__iexact="unknown") | Q(model__manufacturer=""))


FAULTS: dict[Fault, Callable[[Rows], QuerySet[Device]]] = {
    Fault.NOWHERE: _nowhere,
    Fault.NOBODYS: _nobodys,
    Fault.OF_LEAVERS: _of_leavers,
    Fault.TWIN_SERIALS: _twin_serials,
    Fault.NO_LINE: _no_line,
    Fault.NO_ORDER: _no_order,
    Fault.NOT_IN_REPAIR: _not_in_repair,
    Fault.UNREPORTED: _unreported,
    Fault.NO_MODEL: _no_model,
    Fault.NO_PRICE: lambda rows: rows.filter(price_cents__isnull=True),
    Fault.NO_PURCHASE: lambda rows: rows.filter(purchased_on__isnull=True),
    Fault.NO_FUNDING: lambda rows: rows.filter(funding_source=""),
}


def findings(by: Actor) -> list[Finding]:
    """Return what is wrong in reach, one query for each fault. Tags only for those who may see devices."""
    named = by.may(Permission.SEE_DEVICES)
    return [_finding(fault, by, named=named) for fault in Fault]


def _finding(fault: Fault, by: Actor, *, named: bool) -> Finding:
    wrong = _wrong(fault, by, Permission.SEE_MEASURES).annotate(number=Window(Count("pk")))
    found = list(wrong.values_list("tag", "number")[: SHOWN if named else 1])
    number = found[0][1] if found else 0
    return Finding(fault, number, tuple(tag for tag, _number in found) if named else ())


def _wrong(fault: Fault, by: Actor, permission: Permission) -> QuerySet[Device]:
    rows = Device.objects.visible_to(by, permission).exclude(status=D.RETIRED)
    return FAULTS[fault](rows).order_by("tag")


Line = list[str]
"""A fault in words, and the tag, serial and school of a device that has it."""


class WorkList(Sequence[Line]):
    """Every device behind some findings, fault by fault; read only as far as somebody reads on."""

    def __init__(self, found: Sequence[Finding], by: Actor, say: Callable[[Fault], str]) -> None:
        self.say = say
        self.found = [finding for finding in found if finding.number] if by.may(Permission.SEE_DEVICES) else []
        self.by = by

    def __len__(self) -> int:
        return sum(finding.number for finding in self.found)

    def __iter__(self) -> Iterator[Line]:
        for finding in self.found:
            rows = _wrong(finding.fault, self.by, Permission.SEE_DEVICES)
            for tag, serial, site in rows.values_list("tag", "serial", "home_site__name").iterator(chunk_size=2000):
                yield [self.say(finding.fault), tag, serial, site]

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return list(islice(self, place.start, place.stop, place.step))
        return next(islice(self, place, None))
