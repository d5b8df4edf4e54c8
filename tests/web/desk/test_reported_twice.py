"""Two people report one device: what happens to it answers both, and nothing of the case stays behind."""

from typing import Any

from django.test import Client

from firstbell.decisions.register import STAND_IN
from firstbell.devices.models import Device
from firstbell.flows.bench import check, finish
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.clock import utc_now
from firstbell.loans.models import Loan
from firstbell.measures.reach import reach_of
from firstbell.measures.without import spells
from firstbell.repairs.queries import order_of
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says


def _tell(device: Device, symptom: str, **said: Any) -> str:
    """Report a device by its label, as anybody would; return the status page's address."""
    form = {"op": make.op(), "symptom": symptom} | said
    return str(Client().post(f"/d/{device.code}/tickets", form).headers["Location"])


def _tickets(device: Device) -> list[Ticket]:
    return list(Ticket.objects.everyone(reason="a test looks").filter(device=device).order_by("pk"))


def _states(device: Device) -> set[tuple[str, int, str]]:
    return {(ticket.status, ticket.level, ticket.waiting_on) for ticket in _tickets(device)}


def _to_the_bench_and_back(desk: Desk, device: Device) -> list[set[tuple[str, int, str]]]:
    order, seen = order_of(device.pk), []
    assert order is not None
    out = empty_box(place_id=desk.here.places["pickup_box"].pk, **desk.technician())
    seen.append(_states(device))
    scan_in(shipment_id=out.pk, **desk.technician())
    finish(work_order_id=order.pk, fault="screen", **desk.technician())
    check(work_order_id=order.pk, passed=True, by=desk.town.checker, at=utc_now(), op=make.op())
    back = pack_return(site_id=desk.here.site.pk, **desk.technician())
    scan_in(shipment_id=back.pk, **desk.act())
    return [*seen, _states(device)]


def test_both_reports_follow_the_device_and_close_with_it(desk: Desk, says: Says) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    first = _tell(device, "cracked", note="It fell off the bus")
    second = _tell(device, "dead")
    assert first != second
    page = desk.client.get(f"/devices/{device.tag}")
    for ticket in _tickets(device):
        assert says(page, ticket.code)
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, symptom="dead")
    assert _states(device) == {("waiting", 3, "pickup")}
    assert says(Client().get(first), "Your device is being repaired")
    assert not says(Client().get(first), loaner.tag)
    assert says(Client().get(second), loaner.tag)
    assert _to_the_bench_and_back(desk, device) == [{("waiting", 3, "repair")}, {("waiting", 2, "reporter")}]
    for link in (first, second):
        assert says(Client().get(link), "Your device is ready")
    desk.post(f"/devices/{device.tag}/hand-back", loaner=loaner.tag, grade="good")
    assert {ticket.status for ticket in _tickets(device)} == {"closed"}
    assert says(desk.client.get(f"/devices/{device.tag}"), "In use. Nothing is to be done.")
    queue = desk.client.get("/desk")
    assert not any(says(queue, ticket.code) for ticket in _tickets(device))
    for link in (first, second):
        assert says(Client().get(link), "Your device is back")
    (case,) = spells(reach_of(desk.here.lead_actor), desk.town.at, utc_now())
    assert not case.ongoing


def test_a_report_made_during_the_repair_follows_from_the_next_motion_on(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    desk.post(f"/devices/{device.tag}/intake", why="none_left", symptom="cracked")
    later = _tell(device, "dead", note="A friend has seen it smoke")
    assert _tickets(device)[1].status == Ticket.Status.NEW
    assert _to_the_bench_and_back(desk, device)[1] == {("waiting", 2, "reporter")}
    assert _tickets(device)[1].outcome == Ticket.Outcome.SWAP
    assert says(Client().get(later), "Your device is ready")
    desk.post(f"/devices/{device.tag}/hand-back")
    assert {ticket.status for ticket in _tickets(device)} == {"closed"}


def test_a_site_that_is_blocked_is_no_matter_of_the_repair(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person())
    _tell(device, "cracked")
    blocked = _tell(device, "blocked")
    assert says(desk.client.get(f"/devices/{device.tag}"), "Cracked or broken part")
    desk.post(f"/devices/{device.tag}/intake", why="none_left")
    order = order_of(device.pk)
    assert order is not None
    assert order.symptom == "cracked"
    assert [ticket.status for ticket in _tickets(device)] == ["waiting", "new"]
    assert not says(Client().get(blocked), "repaired")


def test_that_it_was_not_charged_is_solved_once_and_a_fault_stays_open(desk: Desk) -> None:
    device, loaner = desk.device(desk.person()), desk.loaner()
    for _time in range(2):
        _tell(device, "flat")
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag)
    assert [ticket.status for ticket in _tickets(device)] == ["resolved", "waiting"]
    assert Loan.objects.everyone(reason="a test looks").count() == 1
    _tell(device, "cracked")
    desk.post(f"/devices/{loaner.tag}/loan/return", grade="good")
    assert _tickets(device)[2].status == Ticket.Status.NEW


def test_a_fault_goes_before_an_empty_battery(desk: Desk) -> None:
    device = desk.device(desk.person())
    _tell(device, "cracked")
    _tell(device, "flat")
    desk.post(f"/devices/{device.tag}/intake", why="none_left")
    assert order_of(device.pk) is not None
    assert {ticket.status for ticket in _tickets(device)} == {"waiting"}


def test_a_swap_for_good_leaves_no_report_behind(desk: Desk, says: Says) -> None:
    make.decision(STAND_IN.key, "swap")
    device, loaner = desk.device(desk.person()), desk.loaner()
    links = [_tell(device, symptom) for symptom in ("cracked", "dead")]
    desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag)
    for link in links:
        assert says(Client().get(link), "You have another device")
    _to_the_bench_and_back(desk, device)
    assert _states(device) == {("in_progress", 2, "")}
    desk.post(f"/devices/{device.tag}/shelf")
    assert {ticket.status for ticket in _tickets(device)} == {"closed"}
