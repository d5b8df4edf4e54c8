"""History reads like sentences a person would say. Names are filled in here, and only those the reader reaches.

What one command did is told together: “Ana Reyes handed it in; it lies in the pick-up box. Repair opened: …”.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from firstbell.accessories.models import AccessoryKind, Holding, Movement
from firstbell.claims.models import Claim
from firstbell.courier.models import PickupRequest
from firstbell.decisions.register import BY_KEY, HAND_BACK_IDENTITY
from firstbell.devices.models import Assignment, Condition, Device, Shipment
from firstbell.directory.models import ClassGroup, Person, Place, Site, User
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Role
from firstbell.ledger.facts import KINDS
from firstbell.ledger.queries import Event
from firstbell.parts.models import PartKind, PartMovement
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import Bench, Delay, Photo
from firstbell.rounds.models import FilterCheck
from firstbell.seasons.models import Collected
from firstbell.tickets.models import TeamSkill, Ticket, WhyUp
from firstbell.tickets.triage import symptom
from firstbell.vendors.models import VendorCase, VendorStatus
from firstbell.web.money import cause_said
from firstbell.web.office.roles import ROLE_WORDS


@dataclass(frozen=True)
class Line:
    """One line of a timeline: when, what, by whom; and what it is about, where a page tells of many things."""

    at: datetime
    text: str
    by: str
    note: str = ""


Names = dict[str, dict[int, str]]
FIELDS = {
    "person_id": "person",
    "place_id": "place",
    "site_id": "site",
    "home_site_id": "site",
    "from_site_id": "site",
    "to_site_id": "site",
    "shipment_id": "shipment",
    "user_id": "user",
    "device_id": "device",
    "ticket_id": "ticket",
    "class_group_id": "class",
}
ASIDES = frozenset(
    {
        "devices.status_changed",
        "devices.condition_noted",
        "parts.stock_changed",
        "tickets.moved",
        "tickets.triaged",
        "tickets.device_named",
    }
)
"""What follows from something else in the same command: told only when it stands alone, or says damage."""
REPEATS = {
    "loans.lent": "devices.custody_changed",
    "loans.returned": "devices.custody_changed",
    "loans.joined_pool": "devices.custody_changed",
    "seasons.handed_out": "devices.custody_changed",
    "devices.registered": "devices.custody_changed",
}
"""What tells the other event of the same command better."""


def lines(events: Iterable[Event], *, by: Actor) -> list[Line]:
    """Return events, newest first, as sentences: one line a command, few queries whatever their number."""
    rows = list(events)
    names = _names(rows, by)
    told = [list(group) for _op, group in groupby(rows, key=lambda row: row.operation_id)]
    return [_line(group, names) for group in told]


def each(events: Iterable[Event], *, by: Actor) -> list[Line]:
    """Return every event as a line of its own, nothing left out, with what it is about: for the ledger's page."""
    rows = list(events)
    names = _names(rows, by)
    return [
        Line(row.happened_at, capfirst(_sentence(row, names)), _actor(row, names), _about(row, names)) for row in rows
    ]


def _about(event: Event, names: Names) -> str:
    found = (names.get(kind, {}).get(event.facts.get(f"{kind}_id") or 0) for kind in ("device", "ticket", "shipment"))
    return " · ".join(name for name in found if name)


def _line(group: list[Event], names: Names) -> Line:
    """Return one command's events as one line, in the order in which they happened."""
    kept = _worth_telling(group)
    sentences = [capfirst(_sentence(row, names)) for row in reversed(kept)]
    text = ". ".join(sentence.rstrip(". ") for sentence in sentences if sentence)
    return Line(group[0].happened_at, f"{text}." if text else "", _actor(group[0], names))


def _worth_telling(group: list[Event]) -> list[Event]:
    kinds = {row.kind for row in group}
    repeated = {less for more, less in REPEATS.items() if more in kinds}
    kept = [row for row in group if row.kind not in ASIDES | repeated or _says_damage(row)]
    return kept or group


def _says_damage(row: Event) -> bool:
    bad = {Condition.Grade.DAMAGED.value, Condition.Grade.DEAD.value}
    return row.kind == "devices.condition_noted" and row.facts.get("grade") in bad


# --- Names ---------------------------------------------------------------------------------------------------------


def _wanted(events: list[Event]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        wanted["user"].add(event.actor_user_id or 0)
        for field, kind in FIELDS.items():
            wanted[kind].add(event.facts.get(field) or 0)
        for side in ("holder", "previous"):
            kind, holder = event.facts.get(f"{side}_kind"), event.facts.get(f"{side}_id")
            if kind and holder:
                wanted[kind].add(holder)
    return {kind: ids - {0} for kind, ids in wanted.items()}


def _named_rows(by: Actor) -> dict[str, tuple[QuerySet[Any], Any]]:
    """Return for each kind of thing its rows in reach, and what each is called."""
    called = Coalesce(NullIf("preferred_name", Value("")), "given_name")
    return {
        "person": (Person.objects.visible_to(by), Trim(Concat(called, Value(" "), "family_name"))),
        "place": (Place.objects.all(), F("name")),
        "site": (Site.objects.all(), F("name")),
        "user": (User.objects.all(), Coalesce(NullIf("display_name", Value("")), "username")),
        "device": (Device.objects.visible_to(by), F("tag")),
        "ticket": (Ticket.objects.visible_to(by), F("code")),
        "class": (ClassGroup.objects.all(), F("title")),
        "shipment": (Shipment.objects.visible_to(by), F("code")),
    }


def _names(events: list[Event], by: Actor) -> Names:
    """Return what everything named by some events is called, in one query."""
    wanted = _wanted(events)
    asked = [
        rows.filter(pk__in=wanted[kind])
        .order_by()
        .annotate(named_kind=Value(kind, output_field=CharField()), named_as=Cast(name, CharField()))
        .values_list("named_kind", "pk", "named_as")
        for kind, (rows, name) in _named_rows(by).items()
        if wanted.get(kind)
    ]
    names: Names = defaultdict(dict)
    for kind, pk, name in asked[0].union(*asked[1:], all=True) if asked else ():
        names[kind][pk] = _("shipment {code}").format(code=name) if kind == "shipment" else name
    return names


def _stranger(kind: str) -> str:
    words = {
        "person": _("somebody"),
        "place": _("a place"),
        "site": _("the district"),
        "user": _("somebody"),
        "shipment": _("a shipment"),
        "class": _("a class"),
    }
    return words.get(kind, "")


def _named(names: Names, kind: str, pk: int | None) -> str:
    return names.get(kind, {}).get(pk or 0) or _stranger(kind)


def _actor(event: Event, names: Names) -> str:
    if event.actor_kind == "reporter":
        return _("through a report")
    if event.actor_kind == "system":
        return _("by itself")
    return _named(names, "user", event.actor_user_id)


# --- Sentences -----------------------------------------------------------------------------------------------------


def _sentence(event: Event, names: Names) -> str:
    own = OWN.get(event.kind)
    template = (own(event) if own else "") or (_(KINDS[event.kind].sentence) if event.kind in KINDS else event.kind)
    values: dict[str, object] = defaultdict(str, {key: _word(key, value) for key, value in event.facts.items()})
    for field, kind in FIELDS.items():
        if event.facts.get(field) is not None or (kind == "site" and field in event.facts):
            values[field.removesuffix("_id")] = _named(names, kind, event.facts[field])
    for side, word in (("holder", "to_holder"), ("previous", "from_holder")):
        kind, holder = event.facts.get(f"{side}_kind"), event.facts.get(f"{side}_id")
        values[word] = _named(names, kind, holder) if kind and holder else _("nowhere")
    return template.format_map(values)


def _hand_over(event: Event) -> str:
    """Return how a person tells this change of hands; nothing for a reason without words of its own."""
    return {
        "handed_in": _("{from_holder} handed it in; it went to {to_holder}"),
        "handed_over": _("{to_holder} got it"),
        "handed_back": _("{to_holder} has it back"),
        "lent": _("{to_holder} got it"),
        "loan_returned": _("{from_holder} brought it back; it lies in {to_holder}"),
        "swapped": _("{to_holder} got it instead of a broken one"),
        "sent": _("It left {from_holder} in {to_holder}"),
        "received": _("It was scanned in: {to_holder}"),
        "relocated": _("It was put in {to_holder}"),
        "joined_pool": _("It was put in {to_holder}"),
        "registered": _("It was put in {to_holder}"),
    }.get(event.facts.get("reason", ""), "")


def _ticket_moved(event: Event) -> str:
    """Return how a person tells that a ticket went on."""
    if event.facts.get("to_status") == Ticket.Status.WAITING:
        return _("The ticket waits on {waiting_on}")
    if event.facts.get("reason") in {"handed_up", "team_handed_up", "time_box"}:
        return _("The ticket moved up to level {level}")
    return {
        "in_progress": _("The ticket is being worked on"),
        "resolved": _("The ticket is solved"),
        "closed": _("The ticket is closed"),
    }.get(event.facts.get("to_status", ""), "")


def _belongs(event: Event) -> str:
    if event.facts.get("class_group_id"):
        return _("It belongs to {class_group}") if event.kind == "devices.assigned" else _("It left {class_group}")
    if event.kind == "devices.assigned" and event.facts.get("reason"):
        return _("It belongs to {person}, beside another: {reason}")
    return _("It belongs to {person}") if event.kind == "devices.assigned" else _("It is {person}'s no longer")


def _repair_closed(event: Event) -> str:
    return {
        "handed_back": _("The repair is closed"),
        "joined_pool": _("The repair is closed; it is a loaner now"),
        "retired": _("It left the inventory"),
        "harvested": _("Its good parts were taken out and it left the inventory"),
        "recycled": _("It left the inventory and goes to recycling"),
    }.get(event.facts.get("outcome", ""), "")


def _condition(event: Event) -> str:
    return _("Its condition: {grade}, {marks}") if event.facts.get("marks") else _("Its condition: {grade}")


def _vendor_said(event: Event) -> str:
    """Return what to tell of news whose word nobody has explained yet, or that were about a day or a number alone."""
    return "" if event.facts.get("vendor_status") else _("News of the vendor noted")


def _checked(event: Event) -> str:
    return _("The repair was checked and is fine") if event.facts.get("result") == "passed" else ""


def _of_one(sentence: str) -> Callable[[Event], str]:
    """Return the sentence for one device alone; several have the sentence of the kind."""
    return lambda event: _(sentence) if event.facts.get("devices") == 1 else ""


OWN: dict[str, Callable[[Event], str]] = {
    "devices.custody_changed": _hand_over,
    "devices.assigned": _belongs,
    "devices.unassigned": _belongs,
    "devices.condition_noted": _condition,
    "devices.shipment_packed": _of_one(gettext_noop("Packed at {from_site} for {to_site}: one device")),
    "devices.shipment_sent": _of_one(gettext_noop("Left {from_site} for {to_site} with one device")),
    "devices.shipment_received": _of_one(gettext_noop("One device arrived at {to_site}; {missing} still on the way")),
    "tickets.moved": _ticket_moved,
    "repairs.checked": _checked,
    "vendors.said": _vendor_said,
    "repairs.handed_back": _repair_closed,
}
"""Sentences that depend on what the event holds; every other kind has one sentence of its own."""


# --- Words ---------------------------------------------------------------------------------------------------------


def _reasons() -> dict[str, str]:
    return {
        "sent": _("sent"),
        "received": _("scanned in"),
        "relocated": _("put there"),
        "collected": _("collected"),
        "hand_out_undone": _("hand-out undone"),
        "handed_over": _("handed over"),
        "handed_in": _("handed in"),
        "handed_back": _("handed back"),
        "lent": _("lent"),
        "loan_returned": _("loaner brought back"),
        "registered": _("entered"),
        "swapped": _("swapped"),
        "joined_pool": _("joined the loaners"),
        "passed": _("passed"),
        "failed": _("failed, back to the bench"),
        "none_left": _("none was left"),
        "not_wanted": _("not wanted"),
        "not_asked": _("nobody was there to be asked"),
        "put_in": _("a SIM was put in"),
        "taken_out": _("the SIM was taken out"),
        "closed": _("the school was closed"),
        "nobody": _("nobody was there"),
        "no_room": _("no room in the car"),
        "no_time": _("no time left"),
        "road": _("the road was closed"),
        "time_box": _("its time with the student team was over"),
    }


def _label(choices: Any, value: object) -> str | None:
    return str(choices(value).label) if value in choices.values else None


def _symptom(value: object) -> str | None:
    found = symptom(str(value))
    return found.label if found else None


def _fault(value: object) -> str | None:
    found = fix(str(value))
    return found.fault if found else None


def _decision(value: object) -> str | None:
    return str(BY_KEY[str(value)].title) if value in BY_KEY else None


def _day(value: object) -> str | None:
    try:
        return date_format(date.fromisoformat(str(value)), "DATE_FORMAT")
    except ValueError:
        return None


def _reason(value: object) -> str | None:
    return _reasons().get(str(value))


def _role(value: object) -> str | None:
    return str(ROLE_WORDS[Role(str(value))]) if value in set(Role) else None


ADDED = {
    "damage": gettext_lazy("damaged"),
    "charger_missing": Collected.Charger.MISSING.label,
    "charger_here": Collected.Charger.HERE.label,
}


def _added(value: object) -> str | None:
    return str(ADDED[str(value)]) if value in ADDED else None


WORDS: dict[str, tuple[Callable[[Any], str | None], ...]] = {
    "reason": (
        _reason,
        lambda value: _label(Movement.Reason, value),
        lambda value: _label(Assignment.Reason, value),
        lambda value: _label(PickupRequest.Reason, value),
        lambda value: _label(PartMovement.Reason, value),
    ),
    "identity": (lambda value: HAND_BACK_IDENTITY.label(str(value)),),
    "leg": (lambda value: _label(Delay.Leg, value),),
    "delay": (lambda value: _label(Delay.Why, value),),
    "part": (lambda value: _label(PartKind.Sort, value),),
    "photo_when": (lambda value: _label(Photo.When, value),),
    "lowest": (lambda value: _label(Bench, value),),
    "charger": (lambda value: _label(Collected.Charger, value),),
    "what": (_added,),
    "sort": (lambda value: _label(AccessoryKind.Sort, value), lambda value: _label(PartKind.Sort, value)),
    "why": (lambda value: _label(Holding.Why, value), lambda value: _label(WhyUp, value), _reason),
    "end": (lambda value: _label(Holding.End, value), lambda value: _label(PickupRequest.End, value)),
    "result": (_reason, lambda value: _label(FilterCheck.Result, value)),
    "change": (_reason,),
    "symptom": (_symptom,),
    "marks": (_symptom,),
    "skill_level": (lambda value: _label(TeamSkill.Level, value),),
    "fault": (_fault,),
    "cause": (lambda value: cause_said(str(value)),),
    "decision": (_decision,),
    "due_on": (_day,),
    "day": (_day,),
    "promised_on": (_day,),
    "since": (_day,),
    "until": (_day,),
    "vendor_status": (lambda value: _label(VendorStatus, value),),
    "case_outcome": (lambda value: _label(VendorCase.Outcome, value),),
    "claim_status": (lambda value: _label(Claim.Status, value),),
    "role": (_role,),
    "grade": (lambda value: _label(Condition.Grade, value),),
    "channel": (lambda value: _label(Ticket.Channel, value),),
    "waiting_on": (lambda value: _label(Ticket.WaitingOn, value),),
    "outcome": (
        lambda value: _label(Ticket.Outcome, value),
        lambda value: _label(FilterCheck.Outcome, value),
        _reason,
    ),
    "to_status": (lambda value: _label(Device.Status, value), lambda value: _label(Ticket.Status, value)),
}
"""How the codes in a fact become words; the first that knows the code answers."""


def _word(field: str, value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(_word(field, part)) for part in value)
    found = (translate(value) for translate in WORDS.get(field, ()))
    return next((word for word in found if word), value)
