"""The scope table: from where on a fault may be repaired (S29). The nearest row decides: model, kind, all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from firstbell.devices.models import DeviceModel
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.repairs.fixes import Fix, fix, likely_fix
from firstbell.repairs.models import Bench, ScopeOverride, ScopeRow


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
    """What the scope table proposes for a report: the lowest level that may repair the likely fault."""

    fix: Fix
    row: ScopeRow

    @property
    def level(self) -> int:
        """Return the lowest level of help that may repair it."""
        return self.row.lowest

    @property
    def place(self) -> str:
        """Return where that is."""
        return str(Bench(self.row.lowest).label)


def proposed(symptom: str, model: DeviceModel, day: date) -> Proposal | None:
    """Return what the scope table says about the fault that a reported symptom usually ends with."""
    likely = likely_fix(symptom)
    row = row_for(likely.code, model, day) if likely else None
    return Proposal(likely, row) if likely and row else None


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
