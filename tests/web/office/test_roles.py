"""Who does what where, as the office sees and changes it."""

from typing import Any

import pytest
from django.test import Client

from firstbell.directory.models import RoleHeld, User
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
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
    assert _grant(office, user=coach.username, role="coach", site=school.site.pk).status_code == 302
    held = RoleHeld.objects.get(user=coach, role="coach")
    assert office.get("/roles").status_code == 200
    office.post(f"/roles/held/{held.pk}/ending", {"op": str(make.op())})
    held.refresh_from_db()
    assert held.until is not None


def test_a_coach_cannot_be_the_lead_of_the_same_school_without_a_recorded_reason(office: Client) -> None:
    school = make.school()
    coach = make.user("coach", Role.COACH, school.site)[0]
    refused = _grant(office, user=coach.username, role="it_lead", site=school.site.pk, share="40")
    assert refused.status_code == 422
    assert "coach and IT lead" in refused.content.decode()
    allowed = _grant(
        office, user=coach.username, role="it_lead", site=school.site.pk, share="40", exception_reason="one adult only"
    )
    assert allowed.status_code == 302
    assert "one adult only" in office.get("/roles").content.decode()


def test_what_is_refused_to_keep_coaching_and_repairs_apart_is_on_record(office: Client) -> None:
    town = make.district()
    here = town.schools[0]
    coach = make.user("coach", Role.COACH, here.site)[0]
    sent = {"op": str(make.op()), "user": coach.username, "role": "it_lead", "site": here.site.pk, "share": "40"}
    for _twice in range(2):
        assert office.post("/roles/held", sent).status_code == 422
    box = here.places["pickup_box"].code
    as_coach = _client(coach)
    assert as_coach.get(f"/boxes/{box}").status_code == 403
    assert as_coach.post(f"/boxes/{box}/departure", {"op": str(make.op())}).status_code == 403
    refused = [event.facts["reason"] for event in replay("directory.role_refused")]
    assert refused == ["roles_apart", "ship"], "the same form counts once, and looking is no attempt"
    page = office.get("/roles").content.decode()
    assert "Coaching and repairs kept apart" in page
    assert "<dt>Both roles at once</dt><dd>1</dd>" in page
    assert "<dt>Send and receive for the school</dt><dd>1</dd>" in page
    lead = _client(make.user("admin", Role.SCHOOL_ADMIN, here.site)[0])
    assert "kept apart" not in lead.get("/roles").content.decode(), "a school's office sees its own only"


def test_a_stranger_leaves_no_trace_among_the_refusals() -> None:
    here = make.district().schools[0]
    helper = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[0]
    answer = _client(helper).post(f"/boxes/{here.places['pickup_box'].code}/departure", {"op": str(make.op())})
    assert answer.status_code == 404
    assert list(replay("directory.role_refused")) == []


def test_the_shares_of_a_shared_lead_stay_within_a_week(office: Client) -> None:
    first, second = make.school("First"), make.school("Second")
    refused = _grant(office, user=first.lead.username, role="it_lead", site=second.site.pk, share="10")
    assert refused.status_code == 422
    assert "110 %" in refused.content.decode()


def test_a_student_helper_needs_a_supervisor_of_the_school(office: Client) -> None:
    school, other = make.school("First"), make.school("Second")
    helper = make.user("helper", Role.AUDITOR)[0]
    fields = {"user": helper.username, "role": "student_tech", "site": school.site.pk}
    assert _grant(office, **fields).status_code == 422
    assert _grant(office, **fields, supervisor=other.lead.username).status_code == 422
    assert _grant(office, **fields, supervisor=school.lead.username).status_code == 302


def test_hours_and_absence_are_noted(office: Client) -> None:
    school = make.school()
    held = RoleHeld.objects.get(user=school.lead)
    sent = {"op": str(make.op()), "weekday": ["0"], "starts": ["08:00"], "ends": ["12:00"], "present": ["teaches"]}
    assert office.post(f"/roles/held/{held.pk}/hours", sent).status_code == 302
    span = held.presences.get()
    assert not span.present
    days = {"op": str(make.op()), "user": school.lead.username, "first_day": "2026-09-14", "last_day": "2026-09-13"}
    assert office.post("/roles/absences", days).status_code == 422
    assert office.post("/roles/absences", days | {"last_day": "2026-02-30"}).status_code == 422
    assert office.post("/roles/absences", days | {"last_day": "2026-09-15"}).status_code == 302


def test_the_matrix_shows_what_no_role_gives_a_coach(office: Client) -> None:
    page = office.get("/roles/matrix").content.decode()
    assert "never" in page
    exported = office.get("/exports/role-matrix").getvalue().decode("utf-8-sig")
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


def test_people_are_found_while_one_types_and_the_page_holds_no_menu_of_everybody(office: Client) -> None:
    school = make.school()
    for n in range(20):
        make.user(f"Walter {n}", Role.COACH, school.site)
    User.objects.filter(display_name="Walter 3").update(is_active=False)
    page = office.get("/roles").content.decode()
    assert page.count("<select") == 2, "role and site"
    assert 'type="time"' not in page
    assert '<option value="walter' not in page.casefold()
    found = office.get("/roles/people", {"user": "alter"}).content.decode()
    assert found.count("<option") == 10
    assert "Walter 3<" not in found
    assert "<option" not in office.get("/roles/people").content.decode()
    assert _client(school.lead).get("/roles/people", {"user": "alter"}).status_code == 404


def test_a_name_that_only_one_has_is_enough_and_an_unclear_one_is_refused(office: Client) -> None:
    school = make.school()
    (one, _), (two, _) = make.user("Ada", Role.AUDITOR), make.user("Ben", Role.AUDITOR)
    User.objects.filter(pk__in=[one.pk, two.pk]).update(display_name="Ada Stone")
    refused = _grant(office, user="Ada Stone", role="coach", site=school.site.pk)
    assert refused.status_code == 422
    assert "No single login is called “Ada Stone”" in refused.content.decode()
    User.objects.filter(pk=two.pk).update(display_name="Ben Stone")
    assert _grant(office, user="ada stone", role="coach", site=school.site.pk).status_code == 302
    assert RoleHeld.objects.get(role="coach").user_id == one.pk
    days = {"op": str(make.op()), "user": "Nobody", "first_day": "2026-09-14", "last_day": "2026-09-15"}
    assert office.post("/roles/absences", days).status_code == 422


def test_hours_have_a_page_of_their_own_that_shows_what_is_set(office: Client) -> None:
    school = make.school()
    held = RoleHeld.objects.get(user=school.lead)
    address = f"/roles/held/{held.pk}"
    assert address in office.get("/roles").content.decode()
    assert office.get(address).content.decode().count('name="starts"') == 5
    sent = {"weekday": ["0", "0"], "starts": ["08:00", "12:30"], "ends": ["12:00", "14:00"]}
    office.post(f"{address}/hours", sent | {"op": str(make.op()), "present": ["teaches", "present"]})
    page = office.get(address).content.decode()
    assert page.count('name="starts"') == 6
    assert 'value="12:30"' in page
    assert office.get("/roles/held/999999").status_code == 404
