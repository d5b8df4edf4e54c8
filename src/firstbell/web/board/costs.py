"""The figures of what repairs cost: by model, device, fault and cause."""

from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from firstbell.measures import costs
from firstbell.measures.costs import Cost, Mended
from firstbell.measures.reach import Reach
from firstbell.repairs.scope import named
from firstbell.web.board import words
from firstbell.web.board.table import Table
from firstbell.web.desk.words import money
from firstbell.web.money import cause_said


def tables(reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return the tables of what repairs cost, in three queries."""
    rows, hour = costs.mended(reach, since, at), costs.hour_cents()
    by_model = _by_model(rows, costs.fleet(reach), hour)
    return [by_model, _by_device(rows, hour), _by_fault(rows, hour), _by_cause(rows, hour)]


def _columns(*first: str) -> list[str]:
    return [*first, _("Repairs"), _("Parts"), _("Work"), _("In all"), _("Each")]


def _cells(cost: Cost) -> list[str]:
    work = words.minutes(cost.minutes)
    return [str(cost.repairs), money(cost.parts_cents), work, money(cost.cents), money(cost.each)]


def _note(hour: int) -> str:
    if hour:
        return _("Parts at their price then, and an hour at the bench at {sum}.").format(sum=money(hour))
    return _("Parts at their price then. The plan does not say yet what an hour at the bench costs.")


def _by_model(rows: list[Mended], fleet: dict[int, int], hour: int) -> Table:
    found = costs.cost_by(rows, lambda row: (row.model_id, row.model), hour)
    title = _("What repairs cost, by model")
    if found:
        title = _("Repairs cost {sum} in all").format(sum=money(costs.together(rows, hour).cents))
    lines = [
        [model, *_cells(cost), str(fleet.get(pk, 0)), _per_device(cost, fleet.get(pk, 0))]
        for (pk, model), cost in found.items()
    ]
    columns = [*_columns(_("Model")), _("Devices"), _("Per device of the fleet")]
    return Table("cost-by-model", title, columns, lines, _note(hour), empty=_("No repair was completed."))


def _per_device(cost: Cost, devices: int) -> str:
    return money(round(cost.cents / devices)) if devices else words.NOTHING


def _by_device(rows: list[Mended], hour: int) -> Table:
    found = costs.cost_by(rows, lambda row: (row.tag, row.model, row.price_cents), hour)
    lines = [
        [tag, model, *_cells(cost), words.share(cost.cents / price if price else None)]
        for (tag, model, price), cost in found.items()
    ]
    columns = [*_columns(_("Device"), _("Model")), _("Of its price")]
    title, empty = _("The most expensive devices"), _("No repair was completed.")
    return Table("cost-by-device", title, columns, lines, words_until=2, empty=empty)


def _by_fault(rows: list[Mended], hour: int) -> Table:
    found = costs.cost_by(rows, lambda row: row.fault, hour)
    lines = [[named(fault) or _("not named"), *_cells(cost)] for fault, cost in found.items()]
    return Table("cost-by-fault", _("By fault"), _columns(_("Fault")), lines, empty=_("No repair was completed."))


def _by_cause(rows: list[Mended], hour: int) -> Table:
    found = costs.cost_by(rows, lambda row: row.cause, hour)
    lines = [[_cause(cause), *_cells(cost)] for cause, cost in found.items()]
    note = _("As noted with the incident behind the repair. Nobody's fault is told here.")
    return Table("cost-by-cause", _("By cause"), _columns(_("Cause")), lines, note, empty=_("No repair was completed."))


def _cause(cause: str) -> str:
    return str(capfirst(cause_said(cause))) if cause else _("No incident noted")
