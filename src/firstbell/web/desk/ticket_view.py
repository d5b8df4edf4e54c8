"""What a page says about a ticket: who, where, what, how long, whose turn, and what can be done now."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from firstbell.devices.models import Device
from firstbell.devices.queries import where
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission
from firstbell.repairs.scope import Proposal, proposal_of
from firstbell.tickets import rules
from firstbell.tickets.models import Ticket, WhyUp
from firstbell.tickets.triage import Symptom, symptom
from firstbell.web.desk.clocks import Clock, Clocks, ticket_clock
from firstbell.web.desk.words import Whereabouts, device_address, grade_of, name_of, where_is

S = Ticket.Status
OUTCOME_ICONS = {"team": "family", "school_it": "repair", "swap": "swap", "missing": "lost", "elsewhere": "send"}
OUTCOME_KEYS = {"team": "g", "school_it": "i", "swap": "s", "missing": "m", "elsewhere": "e"}


@dataclass(frozen=True)
class TicketView:
    """One ticket as a reader sees it."""

    ticket: Ticket
    branch: Symptom | None
    what: str
    who: str
    place: str
    clock: Clock
    turn: str
    device_where: Whereabouts | None
    device_url: str
    may_work: bool
    barred: bool
    may_lend: bool
    address: str = ""
    scope: Proposal | None = None

    @property
    def is_open(self) -> bool:
        """Say whether the ticket is still open."""
        return self.ticket.status in rules.OPEN

    @property
    def is_new(self) -> bool:
        """Say whether nobody has looked at it yet."""
        return self.ticket.status == S.NEW

    @property
    def swaps(self) -> bool:
        """Say whether the one next step is to swap its device."""
        wanted = self.ticket.outcome == Ticket.Outcome.SWAP or (
            not self.ticket.outcome and self.branch is not None and self.branch.outcome == "swap"
        )
        untouched = self.ticket.status != S.WAITING
        return bool(self.device_url) and wanted and untouched and self.may_lend and self.is_open

    @property
    def whys(self) -> list[tuple[str, str]]:
        """Return why it may be handed up, one tap each."""
        return [(value, str(label)) for value, label in WhyUp.choices]

    @property
    def steps_tried(self) -> list[str]:
        """Return the self-help steps that the reporter has tried."""
        steps = self.branch.steps if self.branch else []
        return [steps[index] for index in self.ticket.steps_tried if index in range(len(steps))]

    @property
    def likely(self) -> str:
        """Return where triage most likely leads: the lowest level that the scope table allows (S29).

        What is swapped is swapped all the same: its person has a working device before anybody repairs.
        """
        usual = self.branch.outcome if self.branch else ""
        if self.scope is None or usual not in {Ticket.Outcome.TEAM, Ticket.Outcome.SCHOOL_IT}:
            return usual
        team = self.scope.level <= 1 and self.ticket.symptom in rules.TEAM_SYMPTOMS
        return Ticket.Outcome.TEAM.value if team else Ticket.Outcome.SCHOOL_IT.value

    @property
    def up_to(self) -> int | None:
        """Return the level that a ticket is handed up to at once; None for the next one."""
        wanted = self.scope.level if self.scope else 0
        return wanted if wanted > self.ticket.level + 1 else None

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """Return where triage may lead, one tap each, with its key."""
        return [
            {
                "value": code,
                "label": Ticket.Outcome(code).label,
                "icon": OUTCOME_ICONS[code],
                "key": OUTCOME_KEYS[code],
                "chosen": self.ticket.outcome == code,
                "likely": self.likely == code,
            }
            for code in OUTCOME_ICONS
            if code != Ticket.Outcome.TEAM or self.ticket.symptom in rules.TEAM_SYMPTOMS
        ]


def view_of(ticket: Ticket, clocks: Clocks, by: Actor, address: str = "") -> TicketView:
    """Return what a reader sees of a ticket that was fetched with ``queue.sighted``."""
    branch = symptom(ticket.symptom)
    device = ticket.device
    return TicketView(
        ticket=ticket,
        branch=branch,
        what=branch.label if branch else ticket.symptom,
        who=_who(ticket, by),
        place=ticket.place.name if ticket.place else "",
        clock=ticket_clock(ticket, clocks, has_device=bool(getattr(ticket, "has_device", False))),
        turn=turn_of(ticket, by),
        device_where=_device_where(device, by) if device else None,
        device_url=device_address(device) if device and by.may(Permission.SEE_DEVICES) else "",
        may_work=by.may(Permission.WORK_TICKETS, ticket.site_id),
        barred=by.barred_by(Permission.WORK_TICKETS) is not None,
        may_lend=by.may(Permission.LEND, ticket.site_id),
        address=address,
        scope=proposal_of(ticket),
    )


def _device_where(device: Device, by: Actor) -> Whereabouts:
    """Return where the device is, and say that it is the device: this page is about a ticket."""
    custody = where(device)
    found = where_is(custody, by)
    if custody is None or custody.person is None:
        return found
    return replace(found, where=_("Device with {who}").format(who=name_of(custody.person, by)))


def _who(ticket: Ticket, by: Actor) -> str:
    if ticket.person:
        return f"{name_of(ticket.person, by)}, {grade_of(ticket.person)}"
    return str(Ticket.Reporter(ticket.reporter).label)


def turn_of(ticket: Ticket, by: Actor) -> str:
    """Return whose turn it is, as a sentence."""
    if ticket.status == S.CLOSED:
        return _("Done.")
    if ticket.status == S.RESOLVED:
        return _("It works again. Close it, or open it again.")
    if ticket.status == S.WAITING:
        return _("Waits on {what}.").format(what=Ticket.WaitingOn(ticket.waiting_on).label)
    if ticket.worker_id is not None:
        mine = ticket.worker_id == by.user_id
        return _("Your turn: you have taken it.") if mine else _("{who} is on it.").format(who=ticket.worker)
    return _turn_of_level(ticket, by)


def _turn_of_level(ticket: Ticket, by: Actor) -> str:
    if ticket.level == 1:
        return _("The student team's turn.")
    if ticket.level >= 3 and not by.may(Permission.TRANSPORT):
        return _("The district's turn.")
    mine = by.may(Permission.WORK_TICKETS, ticket.site_id)
    if ticket.status == S.NEW:
        return _("Your turn: look at it.") if mine else _("School IT's turn: look at it.")
    return _("Your turn: take it.") if mine else _("School IT's turn: take it.")
