"""The scope table: from where on a fault may be repaired (S29). The nearest row decides: model, kind, all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, OuterRef, Q, QuerySet, Subquery, Value, When

from firstbell.devices.models import DeviceModel
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.repairs.fixes import LIKELY, Fix, fix
from firstbell.repairs.models import Bench, ScopeOverride, ScopeRow
from firstbell.tickets.models import Ticket


def scope_on(day: date) -> QuerySet[ScopeRow]:
    """Return the rows in force on a day."""
    rows = ScopeRow.objects.filter(since__lte=day).filter(Q(until__isnull=True) | Q(until__gt=day))
    return rows.order_by("fault", "kind", "model__manufacturer", "model__name")


def all_rows() -> QuerySet[ScopeRow]:
    """Return every row there ever was, the newest first."""
    return ScopeRow.objects.select_related("set_by", "model").order_by("-since", "-pk")


def rows_for(model: DeviceModel, day: date) -> dict[str, ScopeRow]:
    """Return the row that decides on a day about each fault of a model, in one query."""
    near = Q(kind="", model__isnull=True) | Q(kind=model.kind) | Q(model=model)
    found: dict[str, ScopeRow] = {}
    for row in sorted(scope_on(day).filter(near), key=nearness):
        found[row.fault] = row
    return found


def row_for(fault: str, model: DeviceModel, day: date) -> ScopeRow | None:
    """Return the row that decides about one fault of a model on a day; None where the table says nothing."""
    near = Q(kind="", model__isnull=True) | Q(kind=model.kind) | Q(model=model)
    return max(scope_on(day).filter(near, fault=fault), key=nearness, default=None)


def nearness(row: ScopeRow) -> int:
    """Return how near a row is to a device: 0 for all, 1 for its kind, 2 for its model."""
    return 2 if row.model_id else 1 if row.kind else 0


@dataclass(frozen=True)
class Proposal:
    """What the scope table proposes for a report: the lowest level of help that may repair the likely fault."""

    fix: Fix
    level: int

    @property
    def place(self) -> str:
        """Return where that is."""
        return str(Bench(self.level).label)


LIKELY_FAULT = Case(
    *(When(symptom=symptom, then=Value(faults[0])) for symptom, faults in LIKELY.items()),
    default=Value(""),
    output_field=CharField(),
)
"""The fault that a ticket's symptom usually ends with; "" for one that says nothing about a fault."""


def proposing(tickets: QuerySet[Ticket], day: date) -> QuerySet[Ticket]:
    """Add what the scope table says on a day about the likely fault of each ticket's device, in the same query."""
    model = OuterRef("device__model")
    near = Q(kind="", model__isnull=True) | Q(kind=OuterRef("device__model__kind")) | Q(model=model)
    nearest = Case(When(model__isnull=False, then=Value(2)), When(~Q(kind=""), then=Value(1)), default=Value(0))
    rows = scope_on(day).filter(near, fault=OuterRef("likely_fault")).order_by(nearest.desc())
    found = tickets.annotate(likely_fault=LIKELY_FAULT)
    return found.annotate(lowest=Case(When(device__isnull=False, then=Subquery(rows.values("lowest")[:1]))))


def proposal_of(ticket: Ticket) -> Proposal | None:
    """Return what was found by ``proposing``."""
    level, likely = getattr(ticket, "lowest", None), fix(getattr(ticket, "likely_fault", ""))
    return Proposal(likely, level) if likely and level is not None else None


def overrides(*, by: Actor) -> ScopedQuerySet[ScopeOverride]:
    """Return the repairs in reach that were made against the scope table, newest first."""
    rows = ScopeOverride.objects.visible_to(by)
    return rows.select_related("work_order__device__model", "site", "by", "row").order_by("-at", "-pk")


def uncovered(rows: Iterable[ScopeRow], faults: Iterable[Fix]) -> list[str]:
    """Return the usual faults about which no row for all devices says anything."""
    said = {row.fault for row in rows if not row.kind and not row.model_id}
    return [found.fault for found in faults if found.code not in said]


def named(fault: str) -> str:
    """Return a fault in the reader's language."""
    found = fix(fault)
    return found.fault if found else fault
