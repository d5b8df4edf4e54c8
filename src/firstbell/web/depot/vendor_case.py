"""One repair with a vendor: opened, numbered, sent, heard of, back, looked at. What its state allows is offered."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.claims.queries import claim_on
from firstbell.decisions.queries import plan
from firstbell.decisions.register import VENDOR_FILES, VENDOR_RETURN, VENDOR_ROUTE
from firstbell.devices.models import Custody
from firstbell.devices.queries import where
from firstbell.directory.models import Site
from firstbell.flows.outside import call_off, hand_to_vendor, hear, look_at_return, send_to_vendor, take_in_from_vendor
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import read_money
from firstbell.kernel.roles import Permission
from firstbell.ledger.queries import history
from firstbell.repairs.fixes import fixes, fixes_for
from firstbell.repairs.models import WorkOrder
from firstbell.vendors.actions import hand_case_over, set_number
from firstbell.vendors.models import VendorCase, VendorStatus
from firstbell.vendors.queries import answers_of, case_on, cases, vendors
from firstbell.vendors.questions import BOXES, SHIPPING, TRACKING
from firstbell.web.asking import act_of, day_of, new_operation, one, whole
from firstbell.web.depot.vendor_words import day_signal, fault_said, news_of
from firstbell.web.depot.vendors import parcel_of
from firstbell.web.desk.words import where_is
from firstbell.web.history import Line, lines
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

SHOWN = 100
OUTCOMES = {
    VendorCase.Outcome.REPAIRED: gettext_lazy("It works"),
    VendorCase.Outcome.NOT_REPAIRED: gettext_lazy("It still does not work"),
    VendorCase.Outcome.BEYOND: gettext_lazy("It cannot be repaired"),
}


# --- A new case ----------------------------------------------------------------------------------------------------


def _order(request: FirstbellRequest, code: str) -> WorkOrder:
    rows = WorkOrder.objects.visible_to(request.actor, Permission.SHIP).filter(closed_at__isnull=True)
    return one(rows.select_related("device__model", "site"), code=code.upper())


@require_safe
def new(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show the form that hands a repair to a vendor, with what the plan says about it."""
    order = _order(request, code)
    case = case_on(order.pk)
    return redirect("vendor_case", case.code) if case else _form(request, order)


def _form(request: FirstbellRequest, order: WorkOrder, refusal: Refused | None = None) -> HttpResponse:
    answers = plan([VENDOR_FILES.key, VENDOR_RETURN.key, VENDOR_ROUTE.key])
    asked = (VENDOR_ROUTE, VENDOR_FILES, VENDOR_RETURN)
    context = {
        "order": order,
        "vendors": vendors(),
        "faults": fixes() if order.fault else fixes_for(order.symptom),
        "says": [(row.title, row.in_words(answers.says(row, order.site_id))) for row in asked],
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/vendor_case_new.html", context, status=status_of(refusal))


@require_POST
def start(request: FirstbellRequest, code: str) -> HttpResponse:
    """Hand a repair to a vendor."""
    order, sent = _order(request, code), request.POST
    made: list[VendorCase] = []
    refusal = attempt(
        lambda: made.append(
            hand_to_vendor(
                work_order_id=order.pk,
                vendor_id=whole(sent.get("vendor")) or 0,
                fault=sent.get("fault", ""),
                number=sent.get("number", ""),
                **act_of(request),
            )
        )
    )
    if refusal:
        return _form(request, order, refusal)
    messages.success(request, _("{tag} goes to {vendor}.").format(tag=order.device.tag, vendor=made[0].vendor.name))
    return redirect("vendor_case", made[0].code)


# --- The case ------------------------------------------------------------------------------------------------------


def _case(request: FirstbellRequest, code: str) -> VendorCase:
    return one(cases(by=request.actor), code=code.upper())


@require_safe
def page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show one case."""
    return _show(request, _case(request, code))


def _show(request: FirstbellRequest, case: VendorCase, refusal: Refused | None = None) -> HttpResponse:
    answers, custody = answers_of(case.vendor_id), where(case.device)
    stands = _stands(case, custody)
    context: dict[str, Any] = {
        "case": case,
        "what": fault_said(case),
        "turn": _("Your turn: look whether it works.") if stands == "here" else news_of(case),
        "signal": None if stands == "here" else day_signal(case, answers, request.at),
        "where": where_is(custody, request.actor),
        "stands": stands,
        "out": getattr(case.out, "parcel", None),
        "back": getattr(case.back, "parcel", None),
        "claim": claim_on(case.work_order_id),
        "tracked": answers.get(TRACKING.key) == "yes",
        "boxed": answers.get(BOXES.key) == "both",
        "paid": answers.get(SHIPPING.key) == "no",
        "means": VendorStatus.choices,
        "outcomes": [(outcome.value, label) for outcome, label in OUTCOMES.items()],
        "other": _other_side(case),
        "may_act": request.actor.may(Permission.SHIP, case.owner_id)
        or request.actor.may(Permission.SHIP, case.site_id),
        "entries": _entries(case, by=request.actor),
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/vendor_case.html", context, status=status_of(refusal))


def _entries(case: VendorCase, *, by: Actor) -> list[Line]:
    """Return what happened to its device from the beginning of the case to its end."""
    last = case.ended_at or datetime.max.replace(tzinfo=UTC)
    events = [row for row in history(case.device, limit=SHOWN) if case.opened_at <= row.happened_at <= last]
    return lines(events, by=by)


def _stands(case: VendorCase, custody: Custody | None) -> str:
    """Return where an open case stands, as custody tells it: to_send, away, coming, here; or ended."""
    if case.outcome:
        return "ended"
    if case.sent_at is None or custody is None:
        return "to_send"
    if custody.site.kind == Site.Kind.VENDOR:
        return "away"
    return "coming" if custody.kind == Custody.Kind.SHIPMENT else "here"


def _other_side(case: VendorCase) -> Site | None:
    """Return who could look after the case instead (S65)."""
    if case.owner_id != case.site_id:
        return case.site
    return Site.objects.filter(kind=Site.Kind.DEPOT, closed_on__isnull=True).order_by("pk").first()


def _do(request: FirstbellRequest, code: str, doing: Callable[[VendorCase], object], said: str) -> HttpResponse:
    case = _case(request, code)
    refusal = attempt(lambda: doing(case))
    if refusal:
        return _show(request, _case(request, code), refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("vendor_case", args=[case.code]))


@require_POST
def number(request: FirstbellRequest, code: str) -> HttpResponse:
    """Write down the vendor's number."""
    typed = request.POST.get("number", "")
    return _do(
        request,
        code,
        lambda case: set_number(case_id=case.pk, number=typed, **act_of(request)),
        _("The number is kept."),
    )


@require_POST
def departure(request: FirstbellRequest, code: str) -> HttpResponse:
    """Send this device alone."""
    return _do(
        request,
        code,
        lambda case: send_to_vendor(case_ids=[case.pk], **parcel_of(request), **act_of(request)),
        _("It is on its way to the vendor."),
    )


@require_POST
def news(request: FirstbellRequest, code: str) -> HttpResponse:
    """Note what the vendor says."""
    sent = request.POST
    means = sent.get("means", "")

    def doing(case: VendorCase) -> None:
        hear(
            case_id=case.pk,
            means=VendorStatus(means) if means in VendorStatus.values else None,
            promised_on=day_of(sent.get("promised", "")),
            carrier=sent.get("carrier", ""),
            tracking=sent.get("tracking", ""),
            **act_of(request),
        )

    return _do(request, code, doing, _("Noted."))


@require_POST
def arrival(request: FirstbellRequest, code: str) -> HttpResponse:
    """It is here, announced or not."""
    site = whole(request.POST.get("site"))
    return _do(
        request,
        code,
        lambda case: take_in_from_vendor(case_id=case.pk, site_id=site, **act_of(request)),
        _("It is scanned in. Look whether it works."),
    )


@require_POST
def look(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say how it came back."""
    outcome, cost = request.POST.get("outcome", ""), request.POST.get("cost", "").strip()

    def doing(case: VendorCase) -> None:
        if outcome not in {one.value for one in OUTCOMES}:
            raise Refused("outcome_unknown_case", _("Say how it came back."))
        amount = read_money(cost) if cost else None
        if cost and amount is None:
            raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
        cents = amount.cents if amount else 0
        look_at_return(case_id=case.pk, outcome=VendorCase.Outcome(outcome), cents=cents, **act_of(request))

    return _do(request, code, doing, _("The case is ended."))


@require_POST
def owner(request: FirstbellRequest, code: str) -> HttpResponse:
    """Let the other side look after the case."""
    site = whole(request.POST.get("site")) or 0
    return _do(
        request,
        code,
        lambda case: hand_case_over(case_id=case.pk, site_id=site, **act_of(request)),
        _("The case is handed over."),
    )


@require_POST
def ending(request: FirstbellRequest, code: str) -> HttpResponse:
    """Call a case off before its device is sent."""
    return _do(request, code, lambda case: call_off(case_id=case.pk, **act_of(request)), _("The case is called off."))
