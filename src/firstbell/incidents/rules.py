"""What the times and subjects of an incident allow."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from firstbell.devices.models import Device
from firstbell.kernel.errors import Refused
from firstbell.tickets.models import Ticket


def check_times(happened_at: datetime, found_at: datetime, at: datetime) -> None:
    """First it happens, then it is found, then it is noted."""
    if not happened_at <= found_at <= at:
        raise Refused("times_out_of_order", _("It cannot be found before it happened, nor happen later than now."))


def check_same_device(ticket: Ticket, device: Device) -> None:
    """An incident hangs on a ticket about the same device."""
    if ticket.device_id != device.pk:
        raise Refused("other_device", _("Ticket {code} is about another device."), code=ticket.code)
