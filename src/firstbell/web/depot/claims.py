"""Claims: prepared as covered faults are found, sent, paid or refused; and covered repairs that nobody claimed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.claims.actions import decide_claim, drop_claim, send_claim
from firstbell.claims.models import Claim
from firstbell.claims.queries import claims, protections
from firstbell.fees.models import Charge
from firstbell.flows.covering import MOST_MISSED, Missed, missed, propose_claim
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money, read_money
from firstbell.kernel.roles import Permission
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder
from firstbell.web.asking import act_of, new_operation, one
from firstbell.web.cover import left_said
from firstbell.web.desk.words import site_time
from firstbell.web.lists import Asked, Field, Lines, Sheet, Sort, asked_by, listing
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import cause_said
from firstbell.web.paging import Column
from firstbell.web.refusing import attempt, status_of, told

S = Claim.Status
NEWEST = (Column("drafted_at", datetime.fromisoformat, down=True), Column("pk", int, down=True))
STATES: dict[str, tuple[str, ...]] = {
    "": (S.DRAFT,),
    "sent": (S.SENT,),
    "decided": (S.PAID, S.REFUSED),
    "dropped": (S.DROPPED,),
}
LOOK_BACK = timedelta(days=365)
"""Repairs older than this are no longer listed as missed: no cover takes a claim after a year."""


@dataclass(frozen=True)
class Line:
    """One claim as the list shows it."""

    claim: Claim
    what: str
    cause: str


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show the claims of one state, newest first."""
    state = _state(request.GET.get("state", ""))
    page, lines = _lines(asked_by(request)).page(request.GET.get("after", ""))
    context: dict[str, Any] = {
        "state": state,
        "lines": lines,
        "tabs": _tabs(request.actor, state),
        "tabs_label": _("Claims"),
        "later": page.next_address(request.GET),
        "earlier": page.first_address(request.GET),
    }
    return render(request, "depot/claims.html", context)


def _state(text: str) -> str:
    return text if text in STATES else ""


def _lines(asked: Asked) -> Lines[Claim, Line]:
    rows = claims(by=asked.by).filter(status__in=STATES[_state(asked.query.get("state", ""))])
    return Lines(rows, NEWEST, _said)


def _said(rows: list[Claim]) -> list[Line]:
    return [Line(row, _fault(row.fault), cause_said(row.cause)) for row in rows]


def _fault(code: str) -> str:
    found = fix(code)
    return found.fault if found else code


def _sheet(asked: Asked) -> Sheet[Line]:
    return Sheet(FIELDS, _lines(asked))


def _dollars(amount: Money) -> str:
    return f"{amount.cents // 100}.{amount.cents % 100:02}"


FIELDS: tuple[Field[Line], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.claim.device.tag),
    Field(gettext_lazy("Serial number"), lambda line: line.claim.device.serial),
    Field(gettext_lazy("Model"), lambda line: str(line.claim.device.model)),
    Field(gettext_lazy("School"), lambda line: line.claim.site.name),
    Field(gettext_lazy("Cover"), lambda line: line.claim.coverage.cover.name),
    Field(gettext_lazy("What is wrong"), lambda line: line.what),
    Field(gettext_lazy("Cause"), lambda line: line.cause),
    Field(gettext_lazy("Day"), lambda line: line.claim.happened_on, Sort.DAY),
    Field(gettext_lazy("Cost ($)"), lambda line: _dollars(line.claim.cost)),
    Field(gettext_lazy("Covered ($)"), lambda line: _dollars(line.claim.expected)),
    Field(gettext_lazy("State"), lambda line: line.claim.get_status_display()),
    Field(gettext_lazy("Their number"), lambda line: line.claim.number),
    Field(gettext_lazy("Paid ($)"), lambda line: _dollars(line.claim.paid)),
    Field(gettext_lazy("Why"), lambda line: _why(line.claim)),
    Field(gettext_lazy("Sent"), lambda line: site_time(line.claim.sent_at, line.claim.site), Sort.MOMENT),
)
LISTING = listing("claims", gettext_lazy("Claims"), "claims", _sheet)


def _why(claim: Claim) -> str:
    if claim.why_refused:
        return str(claim.get_why_refused_display())
    return str(claim.get_why_dropped_display()) if claim.why_dropped else ""


def _tabs(by: Actor, state: str) -> list[dict[str, Any]]:
    labels = {"": _("To be sent"), "sent": _("Sent"), "decided": _("Decided"), "dropped": _("Not claimed")}
    rows = Claim.objects.visible_to(by)
    counted = ("", "sent")
    counts = rows.aggregate(**{f"n_{name}": Count("pk", filter=Q(status__in=STATES[name])) for name in counted})
    tabs: list[dict[str, Any]] = [
        {
            "label": label,
            "url": f"?state={name}" if name else "?",
            "current": name == state,
            "count": counts.get(f"n_{name}") or "",
        }
        for name, label in labels.items()
    ]
    return [*tabs, {"label": _("Missed"), "url": reverse("claims_missed"), "current": False, "count": ""}]


# --- One claim -----------------------------------------------------------------------------------------------------


def _claim(request: FirstbellRequest, pk: int) -> Claim:
    return one(
        claims(by=request.actor).select_related("terms", "coverage__cover__vendor", "sent_by", "decided_by"), pk=pk
    )


@require_safe
def claim_page(request: FirstbellRequest, claim: int) -> HttpResponse:
    """Show one claim: what it stands on, what is left, and what can be done about it."""
    return _show(request, _claim(request, claim))


def _show(request: FirstbellRequest, claim: Claim, refusal: Refused | None = None) -> HttpResponse:
    without = protections([claim.device_id], without=claim.pk)[claim.device_id]
    mine = next(one for one in without if one.coverage_id == claim.coverage_id)
    context = {
        "claim": claim,
        "what": _fault(claim.fault),
        "cause": cause_said(claim.cause),
        "cost": f"{claim.cost_cents // 100}.{claim.cost_cents % 100:02}",
        "expected": f"{claim.expected_cents // 100}.{claim.expected_cents % 100:02}",
        "left": left_said(mine.left(claim.happened_on)),
        "why": _why(claim),
        "refusals": [choice for choice in Claim.Refusal.choices if choice[0]],
        "drops": [choice for choice in Claim.Drop.choices if choice[0]],
        "typed": request.POST,
        "refusal": told(refusal),
        "asks_last": claim.last_one or (refusal is not None and refusal.code == "last_claim"),
        "op": new_operation(),
    }
    return render(request, "depot/claim.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, pk: int, doing: Callable[[Claim], object], said: str) -> HttpResponse:
    claim = _claim(request, pk)
    refusal = attempt(lambda: doing(claim))
    if refusal:
        return _show(request, _claim(request, pk), refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("claim", args=[claim.pk]))


def _cents(text: str) -> int:
    found = read_money(text)
    if found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return found.cents


@require_POST
def send(request: FirstbellRequest, claim: int) -> HttpResponse:
    """Note that the claim was sent."""
    sent = request.POST
    return _do(
        request,
        claim,
        lambda row: send_claim(
            claim_id=row.pk,
            number=sent.get("number", ""),
            cost_cents=_cents(sent.get("cost", "")),
            last_confirmed=sent.get("last") == "on",
            **act_of(request),
        ),
        _("The claim is sent."),
    )


@require_POST
def decide(request: FirstbellRequest, claim: int) -> HttpResponse:
    """Note what came of it."""
    sent = request.POST

    def doing(row: Claim) -> None:
        why = sent.get("why", "") if sent.get("what") == "refused" else ""
        if sent.get("what") == "refused" and why not in {value for value, _label in Claim.Refusal.choices if value}:
            raise Refused("why_refused", _("Choose why it was refused."))
        paid = 0 if why else _cents(sent.get("paid", ""))
        decide_claim(claim_id=row.pk, paid_cents=paid, why_refused=Claim.Refusal(why), **act_of(request))

    return _do(request, claim, doing, _("Noted."))


@require_POST
def drop(request: FirstbellRequest, claim: int) -> HttpResponse:
    """Say that nothing is claimed, and why."""
    why = request.POST.get("why", "")

    def doing(row: Claim) -> None:
        chosen = Claim.Drop(why) if why in Claim.Drop.values else Claim.Drop.NONE
        drop_claim(claim_id=row.pk, why=chosen, **act_of(request))

    return _do(request, claim, doing, _("Nothing is claimed."))


# --- What nobody claimed -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MissedLine:
    """One covered repair without a claim. ``asked`` is what a family was asked for it, for those who may know."""

    row: Missed
    what: str
    draft: Claim | None
    asked: str
    op: str


@require_safe
def missed_page(request: FirstbellRequest) -> HttpResponse:
    """Show covered faults that were repaired in the district's own time, or for a family's money, without a claim."""
    return _show_missed(request)


def _show_missed(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    lines = _missed_lines(asked_by(request))
    context = {
        "lines": lines,
        "total": Money(sum(line.row.verdict.pays for line in lines)),
        "more": len(lines) >= MOST_MISSED,
        "asked": request.actor.may(Permission.DECIDE_CHARGES),
        "tabs": [tab | {"current": tab["url"] == reverse("claims_missed")} for tab in _full_tabs(request.actor)],
        "tabs_label": _("Claims"),
        "refusal": told(refusal),
    }
    return render(request, "depot/claims_missed.html", context, status=status_of(refusal))


def _full_tabs(by: Actor) -> list[dict[str, Any]]:
    """Return the tabs as seen from the page of missed ones."""
    base = reverse("claims")
    return [tab | {"url": tab["url"].replace("?", f"{base}?", 1)} for tab in _tabs(by, "missed")]


def _missed_lines(asked: Asked) -> list[MissedLine]:
    since: date = (asked.at - LOOK_BACK).date()
    rows = missed(by=asked.by, since=since)
    drafts = Claim.objects.visible_to(asked.by).filter(work_order__in=[row.order.pk for row in rows])
    drafted = {claim.work_order_id: claim for claim in drafts}
    charged = _charged(rows, asked.by)
    say = partial(_missed_line, drafted=drafted, charged=charged)
    return [say(row) for row in rows]


def _missed_line(row: Missed, *, drafted: dict[int, Claim], charged: dict[int, Money]) -> MissedLine:
    asked = charged.get(row.incident_id or 0)
    return MissedLine(
        row, _fault(row.order.fault), drafted.get(row.order.pk), str(asked) if asked else "", str(new_operation())
    )


def _charged(rows: list[Missed], by: Actor) -> dict[int, Money]:
    """Return what was asked for the damage behind these repairs, by incident, as far as the reader may know."""
    wanted = [row.incident_id for row in rows if row.incident_id]
    charges = Charge.objects.visible_to(by).filter(incident_id__in=wanted, amount_cents__gt=0)
    return {charge.incident_id: charge.amount for charge in charges}


def _missed_sheet(asked: Asked) -> Sheet[MissedLine]:
    return Sheet(MISSED_FIELDS, _missed_lines(asked))


MISSED_FIELDS: tuple[Field[MissedLine], ...] = (
    Field(gettext_lazy("Device"), lambda line: line.row.order.device.tag),
    Field(gettext_lazy("Serial number"), lambda line: line.row.order.device.serial),
    Field(gettext_lazy("School"), lambda line: line.row.order.site.name),
    Field(gettext_lazy("What is wrong"), lambda line: line.what),
    Field(gettext_lazy("Day"), lambda line: line.row.day, Sort.DAY),
    Field(
        gettext_lazy("Repaired"), lambda line: site_time(line.row.order.repaired_at, line.row.order.site), Sort.MOMENT
    ),
    Field(gettext_lazy("Cover"), lambda line: line.row.protected.name),
    Field(gettext_lazy("Would have paid ($)"), lambda line: _dollars(line.row.pays)),
    Field(gettext_lazy("Asked of somebody"), lambda line: line.asked),
)
MISSED = listing("claims_missed", gettext_lazy("Missed claims"), "claims_missed", _missed_sheet)


@require_POST
def make(request: FirstbellRequest, code: str) -> HttpResponse:
    """Prepare the claim that nobody made."""
    order = one(WorkOrder.objects.visible_to(request.actor, Permission.REPAIR), code=code.upper())
    made: list[Claim | None] = []
    refusal = attempt(lambda: made.append(propose_claim(work_order_id=order.pk, **act_of(request))))
    if refusal:
        return _show_missed(request, refusal)
    found = made[0]
    if found is None:
        return _show_missed(request, Refused("not_covered_any_more", _("No cover pays for this repair any more.")))
    return redirect("claim", found.pk)
