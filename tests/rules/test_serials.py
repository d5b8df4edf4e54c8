"""Another board, another serial number: the device is found by old and new, and no number leads to two devices."""

from typing import Any

import pytest

from firstbell.connectors.check_ins import read_check_ins
from firstbell.devices.actions.inventory import Line, Purchase, amend, change_serial, register, set_line
from firstbell.devices.actions.inventory_bulk import Arrival, refusals
from firstbell.devices.models import Device, DeviceCode, MobileLine, OldSerial
from firstbell.devices.queries import by_code, differences, find_devices
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from tests import make
from tests.rules.town import Town, build, refused

pytestmark = pytest.mark.django_db
IMEI, OTHER_IMEI = "490154203237518", "356938035643809"


@pytest.fixture
def town() -> Town:
    return build()


def _act(town: Town, **more: Any) -> dict[str, Any]:
    return {"by": town.school.lead_actor, "at": town.district.at, "op": make.op()} | more


def test_old_and_new_number_lead_to_it(town: Town) -> None:
    old = town.device.serial
    device = change_serial(device_id=town.device.pk, serial=" new 77-x ", **_act(town))
    assert device.serial == "NEW77-X"
    for code in (old, "NEW77-X", "new77-x"):
        assert by_code(code, by=town.school.lead_actor) == device
    assert find_devices(old[:6], by=town.school.lead_actor)[0] == device
    row = OldSerial.objects.get()
    assert (row.serial, row.until, row.changed_by) == (old, town.district.at, town.school.lead)
    (event,) = events_of("devices.serial_changed")
    assert old not in str(event.facts)
    assert differences() == []


def test_twice_replaced_it_is_found_by_all_three(town: Town) -> None:
    first = town.device.serial
    change_serial(device_id=town.device.pk, serial="SECOND1", **_act(town))
    change_serial(device_id=town.device.pk, serial="THIRD1", **_act(town))
    for code in (first, "SECOND1", "THIRD1", town.device.tag):
        assert by_code(code, by=town.school.lead_actor) == town.device


def test_the_imei_of_the_board_goes_with_it(town: Town) -> None:
    set_line(device_id=town.device.pk, line=Line(imei=IMEI, mdn="5025550100", carrier="Carrier"), **_act(town))
    change_serial(device_id=town.device.pk, serial="SECOND1", imei=OTHER_IMEI, **_act(town))
    line = MobileLine.objects.get(device=town.device, until__isnull=True)
    assert (line.imei, line.mdn, line.carrier) == (OTHER_IMEI, "5025550100", "Carrier")
    for code in (IMEI, OTHER_IMEI):
        assert by_code(code, by=town.school.lead_actor) == town.device
    with refused("imei_wrong"):
        change_serial(device_id=town.device.pk, serial="THIRD1", imei="123456789012345", **_act(town))


def test_device_management_that_still_says_the_old_serial_is_understood(town: Town) -> None:
    old = town.device.serial
    change_serial(device_id=town.device.pk, serial="SECOND1", **_act(town))
    ((serial, _moment),) = read_check_ins(f"serialNumber,lastSync\n{old},2026-09-14T12:00:00Z\n")
    assert DeviceCode.objects.get(code=serial).device_id == town.device.pk


def test_no_number_leads_to_two_devices(town: Town) -> None:
    old = town.device.serial
    with refused("serial_taken"):
        change_serial(device_id=town.device.pk, serial=town.loaner.serial, **_act(town))
    for same in ("", old):
        with refused("same_serial"):
            change_serial(device_id=town.device.pk, serial=same, **_act(town))
    change_serial(device_id=town.device.pk, serial="SECOND1", **_act(town))
    with refused("serial_was"):
        change_serial(device_id=town.loaner.pk, serial=old, **_act(town))
    with refused("serial_was"):
        _register(town, old)
    arrival = Arrival(
        op=make.op(), tag="B-1", serial=old, model_id=town.district.model.pk, place_id=town.school.places["desk"].pk
    )
    assert [refusal.code for refusal in refusals([arrival]).values()] == ["serial_taken"]


def _register(town: Town, serial: str) -> Device:
    place = town.school.places["desk"].pk
    return register(tag="B-2", serial=serial, model_id=town.district.model.pk, place_id=place, **make.system())


def test_back_to_the_first_board(town: Town) -> None:
    old = town.device.serial
    change_serial(device_id=town.device.pk, serial="SECOND1", **_act(town))
    assert change_serial(device_id=town.device.pk, serial=old, **_act(town)).serial == old
    assert {by_code(code, by=town.school.lead_actor) for code in (old, "SECOND1")} == {town.device}


def test_a_corrected_record_keeps_the_old_numbers(town: Town) -> None:
    old = town.device.serial
    change_serial(device_id=town.device.pk, serial="SECOND1", **_act(town))
    amend(device_id=town.device.pk, serial="SECOND1", purchase=Purchase(price_cents=100), **make.system())
    assert by_code(old, by=town.school.lead_actor) == town.device


def test_who_repairs_there_changes_it(town: Town) -> None:
    with pytest.raises(Missing):
        change_serial(device_id=town.device.pk, serial="X1", **_act(town, by=make.school("Else").lead_actor))
    auditor = make.user("auditor", Role.AUDITOR)[1]
    with pytest.raises(Denied):
        change_serial(device_id=town.device.pk, serial="X1", **_act(town, by=auditor))
    with pytest.raises(Refused):
        change_serial(device_id=_retired(town).pk, serial="X1", **_act(town))


def _retired(town: Town) -> Device:
    made = make.device(town.district, town.school)
    Device.objects.everyone(reason="a test").filter(pk=made.pk).update(status="retired")
    return made
