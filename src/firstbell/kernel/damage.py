"""Causes of incidents, as facts. None of them says whose fault it was: that is for administrators, not for IT."""

from enum import StrEnum


class Cause(StrEnum):
    """What happened to a device."""

    ACCIDENTAL = "accidental"
    LIQUID = "liquid"
    WEAR = "wear"
    DEFECT = "defect"
    UNKNOWN = "unknown"
    LOST = "lost"
    STOLEN = "stolen"


GONE = frozenset({Cause.LOST, Cause.STOLEN})
"""The device is not there: it is looked for. Every other cause is damage."""
