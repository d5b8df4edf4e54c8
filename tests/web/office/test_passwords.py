"""Passwords: one's own is changed with the old one, a lost one is replaced by the office; weak ones are refused."""

import pytest
from django.test import Client

from firstbell.directory.models import User
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Operation
from firstbell.ledger.queries import history
from tests import make

pytestmark = pytest.mark.django_db

OLD, NEW = "seven green buses", "a quiet yellow desk"


def person(role: Role = Role.DISTRICT_IT) -> tuple[User, Client]:
    user = make.user("someone", role, None if role is Role.DISTRICT_IT else make.school().site)[0]
    user.set_password(OLD)
    user.save()
    page = Client()
    assert page.login(username=user.username, password=OLD)
    return user, page


def change(page: Client, current: str = OLD, password: str = NEW, again: str = NEW) -> int:
    fields = {"op": str(make.op()), "current": current, "password": password, "again": again}
    return page.post("/password", fields).status_code


def test_the_password_is_changed_here_and_ends_the_sessions_elsewhere() -> None:
    user, page = person(Role.IT_LEAD)
    elsewhere = Client()
    elsewhere.login(username=user.username, password=OLD)
    assert change(page) == 302
    assert page.get("/password").status_code == 200
    assert elsewhere.get("/password").status_code == 302
    assert Client().login(username=user.username, password=NEW)
    assert not Client().login(username=user.username, password=OLD)
    event = history(user)[0]
    assert event.kind == "directory.password_set"
    assert NEW not in str(vars(event))


@pytest.mark.parametrize(
    "fields",
    [
        {"current": "not this one"},
        {"again": "something else here"},
        {"password": "short", "again": "short"},
        {"password": "", "again": ""},
        {"password": "passwordpassword1", "again": "passwordpassword"},
    ],
)
def test_a_change_that_cannot_be_leaves_the_old_password(fields: dict[str, str]) -> None:
    user, page = person()
    assert change(page, **fields) == 422
    assert Client().login(username=user.username, password=OLD)


def test_the_office_replaces_a_lost_password() -> None:
    _user, page = person()
    lost = make.user("lost", Role.AUDITOR)[0]
    sent = {"op": str(make.op()), "user": lost.username, "password": NEW}
    assert page.post("/roles/passwords", sent | {"password": "short"}).status_code == 422
    assert page.post("/roles/passwords", sent).status_code == 302
    assert Client().login(username=lost.username, password=NEW)


def test_a_login_is_made_with_a_good_password_or_not_at_all() -> None:
    _user, page = person()
    sent = {"op": str(make.op()), "username": "newcomer", "display_name": "New Comer"}
    for weak in ("", "short", "new comer"):
        assert page.post("/roles/users", sent | {"password": weak}).status_code == 422
    assert not User.objects.filter(username="newcomer").exists()
    assert page.post("/roles/users", sent | {"password": NEW}).status_code == 302
    assert Client().login(username="newcomer", password=NEW)


def test_who_is_leader_at_one_school_only_replaces_nobodys_password() -> None:
    here = make.school()
    user = make.user("local", Role.DISTRICT_IT, here.site)[0]
    page = Client()
    page.force_login(user)
    other = make.user("chief", Role.DISTRICT_IT)[0]
    sent = {"op": str(make.op()), "user": other.username, "password": NEW}
    assert page.post("/roles/passwords", sent).status_code in {403, 404}
    assert not Client().login(username=other.username, password=NEW)


def test_no_digest_of_a_password_stays_behind() -> None:
    """What a command was asked for is kept as a digest that anybody with the tables could try words against."""
    _user, page = person()
    lost = make.user("lost", Role.AUDITOR)[0]
    for word in (NEW, OLD, "three slow yellow boats"):
        sent = {"op": str(make.op()), "user": lost.username, "password": word}
        assert page.post("/roles/passwords", sent)["Location"] == "/roles"
    kept = Operation.objects.filter(verb="set_password").values_list("fingerprint", flat=True)
    assert (len(kept), len(set(kept))) == (3, 1)
