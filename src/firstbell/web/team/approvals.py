"""For the adult behind the team: approve what is done, read words before helpers do, say what each may take."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.flows.closing import approve_team_work
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.rounds.queries import to_look_into
from firstbell.tickets.actions import clear_note, reopen
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import notes_to_clear, to_approve
from firstbell.web.asking import one, operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.team.skills import team_of
from firstbell.web.team.tasks import MOST, task


def approvals(request: FirstbellRequest) -> HttpResponse:
    """Show finished work, unread words, and the helpers' skills."""
    context = {
        "finished": [task(row) for row in to_approve(by=request.actor)[:MOST]],
        "unread": [task(row) for row in notes_to_clear(by=request.actor)[:MOST]],
        "filters_failed": to_look_into(by=request.actor).count(),
        **team_of(request.actor, request.at),
    }
    return render(request, "team/approvals.html", context)


def _ticket(code: str, by: Actor) -> Ticket:
    return one(Ticket.objects.visible_to(by, Permission.SUPERVISE_TEAM), code=code)


@require_POST
def approve(request: FirstbellRequest, code: str) -> HttpResponse:
    """Approve finished work, which closes its ticket."""
    ticket = _ticket(code, request.actor)
    approve_team_work(ticket_id=ticket.pk, by=request.actor, at=request.at, op=operation(request))
    messages.success(request, _("Approved and closed."))
    return redirect("team_approvals")


@require_POST
def send_back(request: FirstbellRequest, code: str) -> HttpResponse:
    """Give the task back to the helper: it does not work yet."""
    ticket = _ticket(code, request.actor)
    reopen(ticket_id=ticket.pk, by=request.actor, at=request.at, op=operation(request))
    messages.success(request, _("It is back with the helper."))
    return redirect("team_approvals")


@require_POST
def clear(request: FirstbellRequest, code: str) -> HttpResponse:
    """Let the team read the reporter's own words."""
    ticket = _ticket(code, request.actor)
    clear_note(ticket_id=ticket.pk, by=request.actor, at=request.at, op=operation(request))
    messages.success(request, _("The team can read it now."))
    return redirect("team_approvals")
