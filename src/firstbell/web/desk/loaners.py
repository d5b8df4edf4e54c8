"""The loaners of the school: who has which, what is due, what is free."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from firstbell.directory.queries import sites_of
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.loans.models import Loan, PoolDevice
from firstbell.loans.queries import open_loans, pool_figures
from firstbell.web.asking import new_operation, whole
from firstbell.web.desk.device_view import conditions
from firstbell.web.desk.paging import Column, Page, page_of
from firstbell.web.desk.words import days_late, device_address, local_day, name_of, said_day
from firstbell.web.middleware import FirstbellRequest

DUE = (Column("due_on", date.fromisoformat), Column("pk", int))
FREE = (Column("device__tag", str), Column("pk", int))
VIEWS = ("out", "overdue", "free")


def loans(request: FirstbellRequest) -> HttpResponse:
    """Show the loaners that are out, overdue or free."""
    by = request.actor
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "out"
    site = whole(request.GET.get("site"))
    figures = pool_figures(by=by, today=request.at.date())
    sites = list(sites_of(by, Permission.LEND).filter(pk__in=figures))
    chosen = [row for row in sites if site in {None, row.pk}]
    ids = [row.pk for row in chosen]
    page: Page[Any] = _free(ids, request, by) if view == "free" else _out(ids, view, request, by)
    context = {
        "view": view,
        "site": site,
        "schools": [{"site": row, **_figures(figures[row.pk])} for row in sites],
        "together": _figures(_sum([figures[pk] for pk in ids])),
        "tabs": _tabs(view, site, _figures(_sum([figures[pk] for pk in ids]))),
        "rows": page.rows if view == "free" else [_line(row, request.at, by) for row in page.rows],
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


def _tabs(view: str, site: int | None, sums: dict[str, int]) -> list[dict[str, Any]]:
    words = {"out": (_("Out"), sums["out"]), "overdue": (_("Overdue"), sums["late"]), "free": (_("Here"), sums["in"])}
    tail = f"&site={site}" if site else ""
    return [
        {"label": label, "url": f"?view={name}{tail}", "current": name == view, "count": count}
        for name, (label, count) in words.items()
    ]


def _out(ids: list[int], view: str, request: FirstbellRequest, by: Actor) -> Page[Loan]:
    rows = open_loans(by=by).filter(site_id__in=ids)
    if view == "overdue":
        rows = rows.filter(due_on__lt=request.at.date())
    return page_of(rows, DUE, request.GET.get("after", ""))


def _free(ids: list[int], request: FirstbellRequest, by: Actor) -> Page[PoolDevice]:
    out = Loan.objects.everyone(reason="subquery").filter(device_id=OuterRef("pk"), returned_at__isnull=True)
    rows = PoolDevice.objects.visible_to(by).filter(site_id__in=ids, until__isnull=True).exclude(Exists(out))
    shown = rows.select_related("device__model", "site")
    return page_of(shown, FREE, request.GET.get("after", ""))


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
