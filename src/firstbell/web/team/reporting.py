"""A student helper reports for a classmate: by the code on room or device, nothing that says whose it is (S57)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.decisions.queries import plan, says
from firstbell.decisions.register import STUDENT_CHANNELS
from firstbell.directory.models import Site
from firstbell.directory.queries import with_calendar
from firstbell.flows.report import CHANNEL_OFF, report_problem
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.tickets.actions import NOTE_LIMIT, Report
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptom, symptoms
from firstbell.web.asking import act_of, new_operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told
from firstbell.web.street.going import going
from firstbell.web.street.spots import Spot, anywhere

TEAM = Ticket.Channel.TEAM


@require_safe
def form(request: FirstbellRequest) -> HttpResponse:
    """Ask for the code first, then what is wrong."""
    code = request.GET.get("code", "").strip()
    found = _spot(request, code)
    refusal = _no_spot(code) if code and found is None else _off(found)
    return _show(request, code, found, refusal)


def _spot(request: FirstbellRequest, code: str) -> Spot | None:
    """Return what a code leads to at a school of this helper: what is elsewhere is as unknown as what is nowhere."""
    found = anywhere(code) if code else None
    return found if found and request.actor.may(Permission.WORK_TEAM_TASKS, found.site.pk) else None


def _no_spot(code: str) -> Refused:
    return Refused("no_spot", _("No room and no device of your school has the code “{code}”."), code=code)


def _off(found: Spot | None) -> Refused | None:
    """Return the refusal where the plan has this way switched off, before anybody has typed a word."""
    if found is None or TEAM.value in says(STUDENT_CHANNELS, found.site.pk):
        return None
    return Refused("channel_off", CHANNEL_OFF[TEAM], decision=STUDENT_CHANNELS.key)


def _show(request: FirstbellRequest, code: str, found: Spot | None, refusal: Refused | None) -> HttpResponse:
    context = {
        "typed": code,
        "spot": found if _off(found) is None else None,
        "symptoms": symptoms(),
        "note": request.POST.get("note", ""),
        "limit": NOTE_LIMIT,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    status = status_of(refusal) if request.method == "POST" else 200
    return render(request, "team/report.html", context, status=status)


@require_POST
def send(request: FirstbellRequest) -> HttpResponse:
    """Report it; say what the classmate does now."""
    code = request.POST.get("code", "").strip()
    found = _spot(request, code)
    if found is None:
        return _show(request, code, None, _no_spot(code))
    made: list[Ticket] = []
    refusal = attempt(lambda: made.append(_reported(request, found)))
    if refusal:
        return _show(request, code, found, refusal)
    messages.success(request, _said(made[0], request))
    return redirect("team")


def _reported(request: FirstbellRequest, found: Spot) -> Ticket:
    report = Report(
        site_id=found.site.pk,
        symptom=request.POST.get("symptom", ""),
        place_id=found.place.pk if found.place else None,
        device_id=found.device.pk if found.device else None,
        reporter=Ticket.Reporter.STUDENT,
        note=request.POST.get("note", "").replace("\r\n", "\n"),
    )
    return report_problem(report=report, channel=TEAM, **act_of(request)).ticket


def _said(ticket: Ticket, request: FirstbellRequest) -> str:
    site = with_calendar(Site.objects.filter(pk=ticket.site_id)).get()
    branch = symptom(ticket.symptom) or symptoms()[-1]
    go = going(branch, site, plan(), request.at, stopper=False, family=False)
    code = f"{ticket.code[:4]} {ticket.code[4:]}"
    return _("Reported as {code}. Tell your classmate: {where}.").format(code=code, where=go.where)
