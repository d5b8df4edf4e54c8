"""The verb: a roster that was laid out and compared is written, all of it or nothing."""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from firstbell.decisions.queries import says
from firstbell.decisions.register import ROSTER_BRAKE
from firstbell.directory import events
from firstbell.directory.models import Place, Site
from firstbell.flows.roster import brake
from firstbell.flows.roster.layout import Roster
from firstbell.flows.roster.merge import merge
from firstbell.flows.roster.report import Changes, read_changes
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied, Refused
from firstbell.kernel.roles import Permission
from firstbell.ledger.actions import Op, record, verb
from firstbell.ledger.bulk import Entry, copy_models, record_many
from firstbell.ledger.facts import Code

NEW_SITES = """
SELECT f.site_id, f.source_id, f.kind, f.name, f.identifier, f.timezone, f.address, f.latitude,
       f.longitude
  FROM roster_site_facts f JOIN roster_site s USING (site_id) WHERE s.what = 'new'
"""
NEW_ROOMS = "SELECT place_id, site_id, name FROM roster_room"


def changes(roster: Roster) -> Changes:
    """Return what the roster laid out on this connection would change."""
    return read_changes(sites_are_all=roster.bulk("orgs"))


@verb
def apply_roster(*, roster: Roster, confirmed: bool = False, by: Actor, at: datetime, op: Op) -> None:
    """Apply the roster that is laid out: people, classes and their sites; unlisted people of a bulk file have left.

    Call it inside the roster's ``lay_out`` block. Raises Refused (``roster_brake``) when too many people of a site
    would leave, unless ``confirmed``. Devices, assignments and custody are not touched (rule 13): ``unsettled`` lists
    what people who left still have.
    """
    _require_whole_district(by)
    wanted = changes(roster)
    if not confirmed:
        _check_brake(wanted)
    _open_sites(by=by, at=at, op=op)
    _make_rooms(by=by, at=at, op=op)
    merge(at.date())
    touched = [site.site_id for site in wanted.sites if site.site_id]
    fact = events.RosterApplied(wanted.added, wanted.changed, wanted.left, len(touched), roster.bulk("users"))
    record(fact, about=Site.objects.filter(pk__in=touched), by=by, at=at, op=op)


def _require_whole_district(by: Actor) -> None:
    """A roster reaches every school, so a right at some schools is not enough."""
    if by.sites(Permission.IMPORT) is not None:
        raise Denied(Permission.IMPORT, barred_role=by.barred_by(Permission.IMPORT))


def _check_brake(wanted: Changes) -> None:
    percent = says(ROSTER_BRAKE)
    site = brake.over_brake(wanted, percent)
    if site is not None:
        raise Refused(
            "roster_brake",
            _(
                "{left} of {people} people at {site} would leave, more than the plan lets pass unseen ({percent} %). "
                "Look at the list; if it is right, confirm it."
            ),
            decision=ROSTER_BRAKE.key,
            left=site.left,
            people=site.people,
            site=site.name or _("no site"),
            percent=percent,
        )


def _open_sites(*, by: Actor, at: datetime, op: Op) -> None:
    columns = ("id", "source_id", "kind", "name", "identifier", "timezone", "address", "latitude", "longitude")
    sites = [Site(**dict(zip(columns, row, strict=True))) for row in _read(NEW_SITES)]
    copy_models(sites)
    opened = (Entry(events.SiteOpened(site.pk, Code(site.kind)), [("site", site.pk)]) for site in sites)
    record_many(opened, by=by, at=at, op=op)


def _make_rooms(*, by: Actor, at: datetime, op: Op) -> None:
    rows = _read(NEW_ROOMS)
    rooms = [Place(pk=pk, site_id=site, kind=Place.Kind.ROOM, name=name) for pk, site, name in rows]
    copy_models(rooms)
    kind = Code(Place.Kind.ROOM.value)
    made = (Entry(events.PlaceMade(room.pk, kind), [("place", room.pk)]) for room in rooms)
    record_many(made, by=by, at=at, op=op)


def _read(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())
