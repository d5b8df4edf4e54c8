"""From fault to claim: what a repair is to its cover, drafts as faults are found, and what was repaired unclaimed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from firstbell.claims.actions import draft
from firstbell.claims.engine import Fault, Verdict
from firstbell.claims.models import Claim
from firstbell.claims.queries import Protected, best, protections, repaired_without_claim
from firstbell.directory.scope import load
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import Actor
from firstbell.kernel.damage import GONE, Cause
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.repairs.fixes import fix
from firstbell.repairs.models import WorkOrder

MOST_MISSED = 500


def fault_of(order: WorkOrder, incident: Incident | None) -> Fault:
    """Return a repair as a cover sees it: its fault, the noted cause, the day it happened, what it costs.

    Without a noted incident the day is the one on which the repair began, and the cause what the fault itself says.
    """
    moment = incident.happened_at if incident else order.opened_at
    day = moment.astimezone(ZoneInfo(order.site.timezone)).date()
    cause = incident.cause if incident else cause_seen(order)
    parts = sum(part.cents for part in order.parts.all())
    usual = fix(order.fault)
    return Fault(order.fault, cause, day, parts or (usual.cents if usual else 0))


def cause_seen(order: WorkOrder) -> str:
    """Return the cause that a fault shows by itself: liquid is liquid, something cracked fell; else it is not known."""
    if order.fault == "liquid":
        return Cause.LIQUID.value
    return (Cause.ACCIDENTAL if order.symptom == "cracked" else Cause.UNKNOWN).value


def incidents_behind(orders: Collection[WorkOrder]) -> dict[int, Incident]:
    """Return the damage behind repairs, by repair: noted on their ticket, else on their device while they ran."""
    rows = Incident.objects.everyone(reason="the repairs are in reach").filter(
        device_id__in=[order.device_id for order in orders]
    )
    noted: dict[int, list[Incident]] = defaultdict(list)
    for row in rows.exclude(cause__in=sorted(GONE)).order_by("-happened_at", "-pk"):
        noted[row.device_id].append(row)
    found = {order.pk: _behind(order, noted[order.device_id]) for order in orders}
    return {pk: row for pk, row in found.items() if row}


def _behind(order: WorkOrder, noted: Iterable[Incident]) -> Incident | None:
    for row in noted:
        on_ticket = order.ticket_id is not None and row.ticket_id == order.ticket_id
        meanwhile = order.opened_at <= row.noted_at and (order.closed_at is None or row.noted_at <= order.closed_at)
        if on_ticket or meanwhile:
            return row
    return None


def draft_claim(*, order: WorkOrder, by: Actor, at: datetime, op: Op) -> Claim | None:
    """Prepare the claim for a locked repair whose fault is known, where a cover pays."""
    if not order.fault:
        return None
    fault = fault_of(order, incidents_behind([order]).get(order.pk))
    return draft(order=order, fault=fault, by=by, at=at, op=op)


@verb
def propose_claim(*, work_order_id: int, by: Actor, at: datetime, op: Op) -> Claim | None:
    """Prepare the claim for a repair, as its fault is found or its cause is noted."""
    order = load(WorkOrder, work_order_id, by=by, permission=Permission.REPAIR)
    return draft_claim(order=order, by=by, at=at, op=op)


@dataclass(frozen=True)
class Missed:
    """A covered fault that was repaired without a claim: by whom it would have been paid, and how much."""

    order: WorkOrder
    protected: Protected
    verdict: Verdict
    day: date
    incident_id: int | None

    @property
    def pays(self) -> Money:
        """Return what the cover would have paid."""
        return Money(self.verdict.pays)


def missed(*, by: Actor, since: date) -> list[Missed]:
    """Return the covered faults in reach that were repaired since a day without a claim, newest first; few queries."""
    orders = list(repaired_without_claim(by=by, since=since)[:MOST_MISSED])
    covers, behind = protections([order.device_id for order in orders]), incidents_behind(orders)
    found = []
    for order in orders:
        incident = behind.get(order.pk)
        fault = fault_of(order, incident)
        paying = best(covers[order.device_id], fault)
        if paying:
            found.append(Missed(order, *paying, fault.day, incident.pk if incident else None))
    return found
