"""The queue: class-stoppers first, then oldest; every view an address; the same cost at any length."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from firstbell.directory.queries import school_time
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.tickets.actions import Report, take, triage, wait
from firstbell.tickets.models import Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says


def _reported(desk: Desk, minutes: int, symptom: str = "signin", **extra: Any) -> Ticket:
    told = Report(site_id=desk.here.site.pk, symptom=symptom, **extra)
    at = utc_now() - timedelta(minutes=minutes)
    return report_problem(report=told, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=make.op()).ticket


def _codes(desk: Desk, address: str = "/desk") -> list[str]:
    return [line.ticket.code for line in desk.client.get(address).context["lines"]]


def test_class_stoppers_come_first_then_the_oldest(desk: Desk) -> None:
    young, old = _reported(desk, 5), _reported(desk, 50)
    stopper = _reported(desk, 1, class_stopper=True)
    assert _codes(desk) == [stopper.code, old.code, young.code]


def test_each_view_shows_its_own(desk: Desk) -> None:
    mine, waiting, new, team = (
        _reported(desk, age, kind) for age, kind in ((9, "signin"), (8, "signin"), (7, "other"), (6, "slow"))
    )
    take(ticket_id=mine.pk, **desk.act())
    wait(ticket_id=waiting.pk, on=Ticket.WaitingOn.REPORTER, **desk.act())
    triage(ticket_id=new.pk, outcome=Ticket.Outcome.SCHOOL_IT, **desk.act())
    shown = {view: _codes(desk, f"/desk?view={view}") for view in ("", "mine", "team", "waiting", "all")}
    assert shown == {
        "": [mine.code, new.code],
        "mine": [mine.code],
        "team": [team.code],
        "waiting": [waiting.code],
        "all": [mine.code, waiting.code, new.code, team.code],
    }
    counts = {tab["label"]: tab["count"] for tab in desk.client.get("/desk").context["tabs"]}
    assert counts == {"To do": 2, "Mine": 1, "Student team": 1, "Waiting for others": 1, "All open": 4}


def test_a_flood_is_kept_apart_until_somebody_lets_it_in(desk: Desk, says: Says) -> None:
    told = Report(site_id=desk.here.site.pk, symptom="other")
    doubted = report_problem(
        report=told, channel=Ticket.Channel.QR, doubt="many", by=REPORTER, at=utc_now(), op=make.op()
    ).ticket
    assert _codes(desk) == _codes(desk, "/desk?view=all") == []
    assert says(desk.client.get("/desk"), "Set aside")
    page = desk.client.get("/desk?view=aside")
    assert says(page, "Is it a real one?")
    desk.post(f"/tickets/{doubted.code}/admission")
    assert _codes(desk) == [doubted.code]
    assert not says(desk.client.get("/desk"), "Set aside")


def test_an_empty_queue_is_good_news(desk: Desk, says: Says) -> None:
    assert says(desk.client.get("/desk"), "Nobody is waiting")
    assert says(desk.client.get("/desk?view=mine"), "Nothing in this view")


def test_only_the_own_schools_are_seen(desk: Desk, says: Says) -> None:
    other = _reported(desk, 5)
    desk.sign_in(desk.town.schools[1].lead)
    assert _codes(desk) == []
    assert desk.client.get(f"/desk?open={other.code}").context["one"] is None
    assert not says(desk.client.get(f"/desk?site={desk.here.site.pk}"), desk.here.site.name)


def test_the_district_chooses_a_school(desk: Desk) -> None:
    technician = make.user("rob", Role.DISTRICT_TECH)[0]
    here = _reported(desk, 5)
    there = report_problem(
        report=Report(site_id=desk.town.schools[1].site.pk, symptom="other"),
        channel=Ticket.Channel.QR, by=REPORTER, at=utc_now(), op=make.op(),
    ).ticket  # fmt: skip
    desk.sign_in(technician)
    assert set(_codes(desk)) == {here.code, there.code}
    assert _codes(desk, f"/desk?site={desk.here.site.pk}") == [here.code]


def test_pages_by_key_show_each_ticket_once(desk: Desk) -> None:
    made = [_reported(desk, age, class_stopper=age % 7 == 0) for age in range(60)]
    seen: list[str] = []
    address = "/desk"
    while address:
        context = desk.client.get(address).context
        seen += [line.ticket.code for line in context["lines"]]
        address = f"/desk{context['later']}" if context["later"] else ""
    assert len(seen) == len(set(seen)) == len(made)


@pytest.mark.parametrize("address", ["?after=nonsense", "?after=W10", "?level=x&site=-1", "?view=__all__", "?open=..."])
def test_an_address_somebody_changed_is_still_a_queue(desk: Desk, address: str) -> None:
    _reported(desk, 5)
    assert desk.client.get(f"/desk{address}").status_code == 200


def test_the_cost_is_the_same_at_any_length(desk: Desk, django_assert_max_num_queries) -> None:
    for many in (2, 7):
        for _each in range(many):
            _reported(desk, 9, "cracked", device_id=desk.device(desk.person()).pk, place_id=desk.here.places["room"].pk)
        for address in ("/desk", "/desk?view=all", f"/desk?open={_reported(desk, 1).code}"):
            with django_assert_max_num_queries(10):
                desk.client.get(address)


def test_who_waits_says_how_long_in_school_time(desk: Desk, says: Says, time_machine) -> None:
    time_machine.move_to(make.MONDAY + timedelta(hours=2))
    device = desk.device(desk.person())
    told = Report(site_id=desk.here.site.pk, symptom="cracked", device_id=device.pk)
    report_problem(
        report=told, channel=Ticket.Channel.QR, by=REPORTER, at=utc_now() - timedelta(minutes=48), op=make.op()
    )
    page = desk.client.get("/desk")
    assert says(page, "48 min without a device")
    assert page.context["lines"][0].clock.kind == "late"


def test_one_tap_triages_and_stays_in_the_queue(desk: Desk) -> None:
    ticket = _reported(desk, 5)
    answer = desk.post(f"/tickets/{ticket.code}/triage", outcome="elsewhere", next="/desk?view=all")
    assert answer.headers["Location"] == "/desk?view=all"
    ticket.refresh_from_db()
    assert (ticket.outcome, ticket.status) == ("elsewhere", "triaged")


def test_only_what_the_team_is_trusted_with_may_go_to_it(desk: Desk, says: Says) -> None:
    trusted, not_trusted = _reported(desk, 5, "slow"), _reported(desk, 5, "signin")
    assert says(desk.client.get(f"/tickets/{trusted.code}"), 'value="team"')
    assert not says(desk.client.get(f"/tickets/{not_trusted.code}"), 'value="team"')
    assert desk.post(f"/tickets/{not_trusted.code}/triage", outcome="team").status_code == 422


def test_signed_out_nobody_sees_it() -> None:
    assert Client().get("/desk").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(("days", "kind"), [(1, "fine"), (6, "soon"), (15, "late")])
def test_an_answered_ticket_that_stays_open_does_not_stay_green(
    desk: Desk, days: int, kind: str, time_machine: Any
) -> None:
    ticket = _reported(desk, 0, "other")
    take(ticket_id=ticket.pk, **desk.act())
    time_machine.move_to(school_time(desk.here.site).after_days(utc_now(), days))
    desk.sign_in(desk.here.lead)
    (line,) = desk.client.get("/desk?view=mine").context["lines"]
    assert line.clock.kind == kind
    assert "open for" in line.clock.words


def test_room_reports_are_told_apart_by_their_words(desk: Desk, says: Says) -> None:
    room = desk.here.places["room"].pk
    _reported(desk, 5, place_id=room, note="The projector hums and then goes dark. " + "Again and again. " * 9)
    _reported(desk, 4, place_id=room)
    page = desk.client.get("/desk")
    assert says(page, "“The projector hums and then goes dark. Again and again. Aga…”")
    assert page.content.decode().count("“") == 1
