"""Who signs in to the demo: each role at the first schools, a lead at every school, and the district's people."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from firstbell.directory.actions import Hours, grant_role, make_user, note_absence, set_hours
from firstbell.directory.models import Person, RoleHeld, Site, User
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.roles import Role
from firstbell.kernel.sealed import Sealed

PASSWORD = "firstbell-demo"  # noqa: S105 - of made-up people, in the demo only
FULL_CAST = 3
"""Schools in which every role is held."""
SIGN_IN = 1
"""Schools whose people can sign in with the password: hashing it on purpose takes a while."""
HELPERS = 2


@dataclass(frozen=True)
class Stage:
    """With what users are made: from when, under which operations, and with which password (None: no sign-in)."""

    at: datetime
    space: UUID
    password: str | None

    def user(self, name: str, person: Person, *, signs_in: bool = True) -> User:
        """Make the login of a person."""
        return make_user(
            username=name,
            display_name=person.display_name,
            password=Sealed(self.password) if self.password and signs_in else None,
            person_id=person.pk,
            by=SYSTEM,
            at=self.at,
            op=uuid5(self.space, f"user:{name}"),
        )

    def grant(self, user: User, role: Role, site: Site | None, **extra: object) -> RoleHeld:
        """Give a role to a user."""
        op = uuid5(self.space, f"role:{user.username}:{role}:{site.pk if site else 0}")
        site_id = site.pk if site else None
        return grant_role(user_id=user.pk, role=role, site_id=site_id, by=SYSTEM, at=self.at, op=op, **extra)  # type: ignore[arg-type]  # the keywords of the verb


@dataclass
class SchoolCast:
    """Who works at a school."""

    lead: User
    deputy: User | None
    helpers: list[User]


def cast_school(stage: Stage, site: Site, number: int) -> SchoolCast:
    """Make the users of a school: everybody at the first ones, the lead (and a deputy at every third) elsewhere."""
    staff = _staff(site)
    suffix = "" if number == 1 else str(number)
    full, signs_in = number <= FULL_CAST, number <= SIGN_IN
    lead = stage.user(f"lead{suffix}", staff[1], signs_in=signs_in)
    held = stage.grant(lead, Role.IT_LEAD, site, share=60 if number == FULL_CAST else 100)
    deputy = None
    if full or number % 3 == 0:
        deputy = stage.user(f"deputy{suffix}", staff[-1], signs_in=signs_in)
        stage.grant(deputy, Role.IT_LEAD, site, deputy=True, share=20)
    if not full:
        return SchoolCast(lead, deputy, [])
    _set_hours(stage, held, teaches=number == FULL_CAST)
    stage.grant(stage.user(f"principal{suffix}", staff[0], signs_in=signs_in), Role.SCHOOL_ADMIN, site)
    stage.grant(stage.user(f"coach{suffix}", staff[-2], signs_in=signs_in), Role.COACH, site)
    return SchoolCast(lead, deputy, _helpers(stage, site, suffix, lead, signs_in=signs_in))


def _staff(site: Site) -> list[Person]:
    """Return the staff in the order in which the roster numbers them: principal, media specialist, ..., teachers."""
    people = Person.objects.visible_to(SYSTEM).filter(site=site, kind=Person.Kind.STAFF, active=True)
    return list(people.order_by("local_number"))


def _helpers(stage: Stage, site: Site, suffix: str, lead: User, *, signs_in: bool) -> list[User]:
    """Return the student team: older students, where the school has any."""
    students = Person.objects.visible_to(SYSTEM).filter(site=site, kind=Person.Kind.STUDENT, active=True)
    found = students.filter(grade__in=("05", "08", "11", "12")).order_by("local_number")
    made = []
    for place, person in enumerate(found[:HELPERS], start=1):
        user = stage.user(f"helper{suffix}{'' if place == 1 else 'b'}", person, signs_in=signs_in)
        stage.grant(user, Role.STUDENT_TECH, site, supervisor_id=lead.pk)
        made.append(user)
    return made


def _set_hours(stage: Stage, held: RoleHeld, *, teaches: bool) -> None:
    hours = [Hours(weekday, time(7, 30), time(15, 15)) for weekday in range(5)]
    if teaches:
        hours += [Hours(weekday, time(9), time(10, 30), present=False) for weekday in (1, 3)]
    op = uuid5(stage.space, f"hours:{held.pk}")
    set_hours(role_held_id=held.pk, hours=hours, by=SYSTEM, at=stage.at, op=op)


@dataclass
class DistrictCast:
    """Who works for the whole district."""

    office: User
    technician: User
    checker: User


def cast_district(stage: Stage, office: Site, depot: Site) -> DistrictCast:
    """Make the users of the district: IT, an auditor, two technicians."""
    clerks, technicians = _staff(office), _staff(depot)
    made = DistrictCast(
        office=stage.user("office", clerks[-1]),
        technician=stage.user("tech", technicians[0]),
        checker=stage.user("tech2", technicians[1]),
    )
    stage.grant(made.office, Role.DISTRICT_IT, None)
    stage.grant(made.technician, Role.DISTRICT_TECH, None)
    stage.grant(made.checker, Role.DISTRICT_TECH, None)
    stage.grant(stage.user("auditor", clerks[0]), Role.AUDITOR, None)
    return made


def send_away(user: User, *, space: UUID, at: datetime) -> None:
    """Let a lead be away today and tomorrow: the deputy answers."""
    today = at.date()
    op = uuid5(space, f"absence:{user.username}")
    note_absence(user_id=user.pk, first_day=today, last_day=today + timedelta(days=1), by=SYSTEM, at=at, op=op)
