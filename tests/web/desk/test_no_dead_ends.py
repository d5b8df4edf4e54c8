"""What used to lead nowhere: an owner who has left, a loaner scanned too early, a device that is on its way."""

import pytest

from firstbell.devices.actions.inventory import set_aside
from firstbell.devices.models import Custody, Device
from firstbell.directory.models import Person
from firstbell.flows.bench import check, finish
from firstbell.flows.transport import empty_box, pack_return, scan_in
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.repairs.queries import order_of
from tests import make
from tests.web.desk.conftest import Desk, Says


def _custody(device: Device) -> Custody:
    return Custody.objects.get(device=device, until__isnull=True)


def _leave(person: Person) -> None:
    person.active = False
    person.save(update_fields=["active"])


class TestAnOwnerWhoHasLeft:
    def test_is_said_and_the_device_is_taken_in(self, desk: Desk, says: Says) -> None:
        ana = desk.person()
        device, loaner = desk.device(ana), desk.loaner()
        desk.report(device)
        _leave(ana)
        page = desk.client.get(f"/devices/{device.tag}")
        assert says(page, "Your turn: take it in. Ana Reyes has left.")
        assert says(page, '<span class="badge">has left</span>')
        assert not says(page, f"Swap for {loaner.tag}")
        assert not says(page, "none is left")
        desk.post(f"/devices/{device.tag}/intake", symptom="cracked", why="not_wanted")
        assert _custody(device).place == desk.here.places["pickup_box"]

    def test_somebody_else_who_works_with_it_gets_the_loaner(self, desk: Desk, says: Says) -> None:
        ana, ben = desk.person(), desk.person("Ben")
        device, loaner = desk.device(ana), desk.loaner()
        desk.report(device)
        _leave(ana)
        found = desk.client.get("/scan", {"code": ben.local_number, "with": device.tag}, follow=True)
        assert says(found, "Scan a loaner for Ben Reyes")
        desk.post(f"/devices/{device.tag}/swap", loaner=loaner.tag, person=ben.pk)
        assert _custody(loaner).person == ben

    @pytest.mark.parametrize("by", ["name", "badge"])
    def test_is_found_by_search_as_such(self, desk: Desk, says: Says, by: str) -> None:
        zoe = desk.person("Zoe", family="Quartz")
        _leave(zoe)
        answer = desk.client.get("/scan", {"code": "Zoe Quartz" if by == "name" else zoe.local_number}, follow=True)
        assert says(answer, "Zoe Quartz")
        assert says(answer, "has left")

    def test_comes_after_those_who_are_here(self, desk: Desk, says: Says) -> None:
        _leave(desk.person("Zoe", family="Quartz"))
        here = desk.person("Zoe", family="Quartz")
        assert desk.client.get("/scan", {"code": "Zoe Quartz"}).headers["Location"] == f"/people/{here.pk}"


class TestALoanerScannedBeforeItIsSaidWhatIsWrong:
    @pytest.mark.parametrize("first", ["device", "loaner"])
    def test_is_noted_and_one_tap_leads_to_the_swap(self, desk: Desk, says: Says, first: str) -> None:
        device, loaner = desk.device(desk.person()), desk.loaner()
        one, other = (device, loaner) if first == "device" else (loaner, device)
        page = desk.client.get("/scan", {"code": other.tag, "with": one.tag}, follow=True)
        assert says(page, f"Loaner {loaner.tag} noted: tap what is wrong.")
        assert says(page, f"/devices/{device.tag}?symptom=cracked&loaner={loaner.tag}")
        assert not says(page, "then scan a loaner")
        ready = desk.client.get(f"/devices/{device.tag}?symptom=cracked&loaner={loaner.tag}")
        assert says(ready, f'value="{loaner.tag}"')
        assert not says(ready, "noted")

    @pytest.mark.parametrize("reported", [False, True])
    def test_that_is_out_says_who_has_it(self, desk: Desk, says: Says, reported: bool) -> None:
        device, loaner, ben = desk.device(desk.person()), desk.loaner(), desk.person("Ben")
        if reported:
            desk.report(device)
        lend(device_id=loaner.pk, person_id=ben.pk, reason=Loan.Reason.FORGOTTEN, **desk.act())
        page = desk.client.get("/scan", {"code": loaner.tag, "with": device.tag}, follow=True)
        assert says(page, f"{loaner.tag} is out: Ben Reyes has it.")
        assert not says(page, f'value="{loaner.tag}"')

    def test_that_is_set_aside_says_so(self, desk: Desk, says: Says) -> None:
        device, loaner = desk.device(desk.person()), desk.loaner()
        set_aside(device_id=loaner.pk, **desk.act())
        page = desk.client.get("/scan", {"code": loaner.tag, "with": device.tag}, follow=True)
        assert says(page, f"{loaner.tag} is set aside and cannot be lent.")

    def test_for_a_device_that_its_owner_has_not_got_yet(self, desk: Desk, says: Says) -> None:
        device, loaner = desk.device(desk.person()), desk.loaner()
        desk.post(f"/devices/{device.tag}/place", place=desk.here.places["desk"].code)
        assert says(desk.client.get(f"/devices/{device.tag}"), "Hand over to Ana Reyes")
        page = desk.client.get("/scan", {"code": loaner.tag, "with": device.tag}, follow=True)
        assert says(page, f"Loaner {loaner.tag} noted: tap what is wrong.")

    def test_is_not_needed_by_a_device_on_its_way(self, desk: Desk, says: Says) -> None:
        device, loaner = _under_way(desk), desk.loaner()
        page = desk.client.get("/scan", {"code": loaner.tag, "with": device.tag}, follow=True)
        assert says(page, f"Loaner {loaner.tag} is not needed here: {device.tag} is not being swapped now.")

    def test_at_a_hand_back_is_the_one_they_have_or_it_is_said(self, desk: Desk, says: Says) -> None:
        device, wrong = _back(desk), desk.loaner()
        desk.client.post(*_arrival(desk, device))
        page = desk.client.get("/scan", {"code": wrong.tag, "with": device.tag}, follow=True)
        assert says(page, "Ana Reyes has no loaner to bring back.")


def _under_way(desk: Desk) -> Device:
    """Return a device that the courier has just fetched."""
    device = desk.device(desk.person())
    desk.post(f"/devices/{device.tag}/intake", symptom="cracked", why="none_left")
    empty_box(place_id=desk.here.places["pickup_box"].pk, **desk.technician())
    return device


def _back(desk: Desk) -> Device:
    """Return a repaired device on its way home."""
    device = _under_way(desk)
    order, shipment = order_of(device.pk), _custody(device).shipment
    assert order is not None
    assert shipment is not None
    scan_in(shipment_id=shipment.pk, **desk.technician())
    finish(work_order_id=order.pk, fault="screen", **desk.technician())
    check(work_order_id=order.pk, passed=True, by=desk.town.checker, at=utc_now(), op=make.op())
    pack_return(site_id=desk.here.site.pk, **desk.technician())
    return device


def _arrival(desk: Desk, device: Device) -> tuple[str, dict[str, str]]:
    """Return what the button "It is here" sends."""
    shipment = _custody(device).shipment
    assert shipment is not None
    form = {"op": str(make.op()), "code": device.tag, "next": f"/scan?code={device.tag}"}
    return f"/shipments/{shipment.code}/arrivals", form


class TestADeviceOnItsWay:
    def test_is_received_from_its_own_page_and_can_be_handed_back(self, desk: Desk, says: Says) -> None:
        device = _back(desk)
        page = desk.client.get("/scan", {"code": device.tag}, follow=True)
        url, form = _arrival(desk, device)
        assert says(page, "It is here")
        assert says(page, f'action="{url}"')
        assert says(page, f'value="{form["next"]}"')
        after = desk.client.post(url, form, follow=True)
        assert says(after, f"{device.tag} is in.")
        assert says(after, "Hand back to Ana Reyes")
        assert _custody(device).place == desk.here.places["return_shelf"]
        assert says(desk.client.post(url, form, follow=True), f"{device.tag} is in already.")

    def test_goes_on_to_the_bench_at_the_depot(self, desk: Desk, says: Says) -> None:
        device = _under_way(desk)
        order = order_of(device.pk)
        assert order is not None
        desk.sign_in(make.user("tech", Role.DISTRICT_TECH)[0])
        assert says(desk.client.get("/scan", {"code": device.tag}, follow=True), "It is here")
        answer = desk.client.post(*_arrival(desk, device), follow=True)
        assert answer.redirect_chain[-1][0] == f"/bench/{order.code}"
        assert says(answer, f"{device.tag} is in.")

    def test_is_only_looked_up_by_who_does_not_receive_it(self, desk: Desk, says: Says) -> None:
        page = desk.client.get(f"/devices/{_under_way(desk).tag}")
        assert says(page, "It is scanned in where it arrives.")
        assert not says(page, "It is here")
