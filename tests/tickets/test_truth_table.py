"""Who may do what with a ticket in which state: written down here by hand, and compared with what the verbs do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from firstbell.flows.closing import close_ticket
from firstbell.kernel.actor import REPORTER, SYSTEM, Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.tickets import actions, rules
from firstbell.tickets.models import Message, Ticket
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db

VERBS: dict[str, Callable[..., Any]] = {
    "triage": lambda **act: actions.triage(outcome=Ticket.Outcome.SCHOOL_IT, **act),
    "take": actions.take,
    "hand_up": lambda **act: actions.hand_up(why="skills", **act),
    "wait": lambda **act: actions.wait(on=Ticket.WaitingOn.DECISION, **act),
    "write": lambda **act: actions.write(body="Hello.", audience=Message.Audience.REPORTER, **act),
    "resolve": actions.resolve,
    "reopen": actions.reopen,
    "close": close_ticket,
}
OK = ""
STATES = ("new", "triaged", "in_progress", "waiting", "resolved", "closed")
TABLE = {
    #            new          triaged      in_progress  waiting      resolved      closed
    "triage": (OK,           OK,          OK,          OK,          "ticket_move", "ticket_move"),
    "take": (OK,             OK,          "taken",     OK,          "ended",       "ended"),
    "hand_up": (OK,          OK,          OK,          OK,          "ticket_move", "ticket_move"),
    "wait": (OK,             OK,          OK,          OK,          "ticket_move", "ticket_move"),
    "write": (OK,            OK,          OK,          OK,          OK,            OK),
    "resolve": (OK,          OK,          OK,          OK,          OK,            "ticket_move"),
    "reopen": ("not_ended",  "not_ended", "not_ended", "not_ended", OK,            OK),
    "close": (OK,            OK,          OK,          OK,          OK,            OK),
}  # fmt: skip
"""By verb and state, for somebody who works on tickets here: nothing, or the code of the refusal."""
WORKERS = ("lead", "technician", "office", "system")
OTHERS = ("lead elsewhere", "coach", "school admin", "helper", "auditor", "reporter")
NOT_THEIRS = {("technician", "hand_up"): "may_not_hand_up", ("system", "hand_up"): "may_not_hand_up"}
"""Who moves a ticket up is for the plan to say (S59): by default student helpers, the lead, and district IT."""


@pytest.fixture
def town() -> Town:
    return build()


def _actors(town: Town) -> dict[str, Actor]:
    site, elsewhere = town.school.site, make.school("Elsewhere")
    return {
        "lead": town.school.lead_actor,
        "technician": town.district.technician,
        "office": town.district.office,
        "system": SYSTEM,
        "lead elsewhere": elsewhere.lead_actor,
        "coach": make.user("coach", Role.COACH, site)[1],
        "school admin": make.user("admin", Role.SCHOOL_ADMIN, site)[1],
        "helper": make.user("helper", Role.STUDENT_TECH, site, supervisor_id=town.school.lead.pk)[1],
        "auditor": make.user("auditor", Role.AUDITOR)[1],
        "reporter": REPORTER,
    }


def _ticket(town: Town, state: str) -> Ticket:
    """Bring a ticket into a state, by the verbs; in progress it is the checker's."""
    report = actions.Report(site_id=town.school.site.pk, symptom="signin")
    ticket = actions.open_ticket(report=report, channel=Ticket.Channel.QR, **town.moment() | {"by": REPORTER})
    way: dict[str, list[Callable[..., Any]]] = {
        "new": [],
        "triaged": [VERBS["triage"]],
        "in_progress": [actions.take],
        "waiting": [VERBS["wait"]],
        "resolved": [actions.resolve],
        "closed": [actions.resolve, close_ticket],
    }
    for step in way[state]:
        step(ticket_id=ticket.pk, **town.moment(minutes=1) | {"by": town.district.checker})
    ticket.refresh_from_db()
    assert ticket.status == state
    return ticket


def _outcome(town: Town, ticket: Ticket, verb: str, actor: Actor) -> str:
    before = _trace(ticket)
    try:
        with transaction.atomic():
            VERBS[verb](ticket_id=ticket.pk, **town.moment(minutes=2) | {"by": actor})
    except Refused as refusal:
        said = refusal.code
    except (Missing, Denied) as no:
        said = type(no).__name__
    else:
        return OK
    assert _trace(ticket) == before, "a refusal leaves nothing behind"
    return said


def _trace(ticket: Ticket) -> dict[str, Any]:
    rows = Ticket.objects.everyone(reason="a test").filter(pk=ticket.pk)
    return rows.values().get() | {"phases": list(ticket.phases.values()), "messages": ticket.messages.count()}


def _wanted(verb: str, state: str, who: str) -> str:
    if who in OTHERS:
        return "Missing"
    return NOT_THEIRS.get((who, verb)) or TABLE[verb][STATES.index(state)]


@pytest.mark.parametrize("verb", VERBS)
def test_every_actor_in_every_state(town, verb):
    actors = _actors(town)
    wrong = {}
    for state in STATES:
        for who, actor in actors.items():
            with transaction.atomic():
                point = transaction.savepoint()
                found = _outcome(town, _ticket(town, state), verb, actor)
                transaction.savepoint_rollback(point)
            if found != _wanted(verb, state, who):
                wrong[state, who] = (found, _wanted(verb, state, who))
    assert wrong == {}


def test_the_table_is_whole():
    assert set(TABLE) == set(VERBS)
    assert set(STATES) == set(Ticket.Status.values)
    assert {len(row) for row in TABLE.values()} == {len(STATES)}


def test_the_comparison_can_fail(town, monkeypatch):
    """The control: with the question for the state taken away, the table no longer agrees."""
    monkeypatch.setattr(rules, "check_open", lambda _ticket: None)
    assert _outcome(town, _ticket(town, "resolved"), "take", town.school.lead_actor) != _wanted(
        "take", "resolved", "lead"
    )


def test_who_hands_up_says_why_and_the_words_stay_off_the_ledger(town):
    ticket = _ticket(town, "triaged")
    act = town.moment(minutes=3) | {"by": town.school.lead_actor}
    for why in ("", "because"):
        with pytest.raises(Refused, match="Choose why"):
            actions.hand_up(ticket_id=ticket.pk, why=why, **act | {"op": make.op()})
    actions.hand_up(ticket_id=ticket.pk, why="rights", words="Needs the console.", **act | {"op": make.op()})
    (event,) = replay("tickets.handed_up")
    assert event.facts == {
        "ticket_id": ticket.pk, "site_id": ticket.site_id, "level": 3, "role": "it_lead", "why": "rights",
    }  # fmt: skip
    (message,) = Message.objects.filter(ticket=ticket)
    assert (message.body, message.audience) == ("Needs the console.", "staff")
