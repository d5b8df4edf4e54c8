"""Does what the tables hold agree with what the ledger tells, and with each other? Reads only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef

from firstbell.accessories.queries import differences as stocks_that_differ
from firstbell.devices.models import Custody, ShipmentItem
from firstbell.devices.replay import find_differences
from firstbell.fees.queries import unbalanced
from firstbell.ledger.queries import events_without_operation
from firstbell.loans.models import Loan
from firstbell.parts.queries import differences as parts_that_differ
from firstbell.tickets.models import Phase, Ticket

GUARDS = frozenset(
    {f"ledger_{table}_{kind}" for table in ("event", "about", "operation") for kind in ("append_only", "no_truncate")}
    | {"custody_guard", "entry_guard"}
)
"""Triggers without which history could be changed."""


@dataclass(frozen=True)
class Check:
    """One thing that must be true, and how to find what speaks against it: one sentence each."""

    says: str
    faults: Callable[[], Iterator[str]]


def replay_differs() -> Iterator[str]:
    """Compare the ledger's replay with the tables."""
    for found in find_differences():
        yield f"device {found.device_id}, {found.what}: ledger {found.replayed}, table {found.stored}"


def orphans() -> Iterator[str]:
    """Find events whose command is not on record."""
    for event in events_without_operation():
        yield f"event {event.pk} ({event.kind}) has no operation {event.operation_id}"


def tickets_out_of_phase() -> Iterator[str]:
    """Find tickets whose open phase is missing or says something else."""
    same = Phase.objects.filter(
        ticket=OuterRef("pk"),
        until__isnull=True,
        status=OuterRef("status"),
        level=OuterRef("level"),
        waiting_on=OuterRef("waiting_on"),
    )
    rows = Ticket.objects.everyone(reason="verification serves no reader").filter(~Exists(same)).order_by("pk")
    for pk, status, level in rows.values_list("pk", "status", "level").iterator():
        yield f"ticket {pk} is {status}, level {level}, and no open phase says so"


def loans_out_of_hand() -> Iterator[str]:
    """Find open loans whose device is not in the borrower's hands."""
    hand = Custody.objects.filter(device=OuterRef("device_id"), until__isnull=True, person=OuterRef("person_id"))
    rows = Loan.objects.everyone(reason="verification serves no reader").filter(returned_at__isnull=True)
    for pk, device in rows.filter(~Exists(hand)).order_by("pk").values_list("pk", "device_id").iterator():
        yield f"loan {pk} is open, but device {device} is not with the borrower"


def manifests_differ() -> Iterator[str]:
    """Find open lines of manifests whose device is elsewhere, and devices on the way without a line."""
    there = Custody.objects.filter(device=OuterRef("device_id"), until__isnull=True, shipment=OuterRef("shipment_id"))
    lines = ShipmentItem.objects.filter(~Exists(there), received_at__isnull=True).order_by("pk")
    for shipment, device in lines.values_list("shipment_id", "device_id").iterator():
        yield f"device {device} is on the open manifest of shipment {shipment}, but not in its custody"
    line = ShipmentItem.objects.filter(
        device=OuterRef("device_id"), shipment=OuterRef("shipment_id"), received_at__isnull=True
    )
    custody = Custody.objects.filter(~Exists(line), until__isnull=True, kind=Custody.Kind.SHIPMENT).order_by("pk")
    for shipment, device in custody.values_list("shipment_id", "device_id").iterator():
        yield f"device {device} is in the custody of shipment {shipment}, but not on its open manifest"


def stocks_differ() -> Iterator[str]:
    """Find stocks of accessories whose count is not the sum of their movements."""
    for pk in stocks_that_differ():
        yield f"stock {pk} holds another number than its movements add up to"


def parts_differ() -> Iterator[str]:
    """Find stocks of spare parts whose count is not the sum of their movements."""
    for pk in parts_that_differ():
        yield f"stock {pk} of parts holds another number than its movements add up to"


def books_differ() -> Iterator[str]:
    """Find charges whose sums differ from the entries of the books."""
    for pk in unbalanced():
        yield f"charge {pk} owes or gives back another sum than its entries say"


def guards_missing() -> Iterator[str]:
    """Find triggers that protect history and are missing or switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        in_force = {name for (name,) in cursor.fetchall()}
    for name in sorted(GUARDS - in_force):
        yield f"trigger {name} is not in force"


CHECKS = (
    Check("Every device is where, whose and what the ledger tells.", replay_differs),
    Check("Every event belongs to an operation.", orphans),
    Check("Every ticket has one open phase that says what it is.", tickets_out_of_phase),
    Check("Every lent device is with its borrower.", loans_out_of_hand),
    Check("Every device on the way is on one open manifest.", manifests_differ),
    Check("Every stock of accessories is the sum of its movements.", stocks_differ),
    Check("Every stock of spare parts is the sum of its movements.", parts_differ),
    Check("Every charge owes what its entries say.", books_differ),
    Check("The database itself refuses to change history.", guards_missing),
)
