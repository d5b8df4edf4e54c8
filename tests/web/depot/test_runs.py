"""The courier's pages: asking and withdrawing, planning a day, the driver's stops, the printed sheet."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.accessories.actions import make_kind, receive_stock
from firstbell.accessories.models import AccessoryKind
from firstbell.courier.models import Run
from firstbell.directory.models import Site
from firstbell.kernel.roles import Role
from tests import make
from tests.courier.day import asked, mapped, planned, requests, runs
from tests.web.depot.world import World, form, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> World:
    return mapped(2)


def shown(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def send(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, form(**fields), follow=True)


def test_a_school_asks_for_the_courier_and_takes_it_back(w: World) -> None:
    make.decision("pickup.rule", "demand")
    w.boxed(2)
    lead = signed_in(w.here.lead)
    with time_machine.travel(w.at, tick=False):
        assert "The courier comes when you ask." in shown(lead, "/pickups")
        answer = send(lead, "/pickups/requests", site=w.here.site.pk)
        assert "The courier is asked for. The depot plans the day." in answer.content.decode()
        page = shown(lead, "/pickups")
        assert "The courier is asked for: asked by hand" in page
        assert "Ask the courier to come" not in page
        (request,) = requests()
        answer = send(lead, f"/pickups/requests/{request.pk}/withdrawal")
        assert "The request is withdrawn." in answer.content.decode()
        assert "Ask the courier to come" in shown(lead, "/pickups")
    assert requests() == []


def test_the_page_says_what_the_rule_waits_for(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 5)
    make.decision("pickup.hours", 8)
    w.boxed()
    with time_machine.travel(w.at, tick=False):
        page = shown(signed_in(w.here.lead), "/pickups")
    assert "The courier comes once 5 devices wait, or one has waited 8 school hours." in page


def test_another_school_s_request_is_not_there(w: World) -> None:
    make.decision("pickup.rule", "threshold")
    make.decision("pickup.number", 1)
    w.boxed()
    (request,) = asked(w)
    other = signed_in(w.town.schools[1].lead)
    assert other.post(f"/pickups/requests/{request.pk}/withdrawal", form()).status_code == 404
    assert other.post("/pickups/requests", form(site=w.here.site.pk)).status_code == 404
    assert len(requests()) == 1


def test_a_day_is_looked_at_first_and_made_as_it_was_shown(w: World) -> None:
    w.boxed(3)
    w.boxed(1, w.town.schools[1])
    asked(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        page = shown(tech, "/runs/plan")
        assert "fetch 3 (3 × Chromebook)" in page
        assert "Plan this run" in page
        assert re.search(r"8:\d\d a\.m\. · fetch 3", page), "by the depot's clock"
        assert "is not installed" in page
        route = re.findall(r'name="route" value="([\d,]+)"', page)
        assert len(route) == 1
        fields = {"day": "2026-09-14", "vans": "1", "capacity": "40", "starts": "08:30", "route": route}
        answer = send(tech, "/runs/made", **fields)
        assert "1 run is planned." in answer.content.decode()
    (run,) = runs()
    assert ",".join(str(stop.site_id) for stop in run.stops.all()) == route[0]
    assert "0 of 2" in shown(tech, "/runs")


def test_what_is_not_ticked_is_not_visited_and_what_fits_nowhere_is_said(w: World) -> None:
    w.boxed(3)
    w.boxed(3, w.town.schools[1])
    asked(w)
    tech = signed_in(w.tech)
    here, there = (school.site for school in w.town.schools)
    with time_machine.travel(w.at, tick=False):
        page = shown(tech, f"/runs/plan?asked=1&vans=1&capacity=9&site={here.pk}")
        assert f'name="route" value="{here.pk}"' in page
        page = shown(tech, "/runs/plan?vans=1&capacity=4")
        assert "fits into no van on this day. Its request stays open." in page
        page = shown(tech, "/runs/plan?vans=2&capacity=2")
        assert f"At {here.name} 3 devices wait and a van carries 2." in page
        page = shown(tech, "/runs/plan?asked=1&vans=3&capacity=9")
        assert 'name="route"' not in page
        page = shown(tech, "/runs/plan?asked=1&vans=3&capacity=9&site=" + f"{here.pk}&site={there.pk}")
        assert "2 vans are not needed." in page


def test_a_plan_that_no_longer_holds_is_refused_on_its_page(w: World) -> None:
    w.boxed(1)
    asked(w)
    planned(w)
    tech = signed_in(w.tech)
    fields = {"day": "2026-09-14", "vans": "1", "capacity": "9", "starts": "08:30", "route": [str(w.here.site.pk)]}
    with time_machine.travel(w.at, tick=False):
        answer = tech.post("/runs/made", form(**fields))
    assert answer.status_code == 422
    assert "Look again." in answer.content.decode()


def test_nonsense_in_the_form_is_read_as_usual(w: World) -> None:
    with time_machine.travel(w.at, tick=False):
        page = shown(signed_in(w.tech), "/runs/plan?day=never&vans=-3&capacity=x&starts=25:99&depot=7&site=%00")
    assert 'value="2026-09-14"' in page
    assert "No school wants a visit on this day" in page


def test_without_a_depot_there_is_nothing_to_plan() -> None:
    page = shown(signed_in(make.user("tech", Role.DISTRICT_TECH)[0]), "/runs/plan")
    assert "The district has no depot yet" in page


def test_places_that_are_on_no_map_are_said(w: World) -> None:
    w.boxed(1)
    asked(w)
    Site.objects.filter(pk=w.here.site.pk).update(latitude=None, longitude=None)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        assert "1 school has no coordinates: it comes last, by its name." in shown(tech, "/runs/plan")
        Site.objects.filter(pk=w.town.depot.pk).update(latitude=None, longitude=None)
        assert "The depot has no coordinates" in shown(tech, "/runs/plan")


def _run(w: World) -> Run:
    w.checked(1)
    w.boxed(2)
    asked(w)
    (run,) = planned(w)
    return run


def test_the_driver_s_page_has_the_next_stop_on_top_and_leads_to_box_and_shipment(w: World) -> None:
    run = _run(w)
    Site.objects.filter(pk=w.here.site.pk).update(address="12 Oak Lane")
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        page = shown(tech, f"/runs/{run.code}")
        assert "Start the run" in page
        assert "1 is repaired and not packed yet." in page
        send(tech, f"/returns/{w.here.site.pk}")
        page = send(tech, f"/runs/{run.code}/start").content.decode()
        assert "12 Oak Lane" in page
        assert f"/boxes/{w.here.places['pickup_box'].code}" in page
        assert f"/scan/line?mode=load&amp;place={w.here.places['pickup_box'].code}" in page
        assert "Done here, back to the depot" in page
        box = f"/boxes/{w.here.places['pickup_box'].code}/departure"
        send(tech, box, shown="2", device=[str(pk) for pk in _boxed(w)])
        page = send(tech, f"/runs/{run.code}/departures", site=w.here.site.pk).content.decode()
        assert f"{w.here.site.name}: 2 fetched, 0 brought." in page
        assert "Every stop is done" in page
        page = send(tech, f"/runs/{run.code}/end").content.decode()
        assert "The run is over. Scan in what you brought." in page
    assert runs()[0].status == "ended"


def _boxed(w: World) -> list[int]:
    place = w.here.places["pickup_box"].pk
    return list(
        w.town.model.devices.filter(custodies__place_id=place, custodies__until=None).values_list("pk", flat=True)
    )


def test_the_driver_is_told_how_many_empty_boxes_to_bring_where_boxes_are_counted(w: World) -> None:
    make.decision("pickup.box_devices", 2)
    w.boxed(5)
    asked(w)
    (run,) = planned(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        assert "empty box" not in shown(tech, f"/runs/{run.code}"), "nobody counts boxes here"
        kind = make_kind(sort=AccessoryKind.Sort.BOX, name="Grey box", **make.system())
        place = w.here.places["desk"].pk
        receive_stock(kind_id=kind.pk, place_id=place, pieces=1, **make.system())
        assert "Take 2 empty boxes along." in shown(tech, f"/runs/{run.code}")
        send(tech, f"/runs/{run.code}/start")
        assert "Boxes: 3 needed, 1 there. Bring 2 along." in shown(tech, f"/runs/{run.code}")
        receive_stock(kind_id=kind.pk, place_id=place, pieces=4, **make.system())
        assert "Boxes: 3 needed, 5 there." in shown(tech, f"/runs/{run.code}")


def test_a_visit_in_vain_says_why_and_what_is_said_wrong_is_refused(w: World) -> None:
    run = _run(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        send(tech, f"/runs/{run.code}/start")
        wrong = tech.post(f"/runs/{run.code}/failures", form(site=w.here.site.pk, reason="bored"))
        assert wrong.status_code == 422
        nowhere = tech.post(f"/runs/{run.code}/failures", form(site=w.town.schools[1].site.pk, reason="road"))
        assert nowhere.status_code == 404
        page = send(tech, f"/runs/{run.code}/failures", site=w.here.site.pk, reason="road").content.decode()
    assert f"{w.here.site.name}: the road was closed. The request stays open" in page
    assert len(requests()) == 1


def test_a_run_is_called_off_on_its_page(w: World) -> None:
    run = _run(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        page = send(tech, f"/runs/{run.code}/cancellation").content.decode()
    assert "The run is called off." in page
    assert tech.get(f"/runs/{run.code}").status_code == 404


def test_the_run_sheet_is_a_paper_and_the_stops_are_a_file(w: World) -> None:
    run = _run(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        paper = tech.get(f"/runs/{run.code}/sheet")
        assert paper.headers["Content-Type"] == "application/pdf"
        assert paper.content.startswith(b"%PDF")
        rows = b"".join(tech.get(f"/exports/runs/{run.code}?as=csv")).decode()
        assert w.here.site.name in rows
        assert w.here.site.name in b"".join(tech.get("/exports/runs?as=csv")).decode()


def test_the_courier_s_list_leads_to_the_run_under_way(w: World) -> None:
    run = _run(w)
    tech = signed_in(w.tech)
    with time_machine.travel(w.at, tick=False):
        assert "My run" not in shown(tech, "/pickups")
        send(tech, f"/runs/{run.code}/start")
        assert f'href="/runs/{run.code}"' in shown(tech, "/pickups")


@pytest.mark.parametrize("size", [1, 6])
def test_the_pages_ask_the_same_of_a_large_district(size: int, django_assert_max_num_queries: Any) -> None:
    w = mapped(size)
    for school in w.town.schools:
        w.boxed(2, school)
    asked(w)
    (run,) = planned(w, capacity=40)
    tech, lead = signed_in(w.tech), signed_in(w.here.lead)
    with time_machine.travel(w.at, tick=False):
        for client, address in (
            (tech, "/runs"), (tech, f"/runs/{run.code}"), (tech, "/runs/plan"), (tech, "/waiting"), (lead, "/pickups"),
        ):  # fmt: skip
            with django_assert_max_num_queries(10, info=address):
                shown(client, address)
