"""Rule 8: a repeat has the effect of one; a phone's scans count by when they happened; misfits wait for a person."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from firstbell.devices import rules
from firstbell.devices.actions import scans as keeping
from firstbell.devices.actions.custody import relocate
from firstbell.devices.models import Custody, HeldScan, Phone, ScanConflict
from firstbell.devices.queries import differences
from firstbell.flows import scans
from firstbell.flows.scans import Answer, Scan, apply_scans
from firstbell.kernel.actor import Actor
from firstbell.ledger.models import Operation
from firstbell.ledger.queries import history, was_done
from tests.rules.town import Town, build, custody, refused

pytestmark = pytest.mark.django_db
SEEDS = 12
"""Each is a morning of two phones; the nightly run takes thousands."""


@pytest.fixture
def town() -> Town:
    return build()


def _custodies(town: Town) -> int:
    return Custody.objects.filter(device=town.device).count()


@dataclass
class Pocket:
    """A phone that keeps its scans until it is heard."""

    town: Town
    install: UUID = field(default_factory=uuid4)
    made: list[Scan] = field(default_factory=list)

    def scan(self, verb: str, *, minutes: float, **codes: Any) -> Scan:
        """Scan something some minutes after half past eight."""
        happened = self.town.district.at + timedelta(minutes=minutes)
        made = Scan(op=uuid4(), seq=len(self.made) + 1, happened_at=happened, verb=verb, **codes)
        self.made.append(made)
        return made

    def put(self, place: str, *, minutes: float) -> Scan:
        """Put Ana's device in a place of the school."""
        code = self.town.school.places[place].code
        return self.scan("relocate", minutes=minutes, device=self.town.device.tag, place=code)

    def send(
        self, batch: Sequence[Scan] | None = None, *, by: Actor | None = None, minutes: float = 600
    ) -> list[Answer]:
        """Reach the server."""
        return apply_scans(
            install_id=self.install,
            batch=self.made if batch is None else batch,
            by=by or self.town.school.lead_actor,
            at=self.town.district.at + timedelta(minutes=minutes),
        )


# --- The same key once --------------------------------------------------------------------------------------------


def test_a_request_repeated_with_its_key_has_the_effect_of_one(town):
    call = town.moment() | {"device_id": town.device.pk, "place_id": town.school.places["desk"].pk}
    before = _custodies(town)
    assert relocate(**call) == relocate(**call)
    assert _custodies(town) == before + 1
    with refused("operation_reused"):
        relocate(**call | {"place_id": town.school.places["room"].pk})
    with refused("operation_reused"):
        relocate(**call | {"by": town.district.technician})


def test_without_the_memory_of_operations_a_repeat_would_count_twice(town, monkeypatch):
    """The control: a server that forgets its operations records a second fact."""
    call = town.moment() | {"device_id": town.device.pk, "place_id": town.school.places["desk"].pk}
    monkeypatch.setattr(Operation, "save", lambda *_args, **_kwargs: None)
    keeping.note_seen(**call)
    keeping.note_seen(**call)
    assert [event.kind for event in history(town.device)].count("devices.seen") == 2


# --- By the time they happened ------------------------------------------------------------------------------------


def test_scans_count_by_when_they_happened(town):
    pocket = Pocket(town)
    pocket.put("desk", minutes=10)
    pocket.put("loaner_shelf", minutes=45)
    answers = pocket.send(minutes=240)
    assert [answer.state for answer in answers] == ["applied", "applied"]
    rows = list(Custody.objects.filter(device=town.device).order_by("since"))[-2:]
    assert [row.since - town.district.at for row in rows] == [timedelta(minutes=10), timedelta(minutes=45)]


def test_a_clock_that_goes_wrong_is_set_right(town):
    pocket = Pocket(town)
    scan = pocket.put("desk", minutes=10)
    at = town.district.at + timedelta(minutes=60)
    wrong = replace(scan, happened_at=scan.happened_at - timedelta(hours=3))
    call = {"install_id": pocket.install, "by": town.school.lead_actor, "at": at}
    apply_scans(batch=[wrong], sent_at=at - timedelta(hours=3), **call)
    assert custody(town.device).since == scan.happened_at


def test_a_claim_to_the_future_counts_as_now(town):
    pocket = Pocket(town)
    pocket.put("desk", minutes=999)
    pocket.send(minutes=60)
    assert custody(town.device).since == town.district.at + timedelta(minutes=60)


def test_what_lies_before_a_later_hand_over_is_kept_for_a_person(town):
    early, late = Pocket(town), Pocket(town)
    early.put("desk", minutes=10)
    late.put("loaner_shelf", minutes=20)
    late.send(minutes=30)
    (answer,) = early.send(minutes=40)
    assert (answer.state, answer.code) == ("conflict", "out_of_order")
    (conflict,) = scans.conflicts(by=town.school.lead_actor)
    assert (conflict.device, conflict.site, conflict.happened_at) == (
        town.device,
        town.school.site,
        early.made[0].happened_at,
    )
    assert custody(town.device).place == town.school.places["loaner_shelf"]
    assert differences() == []


def test_without_the_check_of_order_the_database_still_refuses_to_rewrite_the_past(town, monkeypatch):
    """The control of the check in code: taken away, custody's own constraints answer, and the scan is still kept."""
    monkeypatch.setattr(rules, "check_in_order", lambda *_: None)
    early, late = Pocket(town), Pocket(town)
    early.put("desk", minutes=10)
    late.put("loaner_shelf", minutes=20)
    late.send(minutes=30)
    (answer,) = early.send(minutes=40)
    assert (answer.state, answer.code) == ("conflict", "not_understood")


def test_without_the_keeping_of_conflicts_a_scan_would_be_lost(town, monkeypatch):
    """The control: a server that only refuses leaves no trace of what was done at the shelf."""
    monkeypatch.setattr(scans, "keep_conflict", lambda **_: None)
    pocket = Pocket(town)
    scan = pocket.scan("relocate", minutes=1, device="NO-SUCH-TAG", place="X")
    pocket.send()
    assert not was_done(scan.op)
    assert not ScanConflict.objects.everyone(reason="a test").filter(op=scan.op).exists()


# --- Order and gaps -----------------------------------------------------------------------------------------------


def test_what_comes_after_a_gap_is_held_until_the_gap_is_filled(town):
    pocket = Pocket(town)
    first, second, third = (pocket.put(place, minutes=10 * n) for n, place in enumerate(("desk", "room", "desk"), 1))
    assert [answer.state for answer in pocket.send([third, second])] == ["held", "held"]
    assert custody(town.device).person == town.ana
    assert [answer.state for answer in pocket.send([first, third])] == ["applied", "applied"]
    assert custody(town.device).since == third.happened_at
    assert HeldScan.objects.count() == 0


def test_without_the_order_the_second_would_be_refused(town, monkeypatch):
    """The control: a server that applies as scans arrive makes a conflict of what only came in the wrong order."""

    def at_once(install_id: UUID, scan: Scan, by: Actor, at: datetime) -> Answer:
        return scans._apply(keeping.meet_phone(install_id, by=by, at=at), scan, by, at)

    monkeypatch.setattr(scans, "_receive", at_once)
    pocket = Pocket(town)
    first, second = pocket.put("desk", minutes=10), pocket.put("room", minutes=20)
    pocket.send([second])
    assert [answer.state for answer in pocket.send([first])] == ["conflict"]


def test_a_batch_sent_again_answers_the_same(town):
    pocket = Pocket(town)
    pocket.put("desk", minutes=10)
    pocket.scan("relocate", minutes=20, device="NO-SUCH-TAG", place="X")
    first, count = pocket.send(), _custodies(town)
    for _again in range(3):
        again = pocket.send(minutes=900)
        assert [(row.state, row.code) for row in again] == [(row.state, row.code) for row in first]
    assert _custodies(town) == count
    assert len(scans.conflicts(by=town.district.office)) == 1


def test_a_number_used_twice_is_kept_not_believed(town):
    pocket = Pocket(town)
    pocket.put("desk", minutes=10)
    pocket.send()
    twin = replace(pocket.made[0], op=uuid4(), place=town.school.places["room"].code)
    assert [(row.state, row.code) for row in pocket.send([twin])] == [("conflict", "sequence_reused")]


def test_a_held_scan_asked_again_is_still_held_and_its_number_is_taken(town):
    pocket = Pocket(town)
    pocket.put("desk", minutes=10)
    second = pocket.put("room", minutes=20)
    pocket.send([second])
    assert [row.state for row in pocket.send([second])] == ["held"]
    twin = replace(second, op=uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        keeping.hold(Phone.objects.get(), seq=2, op=twin.op, content={}, at=town.district.at)
    assert [(row.state, row.code) for row in pocket.send([twin])] == [("conflict", "sequence_reused")]


def test_a_command_that_came_by_another_door_counts_once(town):
    pocket = Pocket(town)
    scan = pocket.put("desk", minutes=10)
    relocate(device_id=town.device.pk, place_id=town.school.places["desk"].pk, **town.moment() | {"op": scan.op})
    pocket.put("room", minutes=20)
    assert [row.state for row in pocket.send()] == ["applied", "applied"]
    assert custody(town.device).place == town.school.places["room"]


# --- Any weather --------------------------------------------------------------------------------------------------


def _weather(seed: int, phones: list[Pocket], chance: random.Random) -> dict[UUID, Answer]:
    """Deliver everything in the end: batches get lost, arrive twice, out of order and in pieces."""
    last: dict[UUID, Answer] = {}
    waiting = {phone.install: list(phone.made) for phone in phones}
    for minutes in range(600, 10_000, 10):
        for phone in phones:
            rest = waiting[phone.install]
            piece = chance.sample(rest, k=chance.randint(0, len(rest)))
            if not piece:
                continue
            answers = phone.send(piece, minutes=minutes)
            last |= {answer.op: answer for answer in answers}
            if chance.random() < 0.7:  # else the answer is lost, and the phone sends it all again
                waiting[phone.install] = [scan for scan in rest if scan.op not in {row.op for row in answers}]
        if not any(waiting.values()):
            return last
    raise AssertionError(seed)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_two_phones_in_any_weather_lose_nothing_and_double_nothing(town, seed):
    chance = random.Random(seed)
    phones = [Pocket(town), Pocket(town)]
    for phone in phones:
        for _scan in range(chance.randint(1, 8)):
            phone.put(chance.choice(["desk", "room", "loaner_shelf", "pickup_box"]), minutes=chance.randint(-180, 540))
    _weather(seed, phones, chance)
    made = [scan for phone in phones for scan in phone.made]
    kept = set(ScanConflict.objects.everyone(reason="a test").values_list("op", flat=True))
    assert all(was_done(scan.op) for scan in made)
    applied = [scan for scan in made if scan.op not in kept]
    moved = [event for event in history(town.device) if event.kind == "devices.custody_changed"]
    assert len({event.operation_id for event in moved} & {scan.op for scan in applied}) == len(
        [event for event in moved if event.operation_id in {scan.op for scan in applied}]
    )
    assert HeldScan.objects.count() == 0
    assert differences() == []


def test_the_weather_can_show_a_loss(town, monkeypatch):
    """The control: a server that forgets what it held loses scans in the same weather."""
    monkeypatch.setattr(scans, "take_held", lambda _phone: None)
    chance = random.Random(1)
    phones = [Pocket(town)]
    for minutes in range(8):
        phones[0].put("desk" if minutes % 2 else "room", minutes=minutes)
    _weather(1, phones, chance)
    assert not all(was_done(scan.op) for scan in phones[0].made)
