"""What the times and subjects of an incident allow."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.incidents.models import Incident
from firstbell.incidents.paths import Step, path_of
from firstbell.kernel.damage import GONE
from firstbell.kernel.errors import Refused, Stale
from firstbell.tickets.models import Ticket


def check_times(happened_at: datetime, found_at: datetime, at: datetime) -> None:
    """First it happens, then it is found, then it is noted."""
    if not happened_at <= found_at <= at:
        raise Refused("times_out_of_order", _("It cannot be found before it happened, nor happen later than now."))


def check_same_device(ticket: Ticket, device: Device) -> None:
    """An incident hangs on a ticket about the same device."""
    if ticket.device_id != device.pk:
        raise Refused("other_device", _("Ticket {code} is about another device."), code=ticket.code)


def check_damage(cause: str) -> None:
    """What is gone is reported missing; damage is noted on a device that is there."""
    if cause in GONE:
        raise Refused("not_damage", _("A device that is gone is reported missing, not damaged."))


def check_gone(cause: str, where: str) -> None:
    """A device is lost or stolen, and somewhere."""
    if cause not in GONE or where not in Incident.Where.values:
        raise Refused("gone_how", _("Say whether it is lost or stolen, and where."))


def check_circumstance(circumstance: str) -> None:
    """A circumstance is one of the list: what was seen, never whose fault it was."""
    if circumstance not in Incident.Circumstance.values:
        raise Refused("circumstance_unknown", _("Choose how it happened."))


def check_searched(incident: Incident) -> None:
    """Only what is being searched can be found or written off."""
    if not incident.searched:
        raise Stale("not_searched", _("This search has ended already."))


def check_can_end(incident: Incident, outcome: Incident.Outcome) -> None:
    """What was written off may still be found; nothing else changes once a search has ended."""
    if not (outcome == Incident.Outcome.FOUND and incident.outcome == Incident.Outcome.WRITTEN_OFF):
        check_searched(incident)


def check_step(incident: Incident, code: str, text: str) -> Step:
    """A step belongs to the case; where something is to be written down, it is."""
    found = next((step for step in path_of(incident) if step.code == code), None)
    if found is None:
        raise Refused("no_such_step", _("This case has no such step."))
    if found.asks and not text.strip():
        raise Refused("step_empty", _("Write it down: {asks}."), asks=found.asks)
    return found
