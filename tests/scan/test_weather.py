"""Phones out of reach: loss, doubles, reordering, wrong clocks, apps that die, two phones on one device.

The queue is the page's own code; the server is the door's own. ``SCAN_SEEDS=10000`` (``make soak``) takes the long way.
"""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from firstbell.devices.actions.scans import meet_phone
from firstbell.devices.models import HeldScan, ScanConflict
from firstbell.devices.queries import differences
from firstbell.flows import scans
from firstbell.ledger.models import Event, Operation
from firstbell.ledger.queries import history, was_done
from tests import make
from tests.rules.town import Town, build, custody
from tests.scan.phones import Made, Phones, Weather, bundle, running

pytestmark = pytest.mark.django_db
SEEDS = int(os.environ.get("SCAN_SEEDS", "40"))
PLACES = ("desk", "room", "loaner_shelf", "pickup_box")
said = logging.getLogger("scan")


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phones]:
    with running(bundle(Path(tmp_path_factory.mktemp("phones")))) as process:
        yield process


@pytest.fixture
def town() -> Town:
    return build()


def _morning(town: Town, weather: Weather) -> None:
    """Two people walk; each scans, takes back, tries to send; now and then something of before arrives."""
    chance = weather.chance
    for _step in range(chance.randint(4, 9)):
        phone = chance.choice(list(weather.people))
        weather.later(minutes=chance.uniform(1, 90))
        device = chance.choice([town.device, town.loaner]).tag
        place = town.school.places[chance.choice(PLACES)].code
        weather.scan(phone, chance.choice(["relocate", "relocate", "seen"]), {"device": device, "place": place})
        if chance.random() < 0.2:
            weather.undo(phone)
        if chance.random() < 0.5:
            weather.send(phone)
        if chance.random() < 0.2:
            weather.stragglers()
    weather.clear_up()


def _faults(town: Town, weather: Weather) -> list[str]:
    """Return what is wrong after everything has arrived: lost, doubled, out of order, or tables that differ."""
    kept = set(ScanConflict.objects.everyone(reason="a test").values_list("op", flat=True))
    events = [event for device in (town.device, town.loaner) for event in history(device)]
    found = []
    for made in weather.made:
        mine = [event for event in events if event.operation_id == made.op and event.kind != "devices.scan_kept"]
        if not was_done(made.op):
            found.append(f"{made.op} is lost")
        if made.op in kept and mine:
            found.append(f"{made.op} is a conflict and done")
        if made.taken_back and mine:
            found.append(f"{made.op} was taken back and done")
        if made.op not in kept and not made.taken_back and len(mine) != (not _moot(made, events)):
            found.append(f"{made.op} was done {len(mine)} times")
    found += [f"{weather.unsent()} unsent"] if weather.unsent() else []
    found += ["something is held"] if HeldScan.objects.exists() else []
    found += ["tables differ"] if differences() else []
    return found + _inversions(weather, [event.operation_id for event in sorted(events, key=lambda event: event.pk)])


def _moot(made: Made, events: list[Event]) -> bool:
    """Say whether a device lay already where it was put: then there is nothing to record."""
    return made.verb == "relocate" and not any(event.operation_id == made.op for event in events)


def _inversions(weather: Weather, order: list[object]) -> list[str]:
    """Return the phones whose scans were not applied in the order they were made."""
    ranks = {op: rank for rank, op in enumerate(order)}
    wrong = []
    for phone in weather.people:
        mine = [
            ranks[made.op]
            for made in sorted(weather.made, key=lambda made: made.seq)
            if made.phone == phone and made.op in ranks
        ]
        wrong += [f"{phone} out of order"] if mine != sorted(mine) else []
    return wrong


def _run(town: Town, phones: Phones, seed: int) -> list[str]:
    """Live one seed, look, and forget it."""
    with transaction.atomic():
        point = transaction.savepoint()
        people = {"first": town.school.lead_actor, "second": town.district.technician}
        weather = Weather(seed, phones, people, town.district.at)
        _morning(town, weather)
        found = _faults(town, weather)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        transaction.savepoint_rollback(point)
    return [f"seed {seed}: {fault}" for fault in found]


def test_every_scan_is_applied_once_or_listed_in_any_weather(town: Town, phones: Phones) -> None:
    faults: list[str] = []
    for seed in range(SEEDS):
        faults += _run(town, phones, seed)
    said.info("%d seeds, %d clean", SEEDS, SEEDS - len({fault.split(":")[0] for fault in faults}))
    assert faults == []


def test_the_weather_shows_doubles_where_operations_are_forgotten(
    town: Town, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a server without memory of operations and numbers does things twice, and this test sees it."""
    monkeypatch.setattr(Operation, "save", lambda *_args, **_kwargs: None)
    monkeypatch.setattr(scans, "_known", lambda *_args: None)
    monkeypatch.setattr(scans, "_receive", _at_once)
    faults = [fault for seed in range(12) for fault in _run(town, phones, seed)]
    assert any("times" in fault and "done 0" not in fault for fault in faults), faults[:9]


def _at_once(install: object, scan: scans.Scan, by: object, at: object) -> scans.Answer:
    """Do what was asked, as often as it is asked; a conflict that is kept already is not kept again."""
    try:
        with transaction.atomic():
            phone = meet_phone(install, by=by, at=at)  # type: ignore[arg-type]  # as the server hands them over
            return scans._apply(phone, scan, by, at)  # type: ignore[arg-type]  # the same
    except IntegrityError:
        return scans.Answer(scan.op, scan.seq, "conflict")


def test_a_week_out_of_reach(town: Town, phones: Phones) -> None:
    weather = Weather(1, phones, {"first": town.school.lead_actor}, town.district.at)
    order = ["room", "desk", "pickup_box", "room", "loaner_shelf", "desk", "room", "desk"]
    for place in order:
        weather.scan("first", "relocate", {"device": town.device.tag, "place": town.school.places[place].code})
        weather.later(days=1)
    weather.send("first", well=True)
    assert custody(town.device).place == town.school.places["desk"]
    assert _faults(town, weather) == []
    assert abs(custody(town.device).since - (weather.start + timedelta(days=7))) < timedelta(minutes=2)
    assert not ScanConflict.objects.everyone(reason="a test").exists()


def test_two_phones_on_one_device(town: Town, phones: Phones) -> None:
    people = {"first": town.school.lead_actor, "second": town.district.technician}
    weather = Weather(2, phones, people, town.district.at)
    room, desk = (town.school.places[name].code for name in ("room", "desk"))
    weather.skew = dict.fromkeys(people, timedelta(0))
    weather.scan("first", "relocate", {"device": town.device.tag, "place": room})
    weather.later(minutes=10)
    weather.scan("second", "relocate", {"device": town.device.tag, "place": desk})
    weather.later(hours=2)
    weather.send("second", well=True)
    weather.send("first", well=True)
    assert custody(town.device).place == town.school.places["desk"]
    (conflict,) = scans.conflicts(by=town.school.lead_actor)
    assert (conflict.code, conflict.device) == ("out_of_order", town.device)
    assert _faults(town, weather) == []


@pytest.mark.parametrize("times", [2, 50])
def test_what_arrives_again_a_year_later_has_no_effect(town: Town, phones: Phones, times: int) -> None:
    weather = Weather(3, phones, {"first": town.school.lead_actor}, town.district.at)
    weather.scan("first", "relocate", {"device": town.device.tag, "place": town.school.places["room"].code})
    command = phones.begin("send", "first", now=weather._now("first"))
    post = phones.wait(command)
    assert post is not None
    phones.reply(post, {"kind": "answers", "answers": weather.deliver(post)})
    assert phones.wait(command) is None
    weather.later(days=395)
    make.fresh(town.device)
    for _again in range(times):
        weather.deliver(post)
    assert _faults(town, weather) == []
    assert not ScanConflict.objects.everyone(reason="a test").exists()
