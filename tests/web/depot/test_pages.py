"""Every page of the depot answers, empty and full, in a fixed number of queries."""

import pytest
import time_machine

from tests.web.depot.world import World, signed_in, world

pytestmark = pytest.mark.django_db

PAGES = ["/pickups", "/receiving", "/receiving?way=schools", "/bench", "/bench?state=parts", "/bench?state=beyond",
         "/checks", "/returns", "/silent", "/late"]  # fmt: skip
FOR_SCHOOLS = ["/pickups", "/receiving", "/receiving?way=out", "/bench", "/checks", "/silent", "/late"]
MOST = 10
OF_ONE = 15
"""One repair tells more than a list: its device, parts, labour, photos, cover, vendor and what waits beside it."""


@pytest.fixture
def w() -> World:
    return world()


@pytest.mark.parametrize("address", PAGES)
def test_an_empty_page_says_so_kindly(w, address):
    assert b'class="empty"' in signed_in(w.tech).get(address).content


@pytest.mark.parametrize("address", FOR_SCHOOLS)
def test_a_school_lead_has_these_pages_too(w, address):
    assert signed_in(w.here.lead).get(address).status_code == 200


def _fill(w: World, size: int) -> dict[str, str]:
    w.checked(size)
    repaired = w.repaired(size)
    bench = w.on_bench(size)
    shipment, _devices = w.sent(size)
    w.boxed(size)
    return {
        "shipment": f"/shipments/{shipment.code}",
        "box": f"/boxes/{w.here.places['pickup_box'].code}",
        "order": f"/bench/{bench[0].code}",
        "repaired": f"/bench/{repaired[0].code}",
    }


@pytest.mark.parametrize("size", [1, 4])
def test_pages_take_few_queries_whatever_their_size(w, size, django_assert_max_num_queries):
    addresses = [*PAGES, *_fill(w, size).values()]
    for user, wanted in ((w.tech, addresses), (w.here.lead, FOR_SCHOOLS)):
        client = signed_in(user)
        for address in wanted:
            with (
                time_machine.travel(w.at, tick=False),
                django_assert_max_num_queries(OF_ONE if "/bench/" in address else MOST, info=address),
            ):
                assert client.get(address).status_code == 200, address
