"""A small world in which anything may be tried: every verb, with whatever people, devices and places there are."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from firstbell.devices.actions import custody, inventory, scans, shipments
from firstbell.devices.models import Condition, Device, Shipment
from firstbell.directory.models import Person, Place
from firstbell.flows import bench, closing, desk, handback, issue, transport
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import REPORTER, Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.loans import actions as loans
from firstbell.loans.models import Loan
from firstbell.repairs.fixes import fixes
from firstbell.repairs.models import WorkOrder
from firstbell.tickets import actions as tickets
from firstbell.tickets.models import Message, Ticket, WhyUp
from firstbell.tickets.triage import symptoms
from tests import make

T = TypeVar("T")
Pick = Callable[[Sequence[Any]], Any]
"""Chooses one of some things: Hypothesis does, so that a failure shrinks."""
SYMPTOMS = [row.code for row in symptoms()]
FIXES = [row.code for row in fixes()]


@dataclass
class World:
    """Two schools, a depot, people, devices, loaners, and everybody who works there."""

    town: make.District
    people: list[Person]
    devices: list[Device]
    places: list[Place]
    actors: list[Actor]
    helper: Actor
    at: datetime
    said: Counter[str] = field(default_factory=Counter)

    def tickets(self) -> list[int]:
        """Return every ticket's id."""
        return list(Ticket.objects.everyone(reason="a test").order_by("pk").values_list("pk", flat=True)) or [0]

    def lent(self) -> list[int]:
        """Return the ids of loaners that are out."""
        rows = Loan.objects.everyone(reason="a test").filter(returned_at__isnull=True)
        return list(rows.order_by("pk").values_list("device_id", flat=True))

    def orders(self) -> list[int]:
        """Return every repair's id."""
        return list(WorkOrder.objects.everyone(reason="a test").order_by("pk").values_list("pk", flat=True)) or [0]

    def shipments(self) -> list[int]:
        """Return every shipment's id."""
        return list(Shipment.objects.everyone(reason="a test").order_by("pk").values_list("pk", flat=True)) or [0]


def build() -> World:
    """Make the world."""
    town = make.district(schools=2)
    here, there = town.schools
    schools = (here, here, here, there)
    people = [make.person(school.site) for school in schools]
    devices = [make.device(town, school, person) for school, person in zip(schools, people, strict=True)]
    devices += [make.loaner(town, school) for school in schools]
    spare = [make.device(town, here)]
    places = [place for school in town.schools for place in school.places.values()] + [town.bench]
    helper = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[1]
    coach = make.user("coach", Role.COACH, here.site)[1]
    actors = [town.office, town.office, town.technician, town.checker, here.lead_actor, there.lead_actor, coach]
    return World(town, people, devices + spare, places, actors, helper, town.at)


def _device(world: World, pick: Pick) -> int:
    return int(pick(world.devices).pk)


def _maybe(pick: Pick, things: Sequence[T]) -> T | None:
    return pick([None, *things])  # type: ignore[no-any-return]


VERBS: dict[str, tuple[Callable[..., object], Callable[[World, Pick], dict[str, Any]]]] = {
    "relocate": (custody.relocate, lambda w, p: {"device_id": _device(w, p), "place_id": p(w.places).pk}),
    "hand_over": (custody.hand_over, lambda w, p: {"device_id": _device(w, p), "person_id": p(w.people).pk}),
    "seen": (scans.note_seen, lambda w, p: {"device_id": _device(w, p), "place_id": p(w.places).pk}),
    "assign": (inventory.assign, lambda w, p: {"device_id": _device(w, p), "person_id": p(w.people).pk}),
    "unassign": (inventory.unassign, lambda w, p: {"device_id": _device(w, p), "reason": "left"}),
    "set_aside": (inventory.set_aside, lambda w, p: {"device_id": _device(w, p)}),
    "clear": (inventory.clear_for_use, lambda w, p: {"device_id": _device(w, p)}),
    "retire": (inventory.retire, lambda w, p: {"device_id": _device(w, p)}),
    "issue": (issue.issue, lambda w, p: {"device_id": _device(w, p), "person_id": p(w.people).pk}),
    "send": (
        shipments.send,
        lambda w, p: {
            "from_site_id": p(w.places).site_id,
            "to_site_id": p(w.places).site_id,
            "device_ids": [_device(w, p), _device(w, p)],
        },
    ),
    "receive": (
        transport.scan_in,
        lambda w, p: {"shipment_id": p(w.shipments()), "device_ids": p([None, (_device(w, p),)])},
    ),
    "found": (transport.found_elsewhere, lambda w, p: {"device_id": _device(w, p), "place_id": p(w.places).pk}),
    "extra": (transport.take_extra, lambda w, p: {"shipment_id": p(w.shipments()), "device_id": _device(w, p)}),
    "empty_box": (transport.empty_box, lambda w, p: {"place_id": p(w.places).pk}),
    "pack_return": (transport.pack_return, lambda w, p: {"site_id": p(w.town.schools).site.pk}),
    "join_pool": (loans.join_pool, lambda w, p: {"device_id": _device(w, p), "site_id": p(w.town.schools).site.pk}),
    "leave_pool": (loans.leave_pool, lambda w, p: {"device_id": _device(w, p)}),
    "lend": (
        loans.lend,
        lambda w, p: {
            "device_id": _device(w, p),
            "person_id": p(w.people).pk,
            "reason": p(list(Loan.Reason)),
            "ticket_id": _maybe(p, w.tickets()),
        },
    ),
    "return_loaner": (
        handback.return_loaner,
        lambda w, p: {"device_id": _device(w, p), "grade": p(list(Condition.Grade))},
    ),
    "swap": (
        desk.swap_at_desk,
        lambda w, p: {
            "device_id": _device(w, p),
            "loaner_id": _device(w, p),
            "symptom": p(SYMPTOMS),
            "person_id": _maybe(p, [person.pk for person in w.people]),
        },
    ),
    "take_in": (
        desk.take_in,
        lambda w, p: {"device_id": _device(w, p), "symptom": p(SYMPTOMS), "no_loaner": p(sorted(desk.WHY_NO_LOANER))},
    ),
    "hand_back": (
        handback.hand_back,
        lambda w, p: {
            "device_id": _device(w, p),
            "loaner_id": _maybe(p, w.lent()),
            "reason": p(["", "She forgot it."]),
        },
    ),
    "put_in_pool": (handback.put_in_pool, lambda w, p: {"device_id": _device(w, p)}),
    "scrap": (handback.retire_unrepairable, lambda w, p: {"work_order_id": p(w.orders()), "reason": "burnt"}),
    "find_fault": (bench.find_fault, lambda w, p: {"work_order_id": p(w.orders()), "fault": p(FIXES)}),
    "await_part": (bench.wait_for_part, lambda w, p: {"work_order_id": p(w.orders()), "fault": p(FIXES)}),
    "finish": (
        bench.finish,
        lambda w, p: {"work_order_id": p(w.orders()), "fault": p(FIXES), "checked": p([False, True])},
    ),
    "check": (bench.check, lambda w, p: {"work_order_id": p(w.orders()), "passed": p([True, False])}),
    "give_up": (bench.give_up, lambda w, p: {"work_order_id": p(w.orders())}),
    "report": (
        tickets.open_ticket,
        lambda w, p: {
            "report": tickets.Report(
                site_id=p(w.town.schools).site.pk, symptom=p(SYMPTOMS), device_id=_maybe(p, [d.pk for d in w.devices])
            ),
            "channel": Ticket.Channel.QR,
        },
    ),
    "name_device": (
        tickets.name_device,
        lambda w, p: {"ticket_id": p(w.tickets()), "device_id": _device(w, p), "person_id": p(w.people).pk},
    ),
    "triage": (tickets.triage, lambda w, p: {"ticket_id": p(w.tickets()), "outcome": p(list(Ticket.Outcome))}),
    "take": (tickets.take, lambda w, p: {"ticket_id": p(w.tickets())}),
    "hand_up": (tickets.hand_up, lambda w, p: {"ticket_id": p(w.tickets()), "why": p(WhyUp.values)}),
    "time_box": (tickets.hand_up_overdue, lambda w, p: {"ticket_id": p(w.tickets())}),
    "wait": (tickets.wait, lambda w, p: {"ticket_id": p(w.tickets()), "on": p(list(Ticket.WaitingOn))}),
    "write": (
        tickets.write,
        lambda w, p: {"ticket_id": p(w.tickets()), "body": "Hello.", "audience": p(list(Message.Audience))},
    ),
    "answer": (tickets.write_as_reporter, lambda w, p: {"ticket_id": p(w.tickets()), "body": "Still broken."}),
    "resolve": (tickets.resolve, lambda w, p: {"ticket_id": p(w.tickets())}),
    "reopen": (tickets.reopen, lambda w, p: {"ticket_id": p(w.tickets())}),
    "close": (closing.close_ticket, lambda w, p: {"ticket_id": p(w.tickets()), "reason": p(["", "So be it."])}),
    "approve": (closing.approve_team_work, lambda w, p: {"ticket_id": p(w.tickets())}),
    "help": (tickets.take_team_task, lambda w, p: {"ticket_id": p(w.tickets())}),
    "helped": (
        tickets.finish_team_task,
        lambda w, p: {"ticket_id": p(w.tickets()), "solved": p([True, False])},
    ),
    "damage": (
        note_damage,
        lambda w, p: {
            "device_id": _device(w, p),
            "cause": p(list(Incident.Cause)),
            "happened_at": w.at - timedelta(days=p([0, 1, 40])),
            "ticket_id": _maybe(p, w.tickets()),
        },
    ),
}
"""Every verb that moves a device or a ticket, with arguments that may or may not make sense."""
WHO: dict[str, Callable[[World, Pick], Actor]] = {
    "report": lambda _w, _p: REPORTER,
    "answer": lambda _w, _p: REPORTER,
    "help": lambda w, _p: w.helper,
    "helped": lambda w, _p: w.helper,
}


def attempt(world: World, name: str, pick: Pick) -> dict[str, Any] | None:
    """Try a verb. A refusal is an answer, and must be one in words; anything else that goes wrong is a fault.

    Returns the call that was carried out, for a repeat.
    """
    function, arguments = VERBS[name]
    who = WHO.get(name, lambda w, p: p(w.actors))(world, pick)
    call = {**arguments(world, pick), "by": who, "at": world.at, "op": make.op()}
    try:
        function(**call)
    except Refused as refusal:
        if "{" in refusal.sentence:
            raise RuntimeError(refusal.sentence) from refusal
        world.said[f"{name}: {refusal.code}"] += 1
        return None
    except (Denied, Missing) as no:
        world.said[f"{name}: {type(no).__name__}"] += 1
        return None
    world.said[name] += 1
    return call
