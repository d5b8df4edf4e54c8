"""What each student helper may take, and one tap to open it, sign it off or take it back (S49)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.decisions.queries import plan
from firstbell.decisions.register import SKILL_TASKS
from firstbell.directory.models import RoleHeld
from firstbell.kernel.actor import Actor
from firstbell.tickets.actions import set_skill
from firstbell.tickets.models import TeamSkill
from firstbell.tickets.queries import checked_tasks, helpers, skill_levels
from firstbell.tickets.rules import TEAM_SYMPTOMS
from firstbell.tickets.triage import Symptom, symptoms
from firstbell.web.asking import act_of, new_operation
from firstbell.web.middleware import FirstbellRequest

MOST = 60
"""Helpers shown at once, by school and name."""


@dataclass(frozen=True)
class Skill:
    """One kind of task of one helper: how far they are, and how many of it an adult has approved."""

    symptom: Symptom
    level: TeamSkill.Level
    checked: int
    needed: int
    op: UUID
    back_op: UUID

    @property
    def ready(self) -> bool:
        """Say whether enough of it is done to sign it off."""
        return self.checked >= self.needed


@dataclass(frozen=True)
class Helper:
    """One helper with every task of the team."""

    held: RoleHeld
    skills: list[Skill]


def team_of(by: Actor, at: datetime) -> dict[str, Any]:
    """Return the helpers whom somebody supervises, for the page, in five queries."""
    found = helpers(by=by, at=at)
    shown = list(found[:MOST])
    levels = skill_levels([(held.user_id, held.site_id or 0) for held in shown])
    checked, answers = checked_tasks(held.user_id for held in shown), plan([SKILL_TASKS.key])
    kinds = [kind for kind in symptoms() if kind.code in TEAM_SYMPTOMS]

    def skill(held: RoleHeld, kind: Symptom) -> Skill:
        key, needed = (held.user_id, held.site_id or 0, kind.code), answers.says(SKILL_TASKS, held.site_id)
        return Skill(kind, levels[key], checked[key], needed, new_operation(), new_operation())

    team = [Helper(held, [skill(held, kind) for kind in kinds]) for held in shown]
    return {"helpers": team, "more": found.count() - len(shown) if len(shown) == MOST else 0}


@require_POST
def set_level(request: FirstbellRequest, helper_id: int) -> HttpResponse:
    """Open a kind of task to a helper, sign it off, or take it back."""
    row = set_skill(
        helper_id=helper_id,
        skill=request.POST.get("skill", ""),
        level=request.POST.get("level", ""),
        **act_of(request),
    )
    said = {
        TeamSkill.Level.LEARNING: _("They can begin to learn it now."),
        TeamSkill.Level.TRUSTED: _("Signed off."),
        TeamSkill.Level.LOCKED: _("Withdrawn. New tasks of this kind are not shown to them."),
    }
    messages.success(request, said[TeamSkill.Level(row.level)])
    return redirect("team_approvals")
