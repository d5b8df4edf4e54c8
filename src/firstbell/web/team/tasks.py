"""The student team's own queue: what is wrong, where, which device. No names; words once an adult has read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.tickets.actions import finish_team_task, take_team_task
from firstbell.tickets.models import TeamSkill, Ticket
from firstbell.tickets.queries import own_skills, team_tasks
from firstbell.tickets.triage import Symptom, symptom, symptoms
from firstbell.web.asking import new_operation, one, operation
from firstbell.web.middleware import FirstbellRequest

MOST = 60
"""Tasks shown at once: the oldest. A team works on a handful."""


@dataclass(frozen=True)
class Task:
    """One task as a helper sees it."""

    ticket: Ticket
    symptom: Symptom
    note: str
    tried: bool
    op: UUID
    up_op: UUID
    learning: bool = False


def task(ticket: Ticket, *, learning: bool = False) -> Task:
    """Return what a helper may know of a ticket; ``learning`` when they are still learning this kind."""
    branch = symptom(ticket.symptom) or symptoms()[-1]
    note = ticket.note if ticket.note_cleared else ""
    return Task(ticket, branch, note, bool(ticket.steps_tried), new_operation(), new_operation(), learning)


def tasks(request: FirstbellRequest) -> HttpResponse:
    """Show my tasks, then the free ones room by room, then how many others are busy with."""
    rows, learning = list(team_tasks(by=request.actor)[:MOST]), _learning(request.actor)
    context = {
        "mine": [task(row) for row in rows if row.worker_id == request.actor.user_id],
        "rooms": _by_room(
            task(row, learning=(row.site_id, row.symptom) in learning) for row in rows if row.worker_id is None
        ),
        "others": sum(row.worker_id not in {None, request.actor.user_id} for row in rows),
    }
    return render(request, "team/tasks.html", context)


def _by_room(free: Iterable[Task]) -> list[list[Task]]:
    """Put what waits in one room together, for one walk. The room that has waited longest comes first."""
    rooms: dict[tuple[int, int | None], list[Task]] = {}
    for one_task in free:
        rooms.setdefault((one_task.ticket.site_id, one_task.ticket.place_id), []).append(one_task)
    return list(rooms.values())


def _learning(by: Actor) -> set[tuple[int, str]]:
    levels = own_skills(by=by).items()
    return {(site, skill) for (_user, site, skill), level in levels if level is TeamSkill.Level.LEARNING}


def _ticket(code: str, by: Actor) -> Ticket:
    return one(Ticket.objects.visible_to(by, Permission.WORK_TEAM_TASKS), code=code)


@require_POST
def take(request: FirstbellRequest, code: str) -> HttpResponse:
    """Take a task."""
    ticket = _ticket(code, request.actor)
    take_team_task(ticket_id=ticket.pk, by=request.actor, at=request.at, op=operation(request))
    return redirect("team")


@require_POST
def solve(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say that it works now."""
    _finish(request, code, solved=True)
    messages.success(request, _("Well done! An adult has a look, then it is closed."))
    return redirect("team")


@require_POST
def hand_up(request: FirstbellRequest, code: str) -> HttpResponse:
    """Hand a task up to school IT; the plan may say that others decide this."""
    _finish(request, code, solved=False)
    messages.success(request, _("School IT has it now. Thank you for trying."))
    return redirect("team")


def _finish(request: FirstbellRequest, code: str, *, solved: bool) -> None:
    ticket = _ticket(code, request.actor)
    finish_team_task(ticket_id=ticket.pk, solved=solved, by=request.actor, at=request.at, op=operation(request))
