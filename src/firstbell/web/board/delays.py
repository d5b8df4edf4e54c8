"""What was late and why: as somebody wrote it down, else as the record suggests (S52, S53, S64)."""

from collections import Counter
from datetime import datetime

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from firstbell.flows.events import VisitFailed
from firstbell.flows.transport import WHY_NOT_EMPTIED
from firstbell.ledger.figures import newest
from firstbell.measures.clocks import LEGS, Breach, Clock, breaches
from firstbell.measures.reach import Reach
from firstbell.measures.trips import Trip
from firstbell.repairs.models import Delay
from firstbell.repairs.queries import delays_of
from firstbell.web.board import words
from firstbell.web.board.table import Table
from firstbell.web.desk.case_clocks import name_of_clock

VISITS = 2000
"""Visits in vain that are looked through for reasons, newest first."""


Notes = dict[tuple[int, str], Delay]
Begun = list[tuple[Trip, Clock]]


def notes_on(begun: Begun) -> Notes:
    """Return what was written down about those of some clocks that are late."""
    return delays_of({trip.order_id for trip, clock in begun if clock.in_time is False})


def late(begun: Begun, notes: Notes, since: datetime, at: datetime) -> list[Breach]:
    """Return what was late of some clocks, longest late first, with what is known of why."""
    failed = newest(kinds=[VisitFailed.kind], since=since, until=at, limit=VISITS)
    visits = [(event.facts["site_id"], event.happened_at, event.facts["reason"]) for event in failed]
    return breaches(begun, visits, {leg: row.why for leg, row in notes.items()})


def why_said(code: str) -> str:
    """Return why something was late, in words; nothing where nobody knows."""
    known = {"awaiting_part": _("waits for a part"), "check_failed": _("went back to the bench once")}
    written = str(Delay.Why(code).label) if code in Delay.Why.values else ""
    return written or known.get(code) or str(WHY_NOT_EMPTIED.get(code, ""))


def tables(begun: Begun, reach: Reach, since: datetime, at: datetime) -> list[Table]:
    """Return what was late one by one, and the reasons of late pick-ups and returns by how often."""
    found = late(begun, notes_on(begun), since, at)
    return [_reasons(found), _one_by_one(found, reach)]


def _reasons(found: list[Breach]) -> Table:
    legs = [row for row in found if row.clock.kind in LEGS]
    counts = Counter((row.reason, row.clock.kind) for row in legs)
    often = Counter(row.reason for row in legs).most_common()
    rows = [
        [capfirst(why_said(code)) or _("Nobody has said why"), *(str(counts[code, kind]) for kind in LEGS)]
        for code, _number in often
    ]
    unsaid = sum(not row.reason for row in legs)
    title = _("Why pick-ups and returns were late")
    if legs:
        share = words.share(1 - unsaid / len(legs))
        title = _("{share} of late pick-ups and returns have a reason on record").format(share=share)
    columns = [_("Reason"), *(name_of_clock(kind) for kind in LEGS)]
    note = _("School and depot write reasons down on the page “Late, and why”.")
    return Table("delays", title, columns, rows, note, empty=_("No pick-up and no return was late."))


def _one_by_one(found: list[Breach], reach: Reach) -> Table:
    names = {site.pk: site.name for site in reach.schools}
    rows = [
        [row.trip.tag, names[row.trip.site_id], name_of_clock(row.clock.kind), _day(row.clock.due),
         why_said(row.reason) or words.NOTHING, words.minutes(row.clock.minutes)]
        for row in found
    ]  # fmt: skip
    columns = [_("Device"), _("School"), _("Clock"), _("Was due"), _("What is known"), _("Took so far")]
    return Table("late", _("What was late, and why"), columns, rows, words_until=5, empty=_("Nothing was late."))


def _day(moment: datetime | None) -> str:
    return date_format(moment, "SHORT_DATE_FORMAT") if moment else words.NOTHING
