"""Filter checks: a helper says works or does not; what failed is an adult's matter from there on (S119, S120)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.rounds.actions import check_filter, settle_filter_check
from firstbell.rounds.models import FilterCheck
from firstbell.rounds.queries import device_to_check, filter_months, to_look_into
from firstbell.web.asking import act_of, new_operation
from firstbell.web.desk.finding import code_in
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

MOST = 60
MONTHS = timedelta(days=300)
CHOICES = (
    (FilterCheck.Result.ON, gettext_lazy("It works"), "check"),
    (FilterCheck.Result.OFF, gettext_lazy("It is missing or off"), "lost"),
    (FilterCheck.Result.BYPASS, gettext_lazy("Something works around it"), "info"),
)
"""Enter after a scan is the first of these: most devices are fine."""


@dataclass(frozen=True)
class Failed:
    """One failed check as the adult sees it."""

    check: FilterCheck
    device_url: str
    op: UUID


@dataclass(frozen=True)
class Month:
    """The checks of one month; ``days`` is how long an adult took to look into what failed, on average."""

    day: date
    checks: int
    failed: int
    days: float | None

    @property
    def percent(self) -> float:
        """The share that failed."""
        return 100 * self.failed / self.checks


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the one field, and how to look."""
    return _show(request)


def _show(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "choices": CHOICES,
        "code": request.POST.get("code", "") if refusal else "",
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "team/filter.html", context, status=status_of(refusal))


@require_POST
def check(request: FirstbellRequest) -> HttpResponse:
    """Note one check, and wait for the next device."""
    checked: list[Device] = []
    refusal = attempt(lambda: checked.append(_check(request)))
    if refusal:
        return _show(request, refusal)
    if request.POST.get("result") == FilterCheck.Result.ON:
        messages.success(request, _("{tag}: the filter works.").format(tag=checked[0].tag))
    else:
        messages.success(request, _("{tag}: noted. An adult looks into it.").format(tag=checked[0].tag))
    return HttpResponseRedirect(reverse("team_filter"))


def _check(request: FirstbellRequest) -> Device:
    code = code_in(request.POST.get("code", "")[:200])
    device = device_to_check(code, by=request.actor)
    if device is None:
        raise Refused("not_here", _("No device of your school has the code “{code}”. Scan it once more."), code=code)
    check_filter(device_id=device.pk, result=request.POST.get("result", ""), **act_of(request))
    return device


def results(request: FirstbellRequest) -> HttpResponse:
    """Show the adult what failed, and how the checks go month by month."""
    return _results(request)


def _results(request: FirstbellRequest, refusal: Refused | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "failed": [_failed(row, request) for row in to_look_into(by=request.actor)[:MOST]],
        "outcomes": [(value, label) for value, label in FilterCheck.Outcome.choices if value],
        "months": [_month(row) for row in filter_months(by=request.actor, since=request.at - MONTHS)],
        "refusal": told(refusal),
    }
    return render(request, "team/filter_results.html", context, status=status_of(refusal))


def _failed(row: FilterCheck, request: FirstbellRequest) -> Failed:
    seen = request.actor.may(Permission.SEE_DEVICES)
    return Failed(row, reverse("device", args=[row.device.tag]) if seen else "", new_operation())


def _month(row: dict[str, Any]) -> Month:
    days = row["took"] / timedelta(days=1) if row["took"] is not None else None
    return Month(row["month"], row["checks"], row["failed"], days)


@require_POST
def settle(request: FirstbellRequest, check_id: int) -> HttpResponse:
    """Say what came of a failed check."""
    refusal = attempt(
        lambda: settle_filter_check(check_id=check_id, outcome=request.POST.get("outcome", ""), **act_of(request))
    )
    if refusal:
        return _results(request, refusal)
    messages.success(request, _("Noted."))
    return HttpResponseRedirect(reverse("filter_results"))
