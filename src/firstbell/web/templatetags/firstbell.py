"""Small parts of a page that need a little thinking: icons, tags, signals, times, notices. See docs/look.md."""

import re
from datetime import datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

SIGNALS = ("fine", "soon", "late")
# Django's message levels, as signals.
LEVELS = {"success": "fine", "warning": "soon", "error": "late"}
THEMES = {"light", "dark"}


class UnknownIconError(LookupError):
    """An icon that frontend/icons.json does not list."""


@cache
def _icons() -> frozenset[str]:
    """Names in the built sprite; empty where nothing was built."""
    found = finders.find("firstbell/icons.svg")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', Path(found).read_text("utf-8"))) if found else frozenset()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A picture beside words, never instead of them: readers of the page's text are not told about it."""
    if settings.DEBUG and _icons() and name not in _icons():
        raise UnknownIconError(f"No icon named {name!r}: add it to frontend/icons.json and build again.")
    return _drawn(name, extra)


@cache
def _drawn(name: str, extra: str) -> SafeString:
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" {extra}" if extra else "",
        static("firstbell/icons.svg"),
        name,
    )


@register.inclusion_tag("parts/export.html", takes_context=True)
def export(context: Context, name: str, *arguments: object, title: str = "") -> dict[str, object]:
    """The menu that exports this page's list as it is filtered now."""
    query = context["request"].GET.copy()
    for word in ("after", "before", "open", "as"):
        query.pop(word, None)
    said = f"{query.urlencode()}&" if query else ""
    return {"address": f"{reverse(name, args=arguments)}?{said}", "title": title}


@register.inclusion_tag("parts/tag.html")
def tag(text: object, url: str = "") -> dict[str, object]:
    """An asset tag or serial number: with an address a link, else copied with one tap."""
    return {"text": text, "url": url}


@register.simple_tag
def signal(kind: str, text: object, extra: str = "") -> SafeString:
    """Fine, soon or late: shape, word and hue together. extra="filled" gives it a ground of its own."""
    if kind not in SIGNALS:
        raise ValueError(f"A signal is one of {', '.join(SIGNALS)}; not {kind!r}.")
    mark = icon(f"signal-{kind}")
    return format_html('<span class="signal signal-{}{}">{}{}</span>', kind, f" {extra}" if extra else "", mark, text)


@register.inclusion_tag("parts/notice.html")
def notice(text: object, kind: str = "", title: str = "") -> dict[str, object]:
    """A sentence about what happened; kind is a signal or one of Django's message levels."""
    meant = LEVELS.get(kind, kind)
    known = meant in SIGNALS
    return {
        "text": text,
        "title": title,
        "signal": meant if known else "plain",
        "sign": f"signal-{meant}" if known else "info",
    }


@register.inclusion_tag("parts/key.html")
def key(name: str) -> dict[str, str]:
    """The key that does the same, shown beside the words on the button."""
    return {"key": name}


@register.simple_tag(takes_context=True)
def chosen_theme(context: Context) -> SafeString:
    """The reader's own choice of light or dark, written by the server so that nothing flickers."""
    request = context.get("request")
    theme = request.COOKIES.get("theme", "") if request else ""
    return format_html(' data-theme="{}"', theme) if theme in THEMES else SafeString("")


@register.simple_tag
def person_time(at: datetime | None, zone: Any = None, now: datetime | None = None) -> SafeString:
    """A moment as people say it, exact on hover. zone: a site, a tzinfo or a name; now: for tests."""
    if at is None:
        return SafeString("")
    place = _zone(zone)
    local = at.astimezone(place)
    exact = f"{date_format(local, 'DATETIME_FORMAT')} {local.tzname() or ''}".strip()
    said = said_time(local, (now or timezone.now()).astimezone(place))
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, said)


def _zone(zone: Any) -> tzinfo:
    found = getattr(zone, "timezone", None) or getattr(zone, "time_zone", zone)
    return ZoneInfo(found) if isinstance(found, str) and found else found or timezone.get_current_timezone()


def said_time(at: datetime, now: datetime) -> str:
    """Both in the reader's zone. Nearer moments are said more exactly."""
    ago = now - at
    if timedelta(0) <= ago < timedelta(minutes=1):
        return _("just now")
    if timedelta(0) <= ago < timedelta(hours=1):
        minutes = ago // timedelta(minutes=1)
        return ngettext("%(minutes)d minute ago", "%(minutes)d minutes ago", minutes) % {"minutes": minutes}
    return _said_day(at, now)


def _said_day(at: datetime, now: datetime) -> str:
    clock = date_format(at, "TIME_FORMAT")
    days = (at.date() - now.date()).days
    near = {0: _("today, %(time)s"), -1: _("yesterday, %(time)s"), 1: _("tomorrow, %(time)s")}
    if days in near:
        return near[days] % {"time": clock}
    if abs(days) < 7:
        return _("%(day)s, %(time)s") % {"day": date_format(at, "D"), "time": clock}
    return date_format(at, "MONTH_DAY_FORMAT" if at.year == now.year else "DATE_FORMAT")
