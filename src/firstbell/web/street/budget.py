"""How many reports are believed at once. Nobody is refused: what goes beyond is set aside for somebody to look at.

A school is one address on the internet, so the address alone decides nothing: rooms and browsers are counted first,
and what they have spent too much of is not counted against the school.
"""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

WINDOW = 600
"""Seconds."""
LIMITS = {"room": 20, "browser": 6, "network": 200}
"""Reports in one window: of a room or device, of a browser, of everybody behind one address."""
MESSAGES = 20


def doubt(request: HttpRequest, spot: str, at: datetime) -> str:
    """Count a report; return which limit it goes beyond (room, browser, network), or nothing."""
    subjects = {"room": spot, "browser": _browser(request), "network": _network(request)}
    keys = {name: _key(name, subject, at) for name, subject in subjects.items() if subject}
    counts = cache.get_many(keys.values())
    beyond = next((name for name, key in keys.items() if counts.get(key, 0) >= LIMITS[name]), "")
    if beyond in {"room", "browser"}:
        keys.pop("network")
    _count(keys, counts)
    return beyond


def too_many_messages(ticket: str, at: datetime) -> bool:
    """Count a message of a reporter; say whether there were too many at once."""
    key = _key("messages", ticket, at)
    counts = cache.get_many([key])
    _count({"messages": key}, counts)
    return bool(counts.get(key, 0) >= MESSAGES)


def _count(keys: Mapping[str, str], counts: Mapping[str, int]) -> None:
    with transaction.atomic():  # the cache is a table: one commit for all of them
        cache.set_many({key: counts.get(key, 0) + 1 for key in keys.values()}, timeout=WINDOW)


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
