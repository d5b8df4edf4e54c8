"""What the demo knows of its district while it lives: schools with their places, people and devices, and who acts."""

from dataclasses import dataclass, field
from datetime import datetime

from firstbell.directory.models import Site
from firstbell.kernel.actor import Actor
from firstbell.kernel.schooltime import SchoolTime


@dataclass(frozen=True, slots=True)
class Issued:
    """A device in the hands of the person whose it is."""

    device_id: int
    person_id: int
    staff: bool


@dataclass
class School:
    """One school. ``helpers`` are its student team; ``number`` counts schools from 1."""

    number: int
    site: Site
    times: SchoolTime
    places: dict[str, int]
    rooms: list[int]
    lead: Actor
    deputy: Actor | None = None
    helpers: list[Actor] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)

    @property
    def pk(self) -> int:
        """Return the id of the site."""
        return int(self.site.pk)


@dataclass
class Town:
    """The district: the schools that live, the depot, and the people of the district."""

    schools: list[School]
    depot: Site
    depot_times: SchoolTime
    office: Actor
    technician: Actor
    checker: Actor
    began: datetime
    now: datetime
