"""The import itself: batch by batch, each in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from firstbell.connectors.inventory import DeviceFile, Outcome
from firstbell.devices.actions.inventory_bulk import Arrival, refusals, register_many
from firstbell.devices.models import Device
from firstbell.flows.inventory_import.correct import Correction, Present, correct_device
from firstbell.flows.inventory_import.lookups import Models, Owners, Places, Run, Sites
from firstbell.flows.inventory_import.results import RowResult, What, note_of
from firstbell.flows.inventory_import.rows import Judge, Wanted, notes_of
from firstbell.flows.inventory_import.statuses import Standing
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, verb
from firstbell.ledger.bulk import done_before
from firstbell.loans.actions import add_to_pool

BATCH = 2_000
SPACE = UUID("6d0b4a52-3f0c-4c0e-9d5b-5d7a1f0f4c11")
"""Name space of the operation ids of all imports."""


@dataclass(frozen=True)
class Options:
    """How a list is to be taken. ``site`` is for rows that name none; ``statuses`` say what new status words mean."""

    site: str = ""
    statuses: Mapping[str, Standing] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    def space(self, digest: str) -> UUID:
        """Return the name space of operations: another mapping of the same file is another import."""
        said = sorted([*self.columns.items(), *((word, code.value) for word, code in self.statuses.items())])
        return uuid5(SPACE, sha256(repr((digest, self.site, said)).encode()).hexdigest())


def import_devices(
    file: DeviceFile, *, digest: str, options: Options, dry_run: bool = False, by: Actor, at: datetime
) -> Iterator[RowResult]:
    """Import a device list and yield what became of each row, in the file's order.

    ``digest`` is the SHA-256 of the file: each row is an operation of its own, so a second run changes nothing, and a
    run that was broken off is taken up by the next. A dry run writes nothing. Raises Denied without the permission.
    """
    by.require(Permission.IMPORT)
    run = Run(by, at, options.space(digest), dry_run)
    judge = Judge(Sites(options.site), Places(run), Models(run), options.statuses)
    outcomes = file.outcomes()
    while batch := list(islice(outcomes, BATCH)):
        yield from _Batch(run, judge, set(file.columns), batch).take()


class _Batch:
    """Some rows that are taken in one transaction."""

    def __init__(self, run: Run, judge: Judge, columns: set[str], outcomes: Sequence[Outcome]) -> None:
        self._run = run
        self._judge = judge
        self._columns = columns
        self._outcomes = outcomes
        self._results: dict[int, RowResult] = {}
        self._entering: list[tuple[Arrival, Wanted]] = []
        self._corrections: list[tuple[Correction, Wanted]] = []

    def take(self) -> list[RowResult]:
        """Take the rows and return what became of them."""
        with transaction.atomic():
            self._sort_out(self._wanted())
            self._drop_refused()
            if not self._run.dry:
                self._write()
            self._tell()
        return [self._results[outcome.row] for outcome in self._outcomes]

    def _result(self, wanted: Wanted, what: What) -> None:
        device = wanted.device
        self._results[wanted.outcome.row] = RowResult(wanted.outcome.row, what, device.tag, wanted.notes)

    def _refuse(self, outcome: Outcome, refusal: Refused | None = None) -> None:
        notes = (*notes_of(outcome), *([note_of(refusal)] if refusal else []))
        tag = outcome.device.tag if outcome.device else ""
        self._results[outcome.row] = RowResult(outcome.row, What.REFUSED, tag, notes)

    def _wanted(self) -> list[Wanted]:
        """Return the rows that can be placed and were not taken in an earlier run."""
        ops = {outcome.row: self._run.op(f"row:{outcome.row}") for outcome in self._outcomes if outcome.device}
        done = done_before(ops.values())
        owners = Owners([outcome.device for outcome in self._outcomes if outcome.device], self._run.by)
        found = []
        for outcome in self._outcomes:
            if outcome.device is None:
                self._refuse(outcome)
            elif ops[outcome.row] in done:
                self._results[outcome.row] = RowResult(outcome.row, What.UNCHANGED, outcome.device.tag)
            else:
                wanted = self._try(outcome, ops[outcome.row], owners)
                found += [wanted] if wanted else []
        return found

    def _try(self, outcome: Outcome, op: UUID, owners: Owners) -> Wanted | None:
        try:
            return self._judge.want(outcome, op, owners)
        except Refused as refusal:
            self._refuse(outcome, refusal)
            return None

    def _sort_out(self, rows: Sequence[Wanted]) -> None:
        """Tell the devices that enter from those that are there."""
        present = Present(rows, self._columns, self._run.by)
        for wanted in rows:
            device = present.find(wanted)
            try:
                if device is None:
                    self._entering.append(self._judge.arrival(wanted, self._run.by))
                else:
                    self._corrections.append((present.correction(wanted, device), wanted))
            except Refused as refusal:
                self._refuse(wanted.outcome, refusal)
            except Denied:
                self._refuse(wanted.outcome, _not_yours())

    def _drop_refused(self) -> None:
        """Take out what single verbs would refuse; a SIM that is elsewhere costs the line, never the device."""
        refused = refusals([arrival for arrival, _wanted in self._entering])
        kept = []
        for arrival, wanted in self._entering:
            refusal = refused.get(arrival.op)
            if refusal is None:
                kept.append((arrival, wanted))
            elif refusal.code == "sim_elsewhere":
                kept.append((_without_line(arrival), wanted.noting(note_of(refusal, "iccid"))))
            else:
                self._refuse(wanted.outcome, refusal)
        self._entering = kept

    def _write(self) -> None:
        run = self._run
        arrivals = tuple(arrival for arrival, _wanted in self._entering)
        if arrivals:
            op = run.op(f"batch:{sorted(arrival.op.hex for arrival in arrivals)}")
            register_many(arrivals=arrivals, by=run.by, at=run.at, op=op)
        loaners = [wanted.device.tag for _arrival, wanted in self._entering if wanted.standing is Standing.LOANER]
        if loaners:
            _fill_pools(tags=loaners, by=run.by, at=run.at, op=run.op(f"pool:{sorted(loaners)}"))
        for correction, wanted in list(self._corrections):
            if not correction.empty:
                self._correct(correction, wanted)

    def _correct(self, correction: Correction, wanted: Wanted) -> None:
        run = self._run
        try:
            correct_device(correction=correction, by=run.by, at=run.at, op=wanted.op)
        except Refused as refusal:
            self._refuse(wanted.outcome, refusal)

    def _tell(self) -> None:
        for _arrival, wanted in self._entering:
            self._result(wanted, What.ADDED)
        for correction, wanted in self._corrections:
            if wanted.outcome.row not in self._results:
                self._result(wanted, What.UNCHANGED if correction.empty else What.CHANGED)


def _without_line(arrival: Arrival) -> Arrival:
    return replace(arrival, line=None)


def _not_yours() -> Refused:
    return Refused("site_not_yours", _("You may not enter devices at this site."))


@verb
def _fill_pools(*, tags: Sequence[str], by: Actor, at: datetime, op: Op) -> None:
    """Make devices that just entered loaners of their school."""
    devices = Device.objects.visible_to(by).select_for_update(of=("self",)).filter(tag__in=tags)
    for device in devices.order_by("pk"):
        by.require(Permission.LEND, device.home_site_id)
        add_to_pool(device=device, site_id=device.home_site_id, by=by, at=at, op=op)
