"""A school with a homeroom, chargers and a store: what the two big days need. Made by the real verbs."""

from dataclasses import dataclass
from typing import Any

from firstbell.accessories.actions import make_kind, receive_stock
from firstbell.accessories.models import AccessoryKind, Stock
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Device
from firstbell.directory.actions import make_place
from firstbell.directory.models import ClassGroup, Enrolment, Person, Place
from tests import make


@dataclass
class Ready:
    """A school, its store, and the charger that fits its devices."""

    town: make.District
    school: make.School
    store: Place
    charger: AccessoryKind

    def act(self, **more: Any) -> dict[str, Any]:
        return {"by": self.school.lead_actor, "at": self.town.at, "op": make.op()} | more

    def stock(self, pieces: int) -> Stock:
        return receive_stock(kind_id=self.charger.pk, place_id=self.store.pk, pieces=pieces, **self.act())

    def count(self) -> int:
        rows = Stock.objects.everyone(reason="a test looks").filter(kind=self.charger)
        return sum(row.count for row in rows)

    def spare(self) -> Device:
        """Return a device that is nobody's and lies in the store."""
        made = make.device(self.town, self.school)
        relocate(device_id=made.pk, place_id=self.store.pk, **make.system())
        return make.fresh(made)

    def homeroom(self, size: int, name: str = "Homeroom 7A") -> tuple[ClassGroup, list[Person]]:
        """Return a homeroom and its students, by name as its list has them."""
        group = ClassGroup.objects.create(
            source_id=f"class {self.school.site.pk} {name}",
            site=self.school.site,
            title=name,
            homeroom=True,
            place=self.school.places["room"],
        )
        students = [
            make.person(self.school.site, given="Kim", family=f"{name[-2:]} Student{number:02}", grade="7")
            for number in range(size)
        ]
        Enrolment.objects.bulk_create(Enrolment(class_group=group, person=person) for person in students)
        return group, students


def ready() -> Ready:
    """Make it."""
    town = make.district()
    school = town.schools[0]
    store = make_place(site_id=school.site.pk, kind=Place.Kind.STORE, name="Store room", **make.system())
    charger = make_kind(
        sort=AccessoryKind.Sort.CHARGER,
        name="45 W charger",
        price_cents=2500,
        model_ids=[town.model.pk],
        **make.system(),
    )
    return Ready(town, school, store, charger)
