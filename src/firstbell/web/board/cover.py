"""Cover: the protections that the district has, their terms by day, and which devices have them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from firstbell.claims.actions import Wanted, cover_devices, end_cover, make_cover, set_terms
from firstbell.claims.models import Cover, Coverage, Terms
from firstbell.claims.queries import covers_with_terms, devices_like, not_covered
from firstbell.claims.rules import MOST_AT_ONCE
from firstbell.devices.models import Device, DeviceModel
from firstbell.kernel.actor import Actor
from firstbell.kernel.damage import GONE
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.identifiers import normalise_tag
from firstbell.kernel.money import read_money
from firstbell.kernel.roles import Permission
from firstbell.repairs.fixes import fix, fixes
from firstbell.vendors.queries import vendors
from firstbell.web.asking import act_of, day_of, new_operation, one, whole
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import CAUSES, cause_said
from firstbell.web.refusing import attempt, status_of, told

LARGEST = 2 * 1024 * 1024
SHOWN = 50


@dataclass(frozen=True)
class Said:
    """The terms of a cover in words."""

    terms: Terms
    faults: str
    causes: str
    state: str


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show every cover with its terms."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    today = request.at.date()
    context: dict[str, Any] = {
        "covers": _covers(today),
        "may_set": request.actor.sites(Permission.SET_FEES) is None,
        "may_give": request.actor.sites(Permission.REGISTER_DEVICES) is None,
        "kinds": Cover.Kind.choices,
        "vendors": vendors(),
        "today": today,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    } | _choices(request)
    return render(request, "board/cover.html", context, status=status_of(refusal))


def _choices(request: FirstbellRequest) -> dict[str, Any]:
    """Return what the form about terms offers, with what was chosen."""
    sent = request.POST
    return {
        "faults": [(row.code, row.fault, not sent or row.code in sent.getlist("fault")) for row in fixes() if row.part],
        "causes": [
            (cause.value, label, cause.value in sent.getlist("cause"))
            for cause, label in CAUSES.items()
            if cause not in GONE
        ],
    }


def _covers(today: date) -> list[tuple[Cover, list[Said], int]]:
    rows = Coverage.objects.everyone(reason="numbers of devices, no device is named")
    numbers = dict(rows.order_by().values("cover").annotate(n=Count("device", distinct=True)).values_list("cover", "n"))
    return [
        (cover, [_said(row, today) for row in terms], numbers.get(cover.pk, 0)) for cover, terms in covers_with_terms()
    ]


def _said(terms: Terms, today: date) -> Said:
    faults = [found.fault for found in map(fix, terms.faults) if found]
    begun = terms.since <= today
    state = "now" if begun and (terms.until is None or terms.until > today) else "earlier" if begun else "later"
    return Said(terms, ", ".join(faults), ", ".join(map(cause_said, terms.causes)), state)


def _wanted(request: FirstbellRequest) -> Wanted:
    sent = request.POST
    return Wanted(
        faults=tuple(sent.getlist("fault")),
        causes=tuple(sent.getlist("cause")),
        waiting_days=_number(sent.get("waiting", ""), 730) or 0,
        deductible_cents=_cents(sent.get("deductible", "")) or 0,
        limit_cents=_cents(sent.get("limit", "")),
        year_cents=_cents(sent.get("year", "")),
        claims_a_year=_number(sent.get("claims", ""), 100),
    )


def _cents(text: str) -> int | None:
    """Return an amount in cents, None for an empty field."""
    found = read_money(text) if text.strip() else None
    if text.strip() and found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return found.cents if found else None


def _number(text: str, most: int) -> int | None:
    """Return a whole number, None for an empty field."""
    found = whole(text.strip())
    if text.strip() and (found is None or found > most):
        raise Refused("number_wrong", _("Give a whole number from 0 to {most}."), most=most)
    return found


def _since(request: FirstbellRequest) -> date:
    found = day_of(request.POST.get("since", ""))
    if found is None:
        raise Refused("no_day", _("Say from which day on."))
    return found


@require_POST
def enter(request: FirstbellRequest) -> HttpResponse:
    """Enter a cover with its first terms."""
    kind = request.POST.get("kind", "")

    def doing() -> None:
        if kind not in Cover.Kind.values:
            raise Refused("not_an_option", _("Choose one of the answers offered."))
        make_cover(
            kind=Cover.Kind(kind),
            name=request.POST.get("name", ""),
            vendor_id=whole(request.POST.get("vendor")),
            terms=_wanted(request),
            since=_since(request),
            **act_of(request),
        )

    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, _("The cover is entered. Now say which devices have it."))
    return HttpResponseRedirect(reverse("cover"))


# --- One cover: its devices and its next terms ---------------------------------------------------------------------


@dataclass(frozen=True)
class Chosen:
    """Devices that may get a cover: how many, the first of them, what of a list was not found."""

    ids: list[int]
    tags: list[str]
    unknown: list[str]
    undated: int

    @property
    def lines(self) -> str:
        """Return the tags, one a line: what is confirmed is what was seen."""
        return "\n".join(self.tags)


def _cover(cover: int) -> Cover:
    found = Cover.objects.select_related("vendor").filter(pk=cover).first()
    if found is None:
        raise Missing("Cover")
    return found


@require_safe
def cover_page(request: FirstbellRequest, cover: int) -> HttpResponse:
    """Show a cover with the form that gives it to devices: by model and purchase, by a list, or one."""
    return _show_cover(request, _cover(cover))


def _show_cover(
    request: FirstbellRequest, cover: Cover, refusal: Refused | None = None, chosen: Chosen | None = None
) -> HttpResponse:
    today = request.at.date()
    rows = Coverage.objects.visible_to(request.actor).filter(cover=cover)
    context: dict[str, Any] = {
        "cover": cover,
        "terms": [_said(row, today) for row in cover.terms.order_by("-since")],
        "number": rows.count(),
        "newest": rows.select_related("device__model").order_by("-set_at", "-pk")[:SHOWN],
        "models": DeviceModel.objects.order_by("manufacturer", "name"),
        "chosen": chosen,
        "shown": chosen.tags[:SHOWN] if chosen else [],
        "more": max(0, len(chosen.tags) - SHOWN) if chosen else 0,
        "may_set": request.actor.sites(Permission.SET_FEES) is None,
        "today": today,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
        "op_terms": new_operation(),
    } | _choices(request)
    return render(request, "board/cover_devices.html", context, status=status_of(refusal))


@require_POST
def renew(request: FirstbellRequest, cover: int) -> HttpResponse:
    """Set other terms from a day on."""
    found = _cover(cover)
    return _do(
        request,
        found,
        lambda: set_terms(cover_id=found.pk, terms=_wanted(request), since=_since(request), **act_of(request)),
        _("The terms are set. A fault keeps the terms of the day on which it happened."),
    )


def _do(request: FirstbellRequest, cover: Cover, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show_cover(request, cover, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("cover_devices", args=[cover.pk]))


@require_POST
def give(request: FirstbellRequest, cover: int) -> HttpResponse:
    """Look through which devices would get the cover; with ``sure`` give it to them."""
    found, holder = _cover(cover), list[Chosen]()
    refusal = attempt(lambda: holder.append(_choose(request, found)))
    if refusal:
        return _show_cover(request, found, refusal)
    chosen = holder[0]
    if request.POST.get("sure") != "yes":
        return _show_cover(request, found, chosen=chosen)
    span = _span(request)
    refusal = attempt(lambda: cover_devices(cover_id=found.pk, device_ids=chosen.ids, **span, **act_of(request)))
    if refusal:
        return _show_cover(request, found, refusal, chosen)
    number = len(chosen.ids)
    messages.success(
        request,
        ngettext("%(n)d device has this cover now.", "%(n)d devices have this cover now.", number) % {"n": number},
    )
    return HttpResponseRedirect(reverse("cover_devices", args=[found.pk]))


def _span(request: FirstbellRequest) -> dict[str, Any]:
    """Return from when until when: from a day or each device's purchase, until a day or for months."""
    sent = request.POST
    since = day_of(sent.get("from", "")) if sent.get("begin") == "day" else None
    if sent.get("begin") == "day" and since is None:
        raise Refused("no_day", _("Say from which day on."))
    months = _number(sent.get("months", ""), 240)
    return {"since": since, "months": months or None, "until": None if months else day_of(sent.get("until", ""))}


def _choose(request: FirstbellRequest, cover: Cover) -> Chosen:
    span, unknown = _span(request), list[str]()
    rows = Device.objects.visible_to(request.actor, Permission.REGISTER_DEVICES).exclude(status=Device.Status.RETIRED)
    named = _named(request)
    if named:
        ids, unknown = devices_like(named, by=request.actor)
        rows = rows.filter(pk__in=ids)
    else:
        rows = _bought(request, rows)
    free = list(
        not_covered(cover, rows, span["since"], span["until"]).values_list("pk", "tag", "purchased_on")[
            : MOST_AT_ONCE + 1
        ]
    )
    dated = [row for row in free if span["since"] is not None or row[2] is not None]
    return Chosen([row[0] for row in dated], [row[1] for row in dated], unknown, len(free) - len(dated))


def _named(request: FirstbellRequest) -> list[str]:
    """Return the tags or serials of a list: its first column, whatever else stands behind."""
    file, text = request.FILES.get("list"), request.POST.get("tags", "")
    if file is not None and (file.size or 0) > LARGEST:
        raise Refused("file_too_large", _("The file is larger than {mb} MB. Split it."), mb=LARGEST // 1024 // 1024)
    if file is not None:
        text = file.read().decode("utf-8-sig", errors="replace")
    cells = (line.replace(";", ",").replace("\t", ",").split(",")[0].strip().strip('"') for line in text.splitlines())
    return list(dict.fromkeys(normalise_tag(cell) for cell in cells if cell))


def _bought(request: FirstbellRequest, rows: Any) -> Any:
    """Return devices of a model, bought in a span of days; at least one of the two must be said."""
    sent = request.POST
    model, first, last = whole(sent.get("model")), day_of(sent.get("bought_from")), day_of(sent.get("bought_until"))
    if not (model or first or last):
        raise Refused("nothing_chosen_cover", _("Choose a model or days of purchase, or name the devices."))
    rows = rows.filter(model_id=model) if model else rows
    rows = rows.filter(purchased_on__gte=first) if first else rows
    return rows.filter(purchased_on__lte=last) if last else rows


@require_POST
def ending(request: FirstbellRequest, coverage: int) -> HttpResponse:
    """End one device's cover."""
    row = one(_coverages(request.actor), pk=coverage)
    until = day_of(request.POST.get("until", "")) or request.at.date()
    return _do(
        request,
        row.cover,
        lambda: end_cover(coverage_id=row.pk, until=until, **act_of(request)),
        _("What happens to it from that day on is not covered."),
    )


def _coverages(by: Actor) -> Any:
    return Coverage.objects.visible_to(by, Permission.REGISTER_DEVICES).select_related("cover")
