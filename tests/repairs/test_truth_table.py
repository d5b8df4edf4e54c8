"""Who may do what with a repair in which state: written down here by hand, and compared with what the verbs do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from firstbell.flows import bench
from firstbell.flows.handback import hand_back, put_in_pool, retire_unrepairable
from firstbell.flows.transport import empty_box, scan_in
from firstbell.kernel.actor import REPORTER, Actor
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.repairs import rules
from firstbell.repairs.models import WorkOrder
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db

VERBS: dict[str, Callable[..., Any]] = {
    "find_fault": lambda order, **act: bench.find_fault(work_order_id=order.pk, fault="screen", **act),
    "wait_for_part": lambda order, **act: bench.wait_for_part(work_order_id=order.pk, fault="screen", **act),
    "finish": lambda order, **act: bench.finish(work_order_id=order.pk, fault="screen", **act),
    "pass": lambda order, **act: bench.check(work_order_id=order.pk, passed=True, **act),
    "fail": lambda order, **act: bench.check(work_order_id=order.pk, passed=False, **act),
    "give_up": lambda order, **act: bench.give_up(work_order_id=order.pk, **act),
    "hand_back": lambda order, **act: hand_back(device_id=order.device_id, reason="She has two.", **act),
    "put_in_pool": lambda order, **act: put_in_pool(device_id=order.device_id, **act),
    "scrap": lambda order, **act: retire_unrepairable(work_order_id=order.pk, reason="burnt", **act),
}
OK, MOVE, NOT_YET, NOTHING, ALIVE = "", "work_order_move", "not_checked", "nothing_to_check", "not_given_up"
GONE = "no_repair"
STATES = ("opened", "diagnosed", "awaiting_parts", "repaired", "checked", "beyond_repair")
TABLE = {
    #               opened   diagnosed awaiting_parts repaired checked  beyond_repair
    "find_fault": (OK,       OK,       OK,       OK,       OK,       MOVE),
    "wait_for_part": (OK,    OK,       MOVE,     MOVE,     MOVE,     MOVE),
    "finish": (OK,           OK,       OK,       MOVE,     MOVE,     MOVE),
    "pass": (NOTHING,        NOTHING,  NOTHING,  OK,       NOTHING,  NOTHING),
    "fail": (NOTHING,        NOTHING,  NOTHING,  OK,       NOTHING,  NOTHING),
    "give_up": (OK,          OK,       OK,       OK,       MOVE,     MOVE),
    "hand_back": (NOT_YET,   NOT_YET,  NOT_YET,  NOT_YET,  "not_at_school", NOT_YET),
    "put_in_pool": (NOT_YET, NOT_YET,  NOT_YET,  NOT_YET,  "not_at_school", NOT_YET),
    "scrap": (ALIVE,         ALIVE,    ALIVE,    ALIVE,    ALIVE,    OK),
}  # fmt: skip
"""By verb and state of a device at the depot, for somebody who works there: nothing, or the code of the refusal."""
BENCH = ("find_fault", "wait_for_part", "finish", "pass", "fail", "give_up")
ACTORS = ("checker", "technician", "office", "lead", "lead elsewhere", "coach", "school admin", "auditor", "reporter")


@pytest.fixture
def town() -> Town:
    return build()


def _wanted(verb: str, state: str, who: str) -> str:
    if who in {"lead elsewhere", "coach", "school admin", "reporter"}:
        return "Missing"
    if who == "auditor":  # sees devices, works on none
        return "Denied" if verb in {"hand_back", "put_in_pool"} else "Missing"
    if who == "lead" and verb in BENCH:
        return "bench_elsewhere"
    if who == "lead" and verb == "scrap":
        return "Missing"
    if (who, verb, state) == ("technician", "pass", "repaired"):
        return "second_person"
    return TABLE[verb][STATES.index(state)]


def _actors(town: Town) -> dict[str, Actor]:
    site = town.school.site
    return {
        "checker": town.district.checker,
        "technician": town.district.technician,
        "office": town.district.office,
        "lead": town.school.lead_actor,
        "lead elsewhere": make.school("Elsewhere").lead_actor,
        "coach": make.user("coach", Role.COACH, site)[1],
        "school admin": make.user("admin", Role.SCHOOL_ADMIN, site)[1],
        "auditor": make.user("auditor", Role.AUDITOR)[1],
        "reporter": REPORTER,
    }


def _at_depot(town: Town) -> None:
    town.swap()
    act: dict[str, Any] = {"by": town.district.technician, "at": town.district.at}
    out = empty_box(place_id=town.school.places["pickup_box"].pk, **act, op=make.op())
    scan_in(shipment_id=out.pk, **act, op=make.op())


def _bring(town: Town, state: str) -> WorkOrder:
    """Bring the repair into a state, by the technician's verbs."""
    order = town.order()
    way = {
        "opened": [],
        "diagnosed": ["find_fault"],
        "awaiting_parts": ["wait_for_part"],
        "repaired": ["finish"],
        "checked": ["finish", "pass"],
        "beyond_repair": ["give_up"],
    }
    for step in way[state]:
        by = town.district.checker if step == "pass" else town.district.technician
        VERBS[step](order, **town.moment(hours=1) | {"by": by})
    order.refresh_from_db()
    assert order.status == state
    return order


def _outcome(town: Town, order: WorkOrder, verb: str, actor: Actor) -> str:
    rows = WorkOrder.objects.everyone(reason="a test").filter(pk=order.pk).values()
    before = rows.get()
    try:
        with transaction.atomic():
            VERBS[verb](order, **town.moment(hours=2) | {"by": actor})
    except Refused as refusal:
        said = refusal.code
    except (Missing, Denied) as no:
        said = type(no).__name__
    else:
        return OK
    assert rows.all().get() == before, "a refusal leaves nothing behind"
    return said


@pytest.mark.parametrize("verb", VERBS)
def test_every_actor_in_every_state(town, verb):
    _at_depot(town)
    actors = _actors(town)
    wrong = {}
    for state in STATES:
        for who, actor in actors.items():
            with transaction.atomic():
                point = transaction.savepoint()
                found = _outcome(town, _bring(town, state), verb, actor)
                transaction.savepoint_rollback(point)
            if found != _wanted(verb, state, who):
                wrong[state, who] = (found, _wanted(verb, state, who))
    assert wrong == {}


def test_a_closed_repair_stays_closed(town):
    town.swap()
    town.mend(hours=1)
    order = town.order()
    hand_back(device_id=town.device.pk, loaner_id=town.loaner.pk, **town.moment(hours=3))
    found = {verb: _outcome(town, order, verb, town.district.office) for verb in VERBS}
    assert found["hand_back"] == found["put_in_pool"] == GONE
    assert set(found.values()) <= {GONE, MOVE, NOTHING, ALIVE, "not_at_a_bench"}


def test_the_table_is_whole():
    assert set(TABLE) == set(VERBS)
    assert {*STATES, "closed"} == set(WorkOrder.Status.values)
    assert {len(row) for row in TABLE.values()} == {len(STATES)}


def test_the_comparison_can_fail(town, monkeypatch):
    """The control: with the second person no longer asked for, the table no longer agrees."""
    _at_depot(town)
    monkeypatch.setattr(rules, "check_second_person", lambda *_: None)
    found = _outcome(town, _bring(town, "repaired"), "pass", town.district.technician)
    assert found != _wanted("pass", "repaired", "technician")
