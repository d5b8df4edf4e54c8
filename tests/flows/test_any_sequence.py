"""Any sequence of verbs, by anybody, sensible or not: what must always hold holds after every step (domain, rules).

MACHINE_EXAMPLES and MACHINE_STEPS change the size; the nightly run takes many more.
"""

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from firstbell.devices.queries import differences
from firstbell.flows import bench, transport
from firstbell.kernel.errors import Missing, Refused
from firstbell.ledger.models import Event
from firstbell.loans import rules as loan_rules
from firstbell.repairs.models import WorkOrder
from tests import make
from tests.flows.anything import FIXES, VERBS, World, attempt, build

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "6"))
WALKS = int(os.environ.get("MACHINE_WALKS", "1"))
WALK_STEPS = int(os.environ.get("MACHINE_WALK_STEPS", "150"))
STEPS = int(os.environ.get("MACHINE_STEPS", "25"))

BROKEN = {
    "a device is in no place or in two": """
        SELECT d.id FROM devices_device d LEFT JOIN devices_custody c ON c.device_id = d.id AND c.until IS NULL
        GROUP BY d.id HAVING count(c.id) <> 1""",
    "a device is not at the site of its custody": """
        SELECT d.id FROM devices_device d JOIN devices_custody c ON c.device_id = d.id AND c.until IS NULL
        WHERE d.at_site_id <> c.site_id""",
    "a loan is open and its borrower has not got the loaner": """
        SELECT l.id FROM loans_loan l JOIN devices_custody c ON c.device_id = l.device_id AND c.until IS NULL
        WHERE l.returned_at IS NULL AND c.person_id IS DISTINCT FROM l.person_id""",
    "a loaner is in somebody's hands and not lent": """
        SELECT d.id FROM devices_device d JOIN devices_custody c ON c.device_id = d.id AND c.until IS NULL
        WHERE d.is_loaner AND c.kind = 'person'
          AND NOT EXISTS (SELECT 1 FROM loans_loan l WHERE l.device_id = d.id AND l.returned_at IS NULL)""",
    "a loan is open and its device is in no pool": """
        SELECT l.id FROM loans_loan l JOIN devices_device d ON d.id = l.device_id
        WHERE l.returned_at IS NULL AND NOT d.is_loaner""",
    "the mark of a loaner is not what the pool says": """
        SELECT d.id FROM devices_device d LEFT JOIN loans_pooldevice p ON p.device_id = d.id AND p.until IS NULL
        WHERE d.is_loaner <> (p.device_id IS NOT NULL)""",
    "a loaner belongs to somebody": """
        SELECT d.id FROM devices_device d JOIN devices_assignment a ON a.device_id = d.id AND a.until IS NULL
        WHERE d.is_loaner""",
    "in repair without a repair, or the other way round": """
        SELECT d.id FROM devices_device d LEFT JOIN repairs_workorder w ON w.device_id = d.id AND w.closed_at IS NULL
        WHERE (d.status = 'in_repair') <> (w.id IS NOT NULL)""",
    "something in repair, set aside or retired is in somebody's hands": """
        SELECT d.id FROM devices_device d JOIN devices_custody c ON c.device_id = d.id AND c.until IS NULL
        WHERE c.kind = 'person' AND d.status IN ('in_repair', 'quarantined', 'retired')""",
    "something retired still has an owner, a loan, a repair or a way to go": """
        SELECT d.id FROM devices_device d WHERE d.status = 'retired' AND (
            EXISTS (SELECT 1 FROM devices_assignment a WHERE a.device_id = d.id AND a.until IS NULL)
            OR EXISTS (SELECT 1 FROM loans_loan l WHERE l.device_id = d.id AND l.returned_at IS NULL)
            OR EXISTS (SELECT 1 FROM repairs_workorder w WHERE w.device_id = d.id AND w.closed_at IS NULL)
            OR EXISTS (SELECT 1 FROM devices_shipmentitem i WHERE i.device_id = d.id AND i.received_at IS NULL))""",
    "custody and manifest tell different stories": """
        SELECT d.id FROM devices_device d JOIN devices_custody c ON c.device_id = d.id AND c.until IS NULL
        LEFT JOIN devices_shipmentitem i ON i.device_id = d.id AND i.received_at IS NULL
        WHERE c.shipment_id IS DISTINCT FROM i.shipment_id""",
    "a shipment is closed with something on it, or open with nothing": """
        SELECT s.id FROM devices_shipment s WHERE (s.status = 'closed') =
            EXISTS (SELECT 1 FROM devices_shipmentitem i WHERE i.shipment_id = s.id AND i.received_at IS NULL)""",
    "a person has two loaners": """
        SELECT person_id FROM loans_loan WHERE returned_at IS NULL GROUP BY person_id HAVING count(*) > 1""",
    "a ticket is closed with something hanging on it and nobody said why": """
        SELECT t.id FROM tickets_ticket t WHERE t.status = 'closed' AND t.closing_reason = '' AND (
            EXISTS (SELECT 1 FROM loans_loan l WHERE l.ticket_id = t.id AND l.returned_at IS NULL)
            OR EXISTS (SELECT 1 FROM repairs_workorder w WHERE w.ticket_id = t.id AND w.closed_at IS NULL))""",
    "a ticket's last phase is not its state": """
        SELECT t.id FROM tickets_ticket t LEFT JOIN tickets_phase f ON f.ticket_id = t.id AND f.until IS NULL
        WHERE f.id IS NULL OR (f.status, f.level, f.waiting_on) <> (t.status, t.level, t.waiting_on)""",
    "a ticket's phases do not touch": """
        SELECT f.id FROM tickets_phase f WHERE f.until IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM tickets_phase n WHERE n.ticket_id = f.ticket_id AND n.since = f.until AND n.id > f.id)""",
    "a ticket ended at no time": """
        SELECT id FROM tickets_ticket WHERE (status IN ('resolved', 'closed') AND resolved_at IS NULL)
            OR (status = 'closed') <> (closed_at IS NOT NULL)""",
    "a command left state without an event": """
        SELECT o.id::text FROM ledger_operation o WHERE o.verb IN ('relocate', 'lend', 'swap_at_desk', 'hand_back')
           AND NOT EXISTS (SELECT 1 FROM ledger_event e WHERE e.operation_id = o.id)
           AND o.verb <> 'relocate'""",
}
"""What must never be found, as questions to the database."""


def broken() -> list[str]:
    """Return what does not hold, with the rows it does not hold for."""
    found = []
    with connection.cursor() as cursor:
        for sentence, question in BROKEN.items():
            cursor.execute(question)
            found += [f"{sentence}: {row[0]}" for row in cursor.fetchall()]
    return found


class AnySequence(RuleBasedStateMachine):
    """Tries verbs in any order. Each example begins in the same world, which is put back afterwards."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.last: tuple[str, dict[str, Any]] | None = None
        self.world.at = self.world.town.at

    @rule(data=st.data(), name=st.sampled_from(sorted(VERBS)), minutes=st.integers(1, 600))
    def try_something(self, data: st.DataObject, name: str, minutes: int) -> None:
        self.world.at += timedelta(minutes=minutes)
        call = attempt(self.world, name, lambda things: data.draw(st.sampled_from(list(things))))
        self.last = (name, call) if call else self.last

    @rule(data=st.data(), name=st.sampled_from(sorted(VERBS)))
    def try_something_late(self, data: st.DataObject, name: str) -> None:
        """A phone tells of what happened two days ago."""
        self.world.at -= timedelta(days=2)
        attempt(self.world, name, lambda things: data.draw(st.sampled_from(list(things))))
        self.world.at += timedelta(days=2)

    @rule()
    def say_it_again(self) -> None:
        """The last command is delivered a second time: nothing more happens."""
        if self.last:
            before = Event.objects.count()
            VERBS[self.last[0]][0](**self.last[1])
            assert Event.objects.count() == before

    @rule()
    def send_the_courier(self) -> None:
        _carry(self.world)

    @invariant()
    def everything_holds(self) -> None:
        assert broken() == []

    def teardown(self) -> None:
        told = differences()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        assert told == []


def _carry(world: World) -> None:
    """Everything that can be carried and mended moves on by one step, so that late states are reached too."""
    world.at += timedelta(hours=20)
    act = {"by": world.town.technician, "at": world.at}
    for order in WorkOrder.objects.everyone(reason="a test").filter(status="opened").order_by("pk"):
        _try(bench.finish, work_order_id=order.pk, fault=FIXES[0], **act)
    for order in WorkOrder.objects.everyone(reason="a test").filter(status="repaired").order_by("pk"):
        _try(bench.check, work_order_id=order.pk, passed=True, **act | {"by": world.town.checker})
    for school in world.town.schools:
        _try(transport.pack_return, site_id=school.site.pk, **act)
        _try(transport.empty_box, place_id=school.places["pickup_box"].pk, **act)
    for shipment in world.shipments():
        _try(transport.scan_in, shipment_id=shipment, **act)


def _try(function: Any, **call: Any) -> None:
    try:
        function(**call, op=make.op())
    except (Refused, Missing):
        return


def _run(examples: int = EXAMPLES, steps: int = STEPS) -> World:
    AnySequence.world = build()
    run_state_machine_as_test(
        AnySequence,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize="MACHINE_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return AnySequence.world


def test_whatever_anybody_does_in_whatever_order_the_rules_hold():
    world = _run()
    assert sum(count for name, count in world.said.items() if ":" not in name) > EXAMPLES


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_long_walk_keeps_the_rules(seed):
    """Hypothesis shrinks what fails; a plain walk goes further into the woods."""
    chance, world = random.Random(seed), build()
    for _step in range(WALK_STEPS):
        if chance.random() < 0.05:
            _carry(world)
        world.at += timedelta(minutes=chance.randint(1, 300))
        name = chance.choice(sorted(VERBS))
        for _again in range(8):
            if attempt(world, name, chance.choice):
                break
        assert broken() == [], name
    assert differences() == []
    done = {name for name in world.said if ":" not in name}
    assert len(done) > len(VERBS) / 2, "too few verbs succeed to mean anything"


def test_a_broken_rule_is_found(monkeypatch):
    """The control: lent again past check and index, a loaner in two hands is found within a few steps."""
    world, chance = build(), random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX one_open_loan_per_device")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    monkeypatch.setattr(loan_rules, "check_in", lambda *_: None)
    monkeypatch.setattr(loan_rules, "check_one_loaner", lambda *_: None)
    for _step in range(60):
        world.at += timedelta(minutes=10)
        attempt(world, "lend", chance.choice)
    assert "a loan is open and its borrower has not got the loaner" in {row.partition(":")[0] for row in broken()}
