"""The schools of an invented district: names, places on the map, enrolments, rooms."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from firstbell.demo.invented.chance import seeded
from firstbell.demo.invented.names import load_names
from firstbell.demo.invented.sizes import TYPICAL_ENROLMENT, Level, Plan

DISTRICT_ID, DEPOT_ID, OFFICE_ID = "org-district", "org-depot", "org-office"
DISTRICT_NAME = "Wrenfield Public Schools"
DEPOT_NAME = "Central repair depot"
OFFICE_NAME = "District office"
DOMAIN = "wrenfield.example"
TIME_ZONE = "America/Chicago"

_SUFFIX = {
    Level.ELEMENTARY: "Elementary School",
    Level.MIDDLE: "Middle School",
    Level.HIGH: "High School",
    Level.SPECIAL: "Learning Center",
    Level.OTHER: "Academy",
}
TOWN = (39.80, -98.55)
_DEGREES_PER_SCHOOL = 0.02
_SPREAD = 0.28
_ROADS = ("Road", "Street", "Avenue", "Lane", "Drive")


@dataclass(frozen=True, slots=True)
class School:
    """One school. Latitude and longitude in degrees, invented too, some kilometres apart."""

    org_id: str
    number: int
    name: str
    level: Level
    students: int
    address: str
    latitude: float
    longitude: float


def invent_schools(plan: Plan, seed: int) -> list[School]:
    """Return the schools, high schools first: their students' families are there when younger siblings come."""
    chance = seeded(seed, "schools")
    levels = [level for level in reversed(Level) for _ in range(plan.schools[level])]
    levels.sort(key=lambda level: level is not Level.HIGH)
    enrolments = _enrolments(levels, plan.students, chance)
    names = list(islice(_place_names(chance), len(levels)))
    return [
        _school(number, name, level, students, len(levels), chance)
        for number, (name, level, students) in enumerate(zip(names, levels, enrolments, strict=True), start=1)
    ]


def _school(number: int, name: str, level: Level, students: int, count: int, chance: Random) -> School:
    reach = _DEGREES_PER_SCHOOL * count**0.5
    return School(
        org_id=f"org-{number:03}",
        number=number,
        name=f"{name} {_SUFFIX[level]}",
        level=level,
        students=students,
        address=f"{chance.randrange(100, 9900)} {name} {chance.choice(_ROADS)}",
        latitude=round(TOWN[0] + chance.uniform(-reach, reach), 5),
        longitude=round(TOWN[1] + chance.uniform(-reach, reach), 5),
    )


def _place_names(chance: Random) -> Iterator[str]:
    places = load_names().places
    pairs = [f"{first} {second}" for first in places["first"] for second in places["second"] if first != second]
    chance.shuffle(pairs)
    return iter(pairs)


def _enrolments(levels: list[Level], total: int, chance: Random) -> list[int]:
    """Share the students out; the rounding's remainder goes to the first schools, which are large."""
    weights = [TYPICAL_ENROLMENT[level] * chance.lognormvariate(0, _SPREAD) for level in levels]
    shares = [int(total * weight / sum(weights)) for weight in weights]
    missing = total - sum(shares)
    return [share + (place < missing) for place, share in enumerate(shares)]
