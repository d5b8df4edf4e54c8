"""How many reports are believed at once. Nobody is refused: what goes beyond is set aside for somebody to look at.

A school is one address on the internet, so the address alone decides nothing: rooms and browsers are counted first,
and what they have spent too much of is not counted against the school.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from firstbell.tickets.actions import count_up

WINDOW = 600
"""Seconds."""
LIMITS = {"room": 20, "browser": 6, "network": 200}
"""Reports in one window: of a room or device, of a browser, of everybody behind one address."""
MESSAGES = 20


def doubt(request: HttpRequest, spot: str, at: datetime) -> str:
    """Count a report; return which limit it goes beyond (room, browser, network), or nothing."""
    return _beyond({"room": spot, "browser": _browser(request)}, at) or _beyond({"network": _network(request)}, at)


def _beyond(subjects: Mapping[str, str], at: datetime) -> str:
    keys = {name: _key(name, subject, at) for name, subject in subjects.items() if subject}
    counts = _count(keys.values(), at)
    return next((name for name, key in keys.items() if counts[key] > LIMITS[name]), "")


def too_many_messages(ticket: str, at: datetime) -> bool:
    """Count a message of a reporter; say whether there were too many at once."""
    key = _key("messages", ticket, at)
    return _count([key], at)[key] > MESSAGES


def _count(keys: Collection[str], at: datetime) -> dict[str, int]:
    return count_up(keys, until=at + timedelta(seconds=WINDOW)) if keys else {}


def _key(name: str, subject: str, at: datetime) -> str:
    """Keys hold no address and no code that could be read back."""
    hidden = salted_hmac("firstbell.budget", subject, algorithm="sha256").hexdigest()[:24]
    return f"budget:{name}:{int(at.timestamp()) // WINDOW}:{hidden}"


def _browser(request: HttpRequest) -> str:
    """Return the secret of the form's own cookie: every browser that can send a form has one."""
    return str(request.META.get("CSRF_COOKIE") or "")


def _network(request: HttpRequest) -> str:
    """Return the address as the nearest proxy of ours saw it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR") or "")
