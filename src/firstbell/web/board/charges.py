"""Charges as pages: what is to be decided, what is owed, and one charge with its rule, its account and its wishes."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.fees.actions.books import agree_plan, end_plan, pay_back, take_payment
from firstbell.fees.actions.waivers import ask_waiver, decide_appeal, decide_waiver, file_appeal
from firstbell.fees.models import Account, Appeal, Charge, PayPlan, Waiver, WaiverGround
from firstbell.fees.queries import (
    appeal_until,
    appeals_open,
    charges_owed,
    fees_asked,
    ground_of,
    parts_allowed,
    plan_of,
    to_pay_back,
    waivers_asked,
)
from firstbell.fees.rules import METHODS, instalments, late_cents
from firstbell.flows.charges import basis_of, decide_no_charge, policy_for, propose_charge, undecided_in_reach
from firstbell.incidents.models import Incident
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money, read_money
from firstbell.kernel.roles import Permission
from firstbell.kernel.sealed import Sealed
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import NOTHING_ASKED, cause_said, rule_said
from firstbell.web.paging import Column, page_of
from firstbell.web.refusing import attempt, status_of, told

NEWEST = (Column("decided_at", datetime.fromisoformat, down=True), Column("pk", int, down=True))
SHOWN = 30
DECIDE = Permission.DECIDE_CHARGES


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show what waits for a decision, and what is owed."""
    by = request.actor
    owed = page_of(charges_owed(by=by), NEWEST, request.GET.get("after", ""), SHOWN)
    context = {
        "asked": fees_asked(),
        "undecided": [(row, cause_said(row.cause)) for row in undecided_in_reach(by=by)[:SHOWN]],
        "waivers": waivers_asked(by=by)[:SHOWN],
        "appeals": appeals_open(by=by)[:SHOWN],
        "to_pay_back": to_pay_back(by=by)[:SHOWN],
        "owed": owed.rows,
        "later": owed.next_address(request.GET),
        "earlier": owed.first_address(request.GET),
        "today": request.at.date(),
    }
    return render(request, "board/fees.html", context)


# --- Deciding ------------------------------------------------------------------------------------------------------


def _incident(request: FirstbellRequest, pk: int) -> Incident:
    rows = Incident.objects.visible_to(request.actor, DECIDE)
    return one(rows.select_related("custody__person", "device__model", "site"), pk=pk)


@require_safe
def decision(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Show one incident and what the policy asks for it."""
    return _show_decision(request, _incident(request, incident))


def _show_decision(request: FirstbellRequest, incident: Incident, refusal: Refused | None = None) -> HttpResponse:
    policy, basis = policy_for(incident, request.at), basis_of(incident, request.at)
    context = {
        "incident": incident,
        "cause": cause_said(basis.cause if basis else incident.cause),
        "basis": basis,
        "policy": policy,
        "asked": fees_asked(),
        "reasons": NOTHING_ASKED.items(),
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
        "op_none": new_operation(),
    }
    return render(request, "board/fee_decision.html", context, status=status_of(refusal))


@require_POST
def decide(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Charge what the policy asks, or less; or decide that nothing is asked."""
    found = _incident(request, incident)
    done: list[Charge] = []
    refusal = attempt(lambda: done.append(_decide(request, found)))
    if refusal:
        return _show_decision(request, found, refusal)
    messages.success(request, _("Decided."))
    return HttpResponseRedirect(reverse("charge", args=[done[0].pk]))


def _decide(request: FirstbellRequest, incident: Incident) -> Charge:
    if request.POST.get("what") == "none":
        reason = request.POST.get("reason", "")
        if reason not in NOTHING_ASKED:
            raise Refused("reason_unknown", _("Choose why nothing is asked."))
        return decide_no_charge(incident_id=incident.pk, reason=reason, **act_of(request))
    amount = request.POST.get("amount", "").strip()
    cents = _cents(amount) if amount else None
    return propose_charge(incident_id=incident.pk, amount_cents=cents, **act_of(request))


def _cents(text: str) -> int:
    found = read_money(text)
    if found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return found.cents


# --- One charge ----------------------------------------------------------------------------------------------------


def _charge(request: FirstbellRequest, pk: int) -> Charge:
    rows = Charge.objects.visible_to(request.actor)
    return one(rows.select_related("person", "device__model", "site", "policy", "decided_by"), pk=pk)


@require_safe
def charge_page(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Show one charge: the rule that made it, its account, and what can be done."""
    return _show(request, _charge(request, charge))


def _show(request: FirstbellRequest, charge: Charge, refusal: Refused | None = None) -> HttpResponse:
    waivers = list(charge.waivers.select_related("decided_by").order_by("pk"))
    context = {
        "charge": charge,
        "cause": cause_said(charge.cause),
        "rule": rule_said(charge),
        "why_nothing": NOTHING_ASKED.get(charge.reason, NOTHING_ASKED["policy"]),
        "entries": charge.entries.select_related("posted_by").order_by("posted_at", "pk"),
        "plan": _plan(charge, request.at.date()),
        "waivers": waivers,
        "open_waiver": _open_waiver(request, waivers),
        "appeals": charge.appeals.select_related("decided_by").order_by("pk"),
        "appeal_until": appeal_until(charge),
        "may_waive": request.actor.may(Permission.DECIDE_WAIVERS, charge.site_id),
        "grounds": WaiverGround.Ground.choices,
        "methods": [(method.value, method.label) for method in METHODS],
        "parts": range(2, parts_allowed(charge.site_id) + 1),
        "today": request.at.date(),
        "refusal": told(refusal),
    }
    return render(request, "board/charge.html", context, status=status_of(refusal))


def _plan(charge: Charge, day: date) -> dict[str, Any] | None:
    """Return the agreement in force with its parts and what is late."""
    plan = plan_of(charge)
    if plan is None:
        return None
    return {"row": plan, "parts": instalments(plan), "late": Money(late_cents(plan, charge.owed_cents, day))}


def _open_waiver(request: FirstbellRequest, waivers: list[Waiver]) -> dict[str, Any] | None:
    """Return the waiver to be decided, with its ground for who decides."""
    found = next((row for row in waivers if not row.outcome), None)
    return {"row": found, "ground": ground_of(found, by=request.actor)} if found else None


def _do(request: FirstbellRequest, charge: Charge, doing: Callable[[], object]) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, charge, refusal)
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("charge", args=[charge.pk]))


def _method(request: FirstbellRequest) -> Account:
    sent = request.POST.get("method", "")
    if sent not in {method.value for method in METHODS}:
        raise Refused("method_unknown", _("Say how it was paid."))
    return Account(sent)


def _day(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise Refused("no_day", _("Say from which day on."))
    return found


@require_POST
def payment(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Note a payment, or what was paid back."""
    found, verb = _charge(request, charge), pay_back if request.POST.get("what") == "back" else take_payment
    return _do(
        request,
        found,
        lambda: verb(
            charge_id=found.pk,
            amount_cents=_cents(request.POST.get("amount", "")),
            method=_method(request),
            reference=request.POST.get("reference", ""),
            **act_of(request),
        ),
    )


@require_POST
def parts(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Agree to pay in parts, or end the agreement."""
    found = _charge(request, charge)
    plan = whole(request.POST.get("plan"))
    if plan:
        held = one(PayPlan.objects.visible_to(request.actor), pk=plan, charge=found)
        return _do(request, found, lambda: end_plan(plan_id=held.pk, **act_of(request)))
    number = whole(request.POST.get("parts")) or 0
    return _do(
        request,
        found,
        lambda: agree_plan(
            charge_id=found.pk, parts=number, first_on=_day(request.POST.get("first_on", "")), **act_of(request)
        ),
    )


@require_POST
def waiver(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Enter a family's wish that a charge be waived."""
    found = _charge(request, charge)
    ground = Sealed(request.POST.get("ground", ""))
    return _do(request, found, lambda: ask_waiver(charge_id=found.pk, ground=ground, **act_of(request)))


@require_POST
def waiver_decision(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Grant or decline a waiver, in full or in part."""
    found = _charge(request, charge)
    wish = one(Waiver.objects.visible_to(request.actor), charge=found, pk=whole(request.POST.get("waiver")))
    grant, amount = request.POST.get("what") == "grant", request.POST.get("amount", "").strip()
    return _do(
        request,
        found,
        lambda: decide_waiver(
            waiver_id=wish.pk, grant=grant, amount_cents=_cents(amount) if amount else None, **act_of(request)
        ),
    )


@require_POST
def appeal(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Enter an appeal that came on paper or by word."""
    found, words = _charge(request, charge), request.POST.get("words", "")
    return _do(request, found, lambda: file_appeal(charge_id=found.pk, words=words, **act_of(request)))


@require_POST
def appeal_decision(request: FirstbellRequest, charge: int) -> HttpResponse:
    """Decide an appeal."""
    found = _charge(request, charge)
    row = one(Appeal.objects.visible_to(request.actor), charge=found, pk=whole(request.POST.get("appeal")))
    return _do(request, found, lambda: _decide_appeal(request, row))


def _decide_appeal(request: FirstbellRequest, row: Appeal) -> Appeal:
    sent, amount = request.POST.get("outcome", ""), request.POST.get("amount", "").strip()
    if sent not in {"kept", "reduced", "dropped"}:
        raise Refused("outcome_unknown", _("Choose what becomes of the charge."))
    cents = _cents(amount) if sent == "reduced" else 0
    return decide_appeal(appeal_id=row.pk, outcome=Appeal.Outcome(sent), amount_cents=cents, **act_of(request))
