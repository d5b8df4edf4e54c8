"""How things stood on a past day: what the pages say afterwards is what they said then."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import assign, unassign
from firstbell.devices.models import Device
from firstbell.flows.bench import check, finish
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.handback import hand_back
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.repairs.queries import order_of
from firstbell.web.desk.device_view import look
from tests import make
from tests.web.desk.conftest import Desk, Says

ZONE = ZoneInfo("America/New_York")
MON, HOUR, DAY = make.MONDAY, timedelta(hours=1), timedelta(days=1)
LAST = date(2026, 10, 5)


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), ZONE).astimezone(UTC)


def _story(desk: Desk, people: Any, devices: Any, draw: Random) -> list[tuple[datetime, Any]]:
    """A repair by way of the depot, a change of owner, and things put here and there, each at its moment."""
    (ana, ben), (own, spare, other) = people, devices
    lead, tech, checker = desk.here.lead_actor, desk.town.technician, desk.town.checker
    box = desk.here.places["pickup_box"].pk

    def act(by: Any, at: datetime) -> dict[str, Any]:
        return {"by": by, "at": at, "op": make.op()}

    def repaired(at: datetime) -> None:
        order = order_of(own.pk)
        assert order is not None
        finish(work_order_id=order.pk, fault="screen", **act(tech, at))
        check(work_order_id=order.pk, passed=True, **act(checker, at + HOUR))

    def brought(at: datetime) -> None:
        scan_in(shipment_id=pack_return(site_id=desk.here.site.pk, **act(tech, at)).pk, **act(lead, at + HOUR))

    def carried(at: datetime) -> None:
        shipments.append(empty_box(place_id=box, **act(tech, at)).pk)

    def moved(at: datetime) -> None:
        place = draw.choice([desk.here.places["room"], desk.here.places["desk"]])
        relocate(device_id=other.pk, place_id=place.pk, **act(lead, at))

    shipments: list[int] = []
    swap = {"device_id": own.pk, "loaner_id": spare.pk, "symptom": "cracked"}
    steps = [
        lambda at: swap_at_desk(**swap, **act(lead, at)),
        moved,
        carried,
        lambda at: scan_in(shipment_id=shipments[0], **act(tech, at)),
        lambda at: assign(device_id=other.pk, person_id=ben.pk, **act(lead, at)),
        repaired,
        brought,
        moved,
        lambda at: hand_back(device_id=own.pk, loaner_id=spare.pk, **act(lead, at)),
        lambda at: unassign(device_id=other.pk, reason="left", **act(lead, at)),
        lambda at: assign(device_id=other.pk, person_id=ana.pk, **act(lead, at)),
        moved,
    ]
    at, told = MON, []
    for step in steps:
        told.append((at, step))
        at += timedelta(days=draw.choice([1, 1, 2]), hours=draw.choice([0, 1, 3]))
    return told


def _said(desk: Desk, devices: list[Device], at: datetime) -> dict[str, tuple[str, str, str]]:
    views = [look(device.tag, by=desk.here.lead_actor, at=at) for device in devices]
    return {
        view.device.tag: (view.where.where, view.owner_name, str(view.device.get_status_display())) for view in views
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_a_past_day_is_told_as_it_was_told_then(desk: Desk, time_machine: Any, seed: int) -> None:
    draw = Random(seed)
    people = ana, _ben = desk.person(), desk.person("Ben")
    devices = [desk.device(ana), desk.loaner(), desk.device()]
    story, then = _story(desk, people, devices, draw), {}
    day = MON.astimezone(ZONE).date()
    while day < LAST:
        while story and story[0][0] <= _evening(day):
            moment, step = story.pop(0)
            step(moment)
        then[day] = _said(desk, devices, _evening(day))
        day += DAY
    assert not story
    assert len({tuple(said.values()) for said in then.values()}) > 6, "the days differ, or nothing is compared"
    time_machine.move_to(_evening(LAST))
    desk.sign_in(desk.here.lead)
    for day in draw.sample(sorted(then), 12):
        for device in devices:
            page = desk.client.get(f"/devices/{device.tag}?on={day}")
            asked = page.context["then"]
            (row,) = asked.rows
            assert (row.where.where, row.owner or "nobody", asked.status) == then[day][device.tag], day
        hers = {tag for tag, said in then[day].items() if said[0] == "With Ana Reyes" or said[1] == "Ana Reyes"}
        shown = desk.client.get(f"/people/{ana.pk}?on={day}").context["then"].rows
        assert {row.device.tag for row in shown} == hers
        for place in desk.here.places.values():
            lay = {tag for tag, said in then[day].items() if said[0] == f"{place.name}, {desk.here.site.name}"}
            shown = desk.client.get(f"/places/{place.code}?on={day}").context["then"].rows
            assert {row.device.tag for row in shown} == lay


def test_a_day_that_says_nothing_says_so(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    address = f"/devices/{device.tag}?on="
    assert says(desk.client.get(f"{address}yesterday"), "That is no day.")
    assert says(desk.client.get(f"{address}2999-01-01"), "That day is not over.")
    assert says(desk.client.get(f"{address}1999-01-01"), "It was not in the inventory yet.")
    assert desk.client.get(f"{address}0001-01-01").status_code == 200
    assert desk.client.get(f"{address}9999-12-31").status_code == 200


def test_past_owners_are_told_from_when_to_when(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    unassign(device_id=device.pk, reason="left", **desk.act())
    assign(device_id=device.pk, person_id=desk.person("Ben").pk, **desk.act())
    page = desk.client.get(f"/devices/{device.tag}/history")
    assert [row["who"] for row in page.context["owners"]] == ["Ben Reyes", "Ana Reyes"]
    assert [row["until"] is None for row in page.context["owners"]] == [True, False]
    assert says(page, "Whose it was")


def test_another_schools_past_is_theirs(desk: Desk) -> None:
    device = desk.device(desk.person())
    desk.sign_in(desk.town.schools[1].lead)
    assert desk.client.get(f"/devices/{device.tag}?on=2026-09-20").status_code == 404
