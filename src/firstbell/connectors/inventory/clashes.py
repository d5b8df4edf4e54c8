"""Rows of one file that claim the same tag or the same serial number. All of them are refused, each naming another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from firstbell.connectors.seen import Seen


class Identity(NamedTuple):
    """What tells a device from others. A serial number is unique per manufacturer only ("" when not known)."""

    row: int
    tag: str
    serial: str
    manufacturer: str


Clashes = dict[tuple[str, int], int]
"""(field, row) -> another row with the same tag or serial."""


def find_clashes(identities: Callable[[], Iterable[Identity]]) -> Clashes:
    """Return the clashes. Goes through the identities once, twice where something is repeated."""
    tags, serials = Seen(), Seen()
    for identity in identities():
        if identity.tag:
            tags.add(identity.tag)
        if identity.serial:
            serials.add(identity.serial)
    repeated_tags, repeated_serials = tags.repeated(), serials.repeated()
    if not repeated_tags and not repeated_serials:
        return {}
    same_tag: dict[str, list[Identity]] = defaultdict(list)
    same_serial: dict[str, list[Identity]] = defaultdict(list)
    for identity in identities():
        if hash(identity.tag) in repeated_tags:
            same_tag[identity.tag].append(identity)
        if hash(identity.serial) in repeated_serials:
            same_serial[identity.serial].append(identity)
    return dict(_clashing(same_tag.values(), "tag")) | dict(_clashing(same_serial.values(), "serial"))


def _clashing(groups: Iterable[Sequence[Identity]], field: str) -> Iterator[tuple[tuple[str, int], int]]:
    for group in groups:
        for place, identity in enumerate(group):
            others = (*group[:place][-_FEW:], *group[place + 1 :][:_FEW])
            other = next((other for other in others if field == "tag" or _same_maker(identity, other)), None)
            if other is not None:
                yield (field, identity.row), other.row


_FEW = 50
"""How many neighbours in the file are compared: makers differ rarely, and a column of one value must not cost n²."""


def _same_maker(one: Identity, other: Identity) -> bool:
    makers = {one.manufacturer, other.manufacturer}
    return len(makers) == 1 or "" in makers
