"""What can be written in the ledger about tickets."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from firstbell.ledger.facts import Code, Fact


@dataclass(frozen=True)
class TicketOpened(Fact):
    """Somebody asked for help."""

    kind = "tickets.opened"
    sentence = _("Help was asked for: {symptom}, through {channel}")
    ticket_id: int
    site_id: int
    channel: Code
    symptom: Code
    class_stopper: bool
    place_id: int | None
    device_id: int | None


@dataclass(frozen=True)
class TicketMoved(Fact):
    """A ticket changed its state, level or what it waits on."""

    kind = "tickets.moved"
    sentence = _("Ticket {ticket}: {to_status}, level {level}")
    ticket_id: int
    from_status: Code
    to_status: Code
    level: int
    waiting_on: Code
    reason: Code


@dataclass(frozen=True)
class TicketTriaged(Fact):
    """The decision tree led to an outcome."""

    kind = "tickets.triaged"
    sentence = _("Triage: {outcome}")
    ticket_id: int
    outcome: Code
    symptom: Code


@dataclass(frozen=True)
class TicketTaken(Fact):
    """Somebody took a ticket."""

    kind = "tickets.taken"
    sentence = _("{user} took the ticket")
    ticket_id: int
    user_id: int


@dataclass(frozen=True)
class HandedUp(Fact):
    """A ticket went up a level: to which, by which role or its time box, and why (S59)."""

    kind = "tickets.handed_up"
    sentence = _("Handed up: {why}")
    ticket_id: int
    site_id: int
    level: int
    role: Code
    why: Code


@dataclass(frozen=True)
class MessageAdded(Fact):
    """Something was written on a ticket; what, is not repeated here."""

    kind = "tickets.message_added"
    sentence = _("A message was added to the ticket")
    ticket_id: int
    audience: Code


@dataclass(frozen=True)
class DeviceNamed(Fact):
    """A ticket's device or person became known."""

    kind = "tickets.device_named"
    sentence = _("The ticket is about this device")
    ticket_id: int
    device_id: int


@dataclass(frozen=True)
class TicketSetAside(Fact):
    """A report came in a flood and waits apart for somebody to look."""

    kind = "tickets.set_aside"
    sentence = _("Set aside: many reports came at once")
    ticket_id: int
    reason: Code


@dataclass(frozen=True)
class TicketAdmitted(Fact):
    """Somebody looked at a report that was set aside: it is a real one."""

    kind = "tickets.admitted"
    sentence = _("{user} put the report into the queue")
    ticket_id: int
    user_id: int


@dataclass(frozen=True)
class TicketFell(Fact):
    """An open ticket fell to who is on duty: its owner (``before``) is away, or no longer in office (S3)."""

    kind = "tickets.fell"
    sentence = _("The ticket fell to {user}, who is on duty")
    ticket_id: int
    user_id: int
    before: int | None


@dataclass(frozen=True)
class SelfHelped(Fact):
    """Self-help solved it before a report was sent."""

    kind = "tickets.self_helped"
    sentence = _("Self-help solved it: {symptom}")
    site_id: int
    symptom: Code
    place_id: int | None


@dataclass(frozen=True)
class TeamTaskApproved(Fact):
    """An adult approved what a student helper did."""

    kind = "tickets.team_task_approved"
    sentence = _("{user} approved the student team's work")
    ticket_id: int
    user_id: int


@dataclass(frozen=True)
class SkillSet(Fact):
    """An adult said how far a student helper is with one kind of task (S49)."""

    kind = "tickets.skill_set"
    sentence = _("{user} and the task “{symptom}”: {skill_level}")
    user_id: int
    site_id: int
    symptom: Code
    skill_level: Code


@dataclass(frozen=True)
class PosterHung(Fact):
    """A room's poster was put up, or found hanging."""

    kind = "tickets.poster_hung"
    sentence = _("The poster of {place} hangs, version {version}")
    place_id: int
    version: Code
