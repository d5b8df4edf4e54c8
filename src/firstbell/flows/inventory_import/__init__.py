"""A device list into the inventory: what becomes of each row is said, and a second run changes nothing.

The rules are those of the single verbs (``devices.actions.inventory``). New devices enter in batches. What is there
already is only corrected: where a device is and in what state it is, the ledger knows better than a list.
"""

from firstbell.flows.inventory_import.brake import check_brake
from firstbell.flows.inventory_import.results import RowResult, What
from firstbell.flows.inventory_import.rows import said
from firstbell.flows.inventory_import.run import Options, import_devices
from firstbell.flows.inventory_import.statuses import Standing

__all__ = ["Options", "RowResult", "Standing", "What", "check_brake", "import_devices", "said"]
