"""A ticket's page, and everything that can be done with it there."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.devices.queries import by_code, owner
from firstbell.flows.closing import close_ticket
from firstbell.flows.receipt import give_receipt
from firstbell.flows.report import status_token
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.queries import history
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_for
from firstbell.tickets import actions, rules
from firstbell.tickets.models import Message, Ticket
from firstbell.web.asking import act_of, new_operation, one, operation, safe_next, whole
from firstbell.web.desk.case_clocks import case_clocks
from firstbell.web.desk.clocks import clocks_for
from firstbell.web.desk.expected import expected_for
from firstbell.web.desk.queue import look_closer, sighted
from firstbell.web.desk.ticket_view import view_of
from firstbell.web.desk.words import device_address
from firstbell.web.history import lines
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

REASON_WANTED = "loose_ends"


def _ticket(request: FirstbellRequest, code: str) -> Ticket:
    return one(Ticket.objects.visible_to(request.actor), code=code.upper())


def ticket_page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show a ticket."""
    return _show(request, code)


def _show(request: FirstbellRequest, code: str, refusal: Refused | None = None) -> HttpResponse:
    row = sighted(Ticket.objects.visible_to(request.actor).filter(code=code.upper()), request.at).first()
    if row is None:
        raise Missing("Ticket")
    look_closer([row])
    clocks = clocks_for([row.site], request.at)
    view = view_of(row, clocks, request.actor)
    orders = WorkOrder.objects.visible_to(request.actor).filter(ticket=row)
    context = {
        "one": view,
        "expected": expected_for(row, request.at),
        "clocks": case_clocks(ticket=row, orders=orders, clocks=clocks, zone=row.site.timezone),
        "conversation": Message.objects.filter(ticket=row).select_related("author"),
        "handed_in": view.may_work and order_for(row) is not None,
        "waits": [choice for choice in Ticket.WaitingOn.choices if choice[0]],
        "may_clear": request.actor.may(Permission.SUPERVISE_TEAM, row.site_id) and row.level == 1,
        "reopens": row.status in {Ticket.Status.RESOLVED, Ticket.Status.CLOSED},
        "reopen_days": rules.REOPEN_DAYS,
        "refusal": told(refusal),
        "reason_wanted": refusal is not None and refusal.code == REASON_WANTED,
        "draft": request.POST.get("body", ""),
        "here": f"/tickets/{row.code}",
        "op": new_operation(),
    }
    return render(request, "desk/ticket.html", context, status=status_of(refusal))


def ticket_history(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show what happened to a ticket, as sentences."""
    row = _ticket(request, code)
    entries = lines(history(row), by=request.actor)
    context = {"entries": entries, "zone": row.site.timezone, "back": f"/tickets/{row.code}", "title": row.code}
    return render(request, "desk/history.html", context)


def _do(request: FirstbellRequest, code: str, verb: Callable[[Ticket], object], said: str) -> HttpResponse:
    """Call one verb on a ticket: back to where the form was, or the ticket's page with the refusal on it."""
    row = _ticket(request, code)
    refusal = attempt(lambda: verb(row))
    if refusal:
        return _show(request, code, refusal)
    if said:
        messages.success(request, said)
    return HttpResponseRedirect(safe_next(request, f"/tickets/{row.code}"))


@require_POST
def take(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take it to work on it."""
    return _do(request, code, lambda row: actions.take(ticket_id=row.pk, **act_of(request)), _("You have it now."))


@require_POST
def triage(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say where it goes, in one tap. A swap leads to the device at once."""
    chosen = request.POST.get("outcome", "")
    row = _ticket(request, code)
    if chosen not in Ticket.Outcome.values or not chosen:
        return _show(request, code, Refused("no_outcome", _("Choose where it goes.")))
    outcome = Ticket.Outcome(chosen)
    refusal = attempt(lambda: actions.triage(ticket_id=row.pk, outcome=outcome, **act_of(request)))
    if refusal:
        return _show(request, code, refusal)
    if outcome is Ticket.Outcome.SWAP and row.device and request.actor.may(Permission.SEE_DEVICES):
        return HttpResponseRedirect(device_address(row.device))
    messages.success(request, _("Triaged: {outcome}.").format(outcome=outcome.label))
    return HttpResponseRedirect(safe_next(request, f"/tickets/{row.code}"))


@require_POST
def receipt(request: FirstbellRequest, code: str) -> HttpResponse:
    """Give a receipt for what was handed in: its page is ready to print."""
    row, op = _ticket(request, code), operation(request)
    refusal = attempt(lambda: give_receipt(ticket_id=row.pk, by=request.actor, at=request.at, op=op))
    if refusal:
        return _show(request, code, refusal)
    return HttpResponseRedirect(reverse("receipt", args=[status_token(op)]))


@require_POST
def wait(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say what it waits on."""
    chosen = request.POST.get("on", "")
    on = Ticket.WaitingOn(chosen) if chosen in Ticket.WaitingOn.values else Ticket.WaitingOn.NOTHING
    said = _("It waits on {what} now.").format(what=on.label)
    return _do(request, code, lambda row: actions.wait(ticket_id=row.pk, on=on, **act_of(request)), said)


@require_POST
def hand_up(request: FirstbellRequest, code: str) -> HttpResponse:
    """Move it up a level and say why, where the plan lets this person."""
    said = _("It is up where it belongs now.") if request.POST.get("level") else _("It is one level up now.")
    reason: dict[str, Any] = {"why": request.POST.get("why", ""), "words": request.POST.get("words", "")}
    reason["level"] = whole(request.POST.get("level"))
    return _do(request, code, lambda row: actions.hand_up(ticket_id=row.pk, **reason, **act_of(request)), said)


@require_POST
def resolve(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say that it works now."""
    said = _("Solved. Well done.")
    return _do(request, code, lambda row: actions.resolve(ticket_id=row.pk, **act_of(request)), said)


@require_POST
def close(request: FirstbellRequest, code: str) -> HttpResponse:
    """Close it; what still hangs on it is named, and asks for a reason."""
    reason = request.POST.get("reason", "")
    said = _("Closed.")
    return _do(request, code, lambda row: close_ticket(ticket_id=row.pk, reason=reason, **act_of(request)), said)


@require_POST
def reopen(request: FirstbellRequest, code: str) -> HttpResponse:
    """Open it again."""
    said = _("Open again.")
    return _do(request, code, lambda row: actions.reopen(ticket_id=row.pk, **act_of(request)), said)


@require_POST
def write(request: FirstbellRequest, code: str) -> HttpResponse:
    """Write to the reporter, or to colleagues only."""
    open_to_reporter = request.POST.get("audience") == Message.Audience.REPORTER
    audience = Message.Audience.REPORTER if open_to_reporter else Message.Audience.STAFF
    body = request.POST.get("body", "")
    said = _("The reporter sees it now.") if open_to_reporter else _("Noted, for colleagues only.")
    verb = actions.write
    return _do(request, code, lambda row: verb(ticket_id=row.pk, body=body, audience=audience, **act_of(request)), said)


@require_POST
def name_device(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say which device it is about: one scan."""
    text = request.POST.get("device", "")
    device = by_code(text, by=request.actor)
    if device is None:
        unknown = Refused("device_unknown", _("No device with “{text}” is in your reach."), text=text)
        return _show(request, code, unknown)
    assignment = owner(device)
    person_id = assignment.person_id if assignment else None
    return _do(
        request,
        code,
        lambda row: actions.name_device(ticket_id=row.pk, device_id=device.pk, person_id=person_id, **act_of(request)),
        _("It is about {tag}.").format(tag=device.tag),
    )


@require_POST
def let_in(request: FirstbellRequest, code: str) -> HttpResponse:
    """Put a report that was set aside in a flood into the queue."""
    said = _("It is in the queue now.")
    return _do(request, code, lambda row: actions.admit(ticket_id=row.pk, **act_of(request)), said)


@require_POST
def clear_note(request: FirstbellRequest, code: str) -> HttpResponse:
    """Let the student team read the reporter's words."""
    said = _("The student team can read the note now.")
    return _do(request, code, lambda row: actions.clear_note(ticket_id=row.pk, **act_of(request)), said)
