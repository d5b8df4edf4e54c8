"""Fees as the office and the school's administrators work with them; and two pupils who must look the same."""

import logging
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstbell.directory.models import Person, User
from firstbell.fees.actions.policy import set_rows
from firstbell.fees.models import Charge, Entry, Waiver
from firstbell.fees.usual import USUAL
from firstbell.flows.charges import propose_charge
from firstbell.incidents.actions import note_damage
from firstbell.incidents.models import Incident
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event, Operation
from tests import make

pytestmark = pytest.mark.django_db
NOW = make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def tuesday():
    with time_machine.travel(NOW, tick=False):
        yield


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@dataclass
class Office:
    """A district with the usual fee rows, an office and two administrators of one school."""

    town: make.District = field(default_factory=make.district)

    def __post_init__(self) -> None:
        self.site = self.town.schools[0].site
        self.it = make.user("it", Role.DISTRICT_IT)[0]
        self.kim, self.lee = (make.user(name, Role.SCHOOL_ADMIN, self.site)[0] for name in ("kim", "lee"))
        act: dict[str, Any] = {"by": self.town.office, "at": self.town.at, "op": make.op()}
        set_rows(lines=USUAL, since=self.town.at.date(), **act)

    def spill(self, person: Person) -> Incident:
        device = make.device(self.town, self.town.schools[0], person)
        act: dict[str, Any] = {"by": self.town.office, "at": self.town.at, "op": make.op()}
        return note_damage(device_id=device.pk, cause=Incident.Cause.LIQUID, happened_at=self.town.at, **act)

    def charge(self, person: Person) -> Charge:
        act: dict[str, Any] = {"by": self.town.office, "at": self.town.at, "op": make.op()}
        return propose_charge(incident_id=self.spill(person).pk, **act)

    def post(self, user: User, charge: Charge, to: str, **fields: object) -> Any:
        sent = {"op": str(make.op()), **fields}
        return _client(user).post(f"/fees/charges/{charge.pk}/{to}", sent)


@pytest.fixture
def office() -> Office:
    return Office()


def _now(charge: Charge) -> Charge:
    return Charge.objects.everyone(reason="a test looks").get(pk=charge.pk)


def test_an_incident_becomes_a_charge_with_its_rule(office: Office) -> None:
    incident = office.spill(make.person(office.site))
    page = _client(office.it)
    assert f"/fees/incidents/{incident.pk}" in page.get("/fees").content.decode()
    assert "$50.00" in page.get(f"/fees/incidents/{incident.pk}").content.decode()
    sent = {"op": str(make.op()), "what": "charge", "amount": "40"}
    answered = page.post(f"/fees/incidents/{incident.pk}/charge", sent)
    shown = page.get(answered.headers["Location"]).content.decode()
    assert "$40.00" in shown
    assert "the district asks $50.00, and never more than $200.00" in shown
    assert f"/fees/incidents/{incident.pk}" not in page.get("/fees").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "charge", "amount": "250"}, "between nothing and the cap"),
        ({"what": "charge", "amount": "lots"}, "Write amounts like"),
        ({"what": "none", "reason": "they are poor"}, "Choose why nothing is asked."),
    ],
)
def test_a_wrong_decision_is_refused_beside_the_form(office: Office, fields: dict[str, str], sentence: str) -> None:
    incident = office.spill(make.person(office.site))
    sent = {"op": str(make.op()), **fields}
    answered = _client(office.it).post(f"/fees/incidents/{incident.pk}/charge", sent)
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert not Charge.objects.everyone(reason="a test looks").exists()


def test_a_payment_an_agreement_and_an_appeal_go_through_the_page(office: Office) -> None:
    charge = office.charge(make.person(office.site))
    first_on = (NOW + timedelta(days=20)).date().isoformat()
    assert office.post(office.it, charge, "parts", parts="2", first_on=first_on).status_code == 302
    paid = office.post(office.it, charge, "payments", amount="20", method="cheque", reference="1042")
    assert paid.status_code == 302
    assert _now(charge).owed_cents == 3000
    assert office.post(office.it, charge, "payments", amount="99", method="cash").status_code == 422
    office.post(office.kim, charge, "appeals", words="The roof leaked.")
    appeal = charge.appeals.get()
    office.post(office.kim, charge, "appeal-decision", appeal=appeal.pk, outcome="dropped")
    assert (_now(charge).owed_cents, _now(charge).back_cents) == (0, 2000)
    office.post(office.it, charge, "payments", what="back", amount="20", method="cheque", reference="7")
    assert _now(charge).back_cents == 0
    page = _client(office.it).get(f"/fees/people/{charge.person_id}").content.decode()
    assert page.count('<tr><th scope="row">') == 5


def test_a_statement_is_in_the_familys_language(office: Office) -> None:
    person = make.person(office.site, language="es")
    charge = office.charge(person)
    page = _client(office.it)
    spanish = page.get(f"/fees/people/{person.pk}/statement").content.decode()
    english = page.get(f"/fees/people/{person.pk}/statement?lang=en").content.decode()
    assert '<html lang="es"' in spanish
    assert "Estado de cuenta" in spanish
    assert "You can appeal until" in english
    assert str(charge.owed) in english
    make.decision("fees.asked", "none")
    assert "asks for no fees" in page.get(f"/fees/people/{person.pk}/statement?lang=en").content.decode()


def test_the_books_go_to_the_finance_system(office: Office) -> None:
    charge = office.charge(make.person(office.site))
    office.post(office.it, charge, "payments", amount="20", method="cash")
    lines = (
        _client(office.it).get(f"/exports/fees?as=csv&from=2026-09-01&to={NOW.date()}").getvalue().decode().splitlines()
    )
    assert len(lines) == 3
    assert ",paid,cash,owed,20.00," in lines[2]


def test_the_other_school_reaches_nothing(office: Office) -> None:
    charge = office.charge(make.person(office.site))
    stranger = make.user("sam", Role.SCHOOL_ADMIN, make.school().site)[0]
    assert office.post(stranger, charge, "payments", amount="1", method="cash").status_code == 404
    assert _client(stranger).get(f"/fees/people/{charge.person_id}").status_code == 404
    assert "paid" not in _client(stranger).get("/exports/fees?as=csv").getvalue().decode()


def test_the_lists_ask_few_questions(office: Office) -> None:
    charge = office.charge(make.person(office.site))
    for _n in range(3):
        office.spill(make.person(office.site))
    for address in ("/fees", f"/fees/people/{charge.person_id}"):
        client = _client(office.it)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        assert len(asked) <= 10, [query["sql"][:120] for query in asked]


# --- The twins -----------------------------------------------------------------------------------------------------


@dataclass
class Twin:
    """One of two pupils who are alike but for why their charge is waived."""

    person: Person
    charge: Charge

    def plain(self, text: str) -> str:
        """Take away what tells any two pupils apart, whoever they are: names, numbers, keys."""
        text = text.replace(self.person.local_number, "N").replace(self.charge.device.tag, "T")
        text = re.sub(r'value="[0-9a-f-]{36}"|csrf[^>]*>|csrfmiddlewaretoken[^>]*>', "", text)
        text = re.sub(r"/s/c\d+\.[0-9a-f]{32}|<path d=[^>]*>", "", text)  # the link and its square code
        return re.sub(r"\b\d+\b", "#", text)


def _twin(office: Office, ground: str) -> Twin:
    person = make.person(office.site, given="Alex", family="Twin")
    charge = office.charge(person)
    assert office.post(office.kim, charge, "waivers", ground=ground).status_code == 302
    return Twin(person, charge)


def _decide(office: Office, twin: Twin) -> None:
    waiver = Waiver.objects.everyone(reason="a test looks").get(charge=twin.charge)
    answered = office.post(office.lee, twin.charge, "waiver-decision", waiver=waiver.pk, what="grant")
    assert answered.status_code == 302


def _seen(user: User, twin: Twin) -> list[str]:
    page, person, charge = _client(user), twin.person.pk, twin.charge.pk
    addresses = [f"/fees/charges/{charge}", f"/fees/people/{person}", f"/fees/people/{person}/statement"]
    texts = [page.get(address).content.decode() for address in addresses]
    books = page.get("/exports/fees?as=csv").getvalue().decode().splitlines()
    return [twin.plain(text) for text in [*texts, *(row for row in books if twin.person.local_number in row)]]


def _kept(twin: Twin) -> list[str]:
    """What the ledger and the tables hold of a pupil's charge, once decided."""
    charge = _now(twin.charge)
    events = Event.objects.filter(about__subject_kind="charge", about__subject_id=charge.pk).order_by("pk")
    told = [f"{event.kind} {sorted(event.facts)}" for event in events]
    entries = Entry.objects.everyone(reason="a test looks").filter(charge=charge).order_by("pk")
    rows = [f"{row.kind} {row.debit} {row.credit} {row.amount_cents} {row.reference}" for row in entries]
    waivers = Waiver.objects.everyone(reason="a test looks").filter(charge=charge)
    return [*told, *rows, *(f"{row.outcome} {row.amount_cents} {row.asked_at}" for row in waivers), charge.reason]


def test_two_pupils_alike_but_for_hardship_look_the_same(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="firstbell"):
        poor, other = _twin(office, "hardship"), _twin(office, "goodwill")
        assert _seen(office.it, poor) == _seen(office.it, other)
        for twin in (poor, other):
            _decide(office, twin)
    for user in (office.it, office.kim, office.lee):
        assert _seen(user, poor) == _seen(user, other), "after the decision it is gone for everybody"
    assert _kept(poor) == _kept(other)
    assert "hardship" not in caplog.text
    asked = Operation.objects.filter(verb="ask_waiver").values_list("fingerprint", flat=True)
    assert len(set(asked)) == 2, "the two charges differ, the grounds leave no trace"


def test_who_decides_reads_the_ground_and_nobody_else(office: Office) -> None:
    poor, other = _twin(office, "hardship"), _twin(office, "goodwill")
    address = f"/fees/charges/{poor.charge.pk}"
    assert "money is short at home" in _client(office.lee).get(address).content.decode().partition("Note a payment")[0]
    assert "money is short at home" not in _client(office.it).get(address).content.decode()
    assert _seen(office.lee, poor) != _seen(office.lee, other), "the control: what differs is seen"


def test_the_same_wish_with_another_ground_has_the_same_fingerprint(office: Office) -> None:
    charge = office.charge(make.person(office.site))
    op = str(make.op())
    for ground in ("hardship", "goodwill"):
        assert office.post(office.kim, charge, "waivers", ground=ground, op=op).status_code == 302
    assert Waiver.objects.everyone(reason="a test looks").filter(charge=charge).count() == 1
