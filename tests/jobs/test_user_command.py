"""The first login of an installation, from the machine it runs on."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from firstbell.directory.models import RoleHeld, User
from tests import make

pytestmark = pytest.mark.django_db

GOOD = "a quiet yellow desk"


def run(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = GOOD) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    said = io.StringIO()
    call_command("user", *words, stdout=said)
    return said.getvalue()


def test_the_first_login_signs_in_and_reaches_what_starts_a_district(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "can sign in" in run(monkeypatch, "make", "Ana.Reyes", "--full-name", "Ana Reyes")
    page = Client()
    sent = page.post("/sign-in", {"username": "ana.reyes", "password": GOOD}, follow=True)
    assert sent.status_code == 200
    for address in ("/sites", "/calendars", "/roles", "/plan", "/coverage"):
        assert page.get(address).status_code == 200, address


def test_a_role_at_a_school_and_a_lost_password(monkeypatch: pytest.MonkeyPatch) -> None:
    here = make.school()
    run(monkeypatch, "make", "lead", "--role", "it_lead", "--site", here.site.code)
    assert RoleHeld.objects.get(user__username="lead").site == here.site
    run(monkeypatch, "password", "lead", password="another long one")
    assert Client().login(username="lead", password="another long one")


@pytest.mark.parametrize(
    ("words", "password"),
    [
        (("make", "lead", "--role", "it_lead"), GOOD),
        (("make", "lead", "--site", "NOWHERE"), GOOD),
        (("make", "lead"), "short"),
        (("make", "lead"), ""),
        (("password", "nobody"), GOOD),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    words: tuple[str, ...], password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError):
        run(monkeypatch, *words, password=password)
    assert not User.objects.exists()
