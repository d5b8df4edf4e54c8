"""What the state of a ticket allows."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from firstbell.decisions.register import HAND_UP_ROLES, SKILL_TASKS
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.tickets.models import TeamSkill, Ticket

S = Ticket.Status

MOVES: dict[Ticket.Status, frozenset[Ticket.Status]] = {
    S.NEW: frozenset({S.TRIAGED, S.IN_PROGRESS, S.WAITING, S.RESOLVED, S.CLOSED}),
    S.TRIAGED: frozenset({S.IN_PROGRESS, S.WAITING, S.RESOLVED, S.CLOSED}),
    S.IN_PROGRESS: frozenset({S.WAITING, S.RESOLVED, S.TRIAGED, S.CLOSED}),
    S.WAITING: frozenset({S.TRIAGED, S.IN_PROGRESS, S.WAITING, S.RESOLVED, S.CLOSED}),
    S.RESOLVED: frozenset({S.CLOSED, S.IN_PROGRESS}),
    S.CLOSED: frozenset({S.IN_PROGRESS}),
}
"""From each status, the statuses a ticket may go to."""

OPEN = (S.NEW, S.TRIAGED, S.IN_PROGRESS, S.WAITING)
ENDED = (S.RESOLVED, S.CLOSED)
REOPEN_DAYS = 14
TOP = 4
"""The highest level of help: vendors."""

NOT_BROKEN = frozenset({"flat"})
"""Symptoms for which a loaner goes out and nothing has to be repaired."""
APART = frozenset({"blocked"})
"""Symptoms that no swap and no repair of the device answers: such a ticket goes its own way."""

TEAM_SYMPTOMS = frozenset({"slow", "internet", "input", "flat"})
"""What a student helper is trusted with (S48): nothing that needs an account, a name or a decision about blame."""


def _status(ticket: Ticket) -> str:
    return str(S(ticket.status).label)


def check_move(ticket: Ticket, to: Ticket.Status) -> None:
    """A ticket follows the table of moves."""
    if to not in MOVES[S(ticket.status)]:
        raise Refused(
            "ticket_move",
            _("Ticket {code} is {status} and cannot become {to}."),
            code=ticket.code,
            status=_status(ticket),
            to=to.label,
        )


def within_window(ticket: Ticket, at: datetime) -> bool:
    """Say whether a solved or closed ticket may still open again."""
    ended = ticket.closed_at or ticket.resolved_at
    return ended is None or at - ended <= timedelta(days=REOPEN_DAYS)


def opens_again(ticket: Ticket, at: datetime) -> bool:
    """Say whether a word from the reporter opens a solved ticket again."""
    return ticket.status == S.RESOLVED and within_window(ticket, at)


def weight(ticket: Ticket) -> tuple[bool, bool, bool]:
    """Return how little a ticket says about a fault of its device: of several, the lightest is the one to go by."""
    return ticket.quarantined, ticket.symptom in APART, ticket.symptom in NOT_BROKEN


def check_open(ticket: Ticket) -> None:
    """Work begins on open tickets only; an ended one is reopened first, within its window."""
    if ticket.status not in OPEN:
        raise Refused(
            "ended", _("Ticket {code} is {status}. Reopen it first."), code=ticket.code, status=_status(ticket)
        )


def check_may_reopen(ticket: Ticket, at: datetime) -> None:
    """Only an ended ticket opens again, and only within its window."""
    if ticket.status not in ENDED:
        raise Refused("not_ended", _("Ticket {code} is open."), code=ticket.code)
    if not within_window(ticket, at):
        raise Refused("too_late_to_reopen", _("This was closed more than two weeks ago. Open a new ticket instead."))


def is_held_back(ticket: Ticket) -> bool:
    """Say whether an adult has yet to read the reporter's words before the student team sees them."""
    team = ticket.level == 1 and ticket.symptom in TEAM_SYMPTOMS and ticket.status in OPEN
    return team and bool(ticket.note) and not ticket.note_cleared


def check_outcome(ticket: Ticket, outcome: Ticket.Outcome) -> None:
    """Triage leads somewhere, and to the student team only with what they are trusted with."""
    if outcome is Ticket.Outcome.NONE:
        raise Refused("outcome_missing", _("Choose what happens next."))
    if outcome is Ticket.Outcome.TEAM and ticket.symptom not in TEAM_SYMPTOMS:
        raise Refused("not_a_team_task", _("This is not a task for the student team. School IT takes it."))


def check_may_hand_up(actor: Actor, allowed: frozenset[str]) -> None:
    """Only the roles that the plan names move a ticket up a level (S59)."""
    if actor.holds(*(Role(code) for code in allowed)) or actor.holds(Role.DISTRICT_IT):
        return
    raise Refused(
        "may_not_hand_up",
        _("The plan lets others decide that a ticket moves up: {who}. Ask one of them."),
        decision=HAND_UP_ROLES.key,
        who=HAND_UP_ROLES.in_words(allowed),
    )


def check_level_above(ticket: Ticket, level: int) -> None:
    """A ticket is handed up, to a level that there is."""
    if ticket.level >= TOP or level > TOP:
        raise Refused("top_level", _("There is no level above this one."))
    if level <= ticket.level:
        raise Refused("not_above", _("Ticket {code} is on that level already, or above it."), code=ticket.code)


def role_handing_up(actor: Actor, allowed: frozenset[str]) -> str:
    """Return the role in which somebody hands up, as the plan names it; ``clock`` is the time box."""
    held = {grant.role.value for grant in actor.grants}
    return next(iter(sorted(held & allowed) or sorted(held)), "clock")


def check_team_task(ticket: Ticket) -> None:
    """A student helper works only on tasks of the list, at their level."""
    if ticket.level != 1 or ticket.symptom not in TEAM_SYMPTOMS:
        raise Refused("not_a_team_task", _("This is not a task for the student team. School IT takes it."))


def skill_level(written: str | None, skill: str, start: frozenset[str]) -> TeamSkill.Level:
    """Return how far a helper is: what an adult has written, else what the plan lets everybody take (S49)."""
    if written is not None:
        return TeamSkill.Level(written)
    return TeamSkill.Level.TRUSTED if skill in start else TeamSkill.Level.LOCKED


def check_may_take(level: TeamSkill.Level, *, unseen: bool) -> None:
    """A helper takes what is unlocked for them; while learning, the next one after an adult has seen the last."""
    if level is TeamSkill.Level.LOCKED:
        raise Refused("skill_locked", _("You have not learned this kind of task yet. Ask your supervisor."))
    if level is TeamSkill.Level.LEARNING and unseen:
        raise Refused(
            "still_learning", _("You are learning this: an adult looks at your last one first, then you take the next.")
        )


def check_skill(skill: str, level: str) -> None:
    """A skill is one of the team's tasks, at one of the levels."""
    if skill not in TEAM_SYMPTOMS or level not in TeamSkill.Level.values:
        raise Refused("skill_unknown", _("Choose one of the team's tasks."))


def check_sign_off(user_id: int, checked: int, needed: int, actor: Actor) -> None:
    """An adult signs off a helper who has done enough of it under supervision, and nobody themselves."""
    if actor.user_id in {None, user_id}:
        raise Refused("own_skill", _("Somebody else signs this off."))
    if checked < needed:
        raise Refused(
            "too_few_tasks",
            _("{checked} of {needed} tasks have been checked so far. Sign off after that."),
            decision=SKILL_TASKS.key,
            checked=checked,
            needed=needed,
        )


def check_to_approve(ticket: Ticket, actor: Actor) -> None:
    """A person approves a student helper's finished work, and nobody their own."""
    done = ticket.status == S.RESOLVED and ticket.outcome == Ticket.Outcome.TEAM
    if not done or actor.user_id in {None, ticket.worker_id}:
        raise Refused("nothing_to_approve", _("There is no finished work to approve on this ticket."))


def check_no_loose_ends(ticket: Ticket, loose: list[str], reason: str, actor: Actor) -> None:
    """A ticket closes with nothing hanging on it, unless a named person says why (domain rule 9)."""
    if loose and not (reason.strip() and actor.user_id):
        raise Refused(
            "loose_ends",
            _("Ticket {code} cannot close yet: {loose}. Settle that first, or say why it closes all the same."),
            code=ticket.code,
            loose=", ".join(loose),
        )
