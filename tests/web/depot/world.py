"""A district with devices somewhere between school and depot, made by the real verbs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.test import Client

from firstbell.devices.models import Custody, Device, Shipment
from firstbell.directory.models import Person, User
from firstbell.directory.queries import actor_for
from firstbell.flows.bench import check, finish
from firstbell.flows.desk import take_in
from firstbell.flows.transport import empty_box, scan_in
from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Role
from firstbell.repairs.models import WorkOrder
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from tests import make


@dataclass
class World:
    """One district; ``at`` goes on as things happen."""

    town: make.District
    at: datetime
    tech: User
    checker: User
    people: list[Person] = field(default_factory=list)

    @property
    def here(self) -> make.School:
        """Return the first school."""
        return self.town.schools[0]

    @property
    def by(self) -> Actor:
        """Return the technician as an actor."""
        return actor_for(self.tech, at=self.at)

    def later(self, **more: int) -> datetime:
        """Let time pass."""
        self.at += timedelta(**more)
        return self.at

    def boxed(self, count: int = 1, school: make.School | None = None, symptom: str = "cracked") -> list[Device]:
        """Hand in broken devices of students: they lie in the school's pick-up box."""
        at_school = school or self.here
        made = []
        for _ in range(count):
            owner = make.person(at_school.site, given="Amara", family=f"Nwosu{len(self.people)}")
            self.people.append(owner)
            device = make.device(self.town, at_school, owner)
            take_in(
                device_id=device.pk, symptom=symptom, by=at_school.lead_actor, at=self.later(minutes=1), op=make.op()
            )
            made.append(device)
        return made

    def sent(self, count: int = 1, school: make.School | None = None) -> tuple[Shipment, list[Device]]:
        """Let the courier take a filled box."""
        devices = self.boxed(count, school)
        box = (school or self.here).places["pickup_box"]
        return empty_box(place_id=box.pk, by=self.by, at=self.later(minutes=5), op=make.op()), devices

    def on_bench(self, count: int = 1, school: make.School | None = None) -> list[WorkOrder]:
        """Scan devices in at the depot."""
        shipment, devices = self.sent(count, school)
        scan_in(shipment_id=shipment.pk, by=self.by, at=self.later(minutes=5), op=make.op())
        return [order for order in (order_of(device.pk) for device in devices) if order]

    def repaired(self, count: int = 1, school: make.School | None = None) -> list[WorkOrder]:
        """Repair devices; their check is still to come."""
        orders = self.on_bench(count, school)
        for order in orders:
            finish(work_order_id=order.pk, fault="screen", by=self.by, at=self.later(minutes=1), op=make.op())
        return orders

    def checked(self, count: int = 1, school: make.School | None = None) -> list[WorkOrder]:
        """Repair devices and let somebody else check them."""
        orders = self.repaired(count, school)
        other = actor_for(self.checker, at=self.at)
        for order in orders:
            check(work_order_id=order.pk, passed=True, by=other, at=self.later(minutes=1), op=make.op())
        return orders


def world(schools: int = 1) -> World:
    """Make a district with a technician and a second one who checks."""
    town = make.district(schools)
    return World(town, town.at, make.user("tech", Role.DISTRICT_TECH)[0], make.user("second", Role.DISTRICT_TECH)[0])


def signed_in(user: User) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def form(**fields: object) -> dict[str, object]:
    """Return a form with a fresh operation id."""
    return {"op": str(make.op())} | fields


def custody(device: Device) -> Custody:
    """Return where a device is."""
    return Custody.objects.select_related("site", "place", "shipment").get(device=device, until__isnull=True)


def ticket_of(device: Device) -> Ticket:
    """Return the ticket about a device."""
    return Ticket.objects.everyone(reason="a test looks").get(device=device)


def fresh(order: WorkOrder) -> WorkOrder:
    """Return a work order as the database holds it now."""
    return WorkOrder.objects.everyone(reason="a test looks").select_related("device").get(pk=order.pk)
