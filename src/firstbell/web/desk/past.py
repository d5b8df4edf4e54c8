"""``?on=DATE``: how a device, a person or a place stood as that day ended."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from firstbell.devices import past
from firstbell.devices.models import Assignment, Device
from firstbell.directory.models import Person, Place
from firstbell.kernel.actor import Actor
from firstbell.web.desk.words import Whereabouts, device_address, owner_of, where_is
from firstbell.web.middleware import FirstbellRequest

SHOWN = 200
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Row:
    """One device as it stood then."""

    device: Device
    url: str
    where: Whereabouts
    owner: str


@dataclass(frozen=True)
class Then:
    """What was asked for and what stood then; ``refusal`` is the sentence where the day says nothing."""

    typed: str
    latest: date
    zone: ZoneInfo
    day: date | None = None
    refusal: str = ""
    status: str = ""
    rows: list[Row] = field(default_factory=list)
    more: bool = False

    @property
    def moment(self) -> datetime:
        """The last moment of the day, where the thing is at home."""
        after = (self.day or self.latest) + timedelta(days=1)
        return datetime.combine(after, time(), self.zone) - A_MOMENT


def asked_day(request: FirstbellRequest, zone: str) -> Then:
    """Return the day an address asks for: a past one, or a sentence that says what it must be."""
    here = ZoneInfo(zone)
    typed, today = request.GET.get("on", "").strip()[:20], request.at.astimezone(here).date()
    asked = Then(typed, today - timedelta(days=1), here)
    if not typed:
        return asked
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return Then(typed, asked.latest, here, refusal=_("That is no day. Choose one like 2026-10-03."))
    if not date.min < day < today:
        return Then(typed, asked.latest, here, refusal=_("That day is not over. Choose one that is past."))
    return Then(typed, asked.latest, here, day)


def device_then(device: Device, asked: Then, by: Actor) -> Then:
    """Return how a device stood: who or what had it, whose it was, its status."""
    if asked.day is None:
        return asked
    found = list(past.with_past_hands(Device.objects.visible_to(by).filter(pk=device.pk), asked.moment))
    status = past.status_then(device, asked.moment)
    if status is None:
        return Then(asked.typed, asked.latest, asked.zone, asked.day, _("It was not in the inventory yet."))
    return _stood(asked, found, by, str(status.label))


def person_then(person: Person, asked: Then, by: Actor) -> Then:
    """Return what a person had in hand or owned."""
    return _stood(asked, list(past.had_then(person, asked.moment, by=by)[: SHOWN + 1]), by) if asked.day else asked


def place_then(place: Place, asked: Then, by: Actor) -> Then:
    """Return what lay in a place."""
    return _stood(asked, list(past.lay_in(place.pk, asked.moment, by=by)[: SHOWN + 1]), by) if asked.day else asked


def _stood(asked: Then, found: list[Device], by: Actor, status: str = "") -> Then:
    rows = [_row(device, by) for device in found[:SHOWN]]
    more = len(found) > SHOWN
    return Then(asked.typed, asked.latest, asked.zone, asked.day, status=status, rows=rows, more=more)


def _row(device: Device, by: Actor) -> Row:
    owner: Assignment | None = past.owner_then(device)
    where = where_is(past.where_then(device), by)
    return Row(device, device_address(device), where, owner_of(owner, by) if owner else "")
