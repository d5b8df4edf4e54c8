"""The plan as a document: published as it is, compared, printed; what families read of it."""

import pytest
from django.test import Client

from firstbell.decisions.models import Edition
from firstbell.decisions.register import FEES, LOAN_DAYS, QUESTIONS, STAND_IN
from firstbell.directory.actions import open_site
from firstbell.directory.models import Site
from firstbell.fees.actions.policy import Line, set_rows
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import events_of
from firstbell.web.board.document import plan_values
from tests import make

pytestmark = pytest.mark.django_db
WORDS = {"statement": "Every learner has a working device by first bell.", "signed_as": "R. Moss, Superintendent"}


@pytest.fixture
def office(db: None, client: Client) -> Client:
    client.force_login(make.user("office", Role.DISTRICT_IT)[0])
    return client


def decided() -> None:
    """Answer what blocks going live with its safe value."""
    for question in QUESTIONS:
        if question.blocks_go_live:
            make.decision(question.key, question.safe)


def publish(client: Client, **fields: str) -> str:
    sent = {"op": str(make.op())} | WORDS | fields
    return client.post("/plan/editions", sent, follow=True).content.decode()


def fee(holder: str, cents: int) -> None:
    row = Line(cause="accidental", cover="none", holder_kind=holder, occurrence=1, amount_cents=cents, cap_cents=cents)
    set_rows(lines=(row,), since=make.MONDAY.date(), **make.system())


def test_a_plan_is_published_as_it_is_and_what_changes_later_is_told(office: Client) -> None:
    decided()
    assert "Edition 1 is published." in publish(office)
    make.decision(LOAN_DAYS.key, 37)
    here = make.school().site
    make.decision(STAND_IN.key, "swap", here)
    page = office.get("/plan/document").content.decode()
    assert "37 school days" in page
    assert "before: not decided" in page
    assert f"({here.name})" in page
    assert "Edition 2 is published." in publish(office)
    second = office.get("/plan/editions/2").content.decode()
    assert "What changed since edition 1" in second
    first = office.get("/plan/editions/1").content.decode()
    assert "37 school days" not in first, "what was published stays as it was"
    assert [event.facts["edition"] for event in events_of("decisions.plan_published")] == [1, 2]


def test_what_is_missing_is_said_and_nothing_is_published(office: Client) -> None:
    assert "The plan cannot be published yet. Not decided:" in publish(office)
    decided()
    assert "a sentence at least" in publish(office, statement="Yes.")
    assert "who signs the plan" in publish(office, signed_as=" ")
    fee("student", 2500)
    assert "treats students and staff unlike" in publish(office)
    fee("staff", 2500)
    here = make.school().site
    Site.objects.filter(pk=here.pk).update(live_on=make.MONDAY.date())
    assert Edition.objects.count() == 0


def test_a_live_school_without_a_lead_stops_it(office: Client) -> None:
    decided()
    town = make.district()
    bare = open_site(kind=Site.Kind.SCHOOL, name="Bare School", timezone="America/New_York", **make.system())
    Site.objects.filter(pk__in=[bare.pk, town.schools[0].site.pk]).update(live_on=make.MONDAY.date())
    said = publish(office)
    assert "live and have no lead: Bare School." in said


def test_the_same_plan_is_not_published_twice(office: Client) -> None:
    decided()
    publish(office)
    assert "Nothing has changed since edition 1." in publish(office)
    assert Edition.objects.count() == 1


def test_an_edition_prints_with_its_answers_and_its_signature(office: Client) -> None:
    decided()
    publish(office)
    paper = office.get("/plan/editions/1.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    values = plan_values(Edition.objects.get(), "https://example.org/plan/editions/1")
    assert values["signed"] == "R. Moss, Superintendent"
    assert STAND_IN.in_words(STAND_IN.safe) in [cells[1] for part in values["chapters"] for cells in part["rows"]]


def test_readers_see_it_and_only_leadership_publishes(client: Client) -> None:
    coach = make.user("coach", Role.COACH, make.school().site)[0]
    client.force_login(coach)
    assert "Publish it as it is" not in client.get("/plan/document").content.decode()
    assert client.post("/plan/editions", {"op": str(make.op())} | WORDS).status_code in {403, 404}


def test_families_read_what_holds_today_in_their_language(client: Client) -> None:
    make.decision(LOAN_DAYS.key, 7)
    fee("student", 2500)
    page = client.get("/how-it-works").content.decode()
    assert "for 7 school days at first" in page
    assert "$25" in page
    make.decision(FEES.key, "none")
    page = client.get("/how-it-works").content.decode()
    assert "The district asks for no fees." in page
    assert "$25" not in page
    assert "equipo" in client.get("/how-it-works", headers={"accept-language": "es"}).content.decode()
