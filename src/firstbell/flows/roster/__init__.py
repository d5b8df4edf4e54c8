"""A roster package into the directory: laid out in staging tables, compared, then applied in one transaction.

``with lay_out(package, ...) as roster:`` reads the package once into temporary tables and compares them with what is
there. ``changes(roster)`` says what would change; ``apply_roster(roster=roster, ...)`` does it. Leaving the block
without applying leaves nothing behind. Devices and assignments are never touched (domain rule 13).
"""

from firstbell.flows.roster.apply import apply_roster, changes
from firstbell.flows.roster.brake import over_brake
from firstbell.flows.roster.layout import Roster, lay_out
from firstbell.flows.roster.report import Changes, SiteChange, Unsettled, unsettled

__all__ = [
    "Changes",
    "Roster",
    "SiteChange",
    "Unsettled",
    "apply_roster",
    "changes",
    "lay_out",
    "over_brake",
    "unsettled",
]
