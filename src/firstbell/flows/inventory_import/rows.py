"""What one row asks for: a device to enter, a device to correct, nothing, or why it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from firstbell.connectors.inventory import SENTENCES, DeviceRow, Outcome
from firstbell.connectors.problems import Problem
from firstbell.devices import rules
from firstbell.devices.actions.inventory import Line, Purchase
from firstbell.devices.actions.inventory_bulk import Arrival
from firstbell.directory.models import Person
from firstbell.flows.inventory_import.lookups import Models, Owners, Places, Sites
from firstbell.flows.inventory_import.results import Note, note_of
from firstbell.flows.inventory_import.statuses import IN_HANDS, STATUS, Standing, standing
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Permission

LINE = ("imei", "iccid", "eid", "mdn", "carrier")
_WIDTHS = {"tag": 40, "serial": 60}


@dataclass(frozen=True)
class Wanted:
    """A row that can be placed: its device, who owns it, what the list says of it, and what was mended on the way."""

    outcome: Outcome
    op: UUID
    device: DeviceRow
    owner: Person | None
    standing: Standing
    line: Line | None
    notes: tuple[Note, ...] = field(default=())

    def noting(self, note: Note) -> "Wanted":
        """Return the same with one more note."""
        return replace(self, notes=(*self.notes, note))


def notes_of(outcome: Outcome) -> tuple[Note, ...]:
    """Return the reader's findings about a row as notes."""
    return tuple(Note(found.code, said(found), found.column) for found in outcome.problems)


def said(found: Problem) -> str:
    """Return what the reader found in the language of whoever imports."""
    return gettext(SENTENCES[found.code]).format(**dict(found.facts))


def purchase_of(row: DeviceRow) -> Purchase:
    """Return how the device of a row was bought, cut to what the inventory holds."""
    return Purchase(
        purchased_on=row.purchased_on,
        price_cents=row.purchase_price_cents,
        funding_source=row.funding_source[:80],
        order_number=row.po_number[:60],
        warranty_until=row.warranty_until,
    )


class Judge:
    """Reads the rows of one batch: whose, where, in what state."""

    def __init__(self, sites: Sites, places: Places, models: Models, statuses: Mapping[str, Standing]) -> None:
        self._sites = sites
        self._places = places
        self._models = models
        self._statuses = statuses

    def want(self, outcome: Outcome, op: UUID, owners: Owners) -> Wanted:
        """Return what a row asks for. Raises Refused when it can't be placed."""
        row = outcome.device
        assert row is not None, "rows that could not be read never come here"
        _check_widths(row)
        owner, notes = _owner(row, owners)
        said = standing(row.status, self._statuses, owned=owner is not None)
        if said is Standing.LOANER and owner is not None:
            raise Refused("loaner_owned", _("A loaner belongs to nobody. Clear its owner, or lend it at the desk."))
        line, line_notes = _line(row)
        return Wanted(outcome, op, row, owner, said, line, (*notes_of(outcome), *notes, *line_notes))

    def arrival(self, wanted: Wanted, by: Actor) -> tuple[Arrival, Wanted]:
        """Return a new device ready to enter, with a note where its place is not known. Raises Refused."""
        row, owner = wanted.device, None if wanted.standing is Standing.RETIRED else wanted.owner
        site = self._sites.of(row, wanted.owner)
        by.require(Permission.REGISTER_DEVICES, site)
        in_hand = owner is not None and wanted.standing in IN_HANDS
        place = self._places.find(site, row.place) if row.place else None
        if place is None and not in_hand:
            wanted = wanted.noting(_no_place(row.place))
        entering = Arrival(
            op=wanted.op,
            tag=row.tag,
            serial=row.serial,
            model_id=self._models.find(row),
            place_id=self._places.store(site) if place is None else place,
            purchase=purchase_of(row),
            line=wanted.line,
            owner_id=owner.pk if owner else None,
            in_hand=in_hand,
            status=STATUS[wanted.standing],
        )
        return entering, wanted


def _check_widths(row: DeviceRow) -> None:
    for column, width in _WIDTHS.items():
        if len(getattr(row, column)) > width:
            raise Refused("too_long", _("This {column} is longer than {width} characters."), column=column, width=width)


def _owner(row: DeviceRow, owners: Owners) -> tuple[Person | None, Sequence[Note]]:
    """Return the owner; one who is not to be found costs the assignment, never the device."""
    if row.owner is None:
        return None, ()
    try:
        return owners.find(row.owner), ()
    except Refused as refusal:
        return None, (note_of(refusal, "owner"),)


def _line(row: DeviceRow) -> tuple[Line | None, Sequence[Note]]:
    """Return the mobile line; a wrong number costs the line, never the device."""
    if not (row.imei or row.iccid or row.eid or row.mdn):
        return None, ()
    try:
        rules.check_line_numbers(row.imei, row.iccid)
    except Refused as refusal:
        return None, (note_of(refusal, "iccid"),)
    return Line(imei=row.imei, iccid=row.iccid, eid=row.eid, mdn=row.mdn[:15], carrier=row.carrier[:40]), ()


def _no_place(name: str) -> Note:
    if not name:
        return Note("place_missing", str(_("The row names no place. It is taken to be in the store room.")), "place")
    sentence = str(_("There is no place “{name}” there. The device is taken to be in the store room."))
    return Note("place_unknown", sentence.format(name=name), "place")
