"""What a scanned or typed text is. The code decides: a device, a place, a shipment, a ticket, a person, or several."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from firstbell.devices.models import Device, Shipment
from firstbell.directory.models import Person, Place
from firstbell.directory.queries import find_people, person_by_badge, place_by_old_code
from firstbell.kernel.actor import Actor
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.repairs.models import WorkOrder
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptom
from firstbell.web.desk.words import PLACE_ICONS, address, device_address, grade_of

MOST = 9
CONFUSED = ("0O", "1IL", "5S", "8B", "2Z")
"""Characters that look alike on a worn label."""
VARIANTS = 64
SHORTEST = 3
SPLIT = re.compile(r"([A-Z]+)-?(\d.*)")


@dataclass(frozen=True)
class Hit:
    """One thing that a text may mean, with its page."""

    kind: str
    pk: int
    icon: str
    label: str
    detail: str
    url: str
    loaner: bool = False


def code_in(text: str) -> str:
    """Return the code in what was scanned: the last part of a label's address, else the text itself."""
    text = text.strip()
    if "://" not in text and not text.startswith("/"):
        return text
    parts = [part for part in urlsplit(text).path.split("/") if part]
    return unquote(parts[-1]) if parts else text


def find(text: str, *, by: Actor) -> list[Hit]:
    """Return what a text means within the actor's reach; codes before names. A device's code takes one query."""
    code = code_in(text)
    if not normalise_tag(code):
        return []
    return devices_with(_spellings(code), by=by) or _codes(code, by=by) or _people(code, by=by)


def _spellings(code: str) -> set[str]:
    """Return a code as it may be stored: as a tag, as a serial, as a phone number written with its blanks."""
    digits = re.sub(r"[\s().+-]", "", code)
    number = {digits} if digits.isascii() and digits.isdigit() and len(digits) >= 10 else set()
    return {normalise_tag(code), normalise_serial(code)} | number


def devices_with(codes: Iterable[str], *, by: Actor) -> list[Hit]:
    """Return the devices in reach with one of these codes; a tag goes before the end of another's serial."""
    wanted = set(codes)
    rows = Device.objects.visible_to(by).filter(codes__code__in=wanted).select_related("model", "home_site", "pool")
    found = list(rows.distinct().order_by("tag")[:MOST])
    tags = [device for device in found if device.tag in wanted]
    return [_device_hit(device) for device in tags or found]


def _device_hit(device: Device) -> Hit:
    pool = getattr(device, "pool", None)
    loaner = pool is not None and pool.until is None
    detail = f"{device.model} · {device.home_site.name}"
    icon = "loaner" if loaner else "device"
    return Hit("device", device.pk, icon, device.tag, detail, device_address(device), loaner)


def _codes(code: str, *, by: Actor) -> list[Hit]:
    """Return the place, shipment, ticket, repair or person with this code, also where it was replaced since."""
    wanted = code.upper()
    for kind in (_place, _shipment, _ticket, _repair, _badge, _replaced):
        hit = kind(wanted, by)
        if hit:
            return [hit]
    return []


def _place(code: str, by: Actor) -> Hit | None:
    place = Place.objects.select_related("site").filter(code=code, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.SEE_DEVICES, place.site_id):
        return None
    ships = by.may(Permission.SHIP, place.site_id) or by.may(Permission.TRANSPORT)
    box = address("pickup_box", place.code) if place.kind == Place.Kind.PICKUP_BOX and ships else ""
    url = box or reverse("place", args=[place.code])
    return Hit("place", place.pk, PLACE_ICONS[Place.Kind(place.kind)], place.name, place.site.name, url)


def _shipment(code: str, by: Actor) -> Hit | None:
    row = Shipment.objects.visible_to(by).select_related("from_site", "to_site").filter(code=code).first()
    url = address("shipment", row.code) if row else ""
    if row is None or not url:
        return None
    detail = _("from {a} to {b}").format(a=row.from_site.name, b=row.to_site.name)
    return Hit("shipment", row.pk, "truck", row.code, detail, url)


def _ticket(code: str, by: Actor) -> Hit | None:
    row = Ticket.objects.visible_to(by).filter(code=code).first()
    if row is None:
        return None
    branch = symptom(row.symptom)
    return Hit("ticket", row.pk, "queue", row.code, branch.label if branch else "", reverse("ticket", args=[row.code]))


def _repair(code: str, by: Actor) -> Hit | None:
    row = WorkOrder.objects.visible_to(by).select_related("device").filter(code=code).first()
    url = device_address(row.device) if row else ""
    return Hit("device", row.device_id, "repair", row.device.tag, row.code, url) if row else None


def _badge(code: str, by: Actor) -> Hit | None:
    person = person_by_badge(code, by=by) if by.may(Permission.SEE_PEOPLE) else None
    return person_hit(person) if person else None


def _replaced(code: str, by: Actor) -> Hit | None:
    """Return what an old label or poster belongs to: staff find it all the same."""
    old = Device.objects.visible_to(by).filter(old_labels__code=code).select_related("model", "home_site", "pool")
    device, place = old.first(), place_by_old_code(code)
    if device:
        return _device_hit(device)
    return _place(place.code, by) if place else None


def _people(text: str, *, by: Actor) -> list[Hit]:
    if not by.may(Permission.SEE_PEOPLE):
        return []
    badge = Person.objects.visible_to(by).filter(local_number=text, active=True).select_related("site")[:MOST]
    here = list(badge) or find_people(text, by=by, limit=MOST)
    return [person_hit(person) for person in here or find_people(text, by=by, limit=MOST, active=False)]


def person_hit(person: Person) -> Hit:
    """Return a person as an entry of a list: name, grade and school, nothing else; and that they have left."""
    left = "" if person.active else _("has left")
    detail = " · ".join(filter(None, [grade_of(person), person.site.name if person.site else "", left]))
    return Hit("person", person.pk, "person", person.display_name, detail, reverse("person", args=[person.pk]))


def near(text: str, *, by: Actor) -> list[Hit]:
    """Return devices whose codes look like the text: confused letters, a missing dash, its beginning or its end."""
    wanted = normalise_tag(code_in(text))
    if len(wanted) < SHORTEST:
        return []
    alike = devices_with(set(lookalikes(wanted)) - {wanted}, by=by)
    return (alike or _beginning(wanted, by=by) or _ending(wanted, by=by))[:MOST]


def lookalikes(code: str) -> list[str]:
    """Return spellings that a tired eye may take for this code, at most some dozens."""
    groups = {letter: group for group in CONFUSED for letter in group}
    letters = [groups.get(letter, letter) for letter in code]
    swapped = itertools.islice(itertools.product(*letters), VARIANTS)
    return list(itertools.chain.from_iterable(_dashes("".join(each)) for each in (code, *swapped)))


def _dashes(code: str) -> list[str]:
    split = SPLIT.fullmatch(code)
    return [code, code.replace("-", ""), *([f"{split[1]}-{split[2]}"] if split else [])]


def _beginning(wanted: str, *, by: Actor) -> list[Hit]:
    match = Q(codes__code__gte=wanted, codes__code__lt=wanted + "\U0010ffff")
    rows = Device.objects.visible_to(by).filter(match).select_related("model", "home_site", "pool")
    return [_device_hit(device) for device in rows.distinct().order_by("tag")[:MOST]]


def _ending(wanted: str, *, by: Actor) -> list[Hit]:
    """Look among the devices of the actor's own schools only: an end can't be looked up in a whole district."""
    if by.sites(Permission.SEE_DEVICES) is None:
        return []
    rows = Device.objects.visible_to(by).filter(Q(tag__endswith=wanted) | Q(serial__endswith=wanted))
    found = rows.select_related("model", "home_site", "pool").order_by("tag")[:MOST]
    return [_device_hit(device) for device in found]
