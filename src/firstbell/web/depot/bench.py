"""The bench: what waits for repair, oldest first, and one work order with its one-tap fixes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import QUALITY_CHECK, REPAIR_DAYS, REPAIR_WHERE
from firstbell.directory.models import Site
from firstbell.directory.queries import with_calendar
from firstbell.flows import bench as verbs
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.repairs.actions import log_work
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import at_benches
from firstbell.tickets.actions import write
from firstbell.tickets.models import Message
from firstbell.web.asking import act_of, one, safe_next, whole
from firstbell.web.depot.boxes import said_symptom
from firstbell.web.depot.due import Signal, bench_signal
from firstbell.web.depot.order_view import benches, show_order, what_is_wrong
from firstbell.web.desk.finding import code_in
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt

S = WorkOrder.Status
OLDEST = (Column("opened_at", datetime.fromisoformat), Column("pk", int))
KEYS = (REPAIR_DAYS.key, REPAIR_WHERE.key, QUALITY_CHECK.key)
STATES = {"": (S.OPENED, S.DIAGNOSED), "parts": (S.AWAITING_PARTS,), "beyond": (S.BEYOND_REPAIR,)}


@dataclass(frozen=True)
class Line:
    """One repair on the bench: what is wrong, in the words of the fault or of the report."""

    order: WorkOrder
    what: str
    signal: Signal


def bench(request: FirstbellRequest) -> HttpResponse:
    """Show what waits on the bench; a scan (``?code=``) opens the repair of that device."""
    text = code_in(request.GET.get("code", "").strip()[:200])
    answers = plan(KEYS)
    sites = list(with_calendar(benches(request.actor, answers)))
    rows = at_benches([site.pk for site in sites], by=request.actor)
    if text:
        return _scanned(rows, text)
    return render(request, "depot/bench.html", _queue(request, rows, sites, answers))


def _scanned(rows: QuerySet[WorkOrder], text: str) -> HttpResponse:
    """Open the repair of a scanned device; anything else is the scan line's business."""
    wanted = {normalise_tag(text), normalise_serial(text)}
    found = list(rows.filter(device__codes__code__in=wanted).distinct()[:2])
    if len(found) == 1:
        return redirect("bench_order", found[0].code)
    query = QueryDict(mutable=True)
    query["code"] = text
    return HttpResponseRedirect(f"{reverse('scan')}?{query.urlencode()}")


def _queue(request: FirstbellRequest, rows: QuerySet[WorkOrder], sites: list[Site], answers: Plan) -> dict[str, Any]:
    state = _state(request.GET)
    groups = _groups(rows)
    page, lines = _lines(asked_by(request), rows, sites, answers).page(request.GET.get("after", ""))
    return {
        "lines": lines,
        "late": sum(line.signal.kind == "late" for line in lines),
        "state": state,
        "tabs": _tabs(groups, state, request.actor),
        "tabs_label": _("On the bench"),
        "asked": request.GET,
        "filters": _options([group for group in groups if group["status"] in STATES[state]], request.GET),
        "filtered": any(request.GET.get(name) for name in ("school", "model", "what")),
        "no_bench": not sites,
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
    }


def _state(query: QueryDict) -> str:
    state = query.get("state", "")
    return state if state in STATES else ""


def _lines(asked: Asked, rows: QuerySet[WorkOrder], sites: list[Site], answers: Plan) -> Lines[WorkOrder, Line]:
    chosen = rows.filter(status__in=STATES[_state(asked.query)]).filter(_filters(asked.query))
    return Lines(chosen, OLDEST, partial(_said, {site.pk: site for site in sites}, answers, asked.at))


def _said(times: dict[int, Site], answers: Plan, at: datetime, rows: list[WorkOrder]) -> list[Line]:
    return [
        Line(row, what_is_wrong(row), bench_signal(times[row.device.at_site_id], row.arrived_at, answers, at))  # type: ignore[attr-defined]  # annotated by at_benches
        for row in rows
    ]


def _sheet(asked: Asked) -> Sheet[Line]:
    answers = plan(KEYS)
    sites = list(with_calendar(benches(asked.by, answers)))
    rows = at_benches([site.pk for site in sites], by=asked.by)
    return Sheet(FIELDS, _lines(asked, rows, sites, answers))


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Repair"), lambda line: line.order.code),
    Field(gettext_lazy("Device"), lambda line: line.order.device.tag),
    Field(gettext_lazy("Model"), lambda line: str(line.order.device.model)),
    Field(gettext_lazy("School"), lambda line: line.order.site.name),
    Field(gettext_lazy("What is wrong"), lambda line: line.what),
    Field(gettext_lazy("Opened"), lambda line: site_time(line.order.opened_at, line.order.site), Sort.MOMENT),
    Field(gettext_lazy("Waiting"), lambda line: line.signal.words),
)
LISTING = listing("bench", gettext_lazy("Bench"), "bench", _sheet)


def _groups(rows: QuerySet[WorkOrder]) -> list[dict[str, Any]]:
    """Return what lies on the benches by school, model, problem and state: tabs and filters from one query."""
    fields = ("site_id", "site__name", "device__model_id", "device__model__manufacturer", "device__model__name")
    grouped = rows.order_by().values(*fields, "status", "fault", "symptom")
    return list(grouped.annotate(n=Count("pk")))


def _filters(asked: QueryDict) -> Q:
    """Return the condition of the chosen filters; ``what`` is ``fault:…`` or ``symptom:…``."""
    chosen = Q()
    for name, field in (("school", "site_id"), ("model", "device__model_id")):
        value = whole(asked.get(name))
        chosen &= Q(**{field: value}) if value else Q()
    kind, _colon, code = asked.get("what", "").partition(":")
    if kind == "fault":
        chosen &= Q(fault=code)
    return chosen & Q(symptom=code, fault="") if kind == "symptom" else chosen


def _options(groups: list[dict[str, Any]], asked: QueryDict) -> list[dict[str, Any]]:
    wanted: list[tuple[str, str, Callable[[dict[str, Any]], tuple[str, str]]]] = [
        ("school", _("School"), lambda row: (str(row["site_id"]), row["site__name"])),
        ("model", _("Model"), _model_of),
        ("what", _("Problem"), _what_of),
    ]
    found = []
    for name, label, read in wanted:
        counts: Counter[tuple[str, str]] = Counter()
        for group in groups:
            counts[read(group)] += group["n"]
        options = [
            {"value": value, "label": words, "count": counts[value, words], "chosen": asked.get(name) == value}
            for value, words in sorted(counts, key=lambda option: option[1])
        ]
        found.append({"name": name, "label": label, "options": options})
    return found


def _model_of(row: dict[str, Any]) -> tuple[str, str]:
    name = f"{row['device__model__manufacturer']} {row['device__model__name']}".strip()
    return str(row["device__model_id"]), name


def _what_of(row: dict[str, Any]) -> tuple[str, str]:
    found = fix(row["fault"])
    if found:
        return f"fault:{found.code}", found.fault
    return f"symptom:{row['symptom']}", said_symptom(row["symptom"])


def _tabs(groups: list[dict[str, Any]], state: str, by: Actor) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group["status"]] += group["n"]
    here = [
        (_("To repair"), "", "?"),
        (_("Waits for a part"), "parts", "?state=parts"),
        (_("Beyond repair"), "beyond", "?state=beyond"),
    ]
    tabs = [
        {"label": label, "url": url, "current": key == state, "count": sum(counts[s] for s in STATES[key]) or ""}
        for label, key, url in here
    ]
    tabs.insert(2, {"label": _("To check"), "url": reverse("checks"), "count": counts[S.REPAIRED] or ""})
    if by.may(Permission.TRANSPORT):
        tabs.append({"label": _("To return"), "url": reverse("returns"), "count": counts[S.CHECKED] or ""})
    return tabs


def bench_order(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show one work order with its one-tap fixes."""
    return show_order(request, order_of(request, code))


def order_of(request: FirstbellRequest, code: str) -> WorkOrder:
    """Return a work order in reach of those who repair."""
    rows = WorkOrder.objects.visible_to(request.actor, Permission.REPAIR)
    return one(rows.select_related("device__model", "site", "ticket", "repaired_by"), code=code.upper())


def _do(request: FirstbellRequest, code: str, doing: Callable[[WorkOrder, dict[str, Any]], str]) -> HttpResponse:
    """Do something with a work order: back to the bench with a sentence, or its page with the refusal on it."""
    order, act = order_of(request, code), act_of(request)
    said: list[str] = []
    refusal = attempt(lambda: said.append(doing(order, act)))
    if refusal:
        return show_order(request, order, refusal)
    messages.success(request, said[0])
    return HttpResponseRedirect(safe_next(request, reverse("bench")))


def _typed(request: FirstbellRequest) -> dict[str, Any]:
    """Return what the details say. A part that was not named and minutes left empty are not on record."""
    said = {
        "checked": request.POST.get("checked") == "1",
        "elsewhere": request.POST.get("elsewhere") == "1",
        "why_outside": request.POST.get("why", "")[:300],
    }
    if "details" not in request.POST:
        return said
    part = request.POST.get("part", "")
    return said | {
        "part": None if part == "usual" else part,
        "part_cents": _cents(request.POST.get("price", "")),
        "minutes": whole(request.POST.get("minutes")) or 0,
    }


def _cents(text: str) -> int | None:
    """Return an amount in cents, None for an empty field; raises Refused for anything else."""
    text = text.strip().removeprefix("$").strip()
    if not text:
        return None
    dollars, dot, cents = text.partition(".")
    number = whole(f"{dollars or '0'}{cents:0<2}")
    if number is None or len(cents) > 2 or (dot and not cents):
        raise Refused("price_unclear", _("Write the price in dollars, such as 52 or 52.50."))
    return number


@require_POST
def repair(request: FirstbellRequest, code: str) -> HttpResponse:
    """Complete a repair: one tap on its fix, or with details."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        fault = request.POST.get("fault", "")
        done = verbs.finish(work_order_id=order.pk, fault=fault, **_typed(request), **act)
        return _finished(done)

    return _do(request, code, doing)


def _finished(order: WorkOrder) -> str:
    found = fix(order.fault)
    words = {"tag": order.device.tag, "what": found.label if found else ""}
    if order.status == S.CHECKED:
        return _("{tag}: {what}, and checked. Ready to go back.").format(**words)
    return _("{tag}: {what}. Somebody checks it next.").format(**words)


@require_POST
def diagnosis(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note the fault; the repair comes later."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        verbs.find_fault(work_order_id=order.pk, fault=request.POST.get("fault", ""), **act)
        return _("{tag}: the fault is noted.").format(tag=order.device.tag)

    return _do(request, code, doing)


@require_POST
def part(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note that the part isn't here."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        verbs.wait_for_part(work_order_id=order.pk, fault=request.POST.get("fault", ""), **act)
        return _("{tag} waits for a part.").format(tag=order.device.tag)

    return _do(request, code, doing)


@require_POST
def work(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note minutes of work on a repair that goes on."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        minutes = whole(request.POST.get("minutes")) or 0
        log_work(work_order_id=order.pk, minutes=minutes, **act)
        return _("{n} minutes are noted.").format(n=minutes)

    return _do(request, code, doing)


@require_POST
def end(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say that it is beyond repair."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        verbs.give_up(work_order_id=order.pk, **act)
        return _("{tag} is beyond repair. Take out its good parts, or recycle it.").format(tag=order.device.tag)

    return _do(request, code, doing)


@require_POST
def note(request: FirstbellRequest, code: str) -> HttpResponse:
    """Write a note for colleagues on the ticket behind the repair."""

    def doing(order: WorkOrder, act: dict[str, Any]) -> str:
        if order.ticket_id is None:
            raise Refused("no_ticket", _("This repair has no ticket to write on."))
        body = request.POST.get("note", "")
        write(ticket_id=order.ticket_id, body=body, audience=Message.Audience.STAFF, **act)
        return _("The note is on the ticket of {tag}.").format(tag=order.device.tag)

    return _do(request, code, doing)
