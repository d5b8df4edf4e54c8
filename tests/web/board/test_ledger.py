"""The ledger as a page: what happened, told within the reader's reach."""

from datetime import timedelta
from typing import Any

import pytest

from firstbell.flows.desk import swap_at_desk
from firstbell.kernel.roles import Role
from tests import make
from tests.web.board.test_district import client, office, shown

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def town() -> make.District:
    town = make.district(schools=2)
    here = town.schools[0]
    own, spare = make.device(town, here, make.person(here.site, "Ana", "Reyes"), tag="OWN-1"), make.loaner(town, here)
    swap_at_desk(device_id=own.pk, loaner_id=spare.pk, by=here.lead_actor, at=town.at, op=make.op())
    return town


def test_leadership_reads_what_happened_by_day(town: make.District) -> None:
    page = shown(office(), "/ledger")
    assert "Ana Reyes handed it in" in page
    assert "Monday, Sept. 14, 2026" in page
    assert "OWN-1" in page


def test_an_auditor_learns_no_names(town: make.District) -> None:
    page = shown(client(make.user("auditor", Role.AUDITOR)[0]), "/ledger")
    assert "OWN-1" in page
    assert "Reyes" not in page
    assert "somebody handed it in" in page.lower()


def test_it_is_searched_by_area_person_device_and_day(town: make.District) -> None:
    reader = office()
    loans = shown(reader, "/ledger?kind=loans")
    assert "Lent to" in loans
    assert "handed it in" not in loans
    assert "Entered the inventory" not in shown(reader, "/ledger?who=lead")
    device = shown(reader, "/ledger?device=own-1")
    assert "Lent to" not in device
    assert "handed it in" in device
    early = shown(reader, f"/ledger?day={(town.at - DAY).date().isoformat()}")
    assert "handed it in" not in early
    assert "Entered the inventory" in early
    for nothing in ("device=NO-SUCH", "who=nosuchname", "kind=rounds&who=nosuchname"):
        assert "Nothing matches" in shown(reader, f"/ledger?{nothing}")
    assert "handed it in" in shown(reader, "/ledger?kind=nosuch&day=yesterday&before=x")


def test_it_is_read_on_page_by_page(town: make.District) -> None:
    for _ in range(17):
        make.loaner(town, town.schools[1])
    reader = office()
    first = shown(reader, "/ledger")
    later = first.split('rel="next" href="')[1].split('"')[0]
    second = shown(reader, f"/ledger{later}")
    assert 'rel="prev"' in second
    assert "handed it in" in second
    assert "handed it in" not in first
    assert first.count("<time") == 50


def test_only_leadership_and_auditors_read_it(town: make.District) -> None:
    assert client(town.schools[0].lead).get("/ledger").status_code == 404


def test_a_page_asks_the_same_whatever_is_told(town: make.District, django_assert_max_num_queries: Any) -> None:
    reader = office()
    with django_assert_max_num_queries(8):
        shown(reader, "/ledger?who=lead&device=own-1")
    with django_assert_max_num_queries(8):
        shown(reader, "/ledger")
