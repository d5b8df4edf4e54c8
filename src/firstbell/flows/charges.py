"""From incident to charge: what the policy asks on the day it happened, and what is still undecided."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.register import SEARCH_DAYS
from firstbell.directory.scope import load
from firstbell.fees.actions.books import charge_account
from firstbell.fees.actions.policy import Basis, decide_charge
from firstbell.fees.models import Charge, FeePolicy
from firstbell.fees.queries import charge_for, check_fees_asked, cover_on, fees_asked, in_force
from firstbell.incidents.models import Incident
from firstbell.incidents.queries import counts_as, incidents_on, occurrence, search_over
from firstbell.kernel.actor import Actor
from firstbell.kernel.damage import GONE
from firstbell.kernel.errors import Refused
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb


def basis_of(incident: Incident, at: datetime | None = None) -> Basis | None:
    """Return what a charge for an incident would stand on; None when nobody had the device.

    With ``at`` a theft that nobody reported in time may count as a loss, as the plan says.
    """
    if incident.custody.person_id is None:
        return None
    day = incident.happened_at.astimezone(ZoneInfo(incident.site.timezone)).date()
    return Basis(
        incident_id=incident.pk,
        device_id=incident.device_id,
        person_id=incident.custody.person_id,
        site_id=incident.site_id,
        cause=counts_as(incident, at=at) if at else incident.cause,
        holder_kind=incident.holder_kind,
        occurrence=occurrence(incident),
        happened_on=day,
        cover=cover_on(incident.custody.person_id, day).value,
    )


def policy_for(incident: Incident, at: datetime | None = None) -> FeePolicy | None:
    """Return the policy row that applies to an incident, if the district asks for anything."""
    basis = basis_of(incident, at)
    if basis is None or not fees_asked():
        return None
    return in_force(
        cause=basis.cause,
        cover=basis.cover,
        holder_kind=basis.holder_kind,
        occurrence=basis.occurrence,
        on=basis.happened_on,
    )


def undecided_in_reach(*, by: Actor) -> QuerySet[Incident]:
    """Return the incidents in reach for which the policy had a row and about which nobody has decided, newest first.

    The page of each says exactly what applies; this list goes by cause, kind of holder and day alone.
    """
    rows = Incident.objects.visible_to(by, Permission.DECIDE_CHARGES).filter(custody__person__isnull=False)
    if not fees_asked():
        return rows.none()
    row = FeePolicy.objects.filter(
        Q(until__isnull=True) | Q(until__gt=OuterRef("happened_at__date")),
        cause=OuterRef("cause"),
        holder_kind=OuterRef("holder_kind"),
        since__lte=OuterRef("happened_at__date"),
    )
    decided = Charge.objects.everyone(reason="the incident is in reach").filter(incident_id=OuterRef("pk"))
    chargeable = ~Q(cause__in=sorted(GONE)) | Q(outcome=Incident.Outcome.WRITTEN_OFF)
    waiting = rows.filter(chargeable, Exists(row), ~Exists(decided)).select_related("custody__person", "device", "site")
    return waiting.order_by("-happened_at", "-pk")


def undecided(ticket_id: int) -> list[Incident]:
    """Return the incidents on a ticket about which the policy has a row and nobody has decided."""
    rows = [row for row in incidents_on(ticket_id) if not row.gone or row.outcome == Incident.Outcome.WRITTEN_OFF]
    return [row for row in rows if charge_for(row.pk) is None and policy_for(row) is not None]


@verb
def propose_charge(*, incident_id: int, amount_cents: int | None = None, by: Actor, at: datetime, op: Op) -> Charge:
    """Propose what the policy asks for an incident, or less; never above the cap."""
    basis = _load_basis(incident_id, by, at)
    amount = None if amount_cents is None else Money(amount_cents)
    charge = decide_charge(basis=basis, outcome=Charge.Outcome.PROPOSED, amount=amount, by=by, at=at, op=op)
    charge_account(charge=charge, by=by, at=at, op=op)
    return charge


@verb
def decide_no_charge(*, incident_id: int, reason: str, by: Actor, at: datetime, op: Op) -> Charge:
    """Decide that nothing is asked for an incident, and why."""
    if not reason.strip():
        raise Refused("reason_missing", _("Say in a few words why nothing is asked."))
    basis = _load_basis(incident_id, by, at)
    return decide_charge(basis=basis, outcome=Charge.Outcome.NONE, reason=reason, by=by, at=at, op=op)


def _load_basis(incident_id: int, by: Actor, at: datetime) -> Basis:
    incident = load(Incident, incident_id, by=by, permission=Permission.DECIDE_CHARGES)
    check_fees_asked()
    _check_not_there(incident, at)
    basis = basis_of(incident, at)
    if basis is None:
        raise Refused("nobody_had_it", _("Nobody had the device when it happened, so nobody is charged."))
    return basis


def _check_not_there(incident: Incident, at: datetime) -> None:
    """A missing device is charged once its search is over, and not when it was found (S77)."""
    if incident.searched and not search_over(incident, at=at):
        sentence = _("It is still being searched. Nothing is charged before the search is over.")
        raise Refused("still_searched", sentence, decision=SEARCH_DAYS.key)
    if incident.gone and incident.outcome == Incident.Outcome.FOUND:
        raise Refused("found_again", _("It was found. Nothing is charged."))
