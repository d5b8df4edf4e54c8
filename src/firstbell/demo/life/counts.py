"""Two counts: one of the shelves, certified some weeks ago, and one of a whole school that is under way."""

from datetime import datetime, timedelta

from firstbell.counts.actions import Scope, certify, count_device, escalate, open_count, reconcile, resolve
from firstbell.counts.models import Count, CountLine
from firstbell.counts.queries import differences_of
from firstbell.demo.life.engine import Engine
from firstbell.demo.town import School
from firstbell.directory.models import Place

_SHELVES = (Place.Kind.LOANER_SHELF, Place.Kind.STORE, Place.Kind.RETURN_SHELF)
_AGO, _SINCE = timedelta(days=16), timedelta(hours=20)
_A_SCAN = timedelta(seconds=4)
_SCANNED = 60
"""Devices scanned so far in the count that is under way."""


class Counting:
    """What is counted, by the leads of two schools."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plan(self) -> None:
        """Let the two counts happen."""
        town = self._engine.town
        first, last = town.schools[0], town.schools[-1]
        self._engine.plan(max(town.now - _AGO, town.began), lambda at: self._shelves(first, at))
        self._engine.plan(max(town.now - _SINCE, town.began), lambda at: self._school(last, at))

    def _open(self, school: School, name: str, scope: Scope, at: datetime) -> Count | None:
        due = (at + timedelta(days=14)).date()
        return self._engine.do(open_count, name=name, scope=scope, due_on=due, by=school.lead, at=at)

    def _shelves(self, school: School, at: datetime) -> None:
        places = tuple(school.places[kind] for kind in _SHELVES if kind in school.places)
        scope = Scope(kind=Count.Scope.PLACES, site_id=school.pk, place_ids=places)
        count = self._open(school, "Shelves, before the season", scope, at)
        if count is None:
            return
        lines = list(count.lines.order_by("pk"))
        at = self._scan(school, count, lines[:-1] if len(lines) > 1 else lines, at)
        self._engine.do(reconcile, count_id=count.pk, by=school.lead, at=at)
        for line in differences_of(count):
            self._settle(school, line, at)
        self._engine.do(certify, count_id=count.pk, by=school.lead, at=at + timedelta(minutes=20))

    def _settle(self, school: School, line: CountLine, at: datetime) -> None:
        """Carry back what stood elsewhere; hand on what nobody has seen."""
        if line.seen_at:
            self._engine.do(resolve, line_id=line.pk, how=CountLine.How.CARRIED, by=school.lead, at=at)
        else:
            self._hand_on(school, line, at)

    def _hand_on(self, school: School, line: CountLine, at: datetime) -> None:
        self._engine.do(
            escalate,
            line_id=line.pk,
            user_id=school.lead.user_id,
            due_on=(at + timedelta(days=21)).date(),
            reason="Seen in the library last week, the librarian looks for it.",
            by=school.lead,
            at=at,
        )

    def _school(self, school: School, at: datetime) -> None:
        scope = Scope(kind=Count.Scope.EVERYTHING, site_id=school.pk)
        count = self._open(school, "Fall count", scope, at)
        if count is not None:
            self._scan(school, count, list(count.lines.exclude(place=None).order_by("place", "pk")[:_SCANNED]), at)

    def _scan(self, school: School, count: Count, lines: list[CountLine], at: datetime) -> datetime:
        """Scan each line where it should be, but one in the room of the one before; return when it is done."""
        for number, line in enumerate(lines):
            at += _A_SCAN
            place = lines[number - 1].place_id if number == len(lines) // 2 else line.place_id
            self._engine.do(
                count_device, count_id=count.pk, device_id=line.device_id, place_id=place, by=school.lead, at=at
            )
        return at
