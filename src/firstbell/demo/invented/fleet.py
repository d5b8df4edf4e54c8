"""The devices of an invented district: five summers' purchases, issued, lent, in carts, in repair, in stock.

Prices and shares: reference figures for US 1:1 programmes (board papers of $277 to $400 a Chromebook, pool of 3 %).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from random import Random

from firstbell.demo.invented.chance import draw
from firstbell.demo.invented.people import Homeroom, SchoolPeople, Staff, fictional_phone
from firstbell.demo.invented.schools import DEPOT_NAME, OFFICE_NAME
from firstbell.kernel.identifiers import luhn_ok

POOL_SHARE = 0.03
CARRIER = "Meadowlark Mobile"

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SERIAL_LENGTH = 7
_STEP = 0x2545F4914F6CDD1D
"""Odd and coprime to 34: stepping by it visits every serial number once, in no visible order."""
_TABLET_GRADES = frozenset({"KG", "01", "02"})
_CONDITIONS = (("A", 55), ("B", 33), ("C", 10), ("D", 2))


@dataclass(frozen=True, slots=True)
class Model:
    """A device model, bought in one summer. ``weight``: how many of the students' devices are of it."""

    maker: str
    name: str
    number: str
    price_cents: int
    purchased_on: date
    warranty_until: date
    end_of_support: date
    funding: str
    po_number: str
    serial_start: str
    lte: bool
    weight: int
    type_code: str = ""


STUDENT_MODELS = (
    Model("Ternwick", "Quill 11", "TQ11-22", 27_700, date(2022, 7, 18), date(2025, 7, 17), date(2029, 6, 30),
          "General fund", "PO-22-0417", "T2", lte=False, weight=12),
    Model("Ternwick", "Quill 11 LTE", "TQ11L-23", 36_900, date(2023, 7, 10), date(2026, 7, 9), date(2031, 6, 30),
          "Emergency connectivity grant", "PO-23-0388", "T3", lte=True, weight=28, type_code="00104023"),
    Model("Ternwick", "Quill 11 LTE G2", "TQ11L-24", 40_000, date(2024, 7, 15), date(2028, 7, 14), date(2033, 6, 30),
          "Technology levy", "PO-24-0402", "T4", lte=True, weight=27, type_code="00104024"),
    Model("Kestrelle", "Note 11 Touch", "KN11T", 31_400, date(2025, 7, 14), date(2028, 7, 13), date(2034, 6, 30),
          "General fund", "PO-25-0391", "K5", lte=False, weight=25),
    Model("Kestrelle", "Note 11 LTE", "KN11L", 39_000, date(2026, 7, 13), date(2029, 7, 12), date(2035, 6, 30),
          "Technology levy", "PO-26-0377", "K6", lte=True, weight=8, type_code="00105026"),
)  # fmt: skip
TABLET = Model("Alderpane", "Slate 10", "AS10", 32_900, date(2024, 7, 15), date(2026, 7, 14), date(2030, 6, 30),
               "General fund", "PO-24-0410", "A4", lte=False, weight=0)  # fmt: skip
STAFF_MODEL = Model("Norvane", "Pro 14", "NP14", 65_500, date(2025, 6, 16), date(2029, 6, 15), date(2033, 6, 30),
                    "General fund", "PO-25-0288", "N5", lte=False, weight=0)  # fmt: skip
MODELS = (*STUDENT_MODELS, TABLET, STAFF_MODEL)
_MODEL_WEIGHTS = tuple(accumulate(model.weight for model in STUDENT_MODELS))


_LOST_SHARE = 0.008
_CLOSET = 40
_STOCK = (
    (("In stock", "Shelf"), 55),
    (("In use", "Cart"), 15),
    (("In repair", "Bench"), 20),
    (("Retired", "Cage"), 10),
)


@dataclass(slots=True)
class Device:
    """One row of the device list, as the district believes it to be."""

    tag: str
    serial: str
    model: Model
    site: str
    place: str
    owner: str
    status: str
    condition: str
    imei: str = ""
    iccid: str = ""
    mdn: str = ""


@dataclass(slots=True)
class Fleet:
    """Makes devices with numbers of their own."""

    chance: Random
    made: int = 0
    lines: int = 0
    _serial: int = field(default=0)

    def device(self, model: Model, site: str, place: str, owner: str, status: str) -> Device:
        """Return a new device."""
        self.made += 1
        device = Device(
            tag=f"WF{100_000 + self.made}",
            serial=model.serial_start + self._next_serial(),
            model=model,
            site=site,
            place=place,
            owner=owner,
            status=status,
            condition=draw(self.chance, _CONDITIONS),
        )
        if model.lte:
            self._connect(device)
        return device

    def _next_serial(self) -> str:
        self._serial = (self._serial + _STEP) % len(_ALPHABET) ** _SERIAL_LENGTH
        number, letters = self._serial, ""
        for _ in range(_SERIAL_LENGTH):
            number, place = divmod(number, len(_ALPHABET))
            letters += _ALPHABET[place]
        return letters

    def _connect(self, device: Device) -> None:
        """Give the device a SIM and a line; IMEI in the range kept for tests (00)."""
        self.lines += 1
        device.imei = _with_check_digit(f"{device.model.type_code}{self.lines:06}")
        device.iccid = _with_check_digit(f"8901999{self.lines:011}")
        device.mdn = fictional_phone(self.lines)

    def student_model(self, grade: str) -> Model:
        """Draw the model of a student's device."""
        if grade in _TABLET_GRADES:
            return TABLET
        return self.chance.choices(STUDENT_MODELS, cum_weights=_MODEL_WEIGHTS)[0]

    def school(self, people: SchoolPeople) -> Iterator[Device]:
        """Yield the devices of a school: staff's, students', and the loaners behind the library desk."""
        site = people.school.name
        for person in people.staff:
            yield self._of_staff(person, site)
        for homeroom in people.homerooms:
            yield from self._of_students(homeroom, site)
        grade = people.homerooms[-1].grade
        for _ in range(max(3, round(people.school.students * POOL_SHARE))):
            yield self.device(self.student_model(grade), site, "Library desk", "", "Loaner")

    def _of_staff(self, person: Staff, site: str) -> Device:
        return self.device(STAFF_MODEL, site, person.room, person.number, "In use")

    def _of_students(self, homeroom: Homeroom, site: str) -> Iterator[Device]:
        for student in homeroom.students:
            status = "Lost" if self.chance.random() < _LOST_SHARE else "In use"
            yield self.device(self.student_model(student.grade), site, homeroom.teacher.room, student.number, status)

    def district_staff(self, staff: list[Staff]) -> Iterator[Device]:
        """Yield the devices of the district office and the depot."""
        for person in staff:
            site = DEPOT_NAME if person.role.startswith("ext:") else OFFICE_NAME
            yield self._of_staff(person, site)

    def stock(self, count: int, sites: list[str]) -> Iterator[Device]:
        """Yield the rest: stock and repairs at the depot, carts at schools, retired devices, one forgotten closet."""
        closet = min(_CLOSET, count // 4)
        for _ in range(closet):
            yield self.device(STUDENT_MODELS[0], sites[0], "Storage closet", "", "Broken")
        for number in range(count - closet):
            status, where = draw(self.chance, _STOCK)
            site = self.chance.choice(sites) if where == "Cart" else DEPOT_NAME
            place = f"{where} {number % 9 + 1}"
            model = STUDENT_MODELS[0] if status == "Retired" else self.student_model("")
            yield self.device(model, site, place, "", status)


def _with_check_digit(digits: str) -> str:
    return next(digits + check for check in "0123456789" if luhn_ok(digits + check))
