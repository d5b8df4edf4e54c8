"""How large the invented districts are. Figures: enrolment shares and pupil/teacher ratio of US districts (NCES)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Size(StrEnum):
    """Benchmark sizes: a median US district, a small town, a mid-sized one, a large one, one of the largest."""

    XS = "XS"
    S = "S"
    M = "M"
    L = "L"
    XL = "XL"


class Level(StrEnum):
    """What a school is for."""

    ELEMENTARY = "elementary"
    MIDDLE = "middle"
    HIGH = "high"
    SPECIAL = "special"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Plan:
    """Students, devices and schools of each level."""

    students: int
    devices: int
    schools: Mapping[Level, int]


def _plan(students: int, devices: int, *schools: int) -> Plan:
    return Plan(students, devices, MappingProxyType(dict(zip(Level, schools, strict=True))))


PLANS: Mapping[Size, Plan] = MappingProxyType(
    {
        Size.XS: _plan(1_050, 1_200, 1, 1, 1, 0, 0),
        Size.S: _plan(3_300, 3_800, 4, 1, 1, 0, 0),
        Size.M: _plan(10_000, 11_500, 10, 3, 3, 0, 0),
        Size.L: _plan(33_000, 37_000, 23, 7, 5, 1, 1),
        Size.XL: _plan(97_000, 110_000, 91, 22, 18, 10, 24),
    }
)

TYPICAL_ENROLMENT: Mapping[Level, int] = MappingProxyType(
    {
        Level.ELEMENTARY: 480,
        Level.MIDDLE: 800,
        Level.HIGH: 1_300,
        Level.SPECIAL: 120,
        Level.OTHER: 250,
    }
)
"""Means; a school differs from them lognormally, and all are scaled to the district's total."""

GRADES: Mapping[Level, tuple[str, ...]] = MappingProxyType(
    {
        Level.ELEMENTARY: ("KG", "01", "02", "03", "04", "05"),
        Level.MIDDLE: ("06", "07", "08"),
        Level.HIGH: ("09", "10", "11", "12"),
        Level.SPECIAL: ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"),
        Level.OTHER: ("06", "07", "08", "09", "10", "11", "12"),
    }
)

STUDENTS_PER_TEACHER = 15.4
HOMEROOM: Mapping[Level, int] = MappingProxyType(
    {
        Level.ELEMENTARY: 22,
        Level.MIDDLE: 25,
        Level.HIGH: 26,
        Level.SPECIAL: 9,
        Level.OTHER: 18,
    }
)
"""Students in a homeroom."""
