"""Reads of tickets that several pages share."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from firstbell.directory.models import Absence
from firstbell.directory.queries import roles_on
from firstbell.directory.scope import ScopedQuerySet
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import token_hash
from firstbell.kernel.roles import Permission, Role
from firstbell.tickets import rules
from firstbell.tickets.models import Message, StatusLink, Ticket


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
    """Return what the student team of the actor's schools may work on: level 1, tasks of the list."""
    rows = Ticket.objects.visible_to(by, Permission.WORK_TEAM_TASKS)
    waiting = rows.filter(level=1, status__in=rules.OPEN, symptom__in=rules.TEAM_SYMPTOMS, quarantined=False)
    return waiting.select_related("place", "site", "device__model").order_by("opened_at", "pk")


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
    """Return the one ticket that a reporter's link leads to, while it lasts."""
    link = (
        StatusLink.objects.select_related("ticket__site", "ticket__device__model", "ticket__place")
        .filter(token_hash=token_hash(token), expires_at__gt=at)
        .first()
    )
    return link.ticket if link else None
