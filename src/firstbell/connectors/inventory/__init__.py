"""Device lists as CSV or .xlsx: ``read_devices`` finds out how a file is written and says what becomes of each row."""

from firstbell.connectors.days import DayOrder
from firstbell.connectors.inventory.columns import ALIASES
from firstbell.connectors.inventory.reader import DeviceFile, Glance, glance, read_devices, read_mapped
from firstbell.connectors.inventory.records import DeviceRow, Outcome, Owner, OwnerKey
from firstbell.connectors.inventory.sentences import SENTENCES

__all__ = [
    "ALIASES",
    "SENTENCES",
    "DayOrder",
    "DeviceFile",
    "DeviceRow",
    "Glance",
    "Outcome",
    "Owner",
    "OwnerKey",
    "glance",
    "read_devices",
    "read_mapped",
]
