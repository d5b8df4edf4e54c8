"""The demo's inputs as a real district would send them: a OneRoster zip and a device list, invented from a seed.

They go through the same readers as anybody's files. Nothing here touches the database.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from firstbell.demo.invented.chance import seeded
from firstbell.demo.invented.faults import Fault, FaultPlanter
from firstbell.demo.invented.fleet import CARRIER, MODELS, Device, Fleet, Model
from firstbell.demo.invented.people import Register, SchoolPeople, Staff, invent_district_staff, invent_people
from firstbell.demo.invented.roster import FIRST_DAY, LAST_DAY, RosterWriter, roster_writer
from firstbell.demo.invented.schools import (
    DEPOT_ID,
    DEPOT_NAME,
    DISTRICT_ID,
    DISTRICT_NAME,
    DOMAIN,
    OFFICE_ID,
    OFFICE_NAME,
    TIME_ZONE,
    School,
    invent_schools,
)
from firstbell.demo.invented.sizes import PLANS, Plan, Size

__all__ = [
    "DEPOT_ID",
    "DISTRICT_ID",
    "OFFICE_ID",
    "Fault",
    "Meta",
    "Model",
    "Packages",
    "School",
    "Size",
    "write_packages",
]

_HEADER = (
    "Asset Tag",
    "Serial Number",
    "Manufacturer",
    "Model",
    "Model Number",
    "Site",
    "Room",
    "Owner Number",
    "Status",
    "Purchase Date",
    "Purchase Price",
    "Funding Source",
    "PO Number",
    "Warranty Expiration Date",
    "Condition",
    "IMEI",
    "ICCID",
    "MDN",
    "Carrier",
)


@dataclass(frozen=True, slots=True)
class Meta:
    """What the files hold, for the demo's own use and for tests; an importer needs none of it.

    ``students``, ``staff`` and ``guardians`` count people, ``devices`` rows of the device list. ``planted`` are the row
    numbers of its faults, header = row 1. ``models`` know what the list does not: the end of support.
    """

    size: Size
    seed: int
    district: str
    domain: str
    time_zone: str
    first_day: date
    last_day: date
    schools: tuple[School, ...]
    depot: str
    office: str
    students: int
    staff: int
    guardians: int
    devices: int
    models: tuple[Model, ...]
    planted: Mapping[Fault, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Packages:
    """The two files and what is in them."""

    roster: Path
    devices: Path
    meta: Meta


def write_packages(size: Size, folder: Path, seed: int = 1) -> Packages:
    """Write ``roster.zip`` and ``devices.csv`` into the folder (made where missing) and tell about them.

    The same size and seed give the same bytes. XS takes a fraction of a second, XL (97,000 students) some ten seconds;
    memory is that of the largest school. Raises OSError when the folder can't be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    roster, devices = folder / "roster.zip", folder / "devices.csv"
    district = _District(PLANS[size], seed)
    planter = FaultPlanter(seeded(seed, "faults"))
    with roster_writer(roster) as writer, devices.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(_HEADER)
        rows.writerows(_cells(device) for device in planter.spoil(district.devices(writer)))
    return Packages(roster, devices, district.meta(size, planter.planted))


class _District:
    """Invents a district school by school: people go to the roster, devices are yielded."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._schools = invent_schools(plan, seed)
        self._register = Register()
        self._fleet = Fleet(seeded(seed, "fleet"))
        self._staff = 0

    def devices(self, writer: RosterWriter) -> Iterator[Device]:
        """Yield every device, after writing the people of its school to the roster."""
        writer.add_district()
        central = invent_district_staff(self._plan.devices, self._register, self._seed)
        writer.add_staff(central)
        yield from self._of_district(central)
        for school in self._schools:
            people = invent_people(school, self._register, self._seed)
            writer.add_school(people)
            yield from self._of_school(people)
        left = self._plan.devices - self._fleet.made
        yield from self._fleet.stock(left, [school.name for school in self._schools])

    def _of_district(self, central: list[Staff]) -> Iterator[Device]:
        self._staff += len(central)
        return self._fleet.district_staff(central)

    def _of_school(self, people: SchoolPeople) -> Iterator[Device]:
        self._staff += len(people.staff)
        return self._fleet.school(people)

    def meta(self, size: Size, planted: Mapping[Fault, Iterable[int]]) -> Meta:
        """Tell about the district, after its devices were yielded."""
        return Meta(
            size=size,
            seed=self._seed,
            district=DISTRICT_NAME,
            domain=DOMAIN,
            time_zone=TIME_ZONE,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            schools=tuple(self._schools),
            depot=DEPOT_NAME,
            office=OFFICE_NAME,
            students=self._plan.students,
            staff=self._staff,
            guardians=next(self._register.guardians) - 1,
            devices=self._fleet.made,
            models=MODELS,
            planted={fault: tuple(rows) for fault, rows in planted.items()},
        )


def _cells(device: Device) -> tuple[object, ...]:
    model = device.model
    return (
        device.tag,
        device.serial,
        model.maker,
        model.name,
        model.number,
        device.site,
        device.place,
        device.owner,
        device.status,
        model.purchased_on,
        f"{model.price_cents / 100:.2f}",
        model.funding,
        model.po_number,
        model.warranty_until,
        device.condition,
        device.imei,
        device.iccid,
        device.mdn,
        CARRIER if device.imei else "",
    )
