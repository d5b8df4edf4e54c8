"""What is printed on labels: places, devices or people, chosen by school, homeroom, words or a list of tags."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from firstbell.connectors.papers.labels import Label
from firstbell.devices.models import Device
from firstbell.directory.models import ClassGroup, Person, Place
from firstbell.directory.scope import ScopedQuerySet
from firstbell.directory.words import fold
from firstbell.kernel.actor import Actor
from firstbell.kernel.identifiers import normalise_tag
from firstbell.kernel.roles import Permission
from firstbell.web.asking import whole
from firstbell.web.papers import badge_link, device_link, place_link

MOST = 3000
"""Labels at once: what a web process sets in about five seconds."""
LIST = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Asked:
    """What somebody wants labels of, read off an address or a form."""

    what: str
    site: int | None
    room: int | None
    words: str
    bars: bool

    @property
    def tags(self) -> list[str]:
        """Return the tags of a list; one word alone is a search, not a list."""
        parts = [normalise_tag(part) for part in LIST.split(self.words) if part]
        return parts if len(parts) > 1 else []


def read(asked: QueryDict) -> Asked:
    """Read what is wanted; what makes no sense counts as not said."""
    what = asked.get("what", "")
    return Asked(
        what if what in {"places", "devices", "people"} else "places",
        whole(asked.get("site")),
        whole(asked.get("room")),
        asked.get("q", "").strip()[:40_000],
        bool(asked.get("bars")),
    )


def places(asked: Asked, by: Actor) -> QuerySet[Place]:
    """Return the chosen places in reach."""
    reach = by.sites(Permission.MOVE_DEVICES)
    rows = Place.objects.filter(closed_at__isnull=True).select_related("site").order_by("site__name", "name")
    rows = rows if reach is None else rows.filter(site_id__in=reach)
    if asked.site:
        rows = rows.filter(site_id=asked.site)
    return rows.filter(Q(name__icontains=asked.words) | Q(code__iexact=asked.words)) if asked.words else rows


def devices(asked: Asked, by: Actor) -> ScopedQuerySet[Device]:
    """Return the chosen devices in reach that are not retired."""
    rows = Device.objects.visible_to(by, Permission.MOVE_DEVICES).exclude(status=Device.Status.RETIRED)
    rows = rows.select_related("model", "home_site").order_by("tag")
    if asked.site:
        rows = rows.filter(home_site_id=asked.site)
    if asked.tags:
        return rows.filter(tag__in=asked.tags)
    start = normalise_tag(asked.words)
    return rows.filter(Q(tag__startswith=start) | Q(codes__code=start)).distinct() if start else rows


def people(asked: Asked, by: Actor) -> ScopedQuerySet[Person]:
    """Return the chosen people in reach who are still at school."""
    rows = Person.objects.visible_to(by).filter(active=True).exclude(kind=Person.Kind.GUARDIAN)
    rows = rows.select_related("site", "badge").order_by("family_name", "given_name", "pk")
    if asked.site:
        rows = rows.filter(site_id=asked.site)
    if asked.room:
        rows = rows.filter(enrolments__class_group_id=asked.room).distinct()
    for word in fold(asked.words)[:4]:
        rows = rows.filter(words__word__gte=word, words__word__lt=word + "\U0010ffff").distinct()
    return rows


def count(asked: Asked, by: Actor) -> int:
    """Return how many labels that are; one more than may be printed at once means: more."""
    rows = {"places": places, "devices": devices, "people": people}[asked.what](asked, by)
    return len(rows.values_list("pk", flat=True)[: MOST + 1])


def homerooms(asked: Asked, by: Actor) -> list[ClassGroup]:
    """Return the homerooms of the chosen school, where its people are in reach."""
    if asked.what != "people" or not asked.site or not by.may(Permission.SEE_PEOPLE, asked.site):
        return []
    return list(ClassGroup.objects.filter(site_id=asked.site, homeroom=True, active=True).order_by("title"))


def labels(asked: Asked, request: HttpRequest, by: Actor) -> list[Label]:
    """Return the labels that were asked for. A device's says nobody's name; a badge has its person's."""
    if asked.what == "devices":
        return [_device(row, asked, request) for row in devices(asked, by)[:MOST]]
    if asked.what == "people":
        return list(_badges(people(asked, by)[:MOST], asked, request))
    return [_place(row, asked, request) for row in places(asked, by)[:MOST]]


def _place(row: Place, asked: Asked, request: HttpRequest) -> Label:
    lines = (row.site.name, _("Device trouble? Scan me."), row.code)
    return Label(row.name, lines, place_link(request, row), row.code if asked.bars else "")


def _device(row: Device, asked: Asked, request: HttpRequest) -> Label:
    lines = (row.home_site.name, str(row.model), row.serial)
    return Label(row.tag, lines, device_link(request, row), row.tag if asked.bars else "")


def _badges(rows: Iterable[Person], asked: Asked, request: HttpRequest) -> Iterable[Label]:
    for row in rows:
        badge = getattr(row, "badge", None)
        if badge is not None:
            lines = (row.site.name if row.site else "", badge.code)
            yield Label(row.display_name, lines, badge_link(request, badge), badge.code if asked.bars else "")
