"""Requests for the courier: by the rule of the plan, by hand, withdrawn, at most one open a school."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from firstbell.courier.actions import ask_by_hand, let_lapse, withdraw_request
from firstbell.courier.models import PickupRequest
from firstbell.devices.actions.custody import relocate
from firstbell.directory.actions import make_place
from firstbell.directory.models import Place
from firstbell.flows.pickups import ask_by_rule
from firstbell.flows.transport import empty_box
from firstbell.jobs.drain import drain_all
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.errors import Denied, Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from tests import make
from tests.courier.day import act, asked, mapped, planned, requests
from tests.web.depot.world import World

pytestmark = pytest.mark.django_db

R, E = PickupRequest.Reason, PickupRequest.End


@pytest.fixture
def w() -> World:
    return mapped(2)


def test_on_fixed_days_a_school_asks_for_the_next_one_as_soon_as_something_waits(w: World) -> None:
    make.decision("pickup.days", ["2"])
    assert asked(w) == []
    w.boxed()
    (request,) = asked(w)
    assert (request.site, request.reason, request.wanted_on) == (w.here.site, R.DAY, date(2026, 9, 16))
    assert asked(w) == [request], "once is enough"
    event = history(request)[0]
    facts = {"reason": "day", "wanted_on": "2026-09-16", "site_id": w.here.site.pk}
    assert (event.kind, event.actor_kind) == ("courier.asked", "system")
    assert facts.items() <= event.facts.items()


def test_a_school_asks_once_enough_devices_wait(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 3)
    w.boxed(2)
    assert asked(w) == []
    w.boxed(2, w.town.schools[1])
    w.boxed()
    (request,) = asked(w)
    assert (request.site, request.reason, request.wanted_on) == (w.here.site, R.NUMBER, date(2026, 9, 14))


def test_a_single_device_waits_so_many_school_hours_and_no_longer(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.hours", 8)
    w.boxed()
    w.later(hours=6)
    assert asked(w) == []
    w.later(hours=14)  # the night does not count, the morning does
    assert asked(w) == []
    w.later(hours=4)
    assert [row.reason for row in asked(w)] == [R.AGE]


def test_a_school_has_its_own_rule(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 1)
    make.decision("pickup.rule", "demand", w.here.site)
    w.boxed()
    w.boxed(1, w.town.schools[1])
    assert [row.site for row in asked(w)] == [w.town.schools[1].site]


def test_it_arises_by_itself_when_the_device_comes_into_the_box(w: World, settings: object) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 2)
    drain_all(at=w.at)
    w.boxed()
    drain_all(at=w.later(seconds=1))
    assert requests() == []
    w.boxed()
    drain_all(at=w.later(seconds=1))
    assert [row.reason for row in requests()] == [R.NUMBER]


def test_asking_by_hand_is_for_those_who_carry_and_never_for_the_coach(w: World) -> None:
    site = w.here.site
    make.decision("pickup.rule", "demand")
    coach = make.user("coach", Role.COACH, site)[1]
    principal = make.user("principal", Role.SCHOOL_ADMIN, site)[1]
    for stranger in (coach, principal, w.town.schools[1].lead_actor, REPORTER):
        with pytest.raises(Denied):
            ask_by_hand(site_id=site.pk, wanted_on=w.at.date(), **act(w, stranger))
    assert requests() == []
    request = ask_by_hand(site_id=site.pk, wanted_on=w.at.date(), **act(w, w.here.lead_actor))
    assert (request.reason, request.asked_by) == (R.HAND, w.here.lead)
    with pytest.raises(Refused, match="asked_already"):
        ask_by_hand(site_id=site.pk, wanted_on=w.at.date(), **act(w))
    with pytest.raises(Missing):
        ask_by_hand(site_id=w.town.depot.pk, wanted_on=w.at.date(), **act(w))


def test_the_database_keeps_one_open_request_a_school(w: World) -> None:
    w.boxed()
    (request,) = asked(w)
    with pytest.raises(IntegrityError, match="one_open_request"), transaction.atomic():
        PickupRequest.objects.create(
            site=request.site, reason=R.HAND, wanted_on=request.wanted_on, asked_at=request.asked_at
        )


def test_a_withdrawn_request_comes_back_only_with_something_new(w: World) -> None:
    w.boxed()
    (request,) = asked(w)
    withdraw_request(request_id=request.pk, **act(w, w.here.lead_actor))
    assert asked(w) == []
    assert [row.end for row in requests(pk=request.pk)] == [E.WITHDRAWN]
    with pytest.raises(Refused, match="request_ended"):
        withdraw_request(request_id=request.pk, **act(w, w.here.lead_actor))
    w.boxed()
    (again,) = asked(w)
    assert again != request


def test_a_request_is_withdrawn_by_its_own_people_and_not_once_a_van_is_planned(w: World) -> None:
    w.boxed()
    (request,) = asked(w)
    with pytest.raises(Missing):
        withdraw_request(request_id=request.pk, **act(w, w.town.schools[1].lead_actor))
    planned(w)
    with pytest.raises(Refused, match="on_a_run"):
        withdraw_request(request_id=request.pk, **act(w, w.here.lead_actor))
    assert requests() == [request]


def test_a_request_ends_when_the_box_is_empty_and_stands_while_something_is_left(w: World) -> None:
    devices = w.boxed(3)
    (request,) = asked(w)
    box = w.here.places["pickup_box"].pk
    empty_box(place_id=box, only=(devices[0].pk, devices[1].pk), **act(w))
    assert requests() == [request]
    empty_box(place_id=box, **act(w))
    assert [row.end for row in requests(pk=request.pk)] == [E.COLLECTED]
    assert history(request)[0].kind == "courier.request_ended"


def test_a_request_of_the_rule_lapses_where_nothing_waits_any_more(w: World) -> None:
    (device,) = w.boxed()
    (request,) = asked(w)
    with pytest.raises(Refused, match="still_wanted"):
        let_lapse(request_id=request.pk, **act(w))
    relocate(device_id=device.pk, place_id=w.here.places["desk"].pk, **act(w, w.here.lead_actor))
    assert asked(w) == []
    assert [row.end for row in requests(pk=request.pk)] == [E.EMPTY]


def test_what_the_school_asked_by_hand_does_not_lapse(w: World) -> None:
    ask_by_hand(site_id=w.here.site.pk, wanted_on=w.at.date(), **act(w, w.here.lead_actor))
    assert len(asked(w)) == 1


def test_the_rule_asks_nothing_of_a_depot_or_a_closed_school(w: World) -> None:
    place = make_place(site_id=w.town.depot.pk, kind=Place.Kind.PICKUP_BOX, name="Box", **make.system())
    (device,) = w.boxed()
    relocate(device_id=device.pk, place_id=place.pk, **act(w))
    assert asked(w) == []
    drain_all(at=w.at + timedelta(seconds=1))
    with pytest.raises(Missing):
        ask_by_rule(site_id=w.town.depot.pk, **act(w))
