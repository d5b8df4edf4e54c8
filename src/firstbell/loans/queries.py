"""Reads of loans that several pages share."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from firstbell.decisions.queries import Plan
from firstbell.decisions.register import KIT_SIZE
from firstbell.devices.models import Custody, Device
from firstbell.directory.models import Place
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
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
    in_kit = Custody.objects.filter(device_id=OuterRef("pk"), until__isnull=True, place__kind=Place.Kind.KIT)
    here = rows.exclude(pk__in=out).exclude(Exists(in_kit)).filter(device__at_site_id=site_id)
    return here.select_related("device__model").order_by("device__tag")


@dataclass(frozen=True)
class Kit:
    """The kit that goes along on the morning round: a place whose loaners the desk does not offer (S106)."""

    place: Place
    here: int
    wanted: int

    @property
    def short(self) -> int:
        """How many loaners are missing in it."""
        return max(0, self.wanted - self.here)


def kits(*, by: Actor, answers: Plan) -> list[Kit]:
    """Return the kits of the schools in reach with what is ready in them, in one query."""
    reach = by.sites(Permission.LEND)
    rows = Place.objects.filter(kind=Place.Kind.KIT, closed_at__isnull=True).select_related("site")
    rows = rows if reach is None else rows.filter(site_id__in=reach)
    ready = Q(custodies__until__isnull=True, custodies__device__status__in=READY, custodies__device__is_loaner=True)
    found = rows.annotate(here=Count("custodies", filter=ready)).order_by("site__name", "name")
    return [Kit(place, place.here, answers.says(KIT_SIZE, place.site_id)) for place in found]


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
