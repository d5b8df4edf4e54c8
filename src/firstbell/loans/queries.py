"""Reads of loans that several pages share."""

from datetime import date

from django.db.models import Count, Q, QuerySet

from firstbell.devices.models import Device
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.loans.models import Loan, PoolDevice

READY = (Device.Status.IN_STOCK, Device.Status.IN_SERVICE)


def open_loan_of(device_id: int) -> Loan | None:
    """Return the open loan of a loaner."""
    rows = Loan.objects.everyone(reason="asked by verbs and pages that have loaded the device in reach")
    return rows.filter(device_id=device_id, returned_at__isnull=True).select_related("person", "device__device").first()


def open_loan_for(person_id: int) -> Loan | None:
    """Return the loaner that a person has."""
    rows = Loan.objects.everyone(reason="asked by verbs and pages that have loaded the person in reach")
    return rows.filter(person_id=person_id, returned_at__isnull=True).select_related("person", "device__device").first()


def loan_on(ticket_id: int) -> Loan | None:
    """Return the loaner that is out because of a ticket."""
    rows = Loan.objects.everyone(reason="asked by those who have the ticket, or the link to it")
    return rows.filter(ticket_id=ticket_id, returned_at__isnull=True).select_related("device__device").first()


def pool_device(device_id: int) -> PoolDevice | None:
    """Return the pool's entry of a device that is a loaner now."""
    rows = PoolDevice.objects.everyone(reason="asked by verbs and pages that have loaded the device in reach")
    return rows.filter(pk=device_id, until__isnull=True).select_related("device", "site").first()


def free_loaners(site_id: int, *, by: Actor) -> QuerySet[PoolDevice]:
    """Return the loaners of a school that are ready to go out, in reach."""
    rows = PoolDevice.objects.visible_to(by).filter(site_id=site_id, until__isnull=True, device__status__in=READY)
    out = Loan.objects.everyone(reason="subquery").filter(returned_at__isnull=True).values("device_id")
    here = rows.exclude(pk__in=out).filter(device__at_site_id=site_id)
    return here.select_related("device__model").order_by("device__tag")


def open_loans(*, by: Actor) -> ScopedQuerySet[Loan]:
    """Return the open loans in reach, first due first."""
    rows = Loan.objects.visible_to(by).filter(returned_at__isnull=True)
    return rows.select_related("person", "device__device__model", "site", "ticket").order_by("due_on", "pk")


def pool_figures(*, by: Actor, today: date) -> dict[int, dict[str, int]]:
    """Return by site id: loaners in the pool, out, overdue."""
    pools = PoolDevice.objects.visible_to(by).filter(until__isnull=True).values("site_id").annotate(n=Count("pk"))
    loans = Loan.objects.visible_to(by).filter(returned_at__isnull=True).values("site_id")
    out = loans.annotate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)))
    figures: dict[int, dict[str, int]] = {row["site_id"]: {"pool": row["n"], "out": 0, "late": 0} for row in pools}
    for row in out:
        figures.setdefault(row["site_id"], {"pool": 0, "out": 0, "late": 0})
        figures[row["site_id"]] |= {"out": row["n"], "late": row["late"]}
    return figures
