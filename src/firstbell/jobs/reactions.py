"""What follows from an event: kind -> handlers.

Handlers run after the event's commit, in the transaction that takes it out of the outbox: all of them or, after a
crash, all of them again. What they write carries an effect id, so that again is not twice. A handler that reaches
another system defers a job with ids only, which runs once this transaction has committed.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from procrastinate.contrib.django import app

from firstbell.counts.actions import credit_sightings
from firstbell.counts.queries import under_way_for
from firstbell.counts.rules import SOURCES
from firstbell.courier.queries import open_requests
from firstbell.devices.events import CustodyChanged, ShipmentReceived
from firstbell.devices.models import Custody, Shipment, ShipmentItem
from firstbell.directory.events import AbsenceNoted, RoleEnded
from firstbell.directory.models import Place, Site
from firstbell.flows.covering import propose_claim
from firstbell.flows.pickups import ask_by_rule
from firstbell.incidents.actions import refer_repeat
from firstbell.incidents.events import DamageNoted, Referred
from firstbell.incidents.models import Referral
from firstbell.jobs.onduty import let_tickets_fall
from firstbell.jobs.recipients import administrators, hands_at, leads, team_on_duty
from firstbell.kernel.actor import SYSTEM
from firstbell.ledger.outbox import Waiting
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from firstbell.repairs.events import Checked, Diagnosed, Repaired
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets.events import TicketAdmitted, TicketFell, TicketMoved, TicketOpened
from firstbell.tickets.models import Ticket
from firstbell.tickets.rules import OPEN
from firstbell.transfers.events import CheckOrdered, ExportOrdered, ImportOrdered

Handler = Callable[[Waiting, datetime], None]


def call_for_help(event: Waiting, at: datetime) -> None:
    """A class cannot go on: lead, deputies and the team on duty are told at once (S112)."""
    ticket = _open_ticket(event)
    if ticket and ticket.class_stopper:
        people = [*leads(ticket.site_id, at=at), *team_on_duty(ticket.site, at=at)]
        _tell(Notice.Kind.CLASS_STOPPER, event, ticket, people, at)


def tell_owner(event: Waiting, at: datetime) -> None:
    """A ticket falls to its owner, who is told of it (S3)."""
    ticket = _open_ticket(event)
    if ticket and ticket.owner_id and not ticket.class_stopper:
        _tell(Notice.Kind.NEW_TICKET, event, ticket, [ticket.owner_id], at)


def fall_to_duty(event: Waiting, at: datetime) -> None:  # noqa: ARG001 -- every handler is told the event
    """Somebody is away, or holds a role no longer: their open tickets fall to who is on duty (S3)."""
    let_tickets_fall(at)


def tell_of_time_box(event: Waiting, at: datetime) -> None:
    """A ticket moved up because its time with the student team ran out (S51)."""
    ticket = _open_ticket(event) if event.facts["reason"] == "time_box" else None
    if ticket and ticket.owner_id:
        _tell(Notice.Kind.HANDED_UP, event, ticket, [ticket.owner_id], at)


def _open_ticket(event: Waiting) -> Ticket | None:
    """The ticket, while it is open; what was set aside as part of a flood calls nobody until it is admitted."""
    rows = Ticket.objects.everyone(reason="a reaction serves no reader").select_related("site")
    return rows.filter(pk=event.facts["ticket_id"], status__in=OPEN, quarantined=False).first()


def _tell(kind: Notice.Kind, event: Waiting, ticket: Ticket, people: list[int], at: datetime) -> None:
    message = Message(
        kind=kind,
        cause=f"event:{event.event_id}",
        event_id=event.event_id,
        site_id=ticket.site_id,
        ticket_id=ticket.pk,
        device_id=ticket.device_id,
    )
    tell(message=message, to=_others(event, people), at=at)


def _others(event: Waiting, people: list[int]) -> list[int]:
    """Nobody is told of what they did themselves."""
    return [user_id for user_id in people if user_id != event.actor_user_id]


def tell_of_missing(event: Waiting, at: datetime) -> None:
    """A shipment arrived short: both sides look for what is missing."""
    missing = int(event.facts["missing"])
    shipment = _shipment(event)
    if not missing or shipment.status != Shipment.Status.PARTLY_RECEIVED:
        return
    people = [*hands_at(shipment.from_site, at=at), *hands_at(shipment.to_site, at=at)]
    _tell_of_shipment(Notice.Kind.SHIPMENT_SHORT, event, shipment, missing, people, at)


def tell_of_arrivals(event: Waiting, at: datetime) -> None:
    """Repaired devices are back at their school: its lead hands them out (S69)."""
    shipment = _shipment(event)
    if shipment.to_site.kind != Site.Kind.SCHOOL:
        return
    arrived = ShipmentItem.objects.filter(
        shipment=shipment,
        received_at=event.happened_at,
        device__work_orders__status=WorkOrder.Status.CHECKED,
        device__work_orders__closed_at__isnull=True,
    ).count()
    if arrived:
        people = _others(event, hands_at(shipment.to_site, at=at))
        _tell_of_shipment(Notice.Kind.REPAIRS_AT_SCHOOL, event, shipment, arrived, people, at)


def _shipment(event: Waiting) -> Shipment:
    rows = Shipment.objects.everyone(reason="a reaction serves no reader").select_related("from_site", "to_site")
    return rows.get(pk=event.facts["shipment_id"])


def _tell_of_shipment(
    kind: Notice.Kind, event: Waiting, shipment: Shipment, number: int, people: list[int], at: datetime
) -> None:
    message = Message(
        kind=kind,
        cause=f"event:{event.event_id}",
        event_id=event.event_id,
        site_id=shipment.to_site_id,
        shipment_id=shipment.pk,
        number=number,
    )
    tell(message=message, to=people, at=at)


def tell_repair_checked(event: Waiting, at: datetime) -> None:
    """A repair passed its check: the school's lead knows that the device is on its way soon."""
    rows = WorkOrder.objects.everyone(reason="a reaction serves no reader")
    order = rows.filter(pk=event.facts["work_order_id"], status=WorkOrder.Status.CHECKED).first()
    if order is None or event.facts["result"] != "passed":
        return
    message = Message(
        kind=Notice.Kind.REPAIR_CHECKED,
        cause=f"event:{event.event_id}",
        event_id=event.event_id,
        site_id=order.site_id,
        ticket_id=order.ticket_id,
        device_id=order.device_id,
    )
    tell(message=message, to=_others(event, leads(order.site_id, at=at)), at=at)


def credit_counts(event: Waiting, at: datetime) -> None:
    """A device was in somebody's hands: the counts that wait for it need not look for it any more (S125)."""
    device = int(event.facts["device_id"])
    for count_id in under_way_for(device, event.happened_at):
        effect = uuid5(NAMESPACE_OID, f"credit:{event.event_id}:{count_id}")
        credit_sightings(count_id=count_id, device_ids=(device,), by=SYSTEM, at=at, op=effect)


def ask_courier(event: Waiting, at: datetime) -> None:
    """A device came into a pick-up box: the school asks for the courier if the rule of the plan says so (S64)."""
    if event.facts["holder_kind"] != Custody.Kind.PLACE:
        return
    boxes = Place.objects.filter(kind=Place.Kind.PICKUP_BOX, site__kind=Site.Kind.SCHOOL, site__closed_on__isnull=True)
    box = boxes.filter(pk=event.facts["holder_id"]).first()
    if box and not open_requests([box.site_id]):
        ask_by_rule(site_id=box.site_id, by=SYSTEM, at=at, op=uuid5(NAMESPACE_OID, f"courier:{event.event_id}"))


def start_list(event: Waiting, at: datetime) -> None:  # noqa: ARG001 -- every handler is told the time
    """Have a worker look through, or import, a list."""
    app.configure_task("take_list").defer(upload_id=event.facts["upload_id"])


def start_export(event: Waiting, at: datetime) -> None:  # noqa: ARG001 -- the same
    """Have a worker write an export."""
    app.configure_task("write_export").defer(download_id=event.facts["download_id"])


def refer_repeats(event: Waiting, at: datetime) -> None:
    """Damage was noted: where it is one of several within a year, an administrator gets the facts (S115)."""
    effect = uuid5(NAMESPACE_OID, f"refer:{event.event_id}")
    refer_repeat(incident_id=int(event.facts["incident_id"]), by=SYSTEM, at=at, op=effect)


def prepare_claim(event: Waiting, at: datetime) -> None:
    """A fault was found or repaired, or its cause noted: where a cover pays, the claim is prepared (S30)."""
    found = event.facts.get("work_order_id")
    open_one = None if found else order_of(int(event.facts["device_id"]))
    order_id = found or (open_one.pk if open_one else None)
    if order_id:
        effect = uuid5(NAMESPACE_OID, f"claim:{event.event_id}")
        propose_claim(work_order_id=int(order_id), by=SYSTEM, at=at, op=effect)


def tell_administrators(event: Waiting, at: datetime) -> None:
    """An incident was referred: the school's administrators are told that there is something to look at."""
    row = Referral.objects.everyone(reason="a reaction serves no reader").select_related("incident")
    referral = row.get(pk=event.facts["referral_id"])
    message = Message(
        kind=Notice.Kind.REFERRED,
        cause=f"event:{event.event_id}",
        event_id=event.event_id,
        site_id=referral.site_id,
        device_id=referral.incident.device_id,
    )
    tell(message=message, to=administrators(referral.site_id, at=at), at=at)


REACTIONS: dict[str, tuple[Handler, ...]] = {
    TicketOpened.kind: (call_for_help, tell_owner),
    TicketAdmitted.kind: (call_for_help, tell_owner),
    TicketFell.kind: (tell_owner,),
    RoleEnded.kind: (fall_to_duty,),
    AbsenceNoted.kind: (fall_to_duty,),
    TicketMoved.kind: (tell_of_time_box,),
    ShipmentReceived.kind: (tell_of_missing, tell_of_arrivals),
    DamageNoted.kind: (refer_repeats, prepare_claim),
    Diagnosed.kind: (prepare_claim,),
    Referred.kind: (tell_administrators,),
    Checked.kind: (tell_repair_checked, credit_counts),
    **dict.fromkeys(set(SOURCES) - {Checked.kind, CustodyChanged.kind}, (credit_counts,)),
    CustodyChanged.kind: (credit_counts, ask_courier),
    Repaired.kind: (credit_counts, prepare_claim),
    CheckOrdered.kind: (start_list,),
    ImportOrdered.kind: (start_list,),
    ExportOrdered.kind: (start_export,),
}
"""The whole table. A kind that is not here leaves the outbox without a trace."""


def react(event: Waiting, *, at: datetime) -> None:
    """Run the handlers of one event."""
    for handler in REACTIONS.get(event.kind, ()):
        handler(event, at)
