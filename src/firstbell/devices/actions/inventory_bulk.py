"""Many devices enter the inventory at once: the same rows and events as verb by verb, written by COPY.

The events of one device stand in the order in which single verbs would have written them, so a replay tells the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import plan
from firstbell.decisions.register import STORAGE_GRADE
from firstbell.devices import events, rules
from firstbell.devices.actions.inventory import Line, Purchase, all_codes
from firstbell.devices.models import Assignment, Custody, Device, DeviceCode, MobileLine
from firstbell.directory.models import Person, Place
from firstbell.kernel.actor import Actor
from firstbell.kernel.codes import new_code
from firstbell.kernel.errors import Missing, Refused, Stale
from firstbell.kernel.identifiers import normalise_serial, normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.ledger.bulk import Done, Entry, copy_rows, note_done, record_many, reserve
from firstbell.ledger.facts import Code, Fact
from firstbell.ledger.writing import Subject

S = Device.Status
PERSON, PLACE = Code(Custody.Kind.PERSON.value), Code(Custody.Kind.PLACE.value)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One device that enters, under an operation id of its own.

    With an owner it is theirs; ``in_hand`` says that they have it, else it rests in the place. ``status`` is what it is
    in the end; a device with an owner is in service unless another status is named.
    """

    op: UUID
    tag: str
    serial: str
    model_id: int
    place_id: int
    purchase: Purchase = field(default_factory=Purchase)
    line: Line | None = None
    owner_id: int | None = None
    in_hand: bool = False
    status: S = S.IN_STOCK


@verb
def register_many(*, arrivals: Sequence[Arrival], by: Actor, at: datetime, op: Op) -> None:
    """Enter devices into the inventory: all of these or, when one is refused (``refusals``), none.

    Each is done once for its own operation id. Measured at some 2,000 devices a second; hand in a few thousand at once.
    """
    known = _Known.of(arrivals)
    for refusal in known.refusals(arrivals).values():
        raise refusal
    known.load_reach(arrivals, by=by)
    books = _Books(at)
    for arrival, device in zip(arrivals, _devices(arrivals, known), strict=True):
        books.enter(arrival, device, known)
    books.write(by=by, at=at, op=op)


# --- May it be: the questions of the single verbs, asked of all at once ---------------------------------------------


def refusals(arrivals: Sequence[Arrival]) -> dict[UUID, Refused]:
    """Return which of these single verbs would refuse and why, by operation id; reach is not asked here."""
    return _Known.of(arrivals).refusals(arrivals)


@dataclass
class _Known:
    """What is there already of the arrivals' names, and the places and owners in reach, in a few queries."""

    tags: set[str]
    serials: set[tuple[int, str]]
    sims: set[str]
    unsafe: Mapping[int, Refused]
    places: Mapping[int, int] = field(default_factory=dict)
    people: Mapping[int, int | None] = field(default_factory=dict)
    owners: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, arrivals: Sequence[Arrival]) -> "_Known":
        tags = [normalise_tag(arrival.tag) for arrival in arrivals]
        serials = [normalise_serial(arrival.serial) for arrival in arrivals]
        sims = [arrival.line.iccid for arrival in arrivals if arrival.line and arrival.line.iccid]
        return cls(
            tags={tag for (tag,) in _present(_TAGS, tags)},
            serials={*_present(_SERIALS, serials), *_present(_OLD_SERIALS, serials)},
            sims={sim for (sim,) in _present(_SIMS, sims)},
            unsafe=_unsafe({arrival.place_id for arrival in arrivals if not arrival.in_hand}),
        )

    def load_reach(self, arrivals: Sequence[Arrival], *, by: Actor) -> None:
        """Load places and owners in the actor's reach. Raises Missing when one of them is not."""
        reach = by.sites(Permission.REGISTER_DEVICES)
        wanted = {arrival.place_id for arrival in arrivals}
        rows = Place.objects.filter(pk__in=wanted, closed_at__isnull=True).values_list("pk", "site_id")
        self.places = {pk: site for pk, site in rows if reach is None or site in reach}
        owners = {arrival.owner_id for arrival in arrivals if arrival.owner_id is not None}
        self.people = dict(Person.objects.visible_to(by).filter(pk__in=owners).values_list("pk", "site_id"))
        owned = Assignment.objects.filter(person_id__in=owners, until__isnull=True).exclude(
            device__status__in=rules.MISSING
        )
        self.owners = set(owned.values_list("person_id", flat=True))
        if self.places.keys() != wanted or self.people.keys() != owners:
            raise Missing("Place" if self.places.keys() != wanted else "Person")

    def refusals(self, arrivals: Iterable[Arrival]) -> dict[UUID, Refused]:
        """Return the refusals; what may enter is known to those after it."""
        found = {arrival.op: self._judge(arrival) for arrival in arrivals}
        return {key: refusal for key, refusal in found.items() if refusal is not None}

    def _judge(self, arrival: Arrival) -> Refused | None:
        tag, serial = normalise_tag(arrival.tag), normalise_serial(arrival.serial)
        refusal = self._judge_names(tag, serial, arrival.model_id) or self._judge_line(arrival.line)
        refusal = refusal or (None if arrival.in_hand else self.unsafe.get(arrival.place_id))
        if refusal is None:
            self.tags.add(tag)
            self.serials.add((arrival.model_id, serial))
            self.sims |= {arrival.line.iccid} - {""} if arrival.line else set()
        return refusal

    def _judge_names(self, tag: str, serial: str, model_id: int) -> Refused | None:
        if not tag or not serial:
            return Refused("tag_and_serial", _("A device needs both its asset tag and its serial number."))
        if tag in self.tags:
            return Refused("tag_taken", _("There is a device with tag {tag} already."), tag=tag)
        if (model_id, serial) in self.serials:
            sentence = _("There is a device of this model with serial {serial} already.")
            return Refused("serial_taken", sentence, serial=serial)
        return None

    def _judge_line(self, line: Line | None) -> Refused | None:
        if line is None:
            return None
        try:
            rules.check_line_numbers(line.imei, line.iccid)
        except Refused as refusal:
            return refusal
        if line.iccid in self.sims:
            return Stale("sim_elsewhere", _("This SIM is on record in another device. Take it out there first."))
        return None


def _unsafe(place_ids: Iterable[int]) -> dict[int, Refused]:
    """Return the places in which the plan lets no new device wait, with the sentence that says so."""
    answers, found = plan([STORAGE_GRADE.key]), {}
    for place in Place.objects.filter(pk__in=place_ids):
        try:
            rules.check_secured(place, answers.says(STORAGE_GRADE, place.site_id))
        except Refused as refusal:
            found[place.pk] = refusal
    return found


_TAGS = "SELECT tag FROM devices_device WHERE tag = ANY(%s)"
_SERIALS = """
SELECT d.model_id, d.serial FROM devices_devicecode c JOIN devices_device d ON d.id = c.device_id WHERE c.code = ANY(%s)
"""
_OLD_SERIALS = """
SELECT d.model_id, o.serial FROM devices_oldserial o JOIN devices_device d ON d.id = o.device_id
WHERE o.serial = ANY(%s)
"""
_SIMS = "SELECT iccid FROM devices_mobileline WHERE iccid = ANY(%s) AND iccid <> '' AND until IS NULL"
_CODES = "SELECT code FROM devices_device WHERE code = ANY(%s)"


def _present(statement: str, values: Iterable[str]) -> list[Any]:
    """Ask for many values as one array: a placeholder for each would take longer to write than to answer."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(values)])
        return list(cursor.fetchall())


# --- What is written ------------------------------------------------------------------------------------------------

_DEVICE = (
    "id", "tag", "serial", "code", "model_id", "status", "is_loaner", "home_site_id", "at_site_id", "registered_at",
    "purchased_on", "price_cents", "funding_source", "order_number", "warranty_until",
)  # fmt: skip
_CODE = ("device_id", "code")
_LINE = ("device_id", "imei", "iccid", "eid", "mdn", "carrier", "active", "since")
_ASSIGNMENT = ("device_id", "person_id", "reason", "since")
_CUSTODY = ("device_id", "kind", "person_id", "place_id", "site_id", "since", "until")

Row = tuple[object, ...]


@dataclass(slots=True)
class _Device:
    """What is decided about a device while it is entered."""

    pk: int
    tag: str
    serial: str
    code: str
    home: int
    here: int
    status: S = S.IN_STOCK


def _devices(arrivals: Sequence[Arrival], known: _Known) -> Iterator[_Device]:
    ids, codes = reserve(Device, len(arrivals)), _fresh_codes(len(arrivals))
    for arrival, pk, code in zip(arrivals, ids, codes, strict=True):
        home = known.places[arrival.place_id]
        yield _Device(pk, normalise_tag(arrival.tag), normalise_serial(arrival.serial), code, home, home)


def _fresh_codes(count: int) -> list[str]:
    """Return label codes that no device has: among a million, two of one draw are likely to be the same."""
    codes = {new_code() for _ in range(count)}
    codes -= {code for (code,) in _present(_CODES, codes)}
    return list(codes) if len(codes) == count else [*codes, *_fresh_codes(count - len(codes))]


class _Books:
    """The rows and events of a batch, gathered in order and written table by table."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._devices: list[Row] = []
        self._codes: list[Row] = []
        self._lines: list[Row] = []
        self._assignments: list[Row] = []
        self._at_rest: list[Row] = []
        self._in_hand: list[Row] = []
        self._entries: list[Entry] = []
        self._done: list[Done] = []

    def enter(self, arrival: Arrival, device: _Device, known: _Known) -> None:
        """Take one device into the books, as register, set_line, assign, hand_over and a change of status would."""
        codes = all_codes(device.tag, device.serial, device.code, arrival.line)
        self._codes += [(device.pk, code) for code in sorted(codes)]
        self._record(arrival, events.DeviceRegistered(device.pk, device.home), ("device", device.pk))
        self._rest(arrival, device)
        self._connect(arrival, device)
        if arrival.owner_id is not None:
            self._own(arrival, device, arrival.owner_id, known.owners)
            self._give(arrival, device, arrival.owner_id, known.people[arrival.owner_id] or device.home)
        self._turn(arrival, device, arrival.status)
        self._devices.append(self._row(arrival, device))
        self._done.append(Done(arrival.op, "register_many", arrival.op.hex, ("devices.device", device.pk)))

    def _row(self, arrival: Arrival, device: _Device) -> Row:
        bought = arrival.purchase
        return (
            device.pk,
            device.tag,
            device.serial,
            device.code,
            arrival.model_id,
            device.status.value,
            False,
            device.home,
            device.here,
            self._at,
            bought.purchased_on,
            bought.price_cents,
            bought.funding_source,
            bought.order_number,
            bought.warranty_until,
        )

    def _record(self, arrival: Arrival, fact: Fact, *about: Subject) -> None:
        self._entries.append(Entry(fact, about, arrival.op))

    def _connect(self, arrival: Arrival, device: _Device) -> None:
        line = arrival.line
        if line is not None:
            row = (device.pk, line.imei, line.iccid, line.eid, line.mdn, line.carrier, True, self._at)
            self._lines.append(row)
            self._record(arrival, events.LineChanged(device.pk, Code("put_in")), ("device", device.pk))

    def _rest(self, arrival: Arrival, device: _Device) -> None:
        until = self._at if arrival.in_hand and arrival.owner_id else None
        place = arrival.place_id
        self._at_rest.append((device.pk, PLACE, None, place, device.home, self._at, until))
        fact = events.CustodyChanged(device.pk, PLACE, place, device.home, None, None, Code("registered"))
        self._record(arrival, fact, ("device", device.pk), ("place", place))

    def _own(self, arrival: Arrival, device: _Device, person: int, owners: set[int]) -> None:
        """Say whose it is, and that the list said so where it is not the only one."""
        reason = Code(Assignment.Reason.LIST.value if person in owners else "")
        if arrival.status not in rules.MISSING:
            owners.add(person)
        self._assignments.append((device.pk, person, reason, self._at))
        about = (("device", device.pk), ("person", person))
        self._record(arrival, events.Assigned(device.pk, person, None, reason), *about)

    def _give(self, arrival: Arrival, device: _Device, person: int, site: int) -> None:
        about = (("device", device.pk), ("person", person))
        self._turn(arrival, device, S.IN_SERVICE)
        if arrival.in_hand:
            device.here = site
            self._in_hand.append((device.pk, PERSON, person, None, site, self._at, None))
            fact = events.CustodyChanged(device.pk, PERSON, person, site, PLACE, arrival.place_id, Code("handed_over"))
            self._record(arrival, fact, *about)

    def _turn(self, arrival: Arrival, device: _Device, to: S) -> None:
        """Change the status by the table of moves; an owner's device that is named in stock is in service."""
        if device.status == to or (to is S.IN_STOCK and arrival.owner_id is not None):
            return
        rules.check_turn(device.tag, device.status, to)
        fact = events.StatusChanged(device.pk, Code(device.status.value), Code(to.value))
        device.status = to
        self._record(arrival, fact, ("device", device.pk))

    def write(self, *, by: Actor, at: datetime, op: Op) -> None:
        """Write the books: what is pointed at before what points."""
        copy_rows(Device._meta.db_table, _DEVICE, self._devices)
        copy_rows(DeviceCode._meta.db_table, _CODE, self._codes)
        copy_rows(MobileLine._meta.db_table, _LINE, self._lines)
        copy_rows(Assignment._meta.db_table, _ASSIGNMENT, self._assignments)
        copy_rows(Custody._meta.db_table, _CUSTODY, self._at_rest)
        copy_rows(Custody._meta.db_table, _CUSTODY, self._in_hand)
        record_many(self._entries, by=by, at=at, op=op)
        note_done(self._done, by=by)
