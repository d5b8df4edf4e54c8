"""Every public page speaks the reader's language, wholly."""

import gettext
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import translation
from django.utils.translation import trans_real

from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box
from firstbell.kernel.clock import utc_now
from firstbell.tickets.actions import resolve, take
from firstbell.tickets.triage import _tree, symptoms
from tests import make
from tests.web.street.test_status import report

PLAIN = {"", "English", "Español", "العربية"}  # languages are named by themselves


class Untranslated(gettext.NullTranslations):
    """Stands behind the Spanish catalogue and writes down what falls through."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def gettext(self, message: str) -> str:
        self.seen.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.seen.add(msgid1)
        return msgid1 if n == 1 else msgid2


@pytest.fixture
def untranslated() -> Iterator[Untranslated]:
    catalogue: Any = trans_real.translation("es")
    before, recorder = catalogue._fallback, Untranslated()
    catalogue._fallback = recorder
    yield recorder
    catalogue._fallback = before


@pytest.fixture
def spanish() -> Client:
    return Client(headers={"Accept-Language": "es-MX,es;q=0.9"})


def public_pages(town: make.District, here: make.School) -> list[str]:
    """Every public page in every state: forms, receipts, each turn of a story, refusals, errors."""
    room = f"/r/{here.places['room'].code}"
    device, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
    repaired = report(here, device_id=device.pk)
    now: dict[str, Any] = {"at": utc_now(), "op": make.op()}
    swap_at_desk(device_id=device.pk, loaner_id=spare.pk, by=here.lead_actor, **now)
    receipts = [report(here, one.code) for one in symptoms()]
    receipts += [report(here, "dead", class_stopper=True), report(here, "slow", reporter="family"), repaired]
    taken, solved = report(here, "other"), report(here, "slow")
    take(ticket_id=taken.ticket.pk, by=here.lead_actor, **(now | {"op": make.op()}))
    resolve(ticket_id=solved.ticket.pk, by=here.lead_actor, **(now | {"op": make.op()}))
    return [
        *["/", "/find?code=NOPE", "/sign-in", room, f"{room}/works", f"/d/{device.code}", f"/d/{device.code}/works"],
        *["/r/ZZZZ9999", "/nothing-here", "/s/none"],
        *[f"/s/{receipt.token}" for receipt in [*receipts, taken, solved]],
    ]


def test_every_public_page_is_wholly_spanish(spanish, untranslated, town, here):
    for url in public_pages(town, here):
        text = spanish.get(url).content.decode()
        assert '<html lang="es"' in text, url
    room = f"/r/{here.places['room'].code}"
    refused = [
        {"symptom": ""},
        {"symptom": "dead", "note": "x" * 3000},
        {"symptom": "dead", "op": "none"},
        {"symptom": "dead", "tag": "NO-SUCH"},
    ]
    for said in refused:
        spanish.post(f"{room}/tickets", {"op": make.op()} | said)
    token = report(here).token
    spanish.post(f"/s/{token}/messages", {"op": make.op(), "body": ""})
    spanish.post(f"{room}/tickets", "x" * 40_000, content_type="application/x-www-form-urlencoded")
    empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=utc_now(), op=make.op())
    assert untranslated.seen - PLAIN == set()


def test_switched_off_schools_speak_spanish_too(spanish, untranslated, here):
    make.decision("channels.student", ["desk", "team"])
    room = f"/r/{here.places['room'].code}"
    assert "Esta página es para el personal" in spanish.get(room).content.decode()
    spanish.post(f"{room}/tickets", {"op": make.op(), "symptom": "dead"})
    make.decision("channels.staff", ["desk", "phone"])
    assert "Vaya al mostrador técnico" in spanish.get(room).content.decode()
    assert untranslated.seen - PLAIN == set()


def test_the_check_sees_what_is_missing(untranslated):
    """The negative control: a sentence of ours that nobody has translated is written down."""
    with translation.override("es"):
        translation.gettext("A sentence that nobody has translated")
        translation.gettext("What's wrong?")
    assert untranslated.seen == {"A sentence that nobody has translated"}


def test_the_tree_speaks_both_languages():
    for row in _tree()["symptoms"]:
        for text in [row["label"], row["hint"], row["next"], *row["steps"]]:
            assert set(text) == {"en", "es"}
            assert all(words.strip() for words in text.values())


def test_the_tree_s_icons_exist():
    names = set(re.findall(r'"([\w-]+)":', (settings.ROOT / "frontend/icons.json").read_text("utf-8")))
    assert {one.icon for one in symptoms()} <= names


@pytest.mark.parametrize(
    ("asked", "got"),
    [("es", "es"), ("es-US,en;q=0.8", "es"), ("en-US", "en"), ("de-DE,de;q=0.9", "en"), ("", "en")],
)
def test_the_browser_s_language_is_honoured(client, here, asked, got):
    text = client.get(f"/r/{here.places['room'].code}", headers={"Accept-Language": asked}).content.decode()
    assert f'<html lang="{got}"' in text


def test_the_switch_is_remembered_by_this_browser(client, here):
    room = f"/r/{here.places['room'].code}"
    answer = client.post("/language", {"language": "es", "next": room})
    assert (answer.status_code, answer.url) == (302, room)
    assert "¿Qué pasa?" in client.get(room, headers={"Accept-Language": "en"}).content.decode()


def test_the_switch_leads_to_no_other_site(client, db):
    assert client.post("/language", {"language": "es", "next": "https://evil.example/"}).url == "/"


@override_settings(LANGUAGES=[("en", "English"), ("es", "Español"), ("ar", "العربية")])
def test_a_language_from_right_to_left_turns_the_page(client, here):
    client.post("/language", {"language": "ar"})
    assert 'dir="rtl"' in client.get(f"/r/{here.places['room'].code}").content.decode()
