"""Damage, loss and theft at the desk: the case, what is missing and until when, who had it, found or written off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from firstbell.decisions.queries import Plan, plan
from firstbell.decisions.register import POLICE_DAYS, SEARCH_DAYS
from firstbell.devices.models import Condition, Custody, Device
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import school_time, school_times, with_calendar
from firstbell.flows.losses import mark_found, report_gone, write_off
from firstbell.incidents.actions import note_damage, note_step, refer
from firstbell.incidents.models import Incident
from firstbell.incidents.queries import Due, between_looks, searched, steps_due, was_referred
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, new_operation, one, whole
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

SHOWN = 60
DAYS = [SEARCH_DAYS.key, POLICE_DAYS.key]


@dataclass(frozen=True)
class Case:
    """One search as the list shows it: what is missing next, and until when."""

    incident: Incident
    open: list[Due]

    @property
    def next(self) -> Due | None:
        """Return the step that is due first."""
        return min(self.open, key=lambda due: due.until or datetime.max.replace(tzinfo=ZoneInfo("UTC")), default=None)


@require_safe
def page(request: FirstbellRequest) -> HttpResponse:
    """Show the devices that are being searched, and what each case still needs."""
    rows = list(searched(by=request.actor)[:SHOWN])
    sites = school_times(with_calendar(Site.objects.filter(pk__in={row.site_id for row in rows})))
    answers = plan(DAYS)
    cases = [_case(row, sites[row.site_id], answers, request.at) for row in rows]
    may = request.actor.may(Permission.SEE_PEOPLE)
    return render(request, "desk/incidents.html", {"cases": cases, "may_know": may})


def _case(incident: Incident, school: Any, answers: Plan, at: datetime) -> Case:
    due = steps_due(incident, incident.steps.all(), school=school, answers=answers, at=at)
    return Case(incident, [step for step in due if step.done is None])


# --- Reporting -----------------------------------------------------------------------------------------------------


def _device(request: FirstbellRequest, tag: str) -> Device:
    rows = Device.objects.visible_to(request.actor, Permission.MOVE_DEVICES)
    return one(rows.select_related("model", "home_site"), tag=tag)


@require_safe
def report(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Show the form: what happened to this device, where and when."""
    return _form(request, _device(request, tag))


def _form(request: FirstbellRequest, device: Device, refusal: Refused | None = None) -> HttpResponse:
    local = request.at.astimezone(ZoneInfo(device.home_site.timezone))
    context = {
        "device": device,
        "causes": Incident.Cause.choices,
        "wheres": Incident.Where.choices,
        "circumstances": Incident.Circumstance.choices,
        "now": local.strftime("%Y-%m-%dT%H:%M"),
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "desk/incident_new.html", context, status=status_of(refusal))


@require_POST
def enter(request: FirstbellRequest, tag: str) -> HttpResponse:
    """Note damage, or report the device lost or stolen."""
    device = _device(request, tag)
    made: list[Incident] = []
    refusal = attempt(lambda: made.append(_enter(request, device)))
    if refusal:
        return _form(request, device, refusal)
    messages.success(request, _("Noted. This is what the case needs."))
    return HttpResponseRedirect(reverse("incident", args=[made[0].pk]))


def _enter(request: FirstbellRequest, device: Device) -> Incident:
    sent, happened = request.POST, _moment(request.POST.get("happened", ""), device.home_site)
    cause = sent.get("cause", "")
    if cause not in Incident.Cause.values:
        raise Refused("cause_unknown", _("Choose what happened."))
    if cause not in {Incident.Cause.LOST, Incident.Cause.STOLEN}:
        return note_damage(device_id=device.pk, cause=Incident.Cause(cause), happened_at=happened, **act_of(request))
    where = sent.get("where", "")
    if where not in Incident.Where.values:
        raise Refused("where_unknown", _("Say where it happened."))
    return report_gone(
        device_id=device.pk,
        cause=Incident.Cause(cause),
        where=Incident.Where(where),
        happened_at=happened,
        circumstance=sent.get("circumstance", ""),
        last_seen=sent.get("last_seen", ""),
        **act_of(request),
    )


def _moment(text: str, site: Site) -> datetime:
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise Refused("no_moment", _("Say when it happened, as well as it is known."))
    return found.replace(tzinfo=ZoneInfo(site.timezone)) if found.tzinfo is None else found


# --- One case ------------------------------------------------------------------------------------------------------


def _incident(request: FirstbellRequest, pk: int) -> Incident:
    rows = Incident.objects.visible_to(request.actor)
    return one(rows.select_related("device__model", "custody__person", "ticket", "noted_by", "site"), pk=pk)


@require_safe
def case(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Show one case: its steps, what is missing and until when, and who had the device."""
    return _show(request, _incident(request, incident))


def _show(request: FirstbellRequest, incident: Incident, refusal: Refused | None = None) -> HttpResponse:
    by, site = request.actor, with_calendar(Site.objects.filter(pk=incident.site_id)).get()
    done = incident.steps.select_related("done_by")
    looks = between_looks(incident)
    context = {
        "incident": incident,
        "steps": steps_due(incident, done, school=school_time(site), answers=plan(DAYS), at=request.at),
        "looks": looks,
        "held": [(row, _holder(row, by)) for row in looks.holders],
        "may_know": by.may(Permission.SEE_PEOPLE, incident.site_id),
        "may_work": by.may(Permission.MOVE_DEVICES, incident.site_id),
        "may_end": by.may(Permission.REGISTER_DEVICES, incident.site_id),
        "may_charge": by.may(Permission.DECIDE_CHARGES, incident.site_id),
        "may_read": by.may(Permission.WORK_TICKETS, incident.site_id),
        "referred": was_referred(incident),
        "grades": Condition.Grade.choices,
        "places": Place.objects.filter(site_id=incident.site_id, closed_at=None).order_by("name")[:200],
        "zone": site.timezone,
        "refusal": told(refusal),
    }
    return render(request, "desk/incident.html", context, status=status_of(refusal))


def _holder(row: Custody, by: Actor) -> str:
    """Return who or what had it, a person's name only to those who may see people there."""
    if row.person:
        return str(row.person) if by.may(Permission.SEE_PEOPLE, row.person.site_id) else _("a person")
    if row.place:
        return f"{row.site.name}: {row.place.name}"
    return _("on the way to {site}").format(site=row.site.name)


def _do(request: FirstbellRequest, incident: Incident, doing: Callable[[], object], said: str) -> HttpResponse:
    refusal = attempt(doing)
    if refusal:
        return _show(request, incident, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("incident", args=[incident.pk]))


@require_POST
def step(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Note that a step was done."""
    found, sent = _incident(request, incident), request.POST
    return _do(
        request,
        found,
        lambda: note_step(
            incident_id=found.pk, code=sent.get("code", "")[:20], text=sent.get("text", ""), **act_of(request)
        ),
        _("Noted."),
    )


@require_POST
def found_again(request: FirstbellRequest, incident: int) -> HttpResponse:
    """The device turned up."""
    found, grade = _incident(request, incident), request.POST.get("grade", "")

    def doing() -> None:
        if grade not in Condition.Grade.values:
            raise Refused("grade_unknown", _("Say in which condition it is."))
        place = whole(request.POST.get("place")) or 0
        mark_found(incident_id=found.pk, place_id=place, grade=Condition.Grade(grade), **act_of(request))

    return _do(request, found, doing, _("It is there again. What was asked for it is taken back as the plan says."))


@require_POST
def give_up(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Write a missing device off."""
    found, reason = _incident(request, incident), request.POST.get("reason", "")
    return _do(
        request,
        found,
        lambda: write_off(incident_id=found.pk, reason=reason, **act_of(request)),
        _("It is written off. What is asked for it can be decided now."),
    )


@require_POST
def ask_administrator(request: FirstbellRequest, incident: int) -> HttpResponse:
    """Ask an administrator to look at it; nothing else changes."""
    found = _incident(request, incident)
    return _do(
        request,
        found,
        lambda: refer(incident_id=found.pk, **act_of(request)),
        _("An administrator gets the facts. The repair goes on."),
    )
