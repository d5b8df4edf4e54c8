"""Filter checks: one scan and Enter for what works; what does not is an adult's matter (S119, S120)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.devices.actions.inventory import retire
from firstbell.devices.models import Device
from firstbell.directory.models import User
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.rounds.models import FilterCheck
from tests import make

pytestmark = pytest.mark.django_db

AT = make.MONDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _a_school_day() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def town() -> make.District:
    return make.district(2)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def helper(here: make.School) -> Client:
    return signed_in(make.user("Helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[0])


def say(client: Client, device: Device | str, result: str = "on") -> Any:
    code = device if isinstance(device, str) else device.tag
    return client.post("/team/filter/checks", {"op": str(make.op()), "code": code, "result": result}, follow=True)


def checks() -> list[FilterCheck]:
    return list(FilterCheck.objects.everyone(reason="a test looks").order_by("pk"))


def test_a_helper_checks_device_after_device_and_learns_nothing_of_its_owner(town: make.District) -> None:
    here = town.schools[0]
    ana = make.person(here.site, "Canaria", "Secreta")
    first, second = make.device(town, here, ana), make.device(town, here)
    client = helper(here)
    assert "Filter check" in client.get("/team").content.decode()
    page = say(client, first).content.decode() + say(client, f"/d/{second.code}").content.decode()
    assert [(row.device_id, row.result) for row in checks()] == [(first.pk, "on"), (second.pk, "on")]
    assert f"{first.tag}: the filter works." in page
    assert "Secreta" not in page
    assert history(first)[0].kind == "rounds.filter_checked"


def test_what_failed_is_told_to_the_adult_alone_and_ends_with_their_word(town: make.District) -> None:
    here = town.schools[0]
    device = make.device(town, here, make.person(here.site))
    client, lead = helper(here), signed_in(here.lead)
    say(client, device, "bypass")
    assert client.get("/team/filter/results").status_code in {403, 404}
    assert device.tag in lead.get("/team/filter/results").content.decode()
    assert '<span class="count">1</span>' in lead.get("/team/approvals").content.decode()
    [check] = checks()
    address = f"/team/filter/results/{check.pk}"
    assert client.post(address, {"op": str(make.op()), "outcome": "fine"}).status_code in {403, 404}
    say(client, device, "on")  # the checker cannot take the failure back
    with time_machine.travel(AT + timedelta(hours=2), tick=False):
        said = lead.post(address, {"op": str(make.op()), "outcome": "fixed"}, follow=True).content.decode()
        assert "Nothing to look into" in said
        assert lead.post(address, {"op": str(make.op()), "outcome": "fine"}).status_code == 409
    check.refresh_from_db()
    assert (check.outcome, check.settled_by) == ("fixed", here.lead)
    assert ">2<" in said  # checks of the month
    assert "50 %" in said
    assert ">0.1<" in said  # days until it was looked into


def test_a_device_of_another_school_and_one_that_is_gone_are_refused_in_words(town: make.District) -> None:
    here, there = town.schools
    strange, gone = make.device(town, there), make.device(town, here)
    retire(device_id=gone.pk, by=town.office, at=AT, op=make.op())
    client = helper(here)
    for code, words in (
        (strange.tag, "No device of your school"),
        ("", "No device of your school"),
        (gone.tag, "tech desk"),
    ):
        answer = say(client, code)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert say(client, make.device(town, here), "perhaps").status_code == 422
    assert checks() == []


def test_the_same_check_sent_twice_is_one(town: make.District) -> None:
    here = town.schools[0]
    device, client, op = make.device(town, here), helper(here), str(make.op())
    for _again in range(2):
        client.post("/team/filter/checks", {"op": op, "code": device.tag, "result": "off"})
    assert len(checks()) == 1
