"""A family's own page about a charge: amount, rule, appeal, waiver, without an account."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.decisions.register import FEES
from firstbell.fees.actions.policy import set_rows
from firstbell.fees.models import Charge, WaiverGround
from firstbell.fees.usual import USUAL
from firstbell.flows.charges import propose_charge
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.roles import Role
from firstbell.web.street.bill import token_of
from tests import make
from tests.rules.town import Town, build

pytestmark = pytest.mark.django_db
NOW = make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def town() -> Town:
    return build()


@pytest.fixture
def charge(town: Town) -> Charge:
    office: dict[str, Any] = {"by": town.district.office}
    set_rows(lines=USUAL, since=town.district.at.date(), **town.moment() | office)
    spill = note_damage(
        device_id=town.device.pk, cause=Incident.Cause.LIQUID, happened_at=town.district.at, **town.moment(hours=1)
    )
    return propose_charge(incident_id=spill.pk, **town.moment(hours=2) | office)


def _send(charge: Charge, what: str, **fields: object) -> Any:
    return Client().post(f"/s/{token_of(charge.pk)}/{what}", {"op": str(make.op()), **fields})


def test_the_page_says_how_much_by_which_rule_and_how_to_appeal(charge: Charge) -> None:
    page = Client().get(f"/s/{token_of(charge.pk)}").content.decode()
    assert "$50.00 to pay" in page
    assert "the district asks $50.00, and never more than $200.00" in page
    assert "You can appeal until" in page
    assert "Ana" not in page, "the link says nothing about who"


def test_it_speaks_spanish(charge: Charge) -> None:
    page = Client().get(f"/s/{token_of(charge.pk)}", headers={"Accept-Language": "es"}).content.decode()
    assert "por pagar" in page
    assert "Puedes apelar hasta el" in page


@pytest.mark.parametrize(
    "token", ["c{pk}.", "c{pk}.0123", "c.abc", "c{other}.{signed}", "c{pk}x.{signed}", "c-1.{signed}"]
)
def test_a_made_up_link_leads_nowhere(charge: Charge, token: str) -> None:
    signed = token_of(charge.pk).partition(".")[2]
    made_up = token.format(pk=charge.pk, other=charge.pk + 1, signed=signed)
    assert Client().get(f"/s/{made_up}").status_code == 404
    sent = {"op": str(make.op()), "words": "x"}
    assert Client().post(f"/s/{made_up}/appeal", sent).status_code == 404


def test_an_appeal_and_a_waiver_come_in_by_the_link(charge: Charge) -> None:
    assert _send(charge, "appeal", words="It rained in.").status_code == 303
    assert charge.appeals.get().words == "It rained in."
    assert _send(charge, "appeal").status_code == 422
    assert _send(charge, "waiver", ground="hardship").status_code == 303
    assert WaiverGround.objects.everyone(reason="a test looks").get().word == "hardship"
    assert _send(charge, "waiver", ground="free lunch").status_code == 422
    page = Client().get(f"/s/{token_of(charge.pk)}").content.decode()
    assert "Somebody decides soon." in page
    assert "money is short" not in page


def test_with_no_fees_nothing_is_asked_and_nothing_can_be_sent(charge: Charge) -> None:
    make.decision(FEES.key, "none")
    page = Client().get(f"/s/{token_of(charge.pk)}").content.decode()
    assert "Nothing to pay" in page
    assert "$50.00" not in page
    assert _send(charge, "waiver", ground="hardship").status_code == 422


def test_the_statement_carries_the_link(charge: Charge) -> None:
    client = Client()
    client.force_login(make.user("it", Role.DISTRICT_IT)[0])
    page = client.get(f"/fees/people/{charge.person_id}/statement").content.decode()
    assert f"/s/{token_of(charge.pk)}" in page
