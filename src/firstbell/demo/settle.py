"""Makes a district of the two files: sites, people, places, devices, plan, calendar, users; all by the real verbs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

from firstbell.connectors.inventory import read_devices
from firstbell.connectors.roster import read_package
from firstbell.decisions.actions import decide
from firstbell.decisions.register import QUESTIONS
from firstbell.demo.answers import ANSWERS, LATER_REASON, OWN_ANSWER, UNDECIDED
from firstbell.demo.bench import set_up_bench
from firstbell.demo.calendars import Year, bells, year_around
from firstbell.demo.cast import DistrictCast, SchoolCast, Stage, cast_district, cast_school
from firstbell.demo.invented.schools import TOWN
from firstbell.demo.invented.sizes import Level
from firstbell.demo.leavers import write_delta
from firstbell.demo.packages import DEPOT_ID, OFFICE_ID, Meta, Packages
from firstbell.demo.packages import School as InventedSchool
from firstbell.devices.actions.inventory import make_model
from firstbell.devices.models import DeviceModel
from firstbell.directory.actions import Location, make_place, set_calendar, set_locations
from firstbell.directory.models import Person, Place, Site
from firstbell.directory.queries import actor_for
from firstbell.fees.actions.policy import set_rows
from firstbell.fees.usual import USUAL
from firstbell.flows.golive import go_live
from firstbell.flows.inventory_import import Options, RowResult, import_devices
from firstbell.flows.roster import apply_roster, lay_out
from firstbell.kernel.actor import SYSTEM, Actor

Say = Callable[[str], None]

SCHOOL_PLACES = (
    (Place.Kind.DESK, "Tech desk"),
    (Place.Kind.PICKUP_BOX, "Pick-up box"),
    (Place.Kind.RETURN_SHELF, "Return shelf"),
    (Place.Kind.LOANER_SHELF, "Library desk"),
)
DEPOT_PLACES = (
    (Place.Kind.STORE, "Store room"),
    (Place.Kind.OUTBOX, "Outgoing shelf"),
    *((Place.Kind.BENCH, f"Bench {number}") for number in range(1, 10)),
    *((Place.Kind.STORE, f"Shelf {number}") for number in range(1, 10)),
    *((Place.Kind.STORE, f"Cage {number}") for number in range(1, 10)),
)
CLOSET = "Storage closet"
LEAVERS = 3
CARTS = 3
SCHOOLS_WITH_CARTS = 3
_KINDS = {"Quill": DeviceModel.Kind.CHROMEBOOK, "Note": DeviceModel.Kind.CHROMEBOOK, "Slate": DeviceModel.Kind.IPAD}


@dataclass(frozen=True)
class Settlement:
    """The district as it was set up, before it lives."""

    meta: Meta
    sites: dict[str, Site]
    schools: tuple[InventedSchool, ...]
    casts: dict[str, SchoolCast]
    district: DistrictCast
    refused: int


class Settler:
    """Sets one district up. ``at`` is when: before the weeks that the demo lives through."""

    def __init__(self, packages: Packages, *, at: datetime, today: date, password: str | None, say: Say) -> None:
        self._packages = packages
        self._meta = packages.meta
        self._at = at
        self._today = today
        self._say = say
        self.space = uuid5(UUID(int=0), f"firstbell-demo:{self._meta.size}:{self._meta.seed}")
        self._stage = Stage(at, self.space, password)
        self._sites: dict[str, Site] = {}

    def settle(self) -> Settlement:
        """Set everything up and return what there is."""
        self._import_roster()
        self._sites = {site.source_id: site for site in Site.objects.filter(source_id__isnull=False) if site.source_id}
        self._find_depot()
        self._make_places()
        self._make_models()
        refused = self._import_devices()
        self._set_calendars(year_around(self._today, (self._meta.first_day, self._meta.last_day)))
        district = cast_district(self._stage, self._sites[OFFICE_ID], self._sites[DEPOT_ID])
        self._decide(actor_for(district.office, at=self._at))
        casts = {
            school.org_id: cast_school(self._stage, self._sites[school.org_id], school.number)
            for school in self._meta.schools
        }
        office = actor_for(district.office, at=self._at)
        self._go_live(office)
        set_up_bench(self._sites[DEPOT_ID], by=office, at=self._at, op=self._op)
        return Settlement(self._meta, self._sites, self._meta.schools, casts, district, refused)

    def let_leave(self, folder: Path, at: datetime) -> None:
        """Apply a later roster, by which a few students of the first school have moved away (domain rule 13)."""
        last = self._sites[self._meta.schools[0].org_id]
        students = Person.objects.visible_to(SYSTEM).filter(site=last, kind=Person.Kind.STUDENT, active=True)
        path = folder / "delta.zip"
        write_delta(path, list(students.order_by("-local_number")[:LEAVERS]))
        with lay_out(read_package(path), digest=_digest(path), at=at) as roster:
            apply_roster(roster=roster, by=SYSTEM, at=at, op=self._op("delta"))

    def _op(self, what: str) -> UUID:
        return uuid5(self.space, what)

    def _import_roster(self) -> None:
        path = self._packages.roster
        self._say("reading the roster")
        package = read_package(path)
        with lay_out(package, digest=_digest(path), at=self._at) as roster:
            apply_roster(roster=roster, by=SYSTEM, at=self._at, op=self._op("roster"))
        people = Person.objects.visible_to(SYSTEM).count()
        self._say(f"{people:,} people at {len(self._meta.schools)} schools")

    def _find_depot(self) -> None:
        """Put the depot in the middle of town: the roster tells where the schools are, and of depots nothing."""
        where = Location(self._sites[DEPOT_ID].pk, "1 Depot Road, Wrenfield", f"{TOWN[0]}, {TOWN[1]}")
        set_locations(locations=[where], by=SYSTEM, at=self._at, op=self._op("depot"))

    def _make_places(self) -> None:
        for site, kind, name in self._places():
            op = self._op(f"place:{site.pk}:{name}")
            make_place(site_id=site.pk, kind=kind, name=name, by=SYSTEM, at=self._at, op=op)

    def _places(self) -> Iterator[tuple[Site, Place.Kind, str]]:
        for kind, name in DEPOT_PLACES:
            yield self._sites[DEPOT_ID], kind, name
        for school in self._meta.schools:
            site = self._sites[school.org_id]
            for kind, name in SCHOOL_PLACES:
                yield site, kind, name
            for cart in range(1, CARTS + 1 if school.number <= SCHOOLS_WITH_CARTS else 1):
                yield site, Place.Kind.CART, f"Cart {cart}"
        yield self._sites[self._meta.schools[0].org_id], Place.Kind.STORE, CLOSET

    def _make_models(self) -> None:
        for model in self._meta.models:
            kind = _KINDS.get(model.name.split()[0], DeviceModel.Kind.WINDOWS)
            op = self._op(f"model:{model.name}")
            make_model(manufacturer=model.maker, name=model.name, kind=kind, by=SYSTEM, at=self._at, op=op)

    def _import_devices(self) -> int:
        path = self._packages.devices
        results: list[RowResult] = []
        file = read_devices(path, name=path.name)
        for result in import_devices(file, digest=_digest(path), options=Options(), by=SYSTEM, at=self._at):
            results.append(result)
            if len(results) % 10_000 == 0:
                self._say(f"{len(results):,} devices")
        refused = sum(result.what == "refused" for result in results)
        self._say(f"{len(results) - refused:,} devices; {refused:,} rows of the list were refused, with reasons")
        return refused

    def _set_calendars(self, year: Year) -> None:
        elementary = {school.org_id for school in self._meta.schools if school.level is Level.ELEMENTARY}
        secondary = {school.org_id for school in self._meta.schools} - elementary
        for kind, orgs in (
            ("secondary", secondary),
            ("elementary", elementary),
            ("office", {DEPOT_ID, OFFICE_ID}),
        ):
            set_calendar(
                name=f"{self._meta.district}, {kind}",
                first_day=year.first,
                last_day=year.last,
                periods=bells(kind),
                holidays=year.holidays,
                site_ids=sorted(self._sites[org].pk for org in orgs),
                by=SYSTEM,
                at=self._at,
                op=self._op(f"calendar:{kind}"),
            )

    def _decide(self, office: Actor) -> None:
        for question in QUESTIONS:
            if question.key not in UNDECIDED:
                value, reason = ANSWERS.get(question.key, (question.safe, LATER_REASON))
                self._answer(question.key, value, reason, None, office)
        key, value, reason = OWN_ANSWER
        last = self._meta.schools[min(len(self._meta.schools), 3) - 1]
        self._answer(key, value, reason, self._sites[last.org_id].pk, office)
        set_rows(lines=USUAL, since=self._at.date(), by=office, at=self._at, op=self._op("policy"))

    def _go_live(self, office: Actor) -> None:
        for school in self._meta.schools:
            site = self._sites[school.org_id]
            go_live(site_id=site.pk, by=office, at=self._at, op=self._op(f"live:{site.pk}"))

    def _answer(self, key: str, value: object, reason: str, site_id: int | None, office: Actor) -> None:
        review = self._today + timedelta(days=180)
        op = self._op(f"decision:{key}:{site_id}")
        decide(key=key, value=value, site_id=site_id, reason=reason, review_on=review, by=office, at=self._at, op=op)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return sha256(file.read()).hexdigest()
