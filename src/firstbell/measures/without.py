"""The headline measure: who was without a working device, from when to when, and why.

A learner needs one from the moment a device is reported unusable, or its repair begins, until that is settled. They
have one while any device that works, their own or a loaner, is in their hands. What is needed and not had is the
time without. All of it is read off tickets, repairs, assignments and custody; nothing is stored.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from firstbell.measures import intervals
from firstbell.measures.intervals import Interval, Ruler
from firstbell.measures.reach import Reach

Row = tuple[Any, ...]
Who = tuple[str, int]
"""A person by id; else the device of a class, or a report whose person nobody knows yet."""

CAUSES = """
WITH cause AS (
  SELECT 'report' AS kind, t.id, t.site_id, t.device_id, t.person_id, t.symptom, t.reporter = 'staff' AS by_staff,
         span.since, span.until
    FROM tickets_ticket t
   CROSS JOIN LATERAL (
         SELECT lower(open.stretch) AS since, upper(open.stretch) AS until
           FROM (SELECT unnest(range_agg(tstzrange(f.since, f.until))) AS stretch
                   FROM tickets_phase f
                  WHERE f.ticket_id = t.id AND f.status NOT IN ('resolved', 'closed')) open) span
   WHERE t.unusable AND NOT t.quarantined AND t.site_id = ANY(%(sites)s) AND t.opened_at < %(until)s
     AND (%(person)s::bigint IS NULL OR t.person_id = %(person)s OR t.device_id IN (
              SELECT device_id FROM devices_custody WHERE person_id = %(person)s
               UNION SELECT device_id FROM devices_assignment WHERE person_id = %(person)s))
     AND (t.status NOT IN ('resolved', 'closed') OR COALESCE(t.resolved_at, t.closed_at) >= %(since)s
          OR (t.symptom = 'missing' AND EXISTS (
              SELECT 1 FROM devices_device gone WHERE gone.id = t.device_id AND gone.status IN ('lost', 'stolen'))))
  UNION ALL
  SELECT 'repair', w.id, w.site_id, w.device_id, t.person_id, w.symptom, FALSE, w.opened_at, w.closed_at
    FROM repairs_workorder w
    LEFT JOIN tickets_ticket t ON t.id = w.ticket_id
   WHERE NOT w.for_pool AND w.site_id = ANY(%(sites)s) AND w.opened_at < %(until)s
     AND (%(person)s::bigint IS NULL OR t.person_id = %(person)s OR w.device_id IN (
              SELECT device_id FROM devices_custody WHERE person_id = %(person)s
               UNION SELECT device_id FROM devices_assignment WHERE person_id = %(person)s))
     AND (w.closed_at IS NULL OR w.closed_at >= %(since)s)
)
SELECT c.id, c.site_id, c.device_id, c.symptom, c.since,
       LEAST(
         CASE WHEN c.kind = 'report' AND c.symptom = 'missing' AND d.status IN ('lost', 'stolen')
                   AND owner.person_id IS NOT NULL AND owner.until IS NULL THEN NULL
              WHEN c.kind = 'repair' THEN LEAST(c.until, owner.until)
              ELSE c.until END,
         CASE WHEN NOT p.active THEN (p.left_on + 1)::timestamp AT TIME ZONE 'UTC' END) AS until,
       p.id AS person_id,
       COALESCE(p.kind = 'staff', c.by_staff) AS staff,
       owner.class_group_id IS NOT NULL AS of_class,
       c.kind,
       (SELECT json_agg(json_build_array(h.device_id, h.since, h.until)) FROM devices_custody h
         WHERE h.person_id = p.id AND h.since < %(until)s AND (h.until IS NULL OR h.until > c.since)) AS held
  FROM cause c
  LEFT JOIN devices_device d ON d.id = c.device_id
  LEFT JOIN LATERAL (
       SELECT a.person_id, a.class_group_id, a.until FROM devices_assignment a
        WHERE a.device_id = c.device_id AND a.since <= c.since AND (a.until IS NULL OR a.until >= c.since)
        ORDER BY a.since DESC, a.id DESC LIMIT 1) owner ON TRUE
  LEFT JOIN LATERAL (
       SELECT k.person_id FROM devices_custody k
        WHERE k.device_id = c.device_id AND k.since <= c.since AND (k.until IS NULL OR k.until > c.since)
        ORDER BY k.since DESC, k.id DESC LIMIT 1) holder ON TRUE
  LEFT JOIN directory_person p ON p.id = COALESCE(owner.person_id, c.person_id, holder.person_id)
 ORDER BY c.since, c.kind DESC, c.id
"""
"""One row per stretch in which a device could not be used, with the person it fell to: the owner then, else who
reported it, else who had it; and with what they had in hand since. A reopened ticket gives two stretches. A lost
device lasts until another is in hand. For one person, only what is about them or a device they ever had or owned."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A stretch in which somebody's device could not be used. ``until`` is None while it lasts."""

    who: Who
    site_id: int
    staff: bool
    symptom: str
    device_id: int | None
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """A device in a person's hands, from-to."""

    person_id: int
    device_id: int
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """One case: somebody needed a device. ``gaps`` is the time without one, empty when a stand-in came at once."""

    who: Who
    site_id: int
    staff: bool
    symptom: str
    start: datetime
    gaps: tuple[Interval, ...]
    seconds: int
    ongoing: bool

    @property
    def minutes(self) -> int:
        """Whole school minutes without a working device."""
        return self.seconds // 60


def find(causes: Iterable[Cause], holdings: Iterable[Holding], until: datetime) -> list[tuple[Cause, list[Interval]]]:
    """Return for each need of each person its first cause and the stretches without a device, up to ``until``. Pure."""
    by_who: dict[Who, list[Cause]] = defaultdict(list)
    broken: dict[int, list[Interval]] = defaultdict(list)
    for cause in causes:
        by_who[cause.who].append(cause)
        if cause.device_id is not None:
            broken[cause.device_id].append(_stretch(cause, until))
    held: dict[int, list[Holding]] = defaultdict(list)
    for holding in holdings:
        held[holding.person_id].append(holding)
    cases = []
    for who, own in by_who.items():
        mine = held[who[1]] if who[0] == "person" else []
        had = [part for holding in mine for part in _working(holding, own, broken, until)]
        cases += _cases(own, had, until)
    return sorted(cases, key=lambda case: (case[0].since, case[0].who))


def _stretch(row: Cause | Holding, until: datetime) -> Interval:
    return row.since, min(row.until or until, until)


def _working(holding: Holding, own: list[Cause], broken: dict[int, list[Interval]], until: datetime) -> list[Interval]:
    """The time in which a device in hand works. A report that names no device is about what was in hand then."""
    unnamed = [_stretch(cause, until) for cause in own if cause.device_id is None and holding.since < cause.since]
    return intervals.without([_stretch(holding, until)], [*broken[holding.device_id], *unnamed])


def _cases(own: list[Cause], had: list[Interval], until: datetime) -> list[tuple[Cause, list[Interval]]]:
    by_start = sorted(own, key=lambda cause: cause.since)
    starts = [cause.since for cause in by_start]
    needs = intervals.merged(_stretch(cause, until) for cause in own)
    gaps = intervals.without(needs, had)
    cases, place = [], 0
    for start, end in needs:
        mine = []
        while place < len(gaps) and gaps[place][0] < end:
            mine.append(gaps[place])
            place += 1
        cases.append((by_start[bisect_left(starts, start)], mine))
    return cases


def spells(reach: Reach, since: datetime, until: datetime) -> list[Spell]:
    """Return the cases that began before ``until`` and were not settled before ``since``, by start, in one query."""
    return _told(reach, _rows(reach, since, until), until)


def spells_of(person_id: int, reach: Reach, since: datetime, until: datetime) -> list[Spell]:
    """Return the cases of one person, as ``spells`` would tell them among all others, in one query."""
    found = _told(reach, _rows(reach, since, until, person_id), until)
    return [spell for spell in found if spell.who == ("person", person_id)]


def _told(reach: Reach, rows: list[Row], until: datetime) -> list[Spell]:
    causes = [cause for cause in map(_cause, rows) if cause is not None]
    holdings = {holding for row in rows for holding in _held(row)}
    cases = find(causes, sorted(holdings, key=_by_start), until)
    if not cases:
        return []
    start = min(cause.since for cause, _gaps in cases)
    rulers = {pk: Ruler(reach.times[pk], start, until) for pk in reach.ids}
    return [_spell(cause, gaps, rulers[cause.site_id], until) for cause, gaps in cases]


def _spell(cause: Cause, gaps: Sequence[Interval], ruler: Ruler, until: datetime) -> Spell:
    return Spell(
        who=cause.who,
        site_id=cause.site_id,
        staff=cause.staff,
        symptom=cause.symptom,
        start=cause.since,
        gaps=tuple(gaps),
        seconds=sum(ruler.seconds(*gap) for gap in gaps),
        ongoing=bool(gaps) and gaps[-1][1] >= until,
    )


def _rows(reach: Reach, since: datetime, until: datetime, person_id: int | None = None) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(CAUSES, {"sites": reach.ids, "since": since, "until": until, "person": person_id})
        return list(cursor.fetchall())


def _cause(row: Row) -> Cause | None:
    pk, site_id, device_id, symptom, since, until, person_id, staff, of_class, kind, _held = row
    if person_id is not None:
        who = ("person", person_id)
    elif of_class:
        who = ("class", device_id)
    elif kind == "report":
        who = ("report", pk)
    else:
        return None  # nobody's device is in repair: nobody goes without
    return Cause(who, site_id, staff, symptom, device_id, since, until)


def _held(row: Row) -> Iterator[Holding]:
    person_id, held = row[6], row[-1]
    for device_id, since, until in (json.loads(held) if isinstance(held, str) else held) or ():
        end = datetime.fromisoformat(until) if until else None
        yield Holding(person_id, device_id, datetime.fromisoformat(since), end)


def _by_start(holding: Holding) -> tuple[datetime, int]:
    return holding.since, holding.device_id
