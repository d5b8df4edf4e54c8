"""The one table of who may come in where. Every address is declared by ``door``; an undeclared one doesn't boot."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver, path

from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission

Needs = Permission | tuple[Permission, ...]


@dataclass(frozen=True)
class Door:
    """Who may come in: anybody (``public``), anybody signed in (no permission named), or holders of one of these."""

    name: str
    public: bool = False
    needs: tuple[Permission, ...] = ()

    def open_to(self, actor: Actor) -> bool:
        """Say whether somebody signed in may come in; which rows they reach is decided in each query."""
        return not self.needs or any(actor.may(permission) for permission in self.needs)


DOORS: dict[str, Door] = {}


def door(
    route: str,
    view: Callable[..., Any],
    *,
    name: str,
    needs: Needs | None = None,
    public: bool = False,
) -> URLPattern:
    """Declare an address with who may come in. Without ``needs`` and ``public`` everybody signed in may."""
    wanted = (needs,) if isinstance(needs, Permission) else needs or ()
    DOORS[name] = Door(name, public, wanted)
    return path(route, view, name=name)


def addresses(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    """Yield every address of the system."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns)
        else:
            yield entry


@register()
def check_every_address_is_declared(**_kwargs: object) -> list[CheckMessage]:
    """Refuse to start with an address that nobody has declared."""
    undeclared = [str(entry.pattern) for entry in addresses() if entry.name not in DOORS]
    return [Error(f"{route} is not declared: use web.doors.door", id="firstbell.E001") for route in undeclared]
