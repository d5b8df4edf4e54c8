"""Reads of tickets that several pages share."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from firstbell.decisions.queries import plan
from firstbell.decisions.register import TEAM_START
from firstbell.directory.models import Absence, RoleHeld
from firstbell.directory.queries import roles_on
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import token_hash
from firstbell.kernel.roles import Permission, Role
from firstbell.tickets import rules
from firstbell.tickets.models import Message, StatusLink, TeamSkill, Ticket

Skills = dict[tuple[int, int, str], TeamSkill.Level]
"""How far helpers are: by login, school and symptom."""


def open_tickets(*, by: Actor) -> ScopedQuerySet[Ticket]:
    """Return the open tickets in reach: class-stoppers first, then oldest; none that were set aside."""
    rows = Ticket.objects.visible_to(by).filter(status__in=rules.OPEN, quarantined=False)
    return rows.select_related("site", "place", "device__model", "person", "owner", "worker").order_by(
        "-class_stopper", "opened_at", "pk"
    )


def quarantined_tickets(*, by: Actor) -> ScopedQuerySet[Ticket]:
    """Return the open reports of a flood, newest first, until somebody lets one in (``actions.admit``)."""
    rows = Ticket.objects.visible_to(by).filter(status__in=rules.OPEN, quarantined=True)
    return rows.select_related("site", "place", "device__model").order_by("-opened_at", "-pk")


def unanswered(*, at: datetime) -> ScopedQuerySet[Ticket]:
    """Return the open tickets whose owner is away, or not in office for their school: they fall to nobody (S3)."""
    day = at.date()
    school = Q(role=Role.IT_LEAD, site_id=OuterRef("site_id")) | Q(role=Role.DISTRICT_IT)
    in_office = roles_on(day).filter(school, user_id=OuterRef("owner_id"), user__is_active=True)
    away = Absence.objects.filter(user_id=OuterRef("owner_id"), first_day__lte=day, last_day__gte=day)
    rows = Ticket.objects.everyone(reason="asked by the clock, and counted for schools in reach")
    return rows.filter(~Exists(in_office) | Exists(away), status__in=rules.OPEN, quarantined=False)


def open_tickets_of(device_id: int, *, by: Actor) -> list[Ticket]:
    """Return the open tickets about a device, in reach: first the one to go by, the newest about a fault of it."""
    rows = Ticket.objects.visible_to(by).filter(device_id=device_id, status__in=rules.OPEN)
    return sorted(rows.order_by("-opened_at", "-pk"), key=rules.weight)


def open_ticket_of(device_id: int, *, by: Actor) -> Ticket | None:
    """Return the open ticket about a device to go by, in reach."""
    return next(iter(open_tickets_of(device_id, by=by)), None)


def open_about(device_id: int, *, only: Collection[str] = ()) -> list[Ticket]:
    """Return every open ticket that goes with a device, locked; with ``only`` those with one of these symptoms."""
    rows = Ticket.objects.everyone(reason="asked by verbs that have loaded the device in reach")
    found = rows.filter(device_id=device_id, status__in=rules.OPEN).exclude(symptom__in=rules.APART)
    found = found.filter(symptom__in=only) if only else found
    return list(found.select_for_update(of=("self",), no_key=True).order_by("pk"))


def team_tasks(*, by: Actor) -> QuerySet[Ticket]:
    """Return what a student helper may work on: level 1, tasks that are unlocked for them, and what they are on."""
    rows = Ticket.objects.visible_to(by, Permission.WORK_TEAM_TASKS)
    waiting = rows.filter(level=1, status__in=rules.OPEN, symptom__in=rules.TEAM_SYMPTOMS, quarantined=False)
    waiting = waiting.filter(_unlocked(by))
    return waiting.select_related("place", "site", "device__model").order_by("opened_at", "pk")


def _unlocked(by: Actor) -> Q:
    levels = own_skills(by=by)
    found = (Q(site_id=site, symptom=skill) for (_user, site, skill), level in levels.items() if level != "locked")
    return reduce(or_, found, Q(worker_id=by.user_id))


def own_skills(*, by: Actor) -> Skills:
    """Return how far a student helper is at each of their schools, in two queries."""
    return skill_levels([(by.user_id or 0, site) for site in by.sites(Permission.WORK_TEAM_TASKS) or ()])


def skill_levels(helpers: Collection[tuple[int, int]]) -> Skills:
    """Return how far helpers, each a login and a school, are with every task of the team, in two queries."""
    rows = TeamSkill.objects.everyone(reason="the caller has asked for the reach")
    found = rows.filter(user_id__in={user for user, _site in helpers}).values_list(
        "user_id", "site_id", "skill", "level"
    )
    written = {(user, site, skill): level for user, site, skill, level in found}
    answers = plan([TEAM_START.key])
    return {
        (user, site, skill): rules.skill_level(written.get((user, site, skill)), skill, answers.says(TEAM_START, site))
        for user, site in helpers
        for skill in sorted(rules.TEAM_SYMPTOMS)
    }


def helpers(*, by: Actor, at: datetime) -> QuerySet[RoleHeld]:
    """Return the student helpers in office whom the actor supervises, by school and name."""
    held = roles_on(at.date()).filter(role=Role.STUDENT_TECH, site__isnull=False, user__is_active=True)
    reach = by.sites(Permission.SUPERVISE_TEAM)
    held = held if reach is None else held.filter(site_id__in=reach)
    return held.select_related("user", "site").order_by("site__name", "user__display_name", "pk")


def checked_tasks(users: Iterable[int]) -> Counter[tuple[int, int, str]]:
    """Count the tasks that helpers solved and an adult approved, by login, school and symptom, in one query."""
    rows = Ticket.objects.everyone(reason="the caller has asked for the reach").filter(
        worker_id__in=set(users),
        outcome=Ticket.Outcome.TEAM,
        status=Ticket.Status.CLOSED,
        approved_by__isnull=False,
    )
    counted = rows.order_by().values_list("worker_id", "site_id", "symptom").annotate(number=Count("pk"))
    return Counter({(user, site, skill): number for user, site, skill, number in counted})


def has_unseen(user_id: int | None, site_id: int, skill: str) -> bool:
    """Say whether a helper's solved task of this kind still waits for an adult."""
    rows = Ticket.objects.everyone(reason="a helper's own work")
    done = rows.filter(worker_id=user_id or 0, site_id=site_id, symptom=skill, outcome=Ticket.Outcome.TEAM)
    return done.filter(status=Ticket.Status.RESOLVED, approved_by__isnull=True).exists()


def to_approve(*, by: Actor) -> QuerySet[Ticket]:
    """Return student-team work that waits for an adult's approval."""
    rows = Ticket.objects.visible_to(by, Permission.SUPERVISE_TEAM)
    done = rows.filter(status=Ticket.Status.RESOLVED, outcome=Ticket.Outcome.TEAM, approved_by__isnull=True)
    return done.select_related("place", "site", "worker", "device__model").order_by("resolved_at")


def notes_to_clear(*, by: Actor) -> QuerySet[Ticket]:
    """Return team tasks whose own words an adult has not read yet."""
    rows = Ticket.objects.visible_to(by, Permission.SUPERVISE_TEAM)
    open_ones = rows.filter(level=1, status__in=rules.OPEN, symptom__in=rules.TEAM_SYMPTOMS, quarantined=False)
    unread = open_ones.filter(note_cleared=False).exclude(note="")
    return unread.select_related("place", "site", "device__model").order_by("opened_at", "pk")


def told_to_reporter(ticket: Ticket) -> list[Message]:
    """Return the words exchanged with the reporter of a ticket, oldest first."""
    return list(Message.objects.filter(ticket=ticket, audience=Message.Audience.REPORTER))


def by_status_token(token: str, *, at: datetime) -> Ticket | None:
    """Return the one ticket that a reporter's link leads to, while it lasts; a receipt's link is none."""
    link = link_of(token, at=at)
    return link.ticket if link and not link.receipt else None


def link_of(token: str, *, at: datetime) -> StatusLink | None:
    """Return a link with its ticket, while it lasts: a reporter's, or a receipt's."""
    rows = StatusLink.objects.select_related("ticket__site", "ticket__device__model", "ticket__place")
    return rows.filter(token_hash=token_hash(token), expires_at__gt=at).first()
