"""Devices with vendors: what is to be sent, what is there and until when, what is back and to be looked at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.devices.models import Custody
from firstbell.directory.models import Site
from firstbell.flows.outside import send_to_vendor
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import read_money
from firstbell.kernel.roles import Permission
from firstbell.vendors.models import VendorCase
from firstbell.vendors.queries import AWAY, COMING, HERE, TO_SEND, all_answers, away, cases, unmapped, vendors
from firstbell.vendors.questions import BOXES, SHIPPING, TRACKING
from firstbell.vendors.rules import Answers, is_overdue
from firstbell.web.asking import act_of, new_operation, whole
from firstbell.web.depot.due import Signal
from firstbell.web.depot.vendor_words import day_signal, fault_said, news_of, place_of
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

OLDEST = (Column("opened_at", datetime.fromisoformat), Column("pk", int))
OPEN = Q(outcome="")
STATES: dict[str, Q] = {
    "": OPEN & TO_SEND,
    "away": OPEN & AWAY,
    "coming": OPEN & COMING,
    "here": OPEN & HERE,
    "ended": ~OPEN,
}
OVERDUE = "overdue"
MOST = 1000
"""Cases under way that are looked at for overdue ones."""


@dataclass(frozen=True)
class Line:
    """One case: what is wrong, where the device is, what the vendor says, and until when it is due."""

    case: VendorCase
    what: str
    where: str
    news: str
    signal: Signal | None


@dataclass
class Box:
    """What can go to one vendor in one box: it lies at one site."""

    vendor: Site
    here: Site
    answers: Answers
    lines: list[Line] = field(default_factory=list)
    op: str = ""

    @property
    def tracked(self) -> bool:
        """Say whether the vendor offers a tracking number."""
        return self.answers.get(TRACKING.key) == "yes"

    @property
    def boxed(self) -> bool:
        """Say whether the vendor's own box is used."""
        return self.answers.get(BOXES.key) == "both"

    @property
    def paid(self) -> bool:
        """Say whether the district pays for the way out."""
        return self.answers.get(SHIPPING.key) == "no"


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show the cases of one state, oldest first."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    state = _state(request.GET.get("state", ""))
    asked = asked_by(request)
    lines = _lines(asked)
    page, shown = lines.page(request.GET.get("after", "")) if isinstance(lines, Lines) else (None, lines)
    technician = request.actor.may(Permission.TRANSPORT)
    context: dict[str, Any] = {
        "state": state,
        "lines": shown,
        "boxes": _boxes(shown) if state == "" else [],
        "tabs": _tabs(request, state),
        "tabs_label": _("With vendors"),
        "unmapped": unmapped(by=request.actor) if technician else [],
        "vendors": vendors() if technician else [],
        "later": page.next_address(request.GET) if page else "",
        "earlier": page.first_address(request.GET) if page else "",
        "typed": request.POST,
        "refusal": told(refusal),
    }
    return render(request, "depot/vendors.html", context, status=status_of(refusal))


def _state(text: str) -> str:
    return text if text in {*STATES, OVERDUE} else ""


def _rows(by: Actor) -> QuerySet[VendorCase]:
    here = Custody.objects.filter(until__isnull=True).select_related(
        "person", "place__site", "site", "shipment__to_site"
    )
    return cases(by=by).prefetch_related(Prefetch("device__custodies", queryset=here, to_attr="open_custodies"))


def _lines(asked: Asked) -> Lines[VendorCase, Line] | list[Line]:
    state = _state(asked.query.get("state", ""))
    if state == OVERDUE:
        return _overdue(asked)
    return Lines(_rows(asked.by).filter(STATES[state]), OLDEST, partial(_said, asked))


def _overdue(asked: Asked) -> list[Line]:
    """Return what a vendor should have sent back by now, longest first."""
    answers = all_answers()
    late = [case for case in away(by=asked.by)[:MOST] if is_overdue(case, answers[case.vendor_id], asked.at)]
    lines = _said(asked, list(_rows(asked.by).filter(pk__in=[case.pk for case in late])))
    return sorted(lines, key=lambda line: line.case.sent_at or line.case.opened_at)


def _said(asked: Asked, rows: list[VendorCase]) -> list[Line]:
    answers, back = all_answers(), asked.query.get("state", "") == "here"
    return [
        Line(
            case=case,
            what=fault_said(case),
            where=place_of(case, asked.by),
            news=news_of(case),
            signal=None if back else day_signal(case, answers[case.vendor_id], asked.at),
        )
        for case in rows
    ]


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


def _number_of(shipment: Any) -> str:
    parcel = getattr(shipment, "parcel", None) if shipment else None
    return parcel.number if parcel else ""


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.case.device.tag),
    Field(gettext_lazy("Serial number"), lambda line: line.case.device.serial),
    Field(gettext_lazy("Model"), lambda line: str(line.case.device.model)),
    Field(gettext_lazy("What is wrong"), lambda line: line.what),
    Field(gettext_lazy("Vendor"), lambda line: line.case.vendor.name),
    Field(gettext_lazy("Case number"), lambda line: line.case.number),
    Field(gettext_lazy("School"), lambda line: line.case.site.name),
    Field(gettext_lazy("Looked after by"), lambda line: line.case.owner.name),
    Field(gettext_lazy("Where"), lambda line: line.where),
    Field(gettext_lazy("What they say"), lambda line: line.news),
    Field(gettext_lazy("Sent"), lambda line: site_time(line.case.sent_at, line.case.owner), Sort.MOMENT),
    Field(gettext_lazy("Tracking number out"), lambda line: _number_of(line.case.out)),
    Field(gettext_lazy("Tracking number back"), lambda line: _number_of(line.case.back)),
    Field(gettext_lazy("Due back"), lambda line: line.signal.words if line.signal else ""),
)
LISTING = listing("vendors", gettext_lazy("With vendors"), "vendors", _sheet)


def _tabs(request: FirstbellRequest, state: str) -> list[dict[str, Any]]:
    """Return the tabs with how many cases each holds, counted in one query; the overdue ones are told by their days."""
    labels = {
        "": _("To be sent"),
        "away": _("At the vendor"),
        OVERDUE: _("Overdue"),
        "coming": _("On the way back"),
        "here": _("To be looked at"),
        "ended": _("Ended"),
    }
    rows = VendorCase.objects.visible_to(request.actor)
    counted = [name for name in STATES if name != "ended"]
    counts = rows.aggregate(**{f"n_{name}": Count("pk", filter=STATES[name]) for name in counted})
    return [
        {
            "label": label,
            "url": f"?state={name}" if name else "?",
            "current": name == state,
            "count": counts.get(f"n_{name}") or "",
        }
        for name, label in labels.items()
    ]


def _boxes(lines: Iterable[Line]) -> list[Box]:
    """Return what is to be sent by vendor and by the site at which it lies."""
    answers, found = all_answers(), defaultdict[tuple[int, int], list[Line]](list)
    for line in lines:
        found[line.case.vendor_id, line.case.device.at_site_id].append(line)
    boxes = []
    for (vendor_id, _site), together in found.items():
        first = together[0].case
        boxes.append(Box(first.vendor, first.device.at_site, answers[vendor_id], together, str(new_operation())))
    return boxes


@require_POST
def send_box(request: FirstbellRequest) -> HttpResponse:
    """Send the chosen devices to their vendor in one box."""
    refusal = attempt(lambda: _send(request))
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("The box is on its way. What it holds is expected back by the day they promise."))
    return redirect("vendors")


def _send(request: FirstbellRequest) -> None:
    sent = request.POST
    chosen = [number for number in (whole(text) for text in sent.getlist("case")) if number]
    if not chosen:
        raise Refused("one_vendor", _("Choose at least one device, all of them for the same vendor."))
    send_to_vendor(case_ids=chosen, **parcel_of(request), **act_of(request))


def parcel_of(request: FirstbellRequest) -> dict[str, Any]:
    """Return what was typed about a box; an empty cost is none."""
    sent, cost = request.POST, request.POST.get("cost", "").strip()
    found = read_money(cost) if cost else None
    if cost and found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return {
        "carrier": sent.get("carrier", ""),
        "number": sent.get("tracking", ""),
        "box": sent.get("box", ""),
        "cents": found.cents if found else None,
    }
