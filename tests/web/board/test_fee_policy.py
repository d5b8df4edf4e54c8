"""The fee policy as leadership reads and sets it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from firstbell.decisions.register import FEES
from firstbell.directory.models import User
from firstbell.fees.actions.policy import Line, set_policy, set_rows
from firstbell.fees.models import Cover, FeePolicy
from firstbell.fees.queries import one_sided, policy_on
from firstbell.fees.usual import USUAL
from firstbell.kernel.errors import Denied
from firstbell.kernel.roles import Role
from tests import make

pytestmark = pytest.mark.django_db
TODAY = make.MONDAY.date()


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(make.MONDAY, tick=False):
        yield


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office() -> Client:
    return _client(make.user("office", Role.DISTRICT_IT)[0])


def _row(client: Client, **fields: str) -> Any:
    row = {
        "cause": "liquid", "holder": "both", "cover": "none", "occurrence": "1", "amount": "25", "cap": "50",
        "year_cap": "", "since": TODAY.isoformat(), "source": "", "op": str(make.op()),
    }  # fmt: skip
    return client.post("/fees/policy/rows", row | fields)


def test_a_row_is_set_for_students_and_staff_at_once(office: Client) -> None:
    assert _row(office, amount="12.50", year_cap="80", source="Board, June").status_code == 302
    rows = policy_on(TODAY)
    assert {row.holder_kind for row in rows} == {"student", "staff"}
    assert {(row.amount_cents, row.cap_cents, row.year_cap_cents) for row in rows} == {(1250, 5000, 8000)}
    page = office.get("/fees/policy").content.decode()
    assert "$12.50" in page
    assert "Board, June" in page


def test_a_new_amount_is_a_new_row_and_the_old_one_stays_to_be_seen(office: Client) -> None:
    _row(office, holder="student")
    later = TODAY + timedelta(days=10)
    _row(office, holder="student", amount="40", since=later.isoformat())
    assert "$40.00" not in office.get("/fees/policy").content.decode()
    then = office.get(f"/fees/policy?on={later}").content.decode()
    assert "$40.00" in then
    assert "$25.00" not in then.partition("Earlier rows")[0]


def test_nothing_is_in_force_until_somebody_takes_the_usual_rows_over(office: Client) -> None:
    assert "No row: nothing is asked" in office.get("/fees/policy").content.decode()
    office.post("/fees/policy/usual", {"op": str(make.op())})
    assert policy_on(TODAY).count() == len(USUAL)
    assert all(row.source for row in policy_on(TODAY))
    assert one_sided(TODAY) == []
    again = office.post("/fees/policy/usual", {"op": str(make.op())})
    assert again.status_code == 422
    assert policy_on(TODAY).count() == len(USUAL)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "much"}, "Write amounts like 25 or 12.50."),
        ({"amount": "60"}, "between nothing and the cap"),
        ({"year_cap": "20"}, "cap of the year"),
        ({"occurrence": "0"}, "The first time is 1."),
        ({"cause": "spite"}, "Choose a cause."),
        ({"holder": "cat"}, "Choose who it is for"),
        ({"since": "soon"}, "from which day on"),
        ({"since": (TODAY - timedelta(days=5)).isoformat()}, "from today on"),
    ],
)
def test_a_wrong_row_is_refused_beside_the_form(office: Client, fields: dict[str, str], sentence: str) -> None:
    answered = _row(office, **fields)
    assert answered.status_code == 422
    assert sentence in answered.content.decode()
    assert not policy_on(TODAY).exists()


def test_the_page_says_where_staff_are_forgotten(office: Client) -> None:
    _row(office, holder="student")
    assert "Students and staff are not treated alike yet: liquid." in office.get("/fees/policy").content.decode()
    _row(office, holder="staff", amount="0", cap="0")
    assert "not treated alike" not in office.get("/fees/policy").content.decode()


def test_a_row_ends_on_the_day_said(office: Client) -> None:
    _row(office, holder="student")
    row = FeePolicy.objects.get()
    until = TODAY + timedelta(days=3)
    answered = office.post(f"/fees/policy/rows/{row.pk}/end", {"op": str(make.op()), "until": until.isoformat()})
    assert answered.status_code == 302
    assert (policy_on(TODAY).count(), policy_on(until).count()) == (1, 0)


def test_with_no_fees_the_page_says_so(office: Client) -> None:
    make.decision(FEES.key, "none")
    assert "The plan says: no fees." in office.get("/fees/policy").content.decode()


def test_a_school_reads_the_policy_and_cannot_set_it() -> None:
    school = make.school()
    administrator, actor = make.user("admin", Role.SCHOOL_ADMIN, school.site)
    page = _client(administrator).get("/fees/policy")
    assert page.status_code == 200
    assert "Set a row" not in page.content.decode()
    line = Line(cause="liquid", holder_kind="student", amount_cents=1, cap_cents=1)
    with pytest.raises(Denied):
        set_rows(lines=[line], since=TODAY, by=actor, at=make.MONDAY, op=make.op())


def test_covers_are_cases_of_their_own() -> None:
    office = make.user("office", Role.DISTRICT_IT)[1]
    row: dict[str, Any] = {"cause": "lost", "holder_kind": FeePolicy.Holder.STUDENT, "cap_cents": 9000, "since": TODAY}
    for cover, cents in ((Cover.NONE, 9000), (Cover.PLAN, 1000)):
        set_policy(**row, cover=cover, amount_cents=cents, by=office, at=make.MONDAY, op=make.op())
    assert policy_on(TODAY).count() == 2


def test_the_board_asks_few_questions(office: Client) -> None:
    office.post("/fees/policy/usual", {"op": str(make.op())})
    with CaptureQueriesContext(
        connection,
    ) as asked:
        office.get("/fees/policy")
    assert len(asked) <= 10


def test_the_ledger_tells_of_a_row(office: Client) -> None:
    _row(office, holder="student")
    page = office.get("/ledger").content.decode()
    assert "the fee for liquid is 2500 cents, at most 5000" in page
