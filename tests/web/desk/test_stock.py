"""The list of devices: whose, filtered by address, page by page, in few queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firstbell.kernel.roles import Role
from tests import make
from tests.web.desk.conftest import Desk, Says


def test_a_school_sees_its_own_devices_only(desk: Desk, says: Says) -> None:
    mine, theirs = desk.device(desk.person()), make.device(desk.town, desk.town.schools[1])
    page = desk.client.get("/devices")
    assert says(page, mine.tag)
    assert not says(page, theirs.tag)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"own", "stock", "pool"}),
        ("view=in_service", {"own"}),
        ("view=retired", set()),
        ("owner=student", {"own"}),
        ("owner=nobody", {"stock"}),
        ("owner=pool", {"pool"}),
        ("owner=class", set()),
        ("place=loaner shelf", {"stock", "pool"}),
        ("view=nonsense&owner=nonsense&model=x&site=y", {"own", "stock", "pool"}),
    ],
)
def test_every_view_is_an_address(desk: Desk, says: Says, query: str, shown: set[str]) -> None:
    rows = {"own": desk.device(desk.person()), "stock": desk.device(), "pool": desk.loaner()}
    page = desk.client.get(f"/devices?{query}")
    assert {name for name, row in rows.items() if says(page, row.tag)} == shown


def test_the_list_goes_on_by_key(desk: Desk, says: Says) -> None:
    tags = [desk.device().tag for _number in range(53)]
    first = desk.client.get("/devices")
    assert says(first, tags[0])
    assert not says(first, tags[52])
    address = first.context["later"]
    assert says(desk.client.get(f"/devices{address}"), tags[52])


def test_the_page_takes_at_most_ten_queries_however_many_devices(desk: Desk) -> None:
    for _number in range(12):
        desk.device(desk.person())
    desk.client.get("/devices")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert desk.client.get("/devices").status_code == 200
    assert len(asked) <= 10, [query["sql"][:90] for query in asked]


def test_an_auditor_sees_devices_and_nobodys_name(desk: Desk, says: Says) -> None:
    device = desk.device(desk.person("Canaria"))
    desk.sign_in(make.user("auditor", Role.AUDITOR)[0])
    page = desk.client.get("/devices")
    assert says(page, device.tag)
    assert not says(page, "Canaria")
