"""The loaners of the school: who has which, what is due, what is free."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.decisions.queries import plan
from firstbell.decisions.register import KIT_SIZE
from firstbell.devices.models import Device
from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import Kit, kits, open_loans, pool_figures
from firstbell.web.asking import new_operation, whole
from firstbell.web.desk.device_view import conditions
from firstbell.web.desk.words import days_late, device_address, local_day, name_of, said_day
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column, Page

DUE = (Column("due_on", date.fromisoformat), Column("pk", int))
FREE = (Column("device__tag", str), Column("pk", int))
VIEWS = ("out", "overdue", "free", "kits")


def loans(request: FirstbellRequest) -> HttpResponse:
    """Show the loaners that are out, overdue or free."""
    by = request.actor
    view = _view(request.GET.get("view", ""))
    site = whole(request.GET.get("site"))
    figures = pool_figures(by=by, today=request.at.date())
    sites = list(sites_of(by, Permission.LEND).filter(pk__in=figures))
    chosen = [row for row in sites if site in {None, row.pk}]
    ids = [row.pk for row in chosen]
    asked, after = asked_by(request), request.GET.get("after", "")
    page: Page[Any]
    kept = [kit for kit in kits(by=by, answers=plan([KIT_SIZE.key])) if kit.place.site_id in ids]
    page, found = _free(ids, asked).page(after) if view == "free" else _out(ids, view, asked).page(after)
    context = {
        "view": view,
        "site": site,
        "schools": [{"site": row, **_figures(figures[row.pk])} for row in sites],
        "together": _figures(_sum([figures[pk] for pk in ids])),
        "tabs": _tabs(view, site, _figures(_sum([figures[pk] for pk in ids])), kept),
        "kits": kept,
        "rows": found,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "tabs_label": _("Views of the loaners"),
        "see": _("See who has them"),
        "conditions": conditions(),
        "here": request.get_full_path(),
        "op": new_operation(),
    }
    return render(request, "desk/loans.html", context)


def _sum(figures: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(row[name] for row in figures) for name in ("pool", "out", "late")}


def _figures(row: dict[str, int]) -> dict[str, int]:
    return row | {"in": row["pool"] - row["out"]}


def _tabs(view: str, site: int | None, sums: dict[str, int], kept: list[Kit]) -> list[dict[str, Any]]:
    words = {"out": (_("Out"), sums["out"]), "overdue": (_("Overdue"), sums["late"]), "free": (_("Here"), sums["in"])}
    words |= {"kits": (_("Round kits"), sum(kit.here for kit in kept))} if kept else {}
    tail = f"&site={site}" if site else ""
    return [
        {"label": label, "url": f"?view={name}{tail}", "current": name == view, "count": count}
        for name, (label, count) in words.items()
    ]


def _view(text: str) -> str:
    return text if text in VIEWS else "out"


def _out(ids: list[int], view: str, asked: Asked) -> Lines[Loan, dict[str, Any]]:
    rows = open_loans(by=asked.by).filter(site_id__in=ids)
    if view == "overdue":
        rows = rows.filter(due_on__lt=asked.at.date())
    return Lines(rows, DUE, partial(_said, asked))


def _said(asked: Asked, rows: list[Loan]) -> list[dict[str, Any]]:
    return [_line(row, asked.at, asked.by) for row in rows]


def _free(ids: list[int], asked: Asked) -> Lines[PoolDevice, PoolDevice]:
    out = Loan.objects.everyone(reason="subquery").filter(device_id=OuterRef("pk"), returned_at__isnull=True)
    rows = PoolDevice.objects.visible_to(asked.by).filter(site_id__in=ids, until__isnull=True).exclude(Exists(out))
    return Lines(rows.select_related("device__model", "site"), FREE, list)


def _sheet(asked: Asked) -> Sheet[Any]:
    view, site = _view(asked.query.get("view", "")), whole(asked.query.get("site"))
    chosen = sites_of(asked.by, Permission.LEND)
    ids = list((chosen.filter(pk=site) if site else chosen).values_list("pk", flat=True))
    return Sheet(HERE, _free(ids, asked)) if view == "free" else Sheet(OUT, _out(ids, view, asked))


OUT: tuple[Field[dict[str, Any]], ...] = (
    Field(gettext_lazy("Loaner"), lambda line: line["tag"]),
    Field(gettext_lazy("Who has it"), lambda line: line["who"], Sort.PERSON),
    Field(gettext_lazy("School"), lambda line: line["loan"].site.name),
    Field(gettext_lazy("Why"), lambda line: line["reason"]),
    Field(gettext_lazy("Due"), lambda line: line["loan"].due_on, Sort.DAY),
    Field(gettext_lazy("Days left"), lambda line: line["words"]),
)
HERE: tuple[Field[PoolDevice], ...] = (
    Field(gettext_lazy("Loaner"), lambda row: row.device.tag),
    Field(gettext_lazy("Model"), lambda row: str(row.device.model)),
    Field(gettext_lazy("School"), lambda row: row.site.name),
    Field(gettext_lazy("Status"), lambda row: Device.Status(row.device.status).label),
)
LISTING = listing("loans", gettext_lazy("Loaners"), "loans", _sheet)


def _line(loan: Loan, at: datetime, by: Actor) -> dict[str, Any]:
    today = local_day(at, loan.site)
    late = (today - loan.due_on).days
    return {
        "loan": loan,
        "tag": loan.device.device.tag,
        "url": device_address(loan.device.device),
        "who": name_of(loan.person, by),
        "reason": Loan.Reason(loan.reason).label,
        "due": said_day(loan.due_on, today),
        "signal": "late" if late > 0 else "soon" if late == 0 else "fine",
        "words": days_late(late) if late > 0 else _("due {day}").format(day=said_day(loan.due_on, today)),
    }
