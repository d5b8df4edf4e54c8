"""A flood is set aside, never refused, and never costs another room of the same school anything."""

from datetime import timedelta

import pytest
from django.test import Client, RequestFactory

from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.tickets.actions import admit
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import open_tickets, quarantined_tickets, team_tasks
from firstbell.web.street import budget
from tests import make


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(budget, "LIMITS", {"room": 3, "browser": 2, "network": 8})
    monkeypatch.setattr(budget, "WINDOW", 10**9)  # one window for the whole test


def send(client: Client, code: str, *, address: str = "10.0.0.1", symptom: str = "dead") -> None:
    said = {"op": make.op(), "symptom": symptom}
    assert client.post(f"/r/{code}/tickets", said, REMOTE_ADDR=address).status_code == 303


def room_of(here: make.School) -> str:
    return here.places["room"].code


def aside() -> list[bool]:
    rows = Ticket.objects.everyone(reason="a test looks").order_by("pk")
    return list(rows.values_list("quarantined", flat=True))


def test_a_flood_in_one_room_is_set_aside_from_its_limit_on(here):
    for _ in range(5):
        send(Client(), room_of(here))
    assert aside() == [False] * 3 + [True] * 2
    assert [event.facts["reason"] for event in replay("tickets.set_aside")] == ["room", "room"]


def test_other_rooms_of_the_same_school_are_not_touched_by_it(here):
    for _ in range(30):
        send(Client(), room_of(here))
    for place in ("desk", "store", "cart"):
        if place in here.places:
            send(Client(), here.places[place].code)
    send(Client(), here.places["loaner_shelf"].code)
    assert aside()[-2:] == [False, False]


def test_without_the_rule_the_other_rooms_would_be(here, monkeypatch):
    """The negative control: counting a flood against the network as well sets the other rooms aside."""
    monkeypatch.setattr(budget, "LIMITS", {"room": 10**6, "browser": 10**6, "network": 8})
    for _ in range(30):
        send(Client(), room_of(here))
    send(Client(), here.places["desk"].code)
    assert aside()[-1] is True


def test_one_browser_that_goes_from_room_to_room_is_set_aside(here):
    client = Client()
    client.cookies["csrftoken"] = "a" * 32
    for place in ("room", "desk", "pickup_box"):
        send(client, here.places[place].code)
    assert aside() == [False, False, True]
    send(Client(), here.places["desk"].code)
    assert aside()[-1] is False


def test_one_network_that_spreads_over_all_rooms_is_set_aside(here, town):
    codes = [place.code for school in [here, make.school(), make.school()] for place in school.places.values()]
    for code in codes[:10]:
        send(Client(), code)
    assert aside() == [False] * 8 + [True] * 2
    send(Client(), codes[10], address="10.9.9.9")
    assert aside()[-1] is False


def test_what_is_set_aside_is_listed_apart_until_somebody_lets_it_in(here):
    for _ in range(4):
        send(Client(), room_of(here), symptom="slow")
    lead = here.lead_actor
    (waiting,) = quarantined_tickets(by=lead)
    assert open_tickets(by=lead).count() == 3
    helper = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[1]
    assert team_tasks(by=helper).count() == 3
    admit(ticket_id=waiting.pk, by=lead, at=waiting.opened_at + timedelta(minutes=1), op=make.op())
    assert (open_tickets(by=lead).count(), quarantined_tickets(by=lead).count()) == (4, 0)
    assert [event.kind for event in replay("tickets.admitted")] == ["tickets.admitted"]
    with pytest.raises(Refused):
        admit(ticket_id=waiting.pk, by=lead, at=waiting.opened_at, op=make.op())


def test_the_receipt_says_that_an_adult_looks_first(here):
    for _ in range(3):
        send(Client(), room_of(here))
    said = {"op": make.op(), "symptom": "dead"}
    answer = Client().post(f"/r/{room_of(here)}/tickets", said, follow=True)
    assert "An adult looks at your report first" in answer.content.decode()


def test_a_report_delivered_again_stays_in_the_queue(here):
    op = make.op()
    client = Client()
    for _ in range(6):
        client.post(f"/r/{room_of(here)}/tickets", {"op": op, "symptom": "dead"})
    assert aside() == [False]


def test_behind_a_proxy_the_nearest_hop_counts(settings):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "1.2.3.4, 5.6.7.8"}, REMOTE_ADDR="10.0.0.1")
    settings.BEHIND_PROXY = False
    assert budget._network(request) == "10.0.0.1"
    settings.BEHIND_PROXY = True
    assert budget._network(request) == "5.6.7.8"


def test_keys_hold_neither_address_nor_code():
    key = budget._key("network", "203.0.113.7", make.MONDAY)
    assert "203" not in key.removeprefix("budget:network:1")
    assert budget._key("room", "a", make.MONDAY) != budget._key("room", "b", make.MONDAY)
