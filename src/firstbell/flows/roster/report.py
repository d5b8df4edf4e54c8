"""What a roster would change, in figures by site, and whose devices somebody has to settle afterwards."""

from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q

from firstbell.devices.models import Assignment, Custody, Device
from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor


@dataclass(frozen=True)
class SiteChange:
    """What changes at one site: people by what happens to them, classes likewise, and how many people are there now.

    ``site_id`` 0 stands for people whom the roster puts at no site that we know.
    """

    site_id: int
    name: str
    new: bool = False
    people: int = 0
    added: int = 0
    changed: int = 0
    left: int = 0
    classes_added: int = 0
    classes_changed: int = 0
    classes_ended: int = 0


@dataclass(frozen=True)
class GroupLeaving:
    """How many of the people of one kind at a site would leave."""

    site_id: int
    kind: str
    people: int
    left: int


@dataclass(frozen=True)
class Changes:
    """Everything that a roster would change. ``skipped`` rows have no role, no site or point at nobody we know."""

    sites: tuple[SiteChange, ...]
    groups: tuple[GroupLeaving, ...]
    links: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    sites_changed: int = 0
    sites_unlisted: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        """Return how many people are added."""
        return sum(site.added for site in self.sites)

    @property
    def changed(self) -> int:
        """Return how many people change."""
        return sum(site.changed for site in self.sites)

    @property
    def left(self) -> int:
        """Return how many people leave."""
        return sum(site.left for site in self.sites)

    @property
    def total(self) -> int:
        """Return how many rows would be written, whatever they are."""
        people = self.added + self.changed + self.left
        classes = sum(site.classes_added + site.classes_changed + site.classes_ended for site in self.sites)
        new_sites = sum(site.new for site in self.sites)
        return people + classes + sum(self.links.values()) + self.sites_changed + new_sites


@dataclass(frozen=True)
class Unsettled:
    """A device of somebody who has left: a person decides what becomes of it (domain rule 13)."""

    device_id: int
    tag: str
    person_id: int
    person: str
    site: str
    owned: bool
    held: bool


PEOPLE = """
SELECT coalesce(CASE WHEN what = 'left' THEN had_site ELSE site_id END, 0),
       count(*) FILTER (WHERE what = 'added'), count(*) FILTER (WHERE what = 'changed'),
       count(*) FILTER (WHERE what = 'left')
  FROM roster_plan WHERE what IN ('added', 'changed', 'left') GROUP BY 1
"""
CLASSES = """
SELECT coalesce(site_id, 0), count(*) FILTER (WHERE what = 'added'), count(*) FILTER (WHERE what = 'changed'),
       count(*) FILTER (WHERE what = 'ended')
  FROM roster_class_plan WHERE what IN ('added', 'changed', 'ended') GROUP BY 1
"""
GROUPS = """
SELECT n.site_id, n.kind, n.people, coalesce(l.people, 0)
  FROM (
      SELECT coalesce(site_id, 0) AS site_id, kind, count(*) AS people FROM directory_person WHERE active GROUP BY 1, 2
  ) n
  LEFT JOIN (
      SELECT coalesce(had_site, 0) AS site_id, had_kind AS kind, count(*) AS people
        FROM roster_plan WHERE what = 'left' GROUP BY 1, 2
  ) l USING (site_id, kind)
"""
NAMES = """
SELECT s.site_id, coalesce(f.name, d.name), s.what
  FROM roster_site s LEFT JOIN roster_site_facts f USING (site_id) LEFT JOIN directory_site d ON d.id = s.site_id
"""
LINKS = """
SELECT 'rooms_added', count(*) FROM roster_room
 UNION ALL SELECT 'memberships_added', count(*) FROM roster_member_plan WHERE id IS NULL
 UNION ALL SELECT 'memberships_ended', count(*) FROM roster_member_plan WHERE id IS NOT NULL
 UNION ALL SELECT 'guardians_added', count(*) FROM roster_guardian_plan WHERE what = 'added'
 UNION ALL SELECT 'guardians_ended', count(*) FROM roster_guardian_plan WHERE what = 'unlisted'
 UNION ALL SELECT 'enrolments_' || what, count(*) FROM roster_enrolment_plan GROUP BY what
"""
SKIPPED = """
SELECT 'people', count(*) FROM roster_plan WHERE what = 'skipped'
 UNION ALL SELECT 'classes', count(*) FROM roster_class_plan WHERE what = 'skipped'
 UNION ALL
SELECT 'people_without_site', count(*) FROM roster_plan WHERE what IN ('added', 'changed') AND site_id IS NULL
"""


def read_changes(*, sites_are_all: bool) -> Changes:
    """Return what the plan of this connection would change."""
    people = {site: figures for site, *figures in _rows(PEOPLE)}
    classes = {site: figures for site, *figures in _rows(CLASSES)}
    groups = tuple(GroupLeaving(*row) for row in _rows(GROUPS))
    named = {site: (name, what) for site, name, what in _rows(NAMES)}
    known = dict(Site.objects.values_list("pk", "name")) | {site: name for site, (name, _what) in named.items()}
    fresh = {site for site, (_name, what) in named.items() if what == "new"}
    there = {site: sum(group.people for group in groups if group.site_id == site) for site in people}
    changes = [
        SiteChange(
            site,
            known.get(site, ""),
            site in fresh,
            there.get(site, 0),
            *people.get(site, (0, 0, 0)),
            *classes.get(site, (0, 0, 0)),
        )
        for site in sorted(set(people) | set(classes) | fresh, key=lambda site: known.get(site, ""))
    ]
    return Changes(
        tuple(changes),
        groups,
        {what: count for what, count in _rows(LINKS) if count},
        {what: count for what, count in _rows(SKIPPED) if count},
        sum(what == "changed" for _name, what in named.values()),
        tuple(sorted(name for name, what in named.values() if what == "unlisted" and sites_are_all)),
    )


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def unsettled(*, by: Actor) -> list[Unsettled]:
    """Return the devices in reach that belong to people who have left, or are in their hands, by site and tag."""
    devices = Device.objects.visible_to(by)
    departed = Q(until__isnull=True, person__active=False, device__in=devices)
    owned = Assignment.objects.filter(departed).select_related("device", "person__site")
    held = Custody.objects.filter(departed).select_related("device", "person__site")
    owns = {(row.device_id, row.person_id) for row in owned}
    holds = {(row.device_id, row.person_id) for row in held}
    rows = {(row.device_id, row.person_id): (row.device, row.person) for row in owned}
    rows |= {(row.device_id, row.person_id): (row.device, row.person) for row in held}
    found = [
        Unsettled(device.pk, device.tag, person.pk, person.display_name, str(person.site or ""), k in owns, k in holds)
        for k, (device, person) in rows.items()
        if person is not None
    ]
    return sorted(found, key=lambda row: (row.site, row.tag))
