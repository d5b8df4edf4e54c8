"""The verbs of counts. A count changes no custody: where resolving a difference moves something, a flow does it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from firstbell.counts import events, rules
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import tally
from firstbell.devices.models import Device, DeviceModel
from firstbell.directory.models import Place, User
from firstbell.directory.scope import load
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.facts import Code
from firstbell.ledger.queries import Sighting, sightings
from firstbell.planning.sampling import draw, zero_defect_sample

DISTRICT_ZONE = "America/New_York"


@dataclass(frozen=True)
class Scope:
    """What is counted. For a sample: how sure one wants to be, and that at most which share is wrong.

    ``site_id`` is None for the whole district. ``seal`` is the number of the seal or lock of a storage place.
    """

    kind: Count.Scope
    site_id: int | None = None
    place_ids: tuple[int, ...] = ()
    model_ids: tuple[int, ...] = ()
    confidence: float = 0.95
    max_rate: float = 0.05
    seed: int = 0
    seal: str = ""


@verb
def open_count(
    *, name: str, scope: Scope, due_on: date, rehearsal: bool = False, by: Actor, at: datetime, op: Op
) -> Count:
    """Open a count: what should be there is frozen from custody, as ids, in one statement.

    A rehearsal runs like any other and proves nothing: it is in no figure (S28).
    """
    _check_reach(Permission.COUNT, scope.site_id, by)
    rules.check_name(name)
    count = _write(name, scope, due_on, by, at)
    count.rehearsal = rehearsal
    rules.check_due(due_on, at.astimezone(ZoneInfo(count.site.timezone if count.site else DISTRICT_ZONE)).date())
    _choose(count, scope)
    count.expected = _draw_sample(count, scope) if scope.kind == Count.Scope.SAMPLE else _freeze(count, scope)
    rules.check_something_expected(count.expected)
    count.save(update_fields=["rehearsal", "expected", "population", "confidence", "max_rate", "seed"])
    fact = events.CountOpened(count.pk, count.site_id, Code(count.scope), count.expected, due_on)
    record(fact, about=[count], by=by, at=at, op=op)
    return count


def _check_reach(permission: Permission, site_id: int | None, by: Actor) -> None:
    """One's own school, or the whole district for those who may do it everywhere."""
    if site_id is None and by.sites(permission) is not None:
        raise Denied(permission)
    by.require(permission, site_id)


def _write(name: str, scope: Scope, due_on: date, by: Actor, at: datetime) -> Count:
    return Count.objects.create(
        name=name.strip()[:120],
        site_id=scope.site_id,
        scope=scope.kind,
        seal=scope.seal.strip().upper()[:40],
        opened_at=at,
        opened_by_id=by.user_id,
        due_on=due_on,
    )


def _choose(count: Count, scope: Scope) -> None:
    """Note the places and models chosen; places are open ones of the count's site."""
    rules.check_chosen(count, places=len(scope.place_ids), models=len(scope.model_ids))
    places = Place.objects.filter(pk__in=scope.place_ids, closed_at__isnull=True)
    here = places.filter(site_id=scope.site_id) if scope.site_id else places
    models = DeviceModel.objects.filter(pk__in=scope.model_ids)
    if len(here) != len(set(scope.place_ids)) or len(models) != len(set(scope.model_ids)):
        raise Missing("Place")
    count.places.set(here)
    count.device_models.set(models)


_SPOTS = """
    WITH homeroom AS (
        SELECT enrolment.person_id, min(class.place_id) AS place_id
        FROM directory_enrolment enrolment
        JOIN directory_classgroup class ON class.id = enrolment.class_group_id
        WHERE class.homeroom AND class.active AND class.place_id IS NOT NULL AND NOT enrolment.teacher
          AND (%(site)s::bigint IS NULL OR class.site_id = %(site)s)
        GROUP BY enrolment.person_id
    ), spot AS (
        SELECT custody.device_id, custody.kind AS held, coalesce(custody.place_id, homeroom.place_id) AS place_id
        FROM devices_custody custody
        JOIN devices_device device ON device.id = custody.device_id
        LEFT JOIN homeroom ON homeroom.person_id = custody.person_id
        WHERE custody.until IS NULL AND device.status NOT IN ('lost', 'stolen', 'retired')
          AND (%(site)s::bigint IS NULL OR custody.site_id = %(site)s)
          AND (%(models)s::bigint[] IS NULL OR device.model_id = ANY(%(models)s))
          AND (NOT %(unassigned)s OR NOT EXISTS (
                SELECT FROM devices_assignment owned WHERE owned.device_id = device.id AND owned.until IS NULL))
    ), chosen AS (
        SELECT * FROM spot
        WHERE (%(places)s::bigint[] IS NULL OR (place_id = ANY(%(places)s) AND (held = 'place' OR NOT %(unassigned)s)))
    )
"""
"""Where each device should be seen: the place it rests in, or the homeroom of the student who has it."""
_FREEZE = """INSERT INTO counts_countline (count_id, device_id, stranger, expected, held, place_id, source, how, reason)
    SELECT %(count)s, device_id, '', true, held, place_id, '', '', '' FROM chosen
    WHERE %(only)s::bigint[] IS NULL OR device_id = ANY(%(only)s)
"""
_DRAWN = _SPOTS + "TABLE chosen"


def _asked(count: Count, scope: Scope) -> dict[str, Any]:
    return {
        "count": count.pk,
        "site": scope.site_id,
        "places": list(scope.place_ids) or None,
        "models": list(scope.model_ids) or None,
        "unassigned": scope.kind == Count.Scope.STORE,
        "only": None,
    }


def _freeze(count: Count, scope: Scope, only: list[int] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SPOTS + _FREEZE, _asked(count, scope) | {"only": only})
        return int(cursor.rowcount)


def _sample_size(scope: Scope, population: int) -> int:
    if population == 0:
        return 0
    return zero_defect_sample(confidence=scope.confidence, most_wrong=scope.max_rate, population=population)


def _draw_sample(count: Count, scope: Scope) -> int:
    """Draw the sample by its seed, which is kept: an auditor can draw it again."""
    if not (0.5 <= scope.confidence < 1 and 0 < scope.max_rate <= 0.5):
        raise Refused("sample_not_sensible", _("Choose how sure you want to be, and which share may be wrong at most."))
    with connection.cursor() as cursor:
        cursor.execute(_DRAWN, _asked(count, scope))
        ids = [row[0] for row in cursor.fetchall()]
    size = _sample_size(scope, len(ids))
    count.population, count.seed = len(ids), scope.seed
    count.confidence, count.max_rate = Decimal(str(scope.confidence)), Decimal(str(scope.max_rate))
    return _freeze(count, scope, draw(ids, size, scope.seed))


# --- Seeing --------------------------------------------------------------------------------------------------------


def load_count(count_id: int, *, by: Actor, permission: Permission = Permission.COUNT) -> Count:
    """Return a count in reach, locked, that is not certified."""
    count = load(Count, count_id, by=by, permission=permission)
    rules.check_under_way(count)
    return count


@verb
def count_device(*, count_id: int, device_id: int, place_id: int, by: Actor, at: datetime, op: Op) -> CountLine:
    """Note that a device was seen in a place. Its custody stays; what was not expected is added to the list."""
    device = load(Device, device_id, by=by, lock=False)
    count = load_count(count_id, by=by)
    place = _place(place_id, by)
    line = count.lines.filter(device=device).first() or CountLine(count=count, device=device, expected=False)
    _see(line, place, by, at)
    _begin(count)
    record(events.Counted(count.pk, device.pk, place.pk), about=[count, device, place], by=by, at=at, op=op)
    return line


@verb
def count_stranger(*, count_id: int, code: str, place_id: int, by: Actor, at: datetime, op: Op) -> CountLine:
    """Note a thing whose code is on no record: found on the floor, not in the book."""
    count = load_count(count_id, by=by)
    place = _place(place_id, by)
    code = code.strip().upper()[:64]
    if not code:
        raise Refused("code_missing", _("Scan or type the code that is on it."))
    line = count.lines.filter(stranger=code).first() or CountLine(count=count, stranger=code, expected=False)
    _see(line, place, by, at)
    _begin(count)
    record(events.StrangerFound(count.pk, line.pk, place.pk), about=[count, place], by=by, at=at, op=op)
    return line


def _place(place_id: int, by: Actor) -> Place:
    place = Place.objects.filter(pk=place_id, closed_at__isnull=True).first()
    if place is None or not by.may(Permission.COUNT, place.site_id):
        raise Missing("Place")
    return place


def _see(line: CountLine, place: Place, by: Actor, at: datetime) -> None:
    """The last look counts; a look before it, which arrives late, changes nothing."""
    if line.source == CountLine.Source.SCAN and line.seen_at and line.seen_at > at:
        return
    line.seen_at, line.seen_place, line.seen_by_id, line.source = at, place, by.user_id, CountLine.Source.SCAN
    line.how, line.resolved_at, line.resolved_by_id = "", None, None
    line.save()


def _begin(count: Count) -> None:
    if count.status == Count.Status.OPEN:
        count.status = Count.Status.SCANNING
        count.save(update_fields=["status"])


@verb
def count_by_number(*, count_id: int, number: int, seal: str, by: Actor, at: datetime, op: Op) -> Count:
    """Count a sealed storage place by its number: when it agrees and the seal is whole, all of it was there."""
    count = load_count(count_id, by=by)
    rules.check_store(count)
    rules.check_seal(count, seal)
    rules.check_number(number, count.expected)
    unseen = count.lines.filter(rules.MISSING)
    unseen.update(seen_at=at, seen_by=by.user_id, source=CountLine.Source.NUMBER)
    _begin(count)
    record(events.CountedByNumber(count.pk, number), about=[count], by=by, at=at, op=op)
    return count


@verb
def credit_sightings(
    *, count_id: int, device_ids: tuple[int, ...] | None = None, by: Actor, at: datetime, op: Op
) -> Count:
    """Credit the devices that somebody had before them elsewhere since the count began, each with its source."""
    count = load_count(count_id, by=by)
    credited = _credit(count, device_ids)
    if credited:
        record(events.SightingsCredited(count.pk, credited), about=[count], by=by, at=at, op=op)
    return count


def _credit(count: Count, device_ids: Iterable[int] | None = None) -> int:
    rows = count.lines.filter(rules.MISSING, device__isnull=False)
    wanted = rows if device_ids is None else rows.filter(device_id__in=device_ids)
    unseen = {row.device_id or 0: row for row in wanted}
    kinds = list(rules.SOURCES)
    seen: dict[int, CountLine] = {}
    for sighting in sightings("device", kinds, count.opened_at, list(unseen)) if unseen else ():
        source = rules.source_of(sighting.kind, sighting.reason)
        if source is not None:
            seen[sighting.subject_id] = _credited(unseen[sighting.subject_id], sighting, source)
    CountLine.objects.bulk_update(seen.values(), ["seen_at", "seen_place", "seen_by", "source"], batch_size=2000)
    return len(seen)


def _credited(line: CountLine, sighting: Sighting, source: CountLine.Source) -> CountLine:
    line.seen_at, line.seen_by_id, line.source = sighting.happened_at, sighting.user_id, source
    line.seen_place_id = sighting.place_id
    return line


@verb
def credit_check_ins(
    *, count_id: int, check_ins: tuple[tuple[str, datetime], ...], by: Actor, at: datetime, op: Op
) -> Count:
    """Credit what device management has heard from since the count began: (serial or tag, moment) as its list says."""
    count = load_count(count_id, by=by)
    heard = {code.strip().upper(): moment for code, moment in check_ins if count.opened_at <= moment <= at}
    rows = count.lines.filter(rules.MISSING, device__isnull=False).select_related("device")
    seen = []
    for line in rows:
        assert line.device is not None
        moment = heard.get(line.device.serial.upper()) or heard.get(line.device.tag.upper())
        if moment:
            line.seen_at, line.source = moment, CountLine.Source.CHECK_IN
            seen.append(line)
    CountLine.objects.bulk_update(seen, ["seen_at", "source"], batch_size=2000)
    record(events.SightingsCredited(count.pk, len(seen)), about=[count], by=by, at=at, op=op)
    return count


# --- Reconciling ---------------------------------------------------------------------------------------------------


@verb
def reconcile(*, count_id: int, by: Actor, at: datetime, op: Op) -> Count:
    """End the scanning: what was seen elsewhere is credited, the rest is the list of differences."""
    count = load_count(count_id, by=by)
    credited = _credit(count)
    if credited:
        record(events.SightingsCredited(count.pk, credited), about=[count], by=by, at=at, op=op)
    count.status = Count.Status.RECONCILING
    count.save(update_fields=["status"])
    record(events.Reconciling(count.pk, tally(count).missing), about=[count], by=by, at=at, op=op)
    return count


def load_line(line_id: int, *, by: Actor) -> CountLine:
    """Return a difference of a count in reach that is being reconciled; the count is locked."""
    where = CountLine.objects.filter(rules.DIFFERENCE, pk=line_id).values_list("count_id", flat=True).first()
    if where is None:
        raise Missing("CountLine")
    count = load_count(where, by=by)
    rules.check_reconciling(count)
    return count.lines.select_related("device", "place", "seen_place").get(pk=line_id)


@verb
def resolve(
    *,
    line_id: int,
    how: CountLine.How,
    reason: str = "",
    ticket_id: int | None = None,
    by: Actor,
    at: datetime,
    op: Op,
) -> CountLine:
    """Note how a difference was resolved. What has to happen for it has happened: ``flows.counting`` does both."""
    line = load_line(line_id, by=by)
    rules.check_resolves(line, how)
    if how == CountLine.How.FOUND:
        rules.check_reason(reason)
    line.how, line.reason, line.ticket_id = how, reason.strip()[:300], ticket_id
    line.resolved_at, line.resolved_by_id = at, by.user_id
    line.save(update_fields=["how", "reason", "ticket", "resolved_at", "resolved_by"])
    fact = events.DifferenceResolved(line.count_id, line.pk, line.device_id, Code(how.value), ticket_id)
    record(fact, about=_subjects(line), by=by, at=at, op=op)
    return line


@verb
def escalate(*, line_id: int, user_id: int, due_on: date, reason: str, by: Actor, at: datetime, op: Op) -> CountLine:
    """Hand a difference to somebody, until a day and with a reason: then it need not keep the count open."""
    line = load_line(line_id, by=by)
    rules.check_reason(reason)
    rules.check_due(due_on, at.date())
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        raise Missing("User")
    line.how, line.reason = CountLine.How.ESCALATED, reason.strip()[:300]
    line.escalated_to_id, line.escalated_until = user_id, due_on
    line.resolved_at, line.resolved_by_id = at, by.user_id
    line.save(update_fields=["how", "reason", "escalated_to", "escalated_until", "resolved_at", "resolved_by"])
    fact = events.DifferenceEscalated(line.count_id, line.pk, line.device_id, user_id, due_on)
    record(fact, about=_subjects(line), by=by, at=at, op=op)
    return line


def _subjects(line: CountLine) -> list[tuple[str, int]]:
    subjects = [("count", line.count_id)]
    return [*subjects, ("device", line.device_id)] if line.device_id else subjects


@verb
def certify(*, count_id: int, by: Actor, at: datetime, op: Op) -> Count:
    """Certify a count: its figures are frozen. Refused while a difference is open that nobody answers for."""
    count = load_count(count_id, by=by, permission=Permission.CERTIFY)
    rules.check_reconciling(count)
    found = tally(count)
    rules.check_nothing_open(found.unresolved)
    count.status, count.certified_at, count.certified_by_id = Count.Status.CERTIFIED, at, by.user_id
    count.in_place, count.missing = found.in_place, found.missing
    count.unexpected, count.escalated = found.unexpected, found.escalated
    count.save()
    fact = events.CountCertified(
        count.pk, count.expected, found.in_place, found.missing, found.unexpected, found.escalated
    )
    record(fact, about=[count], by=by, at=at, op=op)
    return count
