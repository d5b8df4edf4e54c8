"""Scans of a phone: each verb, each misfit, and what a person does about it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from firstbell.devices.actions.scans import give_up_gap
from firstbell.devices.models import ScanConflict
from firstbell.devices.queries import differences
from firstbell.flows import scans
from firstbell.flows.scans import Scan, apply_scans, go_on_without, settle_conflict
from firstbell.flows.transport import empty_box
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Missing
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.repairs.queries import order_of
from tests import make
from tests.rules.test_rule_08_phones_and_repeats import Pocket
from tests.rules.town import Town, build, custody, loans_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return build()


@pytest.fixture
def pocket(town) -> Pocket:
    return Pocket(town)


def test_a_swap_and_a_hand_back_are_the_same_verbs_as_at_the_desk(town, pocket):
    pocket.scan("swap", minutes=5, device=town.device.tag, loaner=town.loaner.tag, symptom="cracked")
    assert [row.state for row in pocket.send(minutes=30)] == ["applied"]
    assert [loan.device_id for loan in loans_of(town.ana)] == [town.loaner.pk]
    town.mend(hours=4)
    back = pocket.scan("hand_back", minutes=300, device=town.device.tag, loaner=town.loaner.tag, grade="worn")
    assert [row.state for row in pocket.send([back])] == ["applied"]
    assert custody(town.device).person == town.ana
    assert order_of(town.device.pk) is None
    assert differences() == []


def test_hand_back_without_the_loaner_takes_its_reason_along(town, pocket):
    pocket.scan("swap", minutes=5, device=town.device.code, loaner=town.loaner.code)
    pocket.send(minutes=6)
    town.mend(hours=4)
    scan = pocket.scan("hand_back", minutes=300, device=town.device.tag, reason="She forgot it at home.")
    assert [row.state for row in pocket.send([scan])] == ["applied"]
    assert [loan.kept_reason for loan in loans_of(town.ana)] == ["She forgot it at home."]


def test_a_shipment_is_received_as_a_whole_or_device_by_device(town, pocket):
    town.swap()
    box = town.school.places["pickup_box"].pk
    shipment = empty_box(
        place_id=box, by=town.district.technician, at=town.district.at + timedelta(hours=1), op=make.op()
    )
    scan = pocket.scan("receive", minutes=90, shipment=shipment.code, device=town.device.tag)
    apply_scans(
        install_id=pocket.install,
        batch=[scan],
        by=town.district.technician,
        at=town.district.at + timedelta(hours=2),
    )
    assert custody(town.device).place == town.district.bench
    again = Scan(uuid4(), 2, scan.happened_at, "receive", shipment=shipment.code)
    (answer,) = apply_scans(
        install_id=pocket.install, batch=[again], by=town.district.technician, at=town.district.at + timedelta(hours=3)
    )
    assert (answer.state, answer.code) == ("conflict", "received_already")


def test_seen_and_hand_over(town, pocket):
    pocket.scan("seen", minutes=5, device=town.device.tag, place=town.school.places["room"].code)
    ben = make.person(town.school.site, "Ben", "Okafor")
    pocket.scan("hand_over", minutes=6, device=town.device.tag, person_id=ben.pk)
    assert [row.state for row in pocket.send()] == ["applied", "applied"]
    assert custody(town.device).person == ben
    assert "devices.seen" in [event.kind for event in history(town.school.places["room"])]


MISFITS: list[tuple[dict[str, Any], str]] = [
    ({"verb": "relocate", "device": "NOPE", "place": "NOPE"}, "unknown_code"),
    ({"verb": "relocate", "device": "", "place": ""}, "unknown_code"),
    ({"verb": "hand_over"}, "missing"),
    ({"verb": "relocate", "place": "NOPE"}, "unknown_place"),
    ({"verb": "receive", "shipment": "NOPE"}, "unknown_shipment"),
    ({"verb": "teleport"}, "unknown_verb"),
    ({"verb": "hand_back", "grade": "shiny"}, "not_understood"),
    ({"verb": "hand_back"}, "no_repair"),
]


@pytest.mark.parametrize(("said", "code"), MISFITS)
def test_what_does_not_fit_is_kept_with_its_reason(town, pocket, said, code):
    scan = pocket.scan(**{"minutes": 5, "device": town.device.tag} | said)
    (answer,) = pocket.send()
    assert (answer.state, answer.code) == ("conflict", code)
    assert answer.sentence
    kept = ScanConflict.objects.everyone(reason="a test").get(op=scan.op)
    assert (kept.content["verb"], kept.seq, kept.delivered_by) == (scan.verb, 1, town.school.lead)


def test_somebody_without_the_right_has_their_scans_kept(town, pocket):
    _user, coach = make.user("coach", Role.COACH, town.school.site)
    pocket.put("desk", minutes=5)
    assert [(row.state, row.code) for row in pocket.send(by=coach)] == [("conflict", "unknown_code")]
    _user, auditor = make.user("auditor", Role.AUDITOR)
    other = Pocket(town)
    other.scan("hand_over", minutes=5, device=town.device.tag, person_id=town.ana.pk)
    assert [(row.state, row.code) for row in other.send(by=auditor)] == [("conflict", "denied")]
    assert custody(town.device).person == town.ana


def test_what_is_older_than_a_month_is_looked_at_first(town, pocket):
    pocket.put("desk", minutes=5)
    assert [row.code for row in pocket.send(minutes=60 * 24 * 31)] == ["too_old"]


def test_a_phone_belongs_to_one_user(town, pocket):
    pocket.put("desk", minutes=5)
    pocket.send()
    with refused("other_phone"):
        pocket.send(by=town.district.technician)
    with pytest.raises(Missing):
        Pocket(town).send(pocket.made, by=SYSTEM)


# --- Settling -----------------------------------------------------------------------------------------------------


@pytest.fixture
def conflict(town, pocket) -> ScanConflict:
    """A scan to the desk that came after a later one to the shelf."""
    pocket.put("desk", minutes=10)
    other = Pocket(town)
    other.put("loaner_shelf", minutes=20)
    other.send(minutes=30)
    pocket.send(minutes=40)
    return scans.conflicts(by=town.school.lead_actor).get()


def test_a_person_does_it_now(town, conflict):
    settled = settle_conflict(conflict_id=conflict.pk, do_it=True, **town.moment(hours=2))
    assert (settled.how, settled.settled_by) == ("done_now", town.school.lead)
    assert custody(town.device).place == town.school.places["desk"]
    assert not scans.conflicts(by=town.school.lead_actor).exists()
    assert [event.kind for event in history(conflict)] == ["devices.scan_settled", "devices.scan_kept"]
    with refused("settled"):
        settle_conflict(conflict_id=conflict.pk, do_it=False, **town.moment(hours=3))


def test_or_says_that_it_is_no_longer_true(town, conflict):
    settle_conflict(conflict_id=conflict.pk, do_it=False, **town.moment(hours=2))
    assert custody(town.device).place == town.school.places["loaner_shelf"]


def test_what_still_does_not_fit_stays_listed(town, pocket):
    pocket.scan("teleport", minutes=5, device=town.device.tag)
    pocket.send()
    conflict = scans.conflicts(by=town.school.lead_actor).get()
    with refused("unknown_verb"):
        settle_conflict(conflict_id=conflict.pk, do_it=True, **town.moment(hours=12))
    assert scans.conflicts(by=town.school.lead_actor).get() == conflict


def test_only_those_who_move_devices_there_settle(town, conflict):
    _lead, stranger = make.user("lead", Role.IT_LEAD, make.school().site)
    _auditor, auditor = make.user("auditor", Role.AUDITOR)
    for actor in (stranger, auditor):
        with pytest.raises(Missing):
            settle_conflict(conflict_id=conflict.pk, do_it=False, **town.moment(hours=2) | {"by": actor})
    assert list(scans.conflicts(by=stranger)) == []
    assert list(scans.conflicts(by=auditor)) == [conflict]


def test_the_misfit_of_no_known_place_is_seen_where_the_person_works_and_by_the_district(town, pocket):
    pocket.scan("relocate", minutes=5, device="NOPE", place="NOPE")
    pocket.send()
    _lead, stranger = make.user("lead", Role.IT_LEAD, make.school().site)
    assert scans.conflicts(by=town.school.lead_actor).count() == 1
    assert scans.conflicts(by=town.district.office).count() == 1
    assert not scans.conflicts(by=stranger).exists()


# --- Gaps ---------------------------------------------------------------------------------------------------------


def test_missing_scans_are_given_up_by_their_user_or_the_district(town, pocket):
    pocket.put("desk", minutes=5)
    pocket.send([pocket.put("room", minutes=10)], minutes=15)
    for actor in (town.school.lead_actor, town.district.technician):
        (phone,) = scans.gaps(by=actor)
        assert phone.pk == pocket.install
    _lead, stranger = make.user("lead", Role.IT_LEAD, make.school().site)
    assert list(scans.gaps(by=stranger)) == []
    with pytest.raises(Missing):
        go_on_without(install_id=pocket.install, **town.moment(hours=1) | {"by": stranger})
    answers = go_on_without(install_id=pocket.install, **town.moment(hours=1))
    assert [row.state for row in answers] == ["applied"]
    assert custody(town.device).place == town.school.places["room"]
    with refused("no_gap"):
        give_up_gap(install_id=pocket.install, **town.moment(hours=2))
    with pytest.raises(Missing):
        give_up_gap(install_id=uuid4(), **town.moment(hours=2))
