"""The queue: what waits for somebody, class-stoppers first, then oldest. Every view of it is an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from firstbell.devices.models import Assignment, Custody, Device
from firstbell.kernel.actor import Actor
from firstbell.loans.models import Loan
from firstbell.repairs.scope import proposing
from firstbell.tickets.models import Ticket
from firstbell.web.asking import new_operation, whole
from firstbell.web.desk.clocks import clocks_for
from firstbell.web.desk.ticket_view import TicketView, view_of
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked as Reader
from firstbell.web.lists import Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Among, Column, Page

COLUMNS = (Column("class_stopper", bool, down=True), Column("opened_at", datetime.fromisoformat), Column("pk", int))
S = Ticket.Status
STOPS = Q(class_stopper=True, quarantined=False) & ~Q(status=S.WAITING)
LEVELS = (1, 2, 3, 4)
ASIDE = "aside"
"""Reports of a flood, kept apart until somebody lets them in; the tab is there only while there are some."""


def _views(by: Actor) -> dict[str, tuple[str, Q]]:
    """Return the ways to look at the queue: words and condition."""
    waiting, seen = Q(status=S.WAITING), Q(quarantined=False)
    return {
        "": (_("To do"), Q(level__gte=2) & ~waiting & seen),
        "mine": (_("Mine"), Q(worker_id=by.user_id) & seen),
        "team": (_("Student team"), Q(level=1) & ~waiting & seen),
        "waiting": (_("Waiting for others"), waiting & seen),
        "all": (_("All open"), seen),
        ASIDE: (_("Set aside"), ~seen),
    }


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    view: str
    level: int | None
    site: int | None
    open: str
    after: str

    def condition(self, views: dict[str, tuple[str, Q]]) -> Q:
        """Return the condition of this view with its filters."""
        chosen = views[self.view][1]
        if self.level is not None:
            chosen &= Q(level=self.level)
        return chosen & Q(site_id=self.site) if self.site else chosen


def read_address(query: QueryDict, views: dict[str, tuple[str, Q]]) -> Asked:
    """Return what an address asks for; what nobody offers is left out."""
    view = query.get("view", "")
    level = whole(query.get("level"))
    return Asked(
        view=view if view in views else "",
        level=level if level in range(1, 5) else None,
        site=whole(query.get("site")),
        open=query.get("open", ""),
        after=query.get("after", ""),
    )


def sighted(rows: QuerySet[Ticket], at: datetime) -> QuerySet[Ticket]:
    """Fetch along what a line of the queue says, whether the person has a working device, what the scope proposes."""
    loans = Loan.objects.everyone(reason="subquery of tickets in reach").filter(returned_at__isnull=True)
    lent = loans.filter(Q(ticket=OuterRef("pk")) | Q(person=OuterRef("person_id")))
    other = Assignment.objects.filter(
        person=OuterRef("person_id"), until__isnull=True, device__status=Device.Status.IN_SERVICE
    ).exclude(device=OuterRef("device_id"))
    shown = rows.select_related("site__calendar", "place", "device__model", "person", "owner", "worker")
    return proposing(shown.annotate(has_device=Exists(lent) | Exists(other)), at.date())


def look_closer(tickets: Sequence[Ticket]) -> None:
    """Fetch where the devices of some tickets are and their schools' hours: three queries, however many tickets."""
    here = Custody.objects.filter(until__isnull=True).select_related("person", "place", "site", "shipment__to_site")
    prefetch_related_objects(
        tickets,
        "site__calendar__periods",
        "site__calendar__holidays",
        Prefetch("device__custodies", queryset=here, to_attr="open_custodies"),
    )


def queue(request: FirstbellRequest) -> HttpResponse:
    """Show who waits, and one ticket beside the list."""
    views = _views(request.actor)
    asked = read_address(request.GET, views)
    page = _lines(asked_by(request)).chosen(asked.after)
    one = _one(asked, page, request.actor, request.at)
    seen = [*page.rows, *([one] if one and one not in page.rows else [])]
    look_closer(seen)
    clocks = clocks_for({row.site for row in seen}, request.at)
    context = {
        "asked": asked,
        "lines": [view_of(row, clocks, request.actor, _open_address(request, row)) for row in page.rows],
        "one": view_of(one, clocks, request.actor) if one else None,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
        "here": request.get_full_path(),
        "back": _with(request.GET),
        "tabs_label": _("Views of the queue"),
        "op": new_operation(),
    } | _around(request, views, asked)
    return render(request, "desk/queue.html", context)


def _lines(reader: Reader) -> Lines[Ticket, TicketView]:
    views = _views(reader.by)
    rows = _open(reader.by).filter(read_address(reader.query, views).condition(views))
    return Lines(rows, COLUMNS, partial(_said, reader), partial(_dressed, reader.at))


def _said(reader: Reader, rows: list[Ticket]) -> list[TicketView]:
    look_closer(rows)
    clocks = clocks_for({row.site for row in rows}, reader.at)
    return [view_of(row, clocks, reader.by) for row in rows]


def _sheet(reader: Reader) -> Sheet[TicketView]:
    return Sheet(FIELDS, _lines(reader))


FIELDS: tuple[Field[TicketView], ...] = (
    Field(gettext_lazy("Ticket"), lambda line: line.ticket.code),
    Field(gettext_lazy("What"), lambda line: line.what),
    Field(gettext_lazy("Who"), lambda line: line.who, Sort.PERSON),
    Field(gettext_lazy("Place"), lambda line: line.place),
    Field(gettext_lazy("School"), lambda line: line.ticket.site.name),
    Field(gettext_lazy("Device"), lambda line: line.ticket.device.tag if line.ticket.device else ""),
    Field(gettext_lazy("Level"), lambda line: line.ticket.level, Sort.NUMBER),
    Field(gettext_lazy("Class stops"), lambda line: _("yes") if line.ticket.class_stopper else ""),
    Field(gettext_lazy("Reported"), lambda line: site_time(line.ticket.opened_at, line.ticket.site), Sort.MOMENT),
    Field(gettext_lazy("Waiting"), lambda line: line.clock.words),
    Field(gettext_lazy("Whose turn"), lambda line: line.turn),
)
LISTING = listing("queue", gettext_lazy("Queue"), "queue", _sheet)


def _open(by: Actor) -> QuerySet[Ticket]:
    """Return the open tickets in reach, said as the index of open tickets says it: closed years cost nothing."""
    return Ticket.objects.visible_to(by).exclude(status__in=[S.RESOLVED, S.CLOSED])


def _dressed(at: datetime, chosen: Among | Q) -> QuerySet[Ticket]:
    """Fetch along what is shown, of the page's tickets only."""
    return sighted(Ticket.objects.everyone(reason="the page's rows were chosen in reach").filter(chosen), at)


def _one(asked: Asked, page: Page[Ticket], by: Actor, at: datetime) -> Ticket | None:
    """Return the ticket beside the list: the one asked for, else the first."""
    if not asked.open:
        return page.rows[0] if page.rows else None
    listed = next((row for row in page.rows if row.code == asked.open), None)
    return listed or sighted(Ticket.objects.visible_to(by).filter(code=asked.open), at).first()


def _around(request: FirstbellRequest, views: dict[str, tuple[str, Q]], asked: Asked) -> dict[str, Any]:
    """Return tabs and schools with their counts, in one query."""
    counted = {f"n_{name or 'todo'}": Count("pk", filter=condition) for name, (_words, condition) in views.items()}
    rows = _open(request.actor).order_by("site__name")
    named = rows.values("site_id", "site__name")
    sites = [dict[str, Any](row) for row in named.annotate(stoppers=Count("pk", filter=STOPS), **counted)]
    chosen = [row for row in sites if asked.site in {None, row["site_id"]}]
    tabs = [
        {
            "label": words,
            "url": _with(request.GET, view=name),
            "current": name == asked.view,
            "count": sum(row[f"n_{name or 'todo'}"] for row in chosen),
        }
        for name, (words, _condition) in views.items()
    ]
    tabs = [tab for tab in tabs if tab["count"] or asked.view == ASIDE or tab is not tabs[-1]]
    return {"tabs": tabs, "sites": sites, "stoppers": sum(row["stoppers"] for row in chosen), "levels": LEVELS}


def _with(query: QueryDict, **values: str) -> str:
    """Return the same address with other values; a new view starts from its beginning."""
    changed = query.copy()
    for name in ("after", "open"):
        changed.pop(name, None)
    for name, value in values.items():
        changed[name] = value
    for name in [name for name, value in changed.items() if not value]:
        del changed[name]
    return f"?{changed.urlencode()}"


def _open_address(request: FirstbellRequest, row: Ticket) -> str:
    """Return the queue's address with one ticket open beside the list."""
    changed = request.GET.copy()
    changed["open"] = row.code
    return f"{request.path}?{changed.urlencode()}"
