"""Reads of incidents that several pages share."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from firstbell.directory.scope import ScopedQuerySet
from firstbell.incidents.models import Incident
from firstbell.kernel.actor import Actor

YEAR = timedelta(days=365)


def incidents_of(device_id: int, *, by: Actor) -> ScopedQuerySet[Incident]:
    """Return what happened to a device in reach, newest first, with who had it then."""
    rows = Incident.objects.visible_to(by).filter(device_id=device_id)
    return rows.select_related("custody__person", "custody__place", "custody__shipment", "ticket").order_by(
        "-happened_at", "-pk"
    )


def incidents_on(ticket_id: int) -> QuerySet[Incident]:
    """Return the incidents that hang on a ticket, which the caller has loaded in reach."""
    rows = Incident.objects.everyone(reason="the ticket was loaded in reach").filter(ticket_id=ticket_id)
    return rows.select_related("site", "custody__person").order_by("pk")


def occurrence(incident: Incident) -> int:
    """Return the how manieth of its cause an incident is for its holder within a year: 1 is the first."""
    person = incident.custody.person_id
    if person is None:
        return 1
    rows = Incident.objects.everyone(reason="a number, for the policy row that applies")
    same = rows.filter(custody__person_id=person, cause=incident.cause, happened_at__gt=incident.happened_at - YEAR)
    before = Q(happened_at__lt=incident.happened_at) | Q(happened_at=incident.happened_at, pk__lt=incident.pk)
    return same.filter(before).count() + 1
