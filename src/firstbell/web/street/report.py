"""Reporting a problem by a code: no account, three actions. What fails is shown in place; what was written stays."""

from dataclasses import replace
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import (
    CLASS_STOPPER_MINUTES,
    SELF_HELP_FIRST,
    STAFF_CHANNELS,
    STUDENT_CHANNELS,
    TEAM_MINUTES,
    TRIAGE_PLACE,
)
from firstbell.devices.queries import on_label
from firstbell.directory.models import Place
from firstbell.flows.report import report_again, report_problem, status_token
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.tickets.actions import Report, note_self_help
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptom, symptoms
from firstbell.web.asking import operation
from firstbell.web.middleware import OWN_COPY, FirstbellRequest
from firstbell.web.street.answers import SeeOther, public_form, see_other
from firstbell.web.street.branches import Frame, branch, sheet
from firstbell.web.street.budget import doubt
from firstbell.web.street.going import to_the_desk
from firstbell.web.street.spots import Spot, spot
from firstbell.web.street.start import unknown

KEYS = [
    question.key
    for question in (
        SELF_HELP_FIRST,
        STAFF_CHANNELS,
        STUDENT_CHANNELS,
        CLASS_STOPPER_MINUTES,
        TRIAGE_PLACE,
        TEAM_MINUTES,
    )
]
REPORTERS = {Ticket.Reporter.STUDENT, Ticket.Reporter.STAFF, Ticket.Reporter.FAMILY}


@gzip_page
def form(request: FirstbellRequest, kind: str, code: str) -> HttpResponse:
    """Ask what is wrong. Everything the second step needs is in the page: it opens without the server."""
    found = spot(kind, code)
    if found is None:
        return unknown(request, code)
    if _carries(request, found):
        return redirect("pickup_box", found.code)
    answer = _form(request, found)
    if not request.user.is_authenticated:
        answer["Cache-Control"] = OWN_COPY
    return answer


def _carries(request: FirstbellRequest, here: Spot) -> bool:
    """Say whether a courier's camera has just read the code on a pick-up box."""
    box = here.place is not None and here.place.kind == Place.Kind.PICKUP_BOX
    return box and any(request.actor.may(carry, here.site.pk) for carry in (Permission.SHIP, Permission.TRANSPORT))


def _form(request: FirstbellRequest, here: Spot, **more: Any) -> HttpResponse:
    answers = plan(KEYS)
    doors = _doors(answers, here)
    if not any(doors.values()):
        context = {"spot": here, "desk": to_the_desk(here.site, request.at)}
        return render(request, "street/off.html", doors | context)
    frame = Frame(
        here.kind,
        self_help=answers.says(SELF_HELP_FIRST, here.site.pk),
        minutes=answers.says(CLASS_STOPPER_MINUTES, here.site.pk),
        replaced=here.replaced,
        **doors,
    )
    if not more and not get_messages(request):
        return HttpResponse(sheet(request, here, frame))
    branches = [branch(one, self_help=frame.self_help) for one in symptoms()]
    context = frame.context() | {"spot": here, "branches": branches} | more
    return render(request, "street/report.html", context, status=422 if more else 200)


def _doors(answers: Plan, here: Spot) -> dict[str, bool]:
    return {
        "students": "qr" in answers.says(STUDENT_CHANNELS, here.site.pk),
        "staff": "qr" in answers.says(STAFF_CHANNELS, here.site.pk),
    }


@public_form
def send(request: FirstbellRequest, kind: str, code: str) -> HttpResponse:
    """Take a report. Delivered twice it is one; refused, the form stays as it was written."""
    here = spot(kind, code)
    if here is None:
        return unknown(request, code)
    try:
        return _taken(request, here)
    except Refused as error:
        chosen = symptom(request.POST.get("symptom", ""))
        code = chosen.code if chosen else ""
        return _form(request, here, refusal=error.sentence, chosen=code, said=request.POST)


def _taken(request: FirstbellRequest, here: Spot) -> HttpResponse:
    """Take a report. Sent again from the page one came back to, with other content, it is known and says so."""
    told: dict[str, Any] = {
        "report": _report(request, here),
        "channel": Ticket.Channel.QR,
        "doubt": _doubt(request, here),
        "by": request.actor,
        "at": request.at,
        "op": operation(request),
    }
    try:
        receipt = report_problem(**told)
    except Refused as error:
        known = report_again(**told) if error.code == "operation_reused" else None
        if known is None:
            raise
        again = "?again" if known.token == status_token(told["op"]) else ""
        return SeeOther(see_other("status", known.token).url + again)
    return see_other("status", receipt.token)


def _doubt(request: FirstbellRequest, here: Spot) -> str:
    """A replaced code was perhaps misused: what comes through it waits until somebody has looked."""
    return doubt(request, here.code, request.at) or ("replaced" if here.replaced else "")


def _report(request: HttpRequest, here: Spot) -> Report:
    said = request.POST
    stopper = bool(said.get("class_stopper"))
    reporter = Ticket.Reporter.STAFF if stopper else said.get("reporter", "")
    branch = symptom(said.get("symptom", ""))
    report = Report(
        site_id=here.site.pk,
        symptom=said.get("symptom", ""),
        place_id=here.place.pk if here.place else None,
        device_id=here.device.pk if here.device else None,
        reporter=reporter if reporter in REPORTERS else Ticket.Reporter.UNKNOWN,
        note=said.get("note", "").replace("\r\n", "\n").strip(),
        steps_tried=tuple(range(len(branch.steps))) if branch and said.get("tried") else (),
        class_stopper=stopper,
    )
    return _with_tag(report, said.get("tag", "").strip()[:40])


def _with_tag(report: Report, tag: str) -> Report:
    """Attach the device somebody named. A tag that nobody knows stays as words: a report is never refused for it."""
    if not tag or report.device_id:
        return report
    device = on_label(tag)
    if device:
        return replace(report, device_id=device.pk)
    said = _("Tag: {tag}").format(tag=tag)
    return replace(report, note=f"{report.note}\n{said}".strip())


@public_form
def self_help(request: FirstbellRequest, kind: str, code: str) -> HttpResponse:
    """Count that it works again, and be glad."""
    here = spot(kind, code)
    if here is None:
        return unknown(request, code)
    note_self_help(
        site_id=here.site.pk,
        place_id=here.place.pk if here.place else None,
        code=request.POST.get("symptom", ""),
        by=request.actor,
        at=request.at,
        op=operation(request),
    )
    return see_other("works", kind, code)


def works(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Say that it is good; offer to report something else."""
    here = spot(kind, code)
    return render(request, "street/works.html", {"spot": here}) if here else unknown(request, code)
