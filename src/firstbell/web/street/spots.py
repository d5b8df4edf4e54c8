"""What a code on a poster or label leads to: a room or a device, at a school. Shows nobody's name."""

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from firstbell.devices.models import Device
from firstbell.devices.queries import on_label, on_old_label
from firstbell.directory.models import Place, Site
from firstbell.directory.queries import place_by_code, place_by_old_code
from firstbell.kernel.identifiers import normalise_tag

ADDRESS = re.compile(r"/(?:r|d)/([^/?#]+)")


class SpotKind:
    """The two first letters of a public address: ``r`` for a room, ``d`` for a device."""

    regex = "[rd]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class TypedCode:
    """The code in a public address, as people type it: a slash too many at its end does no harm."""

    regex = "[^/]+/?"

    def to_python(self, value: str) -> str:
        return value.rstrip("/")

    def to_url(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Spot:
    """Where a report comes from."""

    kind: str
    code: str
    site: Site
    place: Place | None = None
    device: Device | None = None
    replaced: bool = False
    """The code is an old one: it says so, and a report through it waits for somebody to look."""

    @property
    def url(self) -> str:
        return reverse("report", args=[self.kind, self.code])

    @property
    def said(self) -> str:
        """Return the place as its poster names it."""
        what = self.place.name if self.place else _("this device")
        return f"{self.site.name} · {what}"


def spot(kind: str, code: str) -> Spot | None:
    """Return what the code of a public address leads to, however it was typed, or None when void or unknown."""
    plain = _plain(code)
    return _room(plain) if kind == "r" else _device(code) or _device(plain)


def anywhere(text: str) -> Spot | None:
    """Return what somebody typed or scanned: a code, a tag, or the whole address of a poster."""
    found = ADDRESS.search(text)
    code = _plain(found[1] if found else text)
    tag = normalise_tag(text)
    return (_room(code) or _device(code) or _device(tag)) if 0 < len(tag) <= 400 else None


def _plain(text: str) -> str:
    """Return a code as it is stored: upper case, without the dash and blanks that make it easy to read."""
    return normalise_tag(text).replace("-", "")


def _room(code: str) -> Spot | None:
    place, old = place_by_code(code), None
    if place is None:
        old = place_by_old_code(code)
    found = place or old
    return Spot("r", code.upper(), found.site, place=found, replaced=old is not None) if found else None


def _device(code: str) -> Spot | None:
    device, old = on_label(code), None
    if device is None:
        old = on_old_label(code)
    found = device or old
    if found is None:
        return None
    here = found.at_site if found.at_site.kind == Site.Kind.SCHOOL else found.home_site
    return Spot("d", code if old else found.code, here, device=found, replaced=old is not None)
