"""The fee policy as a page: the rows in force on a day, their earlier versions, and the form to set one."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.fees.actions.policy import Line, end_policy, set_rows
from firstbell.fees.models import Cover, FeePolicy
from firstbell.fees.queries import all_rows, fees_asked, one_sided, policy_on
from firstbell.fees.usual import USUAL
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import read_money
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, day_of, new_operation, whole
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.money import CAUSES, cause_said
from firstbell.web.refusing import attempt, status_of, told

BOTH = "both"


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show the policy as it is, or as it was on a day."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    today = request.at.date()
    day = day_of(request.GET.get("on", "")) or today
    rows = list(policy_on(day).select_related("set_by"))
    context: dict[str, Any] = {
        "day": day,
        "past": day != today,
        "groups": _groups(rows),
        "earlier": [row for row in all_rows() if row.until is not None and row.until <= today],
        "one_sided": [cause_said(cause) for cause in one_sided(day)],
        "asked": fees_asked(),
        "may_set": request.actor.may(Permission.SET_FEES),
        "causes": [(cause.value, label) for cause, label in CAUSES.items()],
        "covers": Cover.choices,
        "holders": [(BOTH, _("students and staff")), *FeePolicy.Holder.choices],
        "today": today,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "board/fee_policy.html", context, status=status_of(refusal))


def _groups(rows: list[FeePolicy]) -> list[tuple[str, list[FeePolicy]]]:
    """Return the rows by cause, in the order in which people name causes."""
    found: dict[str, list[FeePolicy]] = defaultdict(list)
    for row in rows:
        found[row.cause].append(row)
    return [(cause_said(cause.value), found[cause.value]) for cause in CAUSES if cause.value in found]


def _do(request: FirstbellRequest, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("fee_policy"))


@require_POST
def set_row(request: FirstbellRequest) -> HttpResponse:
    """Set what is asked from a day on."""

    def doing() -> None:
        set_rows(lines=_lines(request), since=_since(request, "since"), **act_of(request))

    return _do(request, doing, _("The row is set. Charges for what happens from that day on stand on it."))


def _lines(request: FirstbellRequest) -> tuple[Line, ...]:
    """Return the row that was typed, once for each kind of holder it is for."""
    sent = request.POST
    year = sent.get("year_cap", "").strip()
    row: dict[str, Any] = {
        "cause": sent.get("cause", ""),
        "cover": sent.get("cover", ""),
        "occurrence": whole(sent.get("occurrence")) or 0,
        "amount_cents": _cents(sent.get("amount", "")),
        "cap_cents": _cents(sent.get("cap", "")),
        "year_cap_cents": _cents(year) if year else None,
        "source": sent.get("source", ""),
    }
    holder = sent.get("holder", "")
    kinds = FeePolicy.Holder.values if holder == BOTH else [holder]
    return tuple(Line(holder_kind=kind, **row) for kind in kinds)


def _cents(text: str) -> int:
    found = read_money(text)
    if found is None:
        raise Refused("no_amount", _("Write amounts like 25 or 12.50."))
    return found.cents


def _since(request: FirstbellRequest, field: str) -> date:
    found = day_of(request.POST.get(field, ""))
    if found is None:
        raise Refused("no_day", _("Say from which day on."))
    return found


@require_POST
def take_usual(request: FirstbellRequest) -> HttpResponse:
    """Take over the rows that other districts were found to have; every one can be changed afterwards."""
    if all_rows().exists():
        return _show(request, Refused("policy_begun", _("The policy has rows already. Change them one by one.")))
    return _do(
        request,
        lambda: set_rows(lines=USUAL, since=request.at.date(), **act_of(request)),
        _("These rows are in force from today on. Change what does not fit your district."),
    )


@require_POST
def end_row(request: FirstbellRequest, row: int) -> HttpResponse:
    """End a row: from that day on nothing is asked in its case."""
    return _do(
        request,
        lambda: end_policy(policy_id=row, until=_since(request, "until"), **act_of(request)),
        _("From that day on nothing is asked in this case."),
    )
