"""A code that is nothing yet becomes a device, by those who keep the inventory."""

import pytest

from firstbell.devices.models import Device
from firstbell.kernel.roles import Role
from tests import make
from tests.web.desk.conftest import Desk, Says


@pytest.fixture
def keeper(desk: Desk) -> Desk:
    desk.sign_in(make.user("tina", Role.DISTRICT_TECH)[0])
    return desk


def _form(desk: Desk, **other: object) -> dict[str, object]:
    place = desk.here.places["loaner_shelf"].code
    return {"tag": "n-777", "serial": "SN777", "model": desk.town.model.pk, "place": place} | other


def test_an_unknown_code_leads_to_the_form_with_its_tag(keeper: Desk, says: Says) -> None:
    assert says(keeper.client.get("/scan?code=N-777"), "/devices/new?tag=N-777")
    assert says(keeper.client.get("/devices/new?tag=N-777"), 'value="N-777"')


def test_it_is_entered_and_shown(keeper: Desk, says: Says) -> None:
    answer = keeper.post("/devices/new/entries", **_form(keeper))
    assert answer.headers["Location"] == "/devices/N-777"
    assert says(keeper.client.get("/devices/N-777"), "Loaner shelf")


def test_what_is_missing_or_known_already_is_said_in_place(keeper: Desk, says: Says) -> None:
    known = keeper.device()
    wanted = {
        "Choose the model, and the place where it lies.": _form(keeper, model=""),
        "A device needs both its asset tag and its serial number.": _form(keeper, serial=" "),
        f"There is a device with tag {known.tag} already.": _form(keeper, tag=known.tag),
    }
    for words, typed in wanted.items():
        refused = keeper.post("/devices/new/entries", **typed)
        assert refused.status_code == 422
        assert says(refused, words)
        assert says(refused, str(typed["tag"]))
    assert not Device.objects.everyone(reason="a test looks").filter(tag="N-777").exists()


def test_a_school_lead_registers_nothing_and_is_not_offered_to(desk: Desk, says: Says) -> None:
    assert not says(desk.client.get("/scan?code=N-777"), "/devices/new")
    assert desk.client.get("/devices/new").status_code == 404
    assert desk.post("/devices/new/entries", **_form(desk)).status_code == 404
