"""A report by code: three taps, nobody's name, never twice, never a dead end."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from firstbell.devices.actions.inventory import retire
from firstbell.directory.models import Place
from firstbell.kernel.actor import REPORTER
from firstbell.ledger.queries import replay
from firstbell.tickets.actions import note_self_help
from firstbell.tickets.models import Ticket
from firstbell.tickets.triage import symptoms
from firstbell.web.errors import broken_page
from firstbell.web.street.branches import SLOT
from tests import make


def tickets() -> list[Ticket]:
    return list(Ticket.objects.everyone(reason="a test looks").order_by("pk"))


def room(here: make.School) -> str:
    return f"/r/{here.places['room'].code}"


def send(client: Client, url: str, **said: Any) -> Any:
    return client.post(f"{url}/tickets", {"op": make.op(), "symptom": "dead"} | said)


def test_the_form_offers_every_symptom_and_asks_for_no_name(client, here):
    page = client.get(room(here))
    text = page.content.decode()
    assert page.status_code == 200
    for one in symptoms():
        assert f'href="#{one.code}"' in text
        assert f'id="{one.code}"' in text
    assert "Room 12" in text
    assert 'name="name"' not in text


def test_a_report_is_sent_and_leads_to_its_receipt(client, here):
    answer = send(client, room(here), note="It fell", reporter="student", tried="1")
    assert answer.status_code == 303
    assert answer.url.startswith("/s/")
    (ticket,) = tickets()
    assert (ticket.symptom, ticket.place, ticket.note) == ("dead", here.places["room"], "It fell")
    assert (ticket.reporter, ticket.channel, ticket.steps_tried) == ("student", "qr", [0, 1, 2])
    assert client.get(answer.url).status_code == 200


def test_sent_twice_it_is_one_ticket_and_one_receipt(client, here):
    op = make.op()
    urls = {send(client, room(here), op=op).url for _ in range(3)}
    assert len(urls) == len(tickets()) == 1


def test_two_people_in_one_room_are_two_tickets(client, here):
    assert send(client, room(here)).url != send(client, room(here)).url
    assert len(tickets()) == 2


def test_a_device_names_itself_but_never_its_owner(client, town, here):
    owner = make.person(here.site, given="Canaria", family="Secretissima")
    device = make.device(town, here, owner)
    page = client.get(f"/d/{device.code}").content.decode()
    assert device.tag in page
    assert device.model.name in page
    for secret in ("Canaria", "Secretissima", owner.local_number, device.serial):
        assert secret not in page
    answer = send(client, f"/d/{device.code}", symptom="cracked")
    assert tickets()[0].device == device
    assert "Secretissima" not in client.get(answer.url).content.decode()


def test_a_device_away_for_repair_is_reported_at_its_school(client, town, here):
    device = make.device(town, here)
    device.at_site = town.depot
    device.save(update_fields=["at_site"])
    send(client, f"/d/{device.code}")
    assert tickets()[0].site == here.site


@pytest.mark.parametrize("typed", ["{tag}", " {tag} ", "{lower}"])
def test_a_tag_that_is_typed_attaches_its_device(client, town, here, typed):
    device = make.device(town, here, tag="AO-333")
    send(client, room(here), tag=typed.format(tag=device.tag, lower=device.tag.lower()))
    assert tickets()[0].device == device


def test_an_unknown_tag_refuses_nothing_and_stays_as_words(client, here):
    send(client, room(here), tag="NO-SUCH", note="It is dark")
    assert tickets()[0].device is None
    assert tickets()[0].note == "It is dark\nTag: NO-SUCH"


def test_a_class_stopper_is_one_tap_and_staff(client, here):
    send(client, room(here), symptom="slow", class_stopper="1")
    (ticket,) = tickets()
    assert (ticket.class_stopper, ticket.reporter, ticket.level) == (True, "staff", 2)


def test_without_the_qr_code_for_staff_nobody_can_stop_a_class(client, here):
    make.decision("channels.staff", ["desk", "phone"])
    assert "class_stopper" not in client.get(room(here)).content.decode()
    refused = send(client, room(here), class_stopper="1")
    assert refused.status_code == 422
    assert "Reports by QR code are off" in refused.content.decode()
    assert tickets() == []


def test_with_it_off_for_students_the_page_is_for_staff(client, here):
    make.decision("channels.student", ["desk", "team"])
    page = client.get(room(here)).content.decode()
    assert "This page is for staff" in page
    assert '<input type="hidden" name="reporter" value="staff">' in page
    assert send(client, room(here)).status_code == 422
    assert send(client, room(here), reporter="staff").status_code == 303


def test_with_it_off_for_all_the_page_says_where_to_go(client, here):
    make.decision("channels.student", ["desk", "team"])
    make.decision("channels.staff", ["desk", "phone"])
    page = client.get(room(here)).content.decode()
    assert "Go to the tech desk: Library desk" in page
    assert "data-keep" not in page


def test_self_help_comes_first_where_it_may_help(client, here):
    page = client.get(room(here)).content.decode()
    assert "Try this first" in page
    assert page.count("It works now") == sum(bool(one.steps) for one in symptoms())


@pytest.mark.parametrize("code", ["cracked", "missing", "unsafe"])
def test_self_help_is_never_offered_for_damage_loss_or_danger(code):
    one = next(one for one in symptoms() if one.code == code)
    assert not one.self_help
    assert one.steps == []


def test_the_plan_can_switch_self_help_off(client, here):
    make.decision("reporting.self_help", value=False)
    page = client.get(room(here)).content.decode()
    assert "Try this first" not in page
    assert "It works now" not in page


def test_it_works_now_is_one_tap_and_counted(client, here):
    answer = client.post(f"{room(here)}/self-help", {"op": make.op(), "symptom": "dead"})
    assert (answer.status_code, answer.url) == (303, f"{room(here)}/works")
    assert "Good! It works again" in client.get(answer.url).content.decode()
    (event,) = replay("tickets.self_helped")
    assert event.facts["symptom"] == "dead"
    assert tickets() == []


def test_danger_says_first_what_to_do(client, here):
    text = client.get(room(here)).content.decode()
    section = text[text.index('id="unsafe"') :]
    assert section.index("Tell an adult now") < section.index("Turn it off. Do not charge it.") < section.index("<form")


def test_something_missing_sends_to_an_adult(client, here):
    text = client.get(room(here)).content.decode()
    section = text[text.index('id="missing"') :]
    assert section.index("Tell an adult now") < section.index("<form")
    receipt = send(client, room(here), symptom="missing").url
    assert "Tell an adult now" in client.get(receipt).content.decode()


@pytest.mark.parametrize("said", [{"symptom": ""}, {"symptom": "gremlins"}, {"note": "x" * 2001}, {"op": ""}])
def test_what_cannot_be_sent_is_said_in_place_and_kept(client, here, said):
    answer = send(client, room(here), **({"note": "My own words"} | said))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in text or "notice-late" in text
    if said.get("symptom") is None:
        assert (said.get("note") or "My own words") in text
    assert tickets() == []


def test_too_large_a_body_is_not_even_read(client, here):
    answer = client.post(f"{room(here)}/tickets", "x" * 40_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "too long" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused(here):
    strict = Client(enforce_csrf_checks=True)
    refused = send(strict, room(here))
    assert refused.status_code == 403
    assert "This page was open too long" in refused.content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', strict.get(room(here)).content.decode())
    assert token
    assert send(strict, room(here), csrfmiddlewaretoken=token[1]).status_code == 303


@pytest.mark.parametrize("end", ["tickets", "self-help"])
def test_the_address_of_a_form_leads_back_to_it(client, here, end):
    answer = client.get(f"{room(here)}/{end}")
    assert (answer.status_code, answer.url) == (302, room(here))


@pytest.mark.parametrize("path", ["", "/works"])
@pytest.mark.parametrize("kind", ["r", "d"])
def test_an_unknown_code_offers_help(client, db, kind, path):
    answer = client.get(f"/{kind}/ZZZZ9999{path}")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "find this code" in text
    assert 'name="code"' in text
    assert client.post(f"/{kind}/ZZZZ9999/tickets", {}).status_code == 404
    assert client.post(f"/{kind}/ZZZZ9999/self-help", {}).status_code == 404


def test_a_closed_room_and_a_retired_device_are_unknown(client, town, here):
    device = make.device(town, here)
    retire(device_id=device.pk, **make.system())
    Place.objects.filter(pk=here.places["room"].pk).update(closed_at=town.at)
    assert client.get(f"/d/{device.code}").status_code == 404
    assert client.get(room(here)).status_code == 404


@pytest.mark.parametrize("form", ["{code}", "{lower}", "{spaced}", "https://help.example/r/{code}", "/r/{code}#dead"])
def test_a_typed_code_finds_its_room(client, here, form):
    code = here.places["room"].code
    typed = form.format(code=code, lower=code.lower(), spaced=f"{code[:4]} {code[4:]}")
    assert client.get("/find", {"code": typed}).url == room(here)


def test_a_typed_tag_finds_its_device(client, town, here):
    device = make.device(town, here, tag="AO-333")
    assert client.get("/find", {"code": "ao-333"}).url == f"/d/{device.code}"
    assert client.get("/find", {"code": device.serial}).status_code == 404


@pytest.mark.parametrize("typed", ["", "NOPE", "<script>", "x" * 5000])
def test_a_typed_code_that_leads_nowhere_offers_help(client, db, typed):
    answer = client.get("/find", {"code": typed})
    assert answer.status_code == 404
    assert "<script>" not in answer.content.decode().replace("<script type", "")


def test_an_address_that_is_none_has_a_page_too(client, db):
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()


def test_when_we_break_we_say_so_without_the_database(rf):
    answer = broken_page(rf.get("/"))
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_the_start_shows_the_way_in(client, db):
    text = client.get("/").content.decode()
    assert 'name="code"' in text
    assert 'href="/sign-in"' in text


def test_somebody_signed_in_is_led_to_their_work(client, here):
    client.force_login(here.lead)
    assert 'href="/home"' in client.get("/").content.decode()


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        client.get(url)
    return len(caught)


def test_the_form_asks_the_database_little_however_large_the_district(client, town, here):
    few = _queries(client, room(here))
    for _ in range(5):
        make.device(town, make.school())
        send(client, room(here))
    assert _queries(client, room(here)) == few <= 4


def _ops(text: str) -> list[str]:
    return re.findall(r'name="op" value="([^"]+)"', text)


def test_the_page_drawn_once_says_each_spot_its_own_words_and_gives_each_form_its_own_operation(town, here):
    other = make.school("Über & <b>Söhne</b>")
    texts = [Client().get(room(one)).content.decode() for one in (here, other, here)]
    for text, school in zip(texts, (here, other, here), strict=True):
        assert f"/r/{school.places['room'].code}/tickets" in text
        assert escape(school.site.name) in text
        assert not SLOT.search(text)
    assert "<b>" not in texts[1]
    assert other.places["room"].code not in texts[2]
    ops = [op for text in texts for op in _ops(text)]
    assert len(ops) == len(set(ops)) == 3 * len(_ops(texts[0])) > 3 * 10


def test_the_page_drawn_once_keeps_each_browsers_theme_language_and_way_back(client, town, here):
    device = make.device(town, here)
    plain = client.get(f"/d/{device.code}").content.decode()
    assert device.tag in plain
    assert 'data-theme="' not in plain
    client.cookies["theme"] = "dark"
    dark = client.get(f"/d/{device.code}?from=<x>", headers={"accept-language": "es"}).content.decode()
    assert 'data-theme="dark"' in dark
    assert 'lang="es"' in dark
    assert f'value="/d/{device.code}?from=%3Cx%3E"' in dark or "from=&lt;x&gt;" in dark
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get(f"/d/{device.code}").content.decode()


def _again(client: Client, url: str, op: Any, **said: Any) -> Any:
    """Send from the page one came back to: the operation is the same, what was typed may not be."""
    return send(client, url, op=op, **said)


def test_sent_again_without_the_tag_that_the_browser_forgot_it_is_known(client, town, here):
    device, op = make.device(town, here), make.op()
    first = send(client, room(here), op=op, note="It fell", tag=device.tag)
    second = _again(client, room(here), op, note="It fell")
    assert (second.status_code, second.url) == (303, f"{first.url}?again")
    assert "We have this report already" in client.get(second.url).content.decode()
    assert "We have this report already" not in client.get(first.url).content.decode()
    (ticket,) = tickets()
    assert ticket.device == device
    assert ticket.messages.count() == 0


def test_words_changed_before_sending_again_are_with_the_report_once(client, town, here):
    device, op = make.device(town, here), make.op()
    send(client, room(here), op=op, note="It fell")
    more = {"note": "It fell in the rain", "tag": device.tag}
    (url,) = {_again(client, room(here), op, **more).url for _time in range(2)}
    (ticket,) = tickets()
    assert [message.body for message in ticket.messages.all()] == ["It fell in the rain"]
    assert ticket.device == device
    assert "It fell in the rain" in client.get(url).content.decode()


@pytest.mark.parametrize("changed", ["symptom", "device"])
def test_something_else_sent_with_an_old_operation_is_a_report_of_its_own(client, town, here, changed):
    first, second, op = make.device(town, here), make.device(town, here), make.op()
    url = send(client, room(here), op=op, tag=first.tag).url
    more = {"symptom": "cracked", "tag": first.tag} if changed == "symptom" else {"tag": second.tag}
    urls = {_again(client, room(here), op, note="This too", **more).url for _time in range(2)}
    assert len(tickets()) == 2
    assert tickets()[1].note == "This too"
    assert tickets()[1].device == (first if changed == "symptom" else second)
    assert len(urls) == 1
    assert urls != {url}


def test_an_old_operation_is_no_way_around_the_limits(client, here):
    op = make.op()
    for number in range(30):
        _again(client, room(here), op, note=f"Word {number}")
    assert len(tickets()) > 1
    assert all(ticket.quarantined for ticket in tickets()[1:])


def test_an_operation_that_made_no_report_is_refused_in_place(client, town, here):
    op = make.op()
    note_self_help(site_id=here.site.pk, place_id=None, code="slow", by=REPORTER, at=town.at, op=op)
    answer = _again(client, room(here), op, note="It fell")
    assert answer.status_code == 422
    assert "It fell" in answer.content.decode()
    assert tickets() == []
