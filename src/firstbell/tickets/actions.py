"""The verbs of tickets. A ticket is opened by anybody with a code, and worked on by those whose roles reach it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import HAND_UP_ROLES, SKILL_TASKS
from firstbell.devices.models import Device
from firstbell.directory.models import Person, Place, Site, User
from firstbell.directory.queries import has_supervisor, lead_on_duty
from firstbell.directory.scope import load, lock
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import token_hash
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, linked, record, verb
from firstbell.ledger.facts import Code
from firstbell.tickets import events, queries, rules
from firstbell.tickets.models import HungPoster, Message, Phase, StatusLink, Tally, TeamSkill, Ticket, WhyUp
from firstbell.tickets.posters import VERSION
from firstbell.tickets.queries import unanswered
from firstbell.tickets.triage import Symptom, symptom

LINK_DAYS = 120
NOTE_LIMIT = 2000


@dataclass(frozen=True)
class Report:
    """What a reporter tells: the symptom's code, where, about which device, by whom, and in their own words."""

    site_id: int
    symptom: str
    place_id: int | None = None
    device_id: int | None = None
    person_id: int | None = None
    reporter: str = Ticket.Reporter.UNKNOWN
    note: str = ""
    steps_tried: tuple[int, ...] = ()
    class_stopper: bool = False


@verb
def open_ticket(*, report: Report, channel: Ticket.Channel, by: Actor, at: datetime, op: Op) -> Ticket:
    """Open a ticket. It is never refused for want of a person or device; it falls to the school's lead or deputy."""
    branch = symptom(report.symptom)
    if branch is None:
        raise Refused("symptom_unknown", _("Choose what is wrong."))
    if len(report.note) > NOTE_LIMIT:
        raise Refused("note_too_long", _("Please use at most {limit} characters."), limit=NOTE_LIMIT)
    ticket = _write(report, branch, channel, lead_on_duty(_site_of(report), at=at), at)
    Phase.objects.create(ticket=ticket, status=ticket.status, level=ticket.level, since=at)
    codes = Code(channel.value), Code(branch.code)
    ids = ticket.place_id, ticket.device_id
    fact = events.TicketOpened(ticket.pk, ticket.site_id, *codes, ticket.class_stopper, *ids)
    record(fact, about=[ticket, *linked(ticket, "device", "person")], by=by, at=at, op=op)
    return ticket


def _site_of(report: Report) -> Site:
    if report.place_id:
        place = Place.objects.select_related("site").filter(pk=report.place_id, site_id=report.site_id).first()
        if place is None:
            raise Missing("Place")
        return place.site
    site = Site.objects.filter(pk=report.site_id).first()
    if site is None:
        raise Missing("Site")
    return site


def _write(report: Report, branch: Symptom, channel: Ticket.Channel, owner: User | None, at: datetime) -> Ticket:
    level = 2 if report.class_stopper else branch.level
    return Ticket.objects.create(
        site_id=report.site_id,
        place_id=report.place_id,
        device_id=report.device_id,
        person_id=report.person_id,
        reporter=report.reporter,
        channel=channel,
        symptom=branch.code,
        note=report.note.strip(),
        steps_tried=list(report.steps_tried),
        class_stopper=report.class_stopper,
        unusable=branch.unusable,
        level=level,
        owner=owner,
        opened_at=at,
    )


def link_status(*, ticket: Ticket, token: str, receipt: bool = False, at: datetime) -> None:
    """Let a token lead to one ticket for a while; only its hash is stored. Done once per token."""
    expires_at = at + timedelta(days=LINK_DAYS)
    link = StatusLink(ticket=ticket, token_hash=token_hash(token), receipt=receipt, expires_at=expires_at)
    StatusLink.objects.bulk_create([link], ignore_conflicts=True)


@verb
def set_aside(*, ticket: Ticket, reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Keep a new report of a flood apart from the queue: it is never refused, and somebody looks at it."""
    ticket.quarantined = True
    ticket.save(update_fields=["quarantined"])
    record(events.TicketSetAside(ticket.pk, Code(reason)), about=[ticket], by=by, at=at, op=op)


@verb
def admit(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Put a report that was set aside into the queue: somebody has looked at it."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    if by.user_id is None or not ticket.quarantined:
        raise Refused("not_set_aside", _("This report is in the queue already."))
    ticket.quarantined = False
    ticket.save(update_fields=["quarantined"])
    record(events.TicketAdmitted(ticket.pk, by.user_id), about=[ticket], by=by, at=at, op=op)
    return ticket


@verb
def let_fall(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Let an open ticket fall to who is on duty now, when its owner is away or not in office any more (S3)."""
    ticket = lock(Ticket, ticket_id)
    owner = lead_on_duty(ticket.site, at=at)
    if owner is None or owner.pk == ticket.owner_id or not unanswered(at=at).filter(pk=ticket.pk).exists():
        return ticket
    before, ticket.owner = ticket.owner_id, owner
    ticket.save(update_fields=["owner"])
    record(events.TicketFell(ticket.pk, owner.pk, before), about=[ticket], by=by, at=at, op=op)
    return ticket


def forget_expired_links(*, at: datetime) -> int:
    """Remove status links that lead nowhere any more; return how many."""
    return StatusLink.objects.filter(expires_at__lt=at).delete()[0]


COUNT_UP = """
INSERT INTO tickets_tally (key, number, expires_at) SELECT key, 1, %s FROM unnest(%s::text[]) AS key
    ON CONFLICT (key) DO UPDATE SET number = tickets_tally.number + 1 RETURNING key, number
"""


def count_up(keys: Iterable[str], *, until: datetime) -> dict[str, int]:
    """Count one more under each key and return the counts, in one statement: two at once are two."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP, [until, sorted(keys)])
        return dict(cursor.fetchall())


def forget_tallies(*, at: datetime) -> int:
    """Remove counts whose time is over; return how many."""
    return Tally.objects.filter(expires_at__lt=at).delete()[0]


@verb
def note_self_help(*, site_id: int, place_id: int | None, code: str, by: Actor, at: datetime, op: Op) -> None:
    """Count a problem that self-help solved before a report was sent (S47)."""
    if symptom(code) is None:
        raise Refused("symptom_unknown", _("Choose what is wrong."))
    record(events.SelfHelped(site_id, Code(code), place_id), about=[], by=by, at=at, op=op)


@verb
def name_device(*, ticket_id: int, device_id: int, person_id: int | None, by: Actor, at: datetime, op: Op) -> Ticket:
    """Say which device, and whose, a ticket is about, once somebody has scanned it."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    device = load(Device, device_id, by=by, lock=False)
    if person_id is not None:
        load(Person, person_id, by=by, lock=False)
    attach(ticket=ticket, device=device, person_id=person_id, by=by, at=at, op=op)
    return ticket


def attach(*, ticket: Ticket, device: Device, person_id: int | None, by: Actor, at: datetime, op: Op) -> None:
    """Attach a device and its person to a locked ticket that names none yet."""
    before = (ticket.device_id, ticket.person_id)
    if ticket.device_id is None:
        ticket.device = device
        record(events.DeviceNamed(ticket.pk, device.pk), about=[ticket, device], by=by, at=at, op=op)
    if ticket.person_id is None and person_id is not None:
        ticket.person_id = person_id
    if (ticket.device_id, ticket.person_id) != before:
        ticket.save(update_fields=["device", "person"])


@verb
def triage(*, ticket_id: int, outcome: Ticket.Outcome, by: Actor, at: datetime, op: Op) -> Ticket:
    """Say where the decision tree leads: team, school IT, swap, missing or elsewhere."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    rules.check_outcome(ticket, outcome)
    set_outcome(ticket=ticket, outcome=outcome, by=by, at=at, op=op)
    level = 1 if outcome is Ticket.Outcome.TEAM else max(ticket.level, 2)
    move(ticket=ticket, to=Ticket.Status.TRIAGED, level=level, reason="triaged", by=by, at=at, op=op)
    return ticket


def set_outcome(*, ticket: Ticket, outcome: Ticket.Outcome, by: Actor, at: datetime, op: Op) -> None:
    """Write the triage outcome of a locked ticket, once per outcome."""
    if ticket.outcome == outcome:
        return
    ticket.outcome = outcome
    ticket.triaged_at = ticket.triaged_at or at
    ticket.first_answer_at = ticket.first_answer_at or at
    ticket.save(update_fields=["outcome", "triaged_at", "first_answer_at"])
    fact = events.TicketTriaged(ticket.pk, Code(outcome.value), Code(ticket.symptom))
    record(fact, about=[ticket, *linked(ticket, "device")], by=by, at=at, op=op)


def move(
    *,
    ticket: Ticket,
    to: Ticket.Status,
    reason: str,
    level: int | None = None,
    waiting_on: Ticket.WaitingOn = Ticket.WaitingOn.NOTHING,
    by: Actor,
    at: datetime,
    op: Op,
) -> None:
    """Move a locked ticket by the table of moves: its phase ends, the next begins, the event says so."""
    wanted = (to, ticket.level if level is None else level, waiting_on)
    if (ticket.status, ticket.level, ticket.waiting_on) == wanted:
        return
    if ticket.status != to:
        rules.check_move(ticket, to)
    fact = events.TicketMoved(
        ticket.pk, Code(ticket.status), Code(to.value), wanted[1], Code(waiting_on.value), Code(reason)
    )
    ends = ticket.status in rules.OPEN and to in rules.ENDED
    ticket.status, ticket.level, ticket.waiting_on = wanted
    ticket.resolved_at = at if ends else ticket.resolved_at
    ticket.closed_at = at if to is Ticket.Status.CLOSED else None
    ticket.save(update_fields=["status", "level", "waiting_on", "resolved_at", "closed_at"])
    _turn_phase(ticket, at)
    record(fact, about=[ticket, *linked(ticket, "device")], by=by, at=at, op=op)


def _turn_phase(ticket: Ticket, at: datetime) -> None:
    """End the open phase and begin the next there: never before the one that ends began."""
    running = Phase.objects.filter(ticket=ticket, until__isnull=True)
    running.update(until=Greatest("since", Value(at)))
    ended = Phase.objects.filter(ticket=ticket).order_by("-pk").values("until")[:1]
    Phase.objects.create(
        ticket=ticket,
        status=ticket.status,
        level=ticket.level,
        waiting_on=ticket.waiting_on,
        since=Coalesce(Subquery(ended), Value(at)),
    )


@verb
def take(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Take a ticket to work on it. A coach is never given repairs (S4)."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    rules.check_open(ticket)
    if ticket.worker_id not in {None, by.user_id} and ticket.status == Ticket.Status.IN_PROGRESS:
        raise Stale("taken", _("{who} is on it already."), who=str(ticket.worker))
    _begin(ticket, by=by, at=at, op=op)
    return ticket


def _begin(ticket: Ticket, *, by: Actor, at: datetime, op: Op) -> None:
    ticket.worker_id = by.user_id
    ticket.first_answer_at = ticket.first_answer_at or at
    ticket.save(update_fields=["worker", "first_answer_at"])
    if by.user_id is not None:
        record(events.TicketTaken(ticket.pk, by.user_id), about=[ticket], by=by, at=at, op=op)
    move(ticket=ticket, to=Ticket.Status.IN_PROGRESS, reason="taken", by=by, at=at, op=op)


def _load_team_task(ticket_id: int, by: Actor, at: datetime) -> Ticket:
    ticket = lock(Ticket, ticket_id)
    if not by.may(Permission.WORK_TEAM_TASKS, ticket.site_id):
        raise Missing("Ticket")
    rules.check_team_task(ticket)
    rules.check_open(ticket)
    if not has_supervisor(by.user_id, ticket.site_id, on=at.date()):
        raise Refused("no_supervisor", _("Your supervisor is not in office here any more. Ask the school's IT lead."))
    return ticket


@verb
def take_team_task(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """A student helper takes a task of their level at their school."""
    ticket = _load_team_task(ticket_id, by, at)
    if ticket.worker_id not in {None, by.user_id}:
        raise Stale("taken", _("Another helper is on it already."))
    if ticket.worker_id is None:
        level = queries.own_skills(by=by)[by.user_id or 0, ticket.site_id, ticket.symptom]
        rules.check_may_take(level, unseen=queries.has_unseen(by.user_id, ticket.site_id, ticket.symptom))
    _begin(ticket, by=by, at=at, op=op)
    return ticket


@verb
def finish_team_task(*, ticket_id: int, solved: bool, by: Actor, at: datetime, op: Op) -> Ticket:
    """A student helper says it works now, or hands it up to school IT. An adult approves later (S7)."""
    ticket = _load_team_task(ticket_id, by, at)
    if ticket.worker_id != by.user_id:
        raise Refused("not_yours", _("Take the task first."))
    if solved:
        move(ticket=ticket, to=Ticket.Status.RESOLVED, reason="team_solved", by=by, at=at, op=op)
        set_outcome(ticket=ticket, outcome=Ticket.Outcome.TEAM, by=by, at=at, op=op)
        return ticket
    allowed = says(HAND_UP_ROLES, ticket.site_id)
    rules.check_may_hand_up(by, allowed)
    role = rules.role_handing_up(by, allowed)
    _hand_up(ticket, "team_handed_up", role=role, why=WhyUp.SKILLS, by=by, at=at, op=op)
    return ticket


def _hand_up(
    ticket: Ticket, reason: str, *, to: int | None = None, role: str, why: str, by: Actor, at: datetime, op: Op
) -> None:
    level = ticket.level + 1 if to is None else to
    rules.check_level_above(ticket, level)
    ticket.worker = None
    ticket.save(update_fields=["worker"])
    move(ticket=ticket, to=Ticket.Status.TRIAGED, level=level, reason=reason, by=by, at=at, op=op)
    fact = events.HandedUp(ticket.pk, ticket.site_id, ticket.level, Code(role), Code(why))
    record(fact, about=[ticket], by=by, at=at, op=op)


def approve(*, ticket: Ticket, by: Actor, at: datetime, op: Op) -> None:
    """Write on a locked ticket who answers for a student helper's work (S7)."""
    rules.check_to_approve(ticket, by)
    ticket.approved_by_id = by.user_id
    ticket.save(update_fields=["approved_by"])
    record(events.TeamTaskApproved(ticket.pk, by.user_id or 0), about=[ticket], by=by, at=at, op=op)


@verb
def set_skill(*, helper_id: int, skill: str, level: str, by: Actor, at: datetime, op: Op) -> TeamSkill:
    """Say how far a student helper is with one kind of task: learning, signed off, or taken back (S49).

    ``helper_id`` is the role held, ``skill`` a symptom of the team's tasks, ``level`` a code of TeamSkill.Level.
    """
    held = queries.helpers(by=by, at=at).filter(pk=helper_id).first()
    if held is None or held.site_id is None:
        raise Missing("RoleHeld")
    rules.check_skill(skill, level)
    if level == TeamSkill.Level.TRUSTED:
        checked = queries.checked_tasks([held.user_id])[held.user_id, held.site_id, skill]
        rules.check_sign_off(held.user_id, checked, says(SKILL_TASKS, held.site_id), by)
    row, _made = TeamSkill.objects.everyone(reason="the helper is in reach").update_or_create(
        user_id=held.user_id,
        site_id=held.site_id,
        skill=skill,
        defaults={"level": level, "signed_by_id": by.user_id, "signed_at": at},
    )
    fact = events.SkillSet(held.user_id, held.site_id, Code(skill), Code(level))
    record(fact, about=[held.user], by=by, at=at, op=op)
    return row


@verb
def hand_up(
    *, ticket_id: int, why: str, words: str = "", level: int | None = None, by: Actor, at: datetime, op: Op
) -> Ticket:
    """Move a ticket up and say why: only roles that the plan names may (S59).

    ``why`` is a code of WhyUp. ``words`` stay with the ticket for colleagues; the ledger holds none. ``level`` is the
    one it goes to, such as the scope table proposes (S29); the next one by default.
    """
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    allowed = says(HAND_UP_ROLES, ticket.site_id)
    rules.check_may_hand_up(by, allowed)
    if why not in WhyUp.values:
        raise Refused("why_up", _("Choose why it goes up."))
    role = rules.role_handing_up(by, allowed)
    _hand_up(ticket, "handed_up", to=level, role=role, why=why, by=by, at=at, op=op)
    if words.strip():
        _add_message(ticket, words, Message.Audience.STAFF, at=at, author_id=by.user_id)
        record(events.MessageAdded(ticket.pk, Code("staff")), about=[ticket], by=by, at=at, op=op)
    return ticket


@verb
def hand_up_overdue(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Move a ticket up because its time with the student team has run out (S51)."""
    ticket = lock(Ticket, ticket_id)
    if ticket.level == 1 and ticket.status in rules.OPEN:
        _hand_up(ticket, "time_box", role="clock", why="time_box", by=by, at=at, op=op)
    return ticket


@verb
def write(*, ticket_id: int, body: str, audience: Message.Audience, by: Actor, at: datetime, op: Op) -> Message:
    """Write on a ticket. What the reporter sees counts as the first human answer."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    message = _add_message(ticket, body, audience, at=at, author_id=by.user_id)
    if audience is Message.Audience.REPORTER and ticket.first_answer_at is None:
        ticket.first_answer_at = at
        ticket.save(update_fields=["first_answer_at"])
    record(events.MessageAdded(ticket.pk, Code(audience.value)), about=[ticket], by=by, at=at, op=op)
    return message


@verb
def write_as_reporter(*, ticket_id: int, body: str, by: Actor, at: datetime, op: Op) -> Message:
    """The reporter adds to their own ticket through its status link. A solved ticket opens again within its window."""
    ticket = lock(Ticket, ticket_id)
    message = _add_message(ticket, body, Message.Audience.REPORTER, at=at, from_reporter=True)
    record(events.MessageAdded(ticket.pk, Code("reporter")), about=[ticket], by=by, at=at, op=op)
    asked = ticket.status == Ticket.Status.WAITING and ticket.waiting_on == Ticket.WaitingOn.REPORTER
    if asked or rules.opens_again(ticket, at):
        move(ticket=ticket, to=Ticket.Status.IN_PROGRESS, reason="answered", by=by, at=at, op=op)
    return message


def _add_message(
    ticket: Ticket,
    body: str,
    audience: Message.Audience,
    *,
    at: datetime,
    author_id: int | None = None,
    from_reporter: bool = False,
) -> Message:
    text = body.strip()
    if not text:
        raise Refused("empty_message", _("Write a few words first."))
    if len(text) > NOTE_LIMIT:
        raise Refused("note_too_long", _("Please use at most {limit} characters."), limit=NOTE_LIMIT)
    return Message.objects.create(
        ticket=ticket, audience=audience, author_id=author_id, from_reporter=from_reporter, body=text, written_at=at
    )


@verb
def clear_note(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Let the student team read the reporter's own words, after an adult has (operations 5.1)."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.SUPERVISE_TEAM)
    ticket.note_cleared = True
    ticket.save(update_fields=["note_cleared"])
    record(events.MessageAdded(ticket.pk, Code("team")), about=[ticket], by=by, at=at, op=op)
    return ticket


@verb
def wait(*, ticket_id: int, on: Ticket.WaitingOn, by: Actor, at: datetime, op: Op) -> Ticket:
    """Say what a ticket waits on. Its clock says so; it never rewrites a due time."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    if on is Ticket.WaitingOn.NOTHING:
        raise Refused("waits_on_what", _("Choose what the ticket waits on."))
    move(ticket=ticket, to=Ticket.Status.WAITING, waiting_on=on, reason="waiting", by=by, at=at, op=op)
    return ticket


@verb
def resolve(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Say that it works now."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    move(ticket=ticket, to=Ticket.Status.RESOLVED, reason="solved", by=by, at=at, op=op)
    return ticket


@verb
def reopen(*, ticket_id: int, by: Actor, at: datetime, op: Op) -> Ticket:
    """Open a solved or closed ticket again, within two weeks."""
    ticket = load(Ticket, ticket_id, by=by, permission=Permission.WORK_TICKETS)
    rules.check_may_reopen(ticket, at)
    move(ticket=ticket, to=Ticket.Status.IN_PROGRESS, reason="reopened", by=by, at=at, op=op)
    return ticket


def close(*, ticket: Ticket, loose: list[str], reason: str, by: Actor, at: datetime, op: Op) -> None:
    """Close a locked ticket with nothing hanging on it, or with the reason a named person gives (rule 9)."""
    rules.check_no_loose_ends(ticket, loose, reason, by)
    if reason.strip():
        ticket.closing_reason = reason.strip()[:300]
        ticket.save(update_fields=["closing_reason"])
    why = "closed_all_the_same" if loose else "closed"
    move(ticket=ticket, to=Ticket.Status.CLOSED, reason=why, by=by, at=at, op=op)


@verb
def hang_poster(*, place_id: int, version: str, by: Actor, at: datetime, op: Op) -> HungPoster:
    """Note that a poster of this version hangs in a place. Said again on another day it is a check."""
    place = Place.objects.select_for_update().filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.MOVE_DEVICES, place.site_id):
        raise Missing("Place")
    if not VERSION.fullmatch(version):
        raise Refused("poster_version", _("This is not the version of a poster. Scan the small code at its foot."))
    values = {"version": version, "hung_by_id": by.user_id, "hung_at": at}
    poster, _made = HungPoster.objects.update_or_create(place=place, defaults=values)
    record(events.PosterHung(place.pk, Code(version)), about=[place], by=by, at=at, op=op)
    return poster
