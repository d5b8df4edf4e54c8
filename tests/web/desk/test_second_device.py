"""Somebody may have several devices of their own, each further one with its reason (S126)."""

import pytest

from firstbell.devices.actions.inventory import assign
from firstbell.devices.actions.inventory_bulk import Arrival, register_many
from firstbell.devices.models import Assignment, Device
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.losses import report_gone
from firstbell.incidents.models import Incident
from firstbell.ledger.queries import history
from tests import make
from tests.web.desk.conftest import Desk, Says


def _why(device: Device) -> str:
    return Assignment.objects.get(device=device, until__isnull=True).reason


def test_the_desk_asks_why_and_keeps_the_reason(desk: Desk, says: Says) -> None:
    ana = desk.person()
    desk.device(ana)
    second = desk.device()
    answer = desk.post(f"/devices/{second.tag}/holder", person=ana.pk)
    assert answer.status_code == 422
    assert says(answer, "This person has a device of their own already.")
    assert says(answer, "Needed for a course")
    assert not Assignment.objects.filter(device=second).exists()
    asked = desk.client.get(f"/devices/{second.tag}?person={ana.pk}")
    assert says(asked, "Why another?")
    assert 'value="list"' not in asked.content.decode()
    desk.post(f"/devices/{second.tag}/holder", person=ana.pk, second="course")
    assert _why(second) == "course"
    assert says(desk.client.get(f"/people/{ana.pk}"), "needed for a course")
    assert says(desk.client.get(f"/devices/{second.tag}/history"), "beside another: needed for a course")
    (event,) = [event for event in history(second) if event.kind == "devices.assigned"]
    assert event.facts["reason"] == "course"


def test_the_first_one_needs_no_reason(desk: Desk, says: Says) -> None:
    ana, device = desk.person(), desk.device()
    assert not says(desk.client.get(f"/devices/{device.tag}?person={ana.pk}"), "Why another?")
    desk.post(f"/devices/{device.tag}/holder", person=ana.pk, second="course")
    assert _why(device) == ""


def test_one_that_is_missing_counts_as_none(desk: Desk) -> None:
    ana = desk.person()
    lost, device = desk.device(ana), desk.device()
    act = desk.act()
    report_gone(device_id=lost.pk, cause=Incident.Cause.LOST, where=Incident.Where.CAMPUS, happened_at=act["at"], **act)
    assert desk.post(f"/devices/{device.tag}/holder", person=ana.pk).status_code == 302
    assert _why(device) == ""


def test_a_loaner_is_no_second_one(desk: Desk) -> None:
    ana = desk.person()
    device, loaner = desk.device(ana), desk.loaner()
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    assert not Assignment.objects.filter(device=loaner).exists()


@pytest.mark.parametrize("reason", ["", "because", "LIST"])
def test_what_is_no_reason_is_refused(desk: Desk, reason: str) -> None:
    ana = desk.person()
    desk.device(ana)
    second = desk.device()
    assert desk.post(f"/devices/{second.tag}/holder", person=ana.pk, second=reason).status_code == 422
    assert not Assignment.objects.filter(device=second).exists()


def test_lists_go_on_as_they_did_and_it_is_told_that_a_list_said_so(desk: Desk) -> None:
    ana = desk.person()
    first, second = desk.device(ana), desk.device()
    assign(device_id=second.pk, person_id=ana.pk, **desk.act())
    assert (_why(first), _why(second)) == ("", "list")


def test_many_at_once_tell_the_same(desk: Desk) -> None:
    ana, ben = desk.person(), desk.person("Ben")
    desk.device(ana)
    shelf = desk.here.places["loaner_shelf"].pk
    arrivals = [
        Arrival(make.op(), f"B-{number}", f"SB{number}", desk.town.model.pk, shelf, owner_id=owner.pk)
        for number, owner in enumerate([ana, ben, ben])
    ]
    register_many(arrivals=arrivals, **make.system())
    rows = Assignment.objects.filter(device__tag__startswith="B-").order_by("device__tag")
    assert [row.reason for row in rows] == ["list", "", "list"]


def test_a_swap_for_good_keeps_the_reason(desk: Desk) -> None:
    make.decision("intake.stand_in", "swap")
    ana = desk.person()
    desk.device(ana)
    second, loaner = desk.device(), desk.loaner()
    assign(device_id=second.pk, person_id=ana.pk, reason="home", **desk.act())
    swap_at_desk(device_id=second.pk, loaner_id=loaner.pk, symptom="cracked", person_id=ana.pk, **desk.act())
    assert _why(loaner) == "home"
