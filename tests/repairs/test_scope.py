"""The scope table: the nearest row of the day decides; what goes against it is refused, or explained by name."""

from datetime import date, timedelta
from typing import Any

import pytest

from firstbell.devices.models import Device, DeviceModel
from firstbell.flows.bench import finish
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.errors import Denied, Refused
from firstbell.ledger.queries import events_of
from firstbell.repairs.actions import end_scope, set_scope, set_scope_rows
from firstbell.repairs.fixes import fixes
from firstbell.repairs.models import Bench, ScopeOverride, ScopeRow, WorkOrder
from firstbell.repairs.scope import overrides, proposal_of, proposing, row_for, scope_on, uncovered
from firstbell.repairs.usual import USUAL, Line
from firstbell.tickets.actions import Report, hand_up, open_ticket
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.depot.world import World, fresh, world

pytestmark = pytest.mark.django_db
TODAY = make.MONDAY.date()


@pytest.fixture
def w() -> World:
    return world()


def _set(w: World, since: date = TODAY, **line: Any) -> ScopeRow:
    content: dict[str, Any] = {"fault": "screen", "lowest": Bench.VENDOR} | line
    return set_scope(line=Line(**content), since=since, by=w.town.office, at=w.town.at, op=make.op())


def _finish(w: World, order: WorkOrder, **more: Any) -> WorkOrder:
    content: dict[str, Any] = {"fault": "screen", "by": w.by, "at": w.later(minutes=5), "op": make.op()}
    return finish(work_order_id=order.pk, **content | more)


def test_the_nearest_row_decides(w: World) -> None:
    model = w.town.model
    everything, kind = _set(w, lowest=1), _set(w, lowest=2, kind="chromebook")
    assert row_for("screen", model, TODAY) == kind
    own = _set(w, lowest=3, model_id=model.pk)
    assert row_for("screen", model, TODAY) == own
    other = DeviceModel.objects.create(manufacturer="Other", name="Tab", kind="ipad")
    assert row_for("screen", other, TODAY) == everything
    assert row_for("battery", model, TODAY) is None


def test_a_new_row_ends_the_one_before_and_the_past_stays(w: World) -> None:
    first = _set(w, lowest=2)
    second = _set(w, TODAY + timedelta(days=7), lowest=4)
    assert row_for("screen", w.town.model, TODAY + timedelta(days=6)) == first
    assert row_for("screen", w.town.model, TODAY + timedelta(days=7)) == second
    end_scope(row_id=second.pk, until=TODAY + timedelta(days=9), by=w.town.office, at=w.town.at, op=make.op())
    assert not scope_on(TODAY + timedelta(days=9)).exists()
    assert events_of("repairs.scope_set").count() == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"fault": "sail"}, "fix_unknown"), ({"lowest": 9}, "place_unknown"),
     ({"since": TODAY - timedelta(days=1)}, "scope_backdated")],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused(w: World, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as told:
        _set(w, **changed)
    assert told.value.code == code
    assert not ScopeRow.objects.exists()


def test_the_same_day_has_one_row(w: World) -> None:
    _set(w, lowest=1)
    with pytest.raises(Refused) as told:
        _set(w, lowest=2)
    assert told.value.code == "scope_same_day"


def test_only_the_district_sets_rows(w: World) -> None:
    for actor in (w.here.lead_actor, w.by):
        with pytest.raises(Denied):
            set_scope(line=USUAL[0], since=TODAY, by=actor, at=w.town.at, op=make.op())


def test_the_usual_rows_cover_every_usual_fault(w: World) -> None:
    set_scope_rows(lines=USUAL, since=TODAY, by=w.town.office, at=w.town.at, op=make.op())
    assert uncovered(scope_on(TODAY), fixes()) == []
    assert len(USUAL) == scope_on(TODAY).count()


def test_without_a_row_every_bench_repairs(w: World) -> None:
    assert _finish(w, w.on_bench()[0]).status == WorkOrder.Status.REPAIRED


def test_outside_the_scope_is_refused_then_done_with_a_name_and_a_reason(w: World) -> None:
    _set(w)
    order = w.on_bench()[0]
    with pytest.raises(Refused) as told:
        _finish(w, order)
    assert told.value.code == "out_of_scope"
    assert "by the vendor" in told.value.sentence
    assert fresh(order).status == WorkOrder.Status.OPENED
    with pytest.raises(Refused):
        _finish(w, order, why_outside="  ")
    _finish(w, order, why_outside="The vendor is closed this week.")
    (row,) = overrides(by=w.by)
    assert (row.outside, row.voids_cover, row.reason, row.by) == (
        True,
        False,
        "The vendor is closed this week.",
        w.tech,
    )
    assert events_of("repairs.scope_overridden").count() == 1


def test_nobody_without_a_name_goes_against_it(w: World) -> None:
    _set(w)
    order = w.on_bench()[0]
    with pytest.raises(Refused) as told:
        _finish(w, order, by=SYSTEM, why_outside="Because.")
    assert told.value.code == "out_of_scope"
    assert not ScopeOverride.objects.everyone(reason="a test looks").exists()


@pytest.mark.parametrize(("days", "stopped"), [(30, True), (0, True), (-1, False), (None, False)])
def test_a_repair_that_voids_cover_is_stopped_while_cover_holds(w: World, days: int | None, stopped: bool) -> None:
    _set(w, lowest=Bench.SCHOOL, voids_cover=True)
    order = w.on_bench()[0]
    until = None if days is None else w.at.date() + timedelta(days=days)
    Device.objects.everyone(reason="a test").filter(pk=order.device_id).update(warranty_until=until)
    if not stopped:
        assert _finish(w, order).status == WorkOrder.Status.REPAIRED
        return
    with pytest.raises(Refused) as told:
        _finish(w, order)
    assert told.value.code == "voids_cover"
    _finish(w, order, why_outside="The maker has agreed in writing.")
    assert [row.voids_cover for row in overrides(by=w.by)] == [True]


def test_the_scope_names_the_part(w: World) -> None:
    _set(w, lowest=Bench.SCHOOL, part="plastics")
    assert _finish(w, w.on_bench()[0]).parts.get().part == "plastics"


def test_a_stranger_sees_no_override(w: World) -> None:
    _set(w)
    _finish(w, w.on_bench()[0], why_outside="Urgent.")
    assert list(overrides(by=make.school("Elsewhere").lead_actor)) == []


@pytest.mark.parametrize(
    ("symptom", "level"), [("dead", 3), ("unsafe", 4), ("slow", None), ("missing", None), ("cracked", None)]
)
def test_the_lowest_level_is_proposed_by_the_nearest_row(w: World, symptom: str, level: int | None) -> None:
    _set(w, fault="battery", lowest=Bench.SCHOOL)
    nearest = {"model_id": w.town.model.pk} if level == 4 else {"kind": "chromebook"}
    _set(w, fault="battery", lowest=level or Bench.DISTRICT, **nearest)
    ticket = _ticket(w)
    rows = Ticket.objects.everyone(reason="a test").filter(pk=ticket.pk)
    rows.update(symptom=symptom)
    assert proposal_of(proposing(rows, TODAY).get()) is None, "no device, no proposal"
    rows.update(device=w.boxed()[0])
    found = proposal_of(proposing(rows, TODAY).get())
    assert (found and (found.fix.code, found.level)) == (("battery", level) if level else None)


@pytest.mark.parametrize(("level", "code"), [(2, "not_above"), (5, "top_level")])
def test_a_ticket_goes_up_and_nowhere_else(w: World, level: int, code: str) -> None:
    ticket = _ticket(w)
    act: dict[str, Any] = {"by": w.here.lead_actor, "at": w.at}
    with pytest.raises(Refused) as told:
        hand_up(ticket_id=ticket.pk, why="parts", level=level, op=make.op(), **act)
    assert told.value.code == code
    assert hand_up(ticket_id=ticket.pk, why="parts", level=4, op=make.op(), **act).level == 4


def _ticket(w: World) -> Ticket:
    report = Report(site_id=w.here.site.pk, symptom="other", place_id=w.here.places["room"].pk)
    return open_ticket(report=report, channel=Ticket.Channel.DESK, by=w.here.lead_actor, at=w.at, op=make.op())
