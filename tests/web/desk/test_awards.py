"""Federal money that paid for a device: who may write it down, what is recorded, what is refused."""

from typing import Any

import pytest

from firstbell.devices.actions.awards import Federal, note_award
from firstbell.devices.models import Award
from firstbell.kernel.errors import Denied, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event
from tests import make

SAID = Federal(fain="S425D210012", title_holder="Osage Schools", federal_share=62_50)


def test_what_is_said_is_on_record_and_only_names_of_fields_in_the_ledger(desk: Any) -> None:
    device = desk.device()
    for _time in range(2):  # saying the same again writes nothing
        note_award(device_id=device.pk, federal=SAID, **desk.act() | {"by": desk.town.office})
    assert (device.award.fain, device.award.federal_share) == ("S425D210012", 62_50)
    event = Event.objects.get(kind="devices.amended")
    assert event.facts["fields"] == ["fain", "federal_share", "title_holder"]


def test_a_school_may_not_and_a_share_is_a_percentage(desk: Any) -> None:
    device = desk.device()
    with pytest.raises(Denied):
        note_award(device_id=device.pk, federal=SAID, **desk.act())
    too_much = Federal(federal_share=100_01)
    with pytest.raises(Refused) as told:
        note_award(device_id=device.pk, federal=too_much, **desk.act() | {"by": desk.town.office})
    assert told.value.code == "share_wrong"
    assert not Award.objects.exists()


def test_the_record_page_takes_it_and_says_what_it_cannot_read(desk: Any, says: Any) -> None:
    device = desk.device()
    desk.sign_in(make.user("clerk", Role.DISTRICT_IT)[0])
    page = f"/devices/{device.tag}/record"
    assert says(desk.client.get(page), "No federal money on record.")
    form = {"fain": "S425D210012", "title_holder": "Osage Schools", "disposed_price": "12.50"}
    refused = desk.post(f"/devices/{device.tag}/award", federal_share="a lot", **form)
    assert says(refused, "is not a percentage")
    assert says(refused, "Osage Schools")
    assert desk.post(f"/devices/{device.tag}/award", federal_share="62.5 %", **form).status_code == 302
    assert says(desk.client.get(page), "62.5 %")
    assert Award.objects.get(device=device).disposed_cents == 1250
