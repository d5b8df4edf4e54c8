"""What the reader hands out for a row of a device list."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from firstbell.connectors.problems import Problem


class OwnerKey(StrEnum):
    """By what a device list names a person. Never by name: two pupils may share one."""

    NUMBER = "number"
    """Student or staff number, the roster's ``identifier``."""
    EMAIL = "email"
    USERNAME = "username"


class Owner(NamedTuple):
    """Who a device is issued to. E-mail addresses and user names are in lower case."""

    by: OwnerKey
    value: str


class DeviceRow(NamedTuple):
    """One device. Empty cells are "" or None; whether a column was there at all says ``DeviceFile.columns``.

    ``tag`` and ``serial`` are in the form of ``kernel.identifiers``; ``purchase_price_cents`` in cents;
    ``imei`` 15 digits, ``iccid`` 18 to 20 digits, ``mdn`` E.164, ``eid`` 32 digits.
    ``notes_dropped`` counts note cells that held something: notes are never kept.
    """

    tag: str = ""
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    model_number: str = ""
    site: str = ""
    place: str = ""
    owner: Owner | None = None
    status: str = ""
    purchased_on: date | None = None
    purchase_price_cents: int | None = None
    funding_source: str = ""
    po_number: str = ""
    warranty_until: date | None = None
    condition: str = ""
    imei: str = ""
    iccid: str = ""
    mdn: str = ""
    eid: str = ""
    carrier: str = ""
    notes_dropped: int = 0


class Outcome(NamedTuple):
    """What became of one row: a device (perhaps with warnings), or None and the reasons."""

    row: int
    device: DeviceRow | None
    problems: tuple[Problem, ...]
