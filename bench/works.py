"""What is measured inside one process: finding, the desk's motion, pages as a browser asks for them."""

import hashlib
import random
from collections.abc import Callable, Iterator
from uuid import uuid4

from django.test import Client

from bench.measure import Figure, measure
from bench.people import FIRST_SCHOOL
from bench.place import Place
from firstbell.devices.models import Condition, Device
from firstbell.devices.queries import find_devices
from firstbell.directory.models import Person, Site, User
from firstbell.directory.queries import actor_for, find_people
from firstbell.flows.desk import swap_at_desk
from firstbell.kernel.actor import Actor
from firstbell.kernel.clock import utc_now
from firstbell.loans.actions import take_back
from firstbell.loans.queries import free_loaners
from firstbell.tickets.rules import OPEN

OFFICE, TECHNICIAN = 2, 1
FINDING_MS, FINDING_QUERIES, SWAP_MS, PAGE_MS, PAGE_QUERIES = 20, 3, 50, 150, 10
RECORD_QUERIES = 15
"""What tells all about one thing asks more than a list: its clocks, its place, its people, what was said."""


class Town:
    """Ways to name things in the made-up district."""

    def __init__(self, place: Place) -> None:
        """Know the size."""
        self.devices = place.devices
        self.schools = max(1, place.devices // 600)
        self.chance = random.Random(1)

    def device(self, school: int, number: int) -> int:
        """Return the id of a school's device."""
        return 1 + number * self.schools + school

    def any_device(self) -> int:
        """Return the id of any device."""
        return self.chance.randrange(1, self.devices + 1)

    def lead(self, school: int) -> User:
        """Return the lead of a school (0, 1, 2 ...)."""
        return User.objects.get(pk=FIRST_SCHOOL + school)


def tag(device: int) -> str:
    """Return a device's tag."""
    return f"AO{device:07}"


def serial(device: int) -> str:
    """Return a device's serial number."""
    return hashlib.md5(f"s{device}".encode()).hexdigest()[:14].upper()


def finding(town: Town, rounds: int) -> Iterator[Figure]:
    """Measure finding a device or person, for somebody who reaches the whole district, and for a lead."""
    office = actor_for(User.objects.get(pk=OFFICE), at=utc_now())
    lead = actor_for(town.lead(0), at=utc_now())

    pupils = Person.objects.visible_to(lead)[:50]
    names = [f"{pupil.given_name[:3]} {pupil.family_name[:3]}" for pupil in pupils]

    def of(what: str, work: Callable[[int], list[object]]) -> Figure:
        def found(number: int) -> None:
            assert work(number), f"{what}: nothing found"

        return measure(what, found, rounds=rounds, ms=FINDING_MS, queries=FINDING_QUERIES)

    def device(text: Callable[[int], str], by: Actor, *, exact: bool = True) -> Callable[[int], list[object]]:
        return lambda _number: list(find_devices(text(town.any_device()), by=by, exact=exact))

    yield of("find a device by its tag", device(tag, office))
    yield of("find a device by its serial number", device(serial, office))
    yield of("find a device by six signs of its serial", device(lambda i: serial(i)[-6:], office))
    yield of("find devices by the beginning of a tag", device(lambda i: tag(i)[:7], office, exact=False))
    yield of("find a device by tag, as a lead", device(lambda i: tag(town.device(0, i % 600)), lead))
    yield of("find a person by number", lambda _n: list(find_people(str(1_000_000 + town.any_device()), by=office)))
    yield of("find a person by name", lambda _n: list(find_people("ana reyes", by=office)))
    yield of("find a person by name, as a lead", lambda n: list(find_people(names[n % len(names)], by=lead)))


def swapping(town: Town, rounds: int) -> Figure:
    """Measure the whole verb of the desk: broken device in, loaner out. The loaner comes back untimed."""
    at = utc_now()
    school = Site.objects.get(pk=FIRST_SCHOOL + town.schools // 2)
    lead = actor_for(town.lead(town.schools // 2), at=at)
    loaner = free_loaners(school.pk, by=lead)[0]
    fine = Device.objects.visible_to(lead).filter(status="in_service", home_site=school, is_loaner=False)
    devices = list(fine.exclude(tickets__status__in=OPEN).order_by("-pk")[: rounds + 3])

    def swap(number: int) -> None:
        swap_at_desk(
            device_id=devices[number].pk, loaner_id=loaner.pk, symptom="cracked", by=lead, at=utc_now(), op=uuid4()
        )

    def bring_back(_number: int) -> None:
        take_back(device_id=loaner.pk, grade=Condition.Grade.GOOD, by=lead, at=utc_now(), op=uuid4())

    rounds = min(rounds, len(devices) - 3)
    return measure("swap at the desk, whole verb", swap, rounds=rounds, ms=SWAP_MS, tidy=bring_back)


PAGES = (
    ("queue, as a lead", FIRST_SCHOOL, "/desk"),
    ("queue, as district IT", OFFICE, "/desk?view=all"),
    ("closet, as a lead", FIRST_SCHOOL, "/closet"),
    ("closet, as district IT", OFFICE, "/closet"),
    ("loans, as district IT", OFFICE, "/loans"),
    ("hand-back, as district IT", OFFICE, "/hand-back"),
    ("pick-ups, as a technician", TECHNICIAN, "/pickups"),
    ("bench, as a technician", TECHNICIAN, "/bench"),
    ("silent, as a technician", TECHNICIAN, "/silent"),
    ("a device's page, as a lead", FIRST_SCHOOL, "/devices/{tag}"),
    ("a device's history, as a lead", FIRST_SCHOOL, "/devices/{tag}/history"),
    ("a ticket's page, as a lead", FIRST_SCHOOL, "/tickets/{ticket}"),
    ("ledger, as district IT", OFFICE, "/ledger"),
)


def pages(town: Town, rounds: int) -> Iterator[Figure]:
    """Measure whole pages, from request to last byte, without the network."""
    return (_page(town, name, user, address, rounds) for name, user, address in PAGES)


def _page(town: Town, name: str, user: int, address: str, rounds: int) -> Figure:
    client = Client()
    client.force_login(User.objects.get(pk=user))

    def ask(number: int) -> None:
        device = town.device(0, 100 + number % 20)
        answer = client.get(address.format(tag=tag(device), ticket=f"T{device:X}"))
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        answer.close()

    of_one_thing = "{" in address
    return measure(name, ask, rounds=rounds, ms=PAGE_MS, queries=RECORD_QUERIES if of_one_thing else PAGE_QUERIES)
