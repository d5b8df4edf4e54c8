"""The people of one school: teachers and other staff, students in homerooms, and their families."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

from firstbell.demo.invented.chance import draw, seeded
from firstbell.demo.invented.names import Group, Names, latin, load_names
from firstbell.demo.invented.schools import DEPOT_ID, DOMAIN, OFFICE_ID, School
from firstbell.demo.invented.sizes import GRADES, HOMEROOM, STUDENTS_PER_TEACHER, Level

FIRST_STUDENT, FIRST_STAFF = 200_001, 40_001
SUBJECTS = ("Language arts", "Mathematics", "Science", "Social studies")

_SIBLING = 0.3
_MORE_CHILDREN = ((0, 60), (1, 30), (2, 10))
_TWO_GUARDIANS, _NO_GUARDIAN = 0.60, 0.03
_GUARDIAN_ROLES = (("parent", 86), ("guardian", 10), ("relative", 4))
_SPEAKS_ENGLISH = 0.2
_OWN_LETTERS = 0.35
_LUNCH = (("P", 40), ("R", 10), ("F", 50))


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works for the district. ``role`` is a role of OneRoster; ``room`` where a teacher teaches."""

    id: str
    number: str
    given: str
    family: str
    role: str
    org_id: str
    room: str
    email: str


@dataclass(frozen=True, slots=True)
class Guardian:
    """A parent or other guardian, with the language to write to them in and, for some, the name in its own letters."""

    id: str
    given: str
    family: str
    own_letters: tuple[str, str]
    role: str
    language: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Family:
    """People under one roof."""

    group: Group
    name: str
    guardians: tuple[Guardian, ...]


@dataclass(frozen=True, slots=True)
class Student:
    """A student. ``new_guardians`` are those whom no sibling has brought before."""

    id: str
    number: str
    given: str
    family: Family
    grade: str
    username: str
    lunch: str
    new_guardians: tuple[Guardian, ...]


@dataclass(frozen=True, slots=True)
class Homeroom:
    """A homeroom: its teacher, room and students, and who teaches them what (secondary schools)."""

    id: str
    title: str
    grade: str
    teacher: Staff
    students: tuple[Student, ...]
    subjects: tuple[tuple[str, Staff], ...]


@dataclass(frozen=True, slots=True)
class SchoolPeople:
    """Everybody at one school."""

    school: School
    staff: tuple[Staff, ...]
    homerooms: tuple[Homeroom, ...]


@dataclass(slots=True)
class Register:
    """What is numbered through the whole district, and the families that expect more children at school."""

    names: Names = field(default_factory=load_names)
    students: Iterator[int] = field(default_factory=lambda: count(FIRST_STUDENT))
    staff: Iterator[int] = field(default_factory=lambda: count(FIRST_STAFF))
    guardians: Iterator[int] = field(default_factory=lambda: count(1))
    growing: list[tuple[Family, int]] = field(default_factory=list)


def invent_people(school: School, register: Register, seed: int) -> SchoolPeople:
    """Return everybody at a school. Schools must be asked for in their order: families have children in several."""
    chance = seeded(seed, f"people/{school.number}")
    staff = tuple(_staff(school, register, chance))
    teachers = [person for person in staff if person.role == "teacher"]
    homerooms = tuple(_homerooms(school, teachers, register, chance))
    return SchoolPeople(school, staff, homerooms)


def invent_district_staff(device_count: int, register: Register, seed: int) -> list[Staff]:
    """Return the people of the district office and of the depot: a technician for some 10,000 devices, at least two."""
    chance = seeded(seed, "district")
    office = ("districtAdministrator", "districtAdministrator", "systemAdministrator", "systemAdministrator")
    technicians = max(2, round(device_count / 10_000))
    places = [(role, OFFICE_ID) for role in office] + [("ext:technician", DEPOT_ID)] * technicians
    return [_staff_member(role, org_id, "", register, chance) for role, org_id in places]


def _staff(school: School, register: Register, chance: Random) -> Iterator[Staff]:
    yield _staff_member("principal", school.org_id, "Main office", register, chance)
    yield _staff_member("ext:mediaSpecialist", school.org_id, "Library", register, chance)
    for _ in range(1 + school.students // 450):
        yield _staff_member("counselor", school.org_id, "Counseling office", register, chance)
    for _ in range(school.students // 250):
        yield _staff_member("aide", school.org_id, "", register, chance)
    for place in range(max(2, round(school.students / STUDENTS_PER_TEACHER))):
        yield _staff_member("teacher", school.org_id, _room(place), register, chance)


def _room(place: int) -> str:
    floor, door = divmod(place, 30)
    return f"Room {floor + 1}{door + 1:02}"


def _staff_member(role: str, org_id: str, room: str, register: Register, chance: Random) -> Staff:
    group = register.names.group(chance)
    number = next(register.staff)
    given, family = chance.choice(group.given), chance.choice(group.families)
    email = f"{latin(given)}.{latin(family)}{number - FIRST_STAFF}@{DOMAIN}"
    return Staff(f"staff-{number}", str(number), given, family, role, org_id, room, email)


def _homerooms(school: School, teachers: Sequence[Staff], register: Register, chance: Random) -> Iterator[Homeroom]:
    place = 0
    for grade, size in zip(GRADES[school.level], _grade_sizes(school), strict=True):
        sections = max(1, round(size / HOMEROOM[school.level]))
        for section in range(sections):
            students = size // sections + (section < size % sections)
            teacher = teachers[place % len(teachers)]
            yield Homeroom(
                id=f"class-{school.number:03}-{place + 1:03}",
                title=f"Homeroom {grade}-{chr(ord('A') + section)}",
                grade=grade,
                teacher=teacher,
                students=tuple(_student(grade, register, chance) for _ in range(students)),
                subjects=_subjects(school, teachers, place),
            )
            place += 1


def _grade_sizes(school: School) -> list[int]:
    grades = len(GRADES[school.level])
    return [school.students // grades + (place < school.students % grades) for place in range(grades)]


def _subjects(school: School, teachers: Sequence[Staff], place: int) -> tuple[tuple[str, Staff], ...]:
    if school.level not in {Level.MIDDLE, Level.HIGH}:
        return ()
    first = place * len(SUBJECTS)
    return tuple((subject, teachers[(first + at) % len(teachers)]) for at, subject in enumerate(SUBJECTS))


def _student(grade: str, register: Register, chance: Random) -> Student:
    family, new_guardians = _family(register, chance)
    number = next(register.students)
    given = chance.choice(family.group.given)
    username = f"{latin(given)[:1]}{latin(family.name)[:9]}{number}"
    lunch = draw(chance, _LUNCH)
    return Student(f"student-{number}", str(number), given, family, grade, username, lunch, new_guardians)


def _family(register: Register, chance: Random) -> tuple[Family, tuple[Guardian, ...]]:
    """Return a family, and its guardians where it is new: a third of the students have a sibling at school already."""
    if not register.growing or chance.random() > _SIBLING:
        return _new_family(register, chance)
    place = chance.randrange(len(register.growing))
    family, more = register.growing[place]
    if more > 1:
        register.growing[place] = (family, more - 1)
    else:
        register.growing[place] = register.growing[-1]
        register.growing.pop()
    return family, ()


def _new_family(register: Register, chance: Random) -> tuple[Family, tuple[Guardian, ...]]:
    group = register.names.group(chance)
    name = chance.choice(group.families)
    guardians = tuple(_guardian(group, name, register, chance) for _ in range(_guardian_count(chance)))
    family = Family(group, name, guardians)
    more = draw(chance, _MORE_CHILDREN)
    if more:
        register.growing.append((family, more))
    return family, guardians


def _guardian_count(chance: Random) -> int:
    drawn = chance.random()
    return 2 if drawn < _TWO_GUARDIANS else 0 if drawn > 1 - _NO_GUARDIAN else 1


def _guardian(group: Group, name: str, register: Register, chance: Random) -> Guardian:
    number = next(register.guardians)
    given = chance.choice(group.given)
    return Guardian(
        id=f"guardian-{number}",
        given=given,
        family=name,
        own_letters=_own_letters(group, given, name, chance),
        role=draw(chance, _GUARDIAN_ROLES),
        language="en" if chance.random() < _SPEAKS_ENGLISH else group.language,
        phone=fictional_phone(number),
        email=f"{latin(given)}.{latin(name)}{number}@mail.example",
    )


def _own_letters(group: Group, given: str, family: str, chance: Random) -> tuple[str, str]:
    if not group.script or chance.random() > _OWN_LETTERS:
        return "", ""
    return group.script.get(given, ""), group.family_script.get(family, "")


def fictional_phone(number: int) -> str:
    """Return an E.164 number of the range kept for fiction (555-0100 to 555-0199) in one of 640 area codes."""
    area, line = divmod(number, 100)
    hundreds, tens = divmod(area % 640, 80)
    return f"+1{hundreds + 2}{tens:02}55501{line:02}"
