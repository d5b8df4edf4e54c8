"""Who does what where, as the office sees and changes it."""

from typing import Any

import pytest
from django.test import Client

from firstbell.directory.models import RoleHeld, User
from firstbell.kernel.roles import Role
from tests import make

pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _grant(client: Client, **fields: Any) -> Any:
    return client.post("/roles/held", {"op": str(make.op()), **fields})


@pytest.fixture
def office() -> Client:
    return _client(make.user("office", Role.DISTRICT_IT)[0])


def test_the_office_gives_a_role_and_ends_it(office: Client) -> None:
    school = make.school()
    coach = make.user("coach", Role.AUDITOR)[0]
    assert _grant(office, user=coach.pk, role="coach", site=school.site.pk).status_code == 302
    held = RoleHeld.objects.get(user=coach, role="coach")
    assert office.get("/roles").status_code == 200
    office.post(f"/roles/held/{held.pk}/ending", {"op": str(make.op())})
    held.refresh_from_db()
    assert held.until is not None


def test_a_coach_cannot_be_the_lead_of_the_same_school_without_a_recorded_reason(office: Client) -> None:
    school = make.school()
    coach = make.user("coach", Role.COACH, school.site)[0]
    refused = _grant(office, user=coach.pk, role="it_lead", site=school.site.pk, share="40")
    assert refused.status_code == 422
    assert "coach and IT lead" in refused.content.decode()
    allowed = _grant(
        office, user=coach.pk, role="it_lead", site=school.site.pk, share="40", exception_reason="one adult only"
    )
    assert allowed.status_code == 302
    assert "one adult only" in office.get("/roles").content.decode()


def test_the_shares_of_a_shared_lead_stay_within_a_week(office: Client) -> None:
    first, second = make.school("First"), make.school("Second")
    refused = _grant(office, user=first.lead.pk, role="it_lead", site=second.site.pk, share="10")
    assert refused.status_code == 422
    assert "110 %" in refused.content.decode()


def test_a_student_helper_needs_a_supervisor_of_the_school(office: Client) -> None:
    school, other = make.school("First"), make.school("Second")
    helper = make.user("helper", Role.AUDITOR)[0]
    fields = {"user": helper.pk, "role": "student_tech", "site": school.site.pk}
    assert _grant(office, **fields).status_code == 422
    assert _grant(office, **fields, supervisor=other.lead.pk).status_code == 422
    assert _grant(office, **fields, supervisor=school.lead.pk).status_code == 302


def test_hours_and_absence_are_noted(office: Client) -> None:
    school = make.school()
    held = RoleHeld.objects.get(user=school.lead)
    sent = {"op": str(make.op()), "weekday": ["0"], "starts": ["08:00"], "ends": ["12:00"], "present": ["teaches"]}
    assert office.post(f"/roles/held/{held.pk}/hours", sent).status_code == 302
    span = held.presences.get()
    assert not span.present
    days = {"op": str(make.op()), "user": school.lead.pk, "first_day": "2026-09-14", "last_day": "2026-09-13"}
    assert office.post("/roles/absences", days).status_code == 422
    assert office.post("/roles/absences", days | {"last_day": "2026-09-15"}).status_code == 302


def test_the_matrix_shows_what_no_role_gives_a_coach(office: Client) -> None:
    page = office.get("/roles/matrix").content.decode()
    assert "never" in page
    exported = office.get("/exports/role-matrix").content.decode("utf-8-sig")
    assert exported.splitlines()[0].startswith("Permission,Student helper")


def test_strangers_learn_nothing() -> None:
    school = make.school()
    assert _client(school.lead).get("/roles").status_code == 404
    assert Client().get("/roles").status_code == 302


def test_signing_in_by_password_leads_to_where_one_works() -> None:
    school = make.school()
    client = Client()
    wrong = client.post("/sign-in", {"username": school.lead.username, "password": "wrong"})
    assert wrong.status_code == 422
    right = client.post(
        "/sign-in", {"username": school.lead.username.upper(), "password": make.PASSWORD, "next": "/plan"}
    )
    assert right.headers["Location"] == "/plan"
    foreign = client.post(
        "/sign-in", {"username": school.lead.username, "password": make.PASSWORD, "next": "https://evil.example/"}
    )
    assert foreign.headers["Location"] == "/home"


def test_sign_in_as_exists_only_in_the_demo(settings: object) -> None:
    user = make.user("office", Role.DISTRICT_IT)[0]
    assert Client().get("/demo").status_code == 404
    assert Client().post(f"/demo/sign-in/{user.pk}").status_code == 404
    settings.MODE = "demo"  # type: ignore[attr-defined]  # the fixture has no narrower type here
    assert Client().get("/demo").status_code == 200
    assert Client().post(f"/demo/sign-in/{user.pk}").headers["Location"] == "/home"
