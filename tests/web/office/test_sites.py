"""Sites and calendars, as the office sets them; what is wrong is said with where it is, and what was typed stays."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from firstbell.directory.models import Calendar, Site
from firstbell.directory.queries import school_time
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history
from firstbell.web.office.calendars import days_off
from tests import make

pytestmark = pytest.mark.django_db

BELLS = {
    "bell": ["1st period", "2nd period", ""],
    "starts": ["08:00", "09:00", ""],
    "ends": ["09:00", "10:00", ""],
    "days-0": ["0", "1", "2", "3", "4"],
    "days-1": ["0", "4"],
    "days-2": ["0"],
}


def client(role: Role = Role.DISTRICT_IT, site: Site | None = None) -> Client:
    page = Client()
    page.force_login(make.user("office", role, site)[0])
    return page


def send(page: Client, address: str, **fields: Any) -> Any:
    return page.post(address, {"op": str(make.op()), **fields})


def calendar(**changed: Any) -> dict[str, Any]:
    year = {"name": "High schools", "first_day": "2026-08-12", "last_day": "2027-06-04"}
    return year | BELLS | {"off": "2026-11-26 – 2026-11-27 Thanksgiving\n\n2027-01-01 New Year"} | changed


def test_a_depot_is_entered_and_gets_its_calendar_later() -> None:
    page = client()
    sent = send(page, "/sites/new", kind="depot", name=" Main depot ", timezone="America/Chicago", calendar="")
    assert sent.status_code == 302
    depot = Site.objects.get(name="Main depot")
    assert (depot.kind, depot.timezone, depot.calendar) == ("depot", "America/Chicago", None)
    assert "has no calendar" in page.get("/sites").content.decode()
    send(page, "/calendars/new", **calendar())
    made = Calendar.objects.get(name="High schools")
    send(page, f"/sites/{depot.code}/setting", timezone="America/Denver", calendar=str(made.pk))
    depot.refresh_from_db()
    assert (depot.timezone, depot.calendar) == ("America/Denver", made)
    assert [event.kind for event in history(depot)] == ["directory.site_changed", "directory.site_opened"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Give the site a name"),
        ({"timezone": "Mars/Base"}, "is not a time zone"),
        ({"name": "main DEPOT"}, "already"),
    ],
)
def test_a_site_that_cannot_be_is_refused_and_what_was_typed_stays(fields: dict[str, str], said: str) -> None:
    page = client()
    good = {"kind": "depot", "name": "Main depot", "timezone": "America/Chicago", "calendar": ""}
    send(page, "/sites/new", **good)
    answer = send(page, "/sites/new", **(good | {"name": "Second"} | fields))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (good | {"name": "Second"} | fields)["timezone"] in answer.content.decode()
    assert Site.objects.count() == 1


def test_a_calendar_sets_the_clocks_of_its_schools_and_only_of_those() -> None:
    page, here, there = client(), make.school(), make.school()
    assert send(page, "/calendars/new", **calendar(site=[str(here.site.pk)])).status_code == 302
    made = Calendar.objects.get(name="High schools")
    here.site.refresh_from_db()
    there.site.refresh_from_db()
    assert here.site.calendar == made
    assert there.site.calendar != made
    time = school_time(here.site)
    assert time.is_school_day(date(2026, 11, 25))
    assert not time.is_school_day(date(2026, 11, 27))
    monday, tuesday = time.span_of(date(2026, 9, 14)), time.span_of(date(2026, 9, 15))
    assert monday is not None
    assert tuesday is not None
    assert [(end - start).seconds for start, end in (monday, tuesday)] == [7200, 3600]
    form = page.get(f"/calendars/{made.pk}").content.decode()
    assert "2026-11-27 Thanksgiving" in form
    send(page, f"/calendars/{made.pk}/setting", **calendar(site=[str(there.site.pk)], off=""))
    here.site.refresh_from_db()
    there.site.refresh_from_db()
    assert here.site.calendar_id is None
    assert there.site.calendar_id == made.pk
    assert made.holidays.count() == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Give the calendar a name"),
        ({"last_day": ""}, "Give the first and the last day"),
        ({"last_day": "2026-08-01"}, "lies before the first"),
        ({"off": "2026-11-26\nsome day"}, "Line 2 of the days off"),
        ({"off": "2026-02-30 never"}, "Line 1 of the days off"),
        ({"off": "2026-12-31 - 2026-12-24"}, "days in order"),
        ({"ends": ["08:00", "10:00", ""]}, "ends before it begins"),
        ({"starts": ["08:00", "08:30", ""]}, "overlap"),
        ({"ends": ["", "10:00", ""]}, "lacks a time"),
        ({"days-1": []}, "on no weekday"),
        ({"bell": [""], "starts": [""], "ends": [""]}, "at least one period"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_said_and_nothing_is_lost(changed: dict[str, Any], said: str) -> None:
    page, here = client(), make.school()
    answer = send(page, "/calendars/new", **calendar(site=[str(here.site.pk)], **changed))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert f'value="{here.site.pk}" checked' in text
    if "bell" not in changed:
        assert 'value="1st period"' in text
    assert not Calendar.objects.filter(name="High schools").exists()


def test_a_second_calendar_of_the_same_name_does_not_replace_the_first() -> None:
    page = client()
    send(page, "/calendars/new", **calendar())
    assert "already" in send(page, "/calendars/new", **calendar(off="")).content.decode()
    assert Calendar.objects.get(name="High schools").holidays.count() == 3


def test_days_off_are_read_as_people_write_them() -> None:
    thanks = [(date(2026, 11, 26), "Thanksgiving"), (date(2026, 11, 27), "Thanksgiving")]
    assert days_off("2026-11-26-2026-11-27 Thanksgiving") == thanks
    assert days_off("  2026-11-26 — 2026-11-27, Thanksgiving  ") == thanks
    assert days_off("2026-11-26") == [(date(2026, 11, 26), "")]
    assert days_off("") == []


def test_who_leads_one_school_sets_no_calendar_and_enters_no_site() -> None:
    here = make.school()
    for role in (Role.IT_LEAD, Role.SCHOOL_ADMIN):
        page = client(role, here.site)
        assert page.get("/calendars").status_code == 404
        assert send(page, "/sites/new", kind="depot", name="D", timezone="America/Chicago").status_code == 404


def test_sites_and_calendars_go_along_as_files(client: Client) -> None:
    town = make.district()
    client.force_login(make.user("office", Role.DISTRICT_IT)[0])
    sites = client.get("/exports/sites?format=csv").getvalue().decode()
    assert f"{town.schools[0].site.name},{town.schools[0].site.code},school" in sites
    days = client.get("/exports/calendars?format=csv").getvalue().decode()
    assert "2026-09-07,Labor Day" in days
