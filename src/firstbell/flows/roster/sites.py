"""Which of our sites each organisation of a roster is: known by its id, by mapping, by name, or new."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

from firstbell.connectors.roster import Org
from firstbell.directory.models import Site
from firstbell.directory.rules import read_point
from firstbell.kernel.errors import Refused
from firstbell.ledger.bulk import copy_rows, reserve

_DEPOT = re.compile(r"\b(depot|warehouse|(repair|service) cent(er|re))\b", re.IGNORECASE)
_OFFICE = re.compile(r"\b(office|administration|headquarters|central services)\b", re.IGNORECASE)
_DISTRICT = frozenset({"district", "local"})
_CHOICES = {kind.value: kind for kind in (Site.Kind.SCHOOL, Site.Kind.OFFICE, Site.Kind.DEPOT)}
ZONES = frozenset(available_timezones())
NONE = "none"
"""In a mapping: this organisation is no site."""

NEW, CHANGED, SAME, UNLISTED = "new", "changed", "same", "unlisted"


def kind_of(org: Org, told: str = "") -> Site.Kind | None:
    """Return what kind of site an organisation is; None for states, nations and most departments.

    ``told`` is what the district's mapping says of it.
    """
    if told in _CHOICES or told == NONE:
        return _CHOICES.get(told)
    if org.kind == "school":
        return Site.Kind.SCHOOL
    if _DEPOT.search(org.name):
        return Site.Kind.DEPOT
    return Site.Kind.OFFICE if org.kind in _DISTRICT or _OFFICE.search(org.name) else None


class Sites:
    """The organisations of one package and the sites they are."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping
        known = list(Site.objects.filter(closed_on__isnull=True))
        self._by_source = {site.source_id: site for site in known if site.source_id}
        self._by_name = {(site.kind, site.name.casefold()): site for site in known if not site.source_id}
        self._by_code = {site.code: site for site in known}
        self._zones: dict[str, str] = {}
        self._usual_zone = ""
        self.ids: dict[str, int] = {site.source_id: site.pk for site in known if site.source_id}
        self.planned: list[tuple[str, Site, str]] = []

    @classmethod
    def read(cls, orgs: Iterable[Org], mapping: Mapping[str, str]) -> "Sites":
        """Plan the sites of these organisations. Raises Refused when the mapping names a site that is not there.

        A district with an office of its own among them is that office: it is no second one.
        """
        sites = cls(mapping)
        listed = sorted(orgs, key=lambda org: org.kind not in _DISTRICT)
        schools = {org.id for org in listed if org.kind == "school"}
        offices = {
            org.parent_id: org.id
            for org in reversed(listed)
            if org.kind not in _DISTRICT and kind_of(org, mapping.get(org.id, "")) is Site.Kind.OFFICE
        }
        sites._learn_zones(listed)
        for org in listed:
            if org.parent_id not in schools and org.id not in offices:
                sites._plan(org)
        sites._number()
        sites.ids |= {org: sites.ids[office] for org, office in offices.items() if office in sites.ids}
        return sites

    def _learn_zones(self, orgs: Iterable[Org]) -> None:
        self._zones = {org.id: org.details["timeZone"] for org in orgs if org.details.get("timeZone", "") in ZONES}
        self._usual_zone = next((zone for zone, _times in Counter(self._zones.values()).most_common(1)), "")

    def _zone_of(self, org: Org) -> str:
        """Return the time zone of an organisation: its own, its parent's, or the one that most others have."""
        return self._zones.get(org.id) or self._zones.get(org.parent_id) or self._usual_zone

    def _plan(self, org: Org) -> None:
        kind = kind_of(org, self._mapping.get(org.id, ""))
        if org.removed or (kind is None and org.id not in self._mapping):
            return
        site = self._find(org, kind)
        if site is None:
            if kind is not None:
                self.planned.append((org.id, _new_site(org, kind, self._zone_of(org)), NEW))
            return
        wanted = (
            (site.source_id or org.id,) if org.id in self._mapping else (org.id, org.name[:120], org.identifier[:40])
        )
        what = CHANGED if _bring_up_to_date(site, *wanted) else SAME
        self.planned.append((org.id, site, what))

    def _find(self, org: Org, kind: Site.Kind | None) -> Site | None:
        told = self._mapping.get(org.id, "")
        if told and told not in _CHOICES and told != NONE:
            if told.upper() not in self._by_code:
                raise Refused("site_unknown", _("There is no site with code {code}."), code=told)
            return self._by_code[told.upper()]
        return self._by_source.get(org.id) or self._by_name.pop((kind or "", org.name.casefold()), None)

    def _number(self) -> None:
        new = [site for _org, site, what in self.planned if what == NEW]
        for site, pk in zip(new, reserve(Site, len(new)), strict=True):
            site.pk = pk
        self.ids |= {org: site.pk for org, site, _what in self.planned}

    def write(self) -> None:
        """Write the plan into its staging table; sites of the roster that it lists no more are noted as such."""
        listed = {site.pk for _org, site, _what in self.planned}
        gone = [(source, site.pk, UNLISTED) for source, site in self._by_source.items() if site.pk not in listed]
        copy_rows("roster_site", ["org", "site_id", "what"], [*((o, site.pk, w) for o, site, w in self.planned), *gone])
        rows = ((site.pk, *_facts(site)) for _org, site, what in self.planned if what != SAME)
        copy_rows("roster_site_facts", FACTS, rows)


def _new_site(org: Org, kind: Site.Kind, zone: str) -> Site:
    site = Site(kind=kind, source_id=org.id, name=org.name[:120], identifier=org.identifier[:40])
    if zone:
        site.timezone = zone
    site.address = ", ".join(part for part in map(org.details.get, ("address1", "city")) if part)[:200]
    site.latitude, site.longitude = _point(org)
    return site


def _point(org: Org) -> tuple[Decimal | None, Decimal | None]:
    """Return the coordinates that the roster tells of a new site; what makes no sense is left for the office."""
    try:
        return read_point(f"{org.details.get('latitude', '')} {org.details.get('longitude', '')}", org.name)
    except Refused:
        return None, None


def _bring_up_to_date(site: Site, source_id: str, name: str | None = None, identifier: str | None = None) -> bool:
    """Set what the roster knows better; a site named in the mapping keeps its name. Return whether that changed it."""
    wanted = (source_id, site.name if name is None else name, site.identifier if identifier is None else identifier)
    if (site.source_id, site.name, site.identifier) == wanted:
        return False
    site.source_id, site.name, site.identifier = wanted
    return True


FACTS = ("site_id", "source_id", "kind", "name", "identifier", "timezone", "address", "latitude", "longitude")


def _facts(site: Site) -> tuple[object, ...]:
    told = site.source_id or "", site.kind, site.name, site.identifier, site.timezone
    return *told, site.address, site.latitude, site.longitude
