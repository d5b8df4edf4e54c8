"""Codes, labels, posters, luggage tags and manifests as somebody at a desk prints and scans them."""

import io
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from firstbell.connectors.papers import typeset
from firstbell.devices.models import OldLabel
from firstbell.directory.models import Badge
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event
from firstbell.tickets.actions import hang_poster
from firstbell.tickets.models import HungPoster, Ticket
from firstbell.tickets.posters import languages, texts
from firstbell.web.desk import chosen
from firstbell.web.desk.posters import School, poster_values
from firstbell.web.middleware import FirstbellRequest
from tests import make
from tests.web.desk.conftest import Desk

Says = Callable[[Any, str], bool]


def _kinds(verb_kind: str) -> int:
    return Event.objects.filter(kind=verb_kind).count()


def _sheet(desk: Desk, **said: object) -> Any:
    return desk.post("/labels/sheet", **said)


def _is_paper(answer: Any) -> bool:
    return bool(
        answer.status_code == 200 and answer["Content-Type"] == "application/pdf" and answer.content[:4] == b"%PDF"
    )


def test_labels_of_places_devices_and_people_are_papers(desk: Desk, says: Says) -> None:
    desk.device(desk.person())
    for what in ("places", "devices", "people"):
        page = desk.client.get(f"/labels?what={what}&site={desk.here.site.pk}")
        assert says(page, "Print")
        assert _is_paper(_sheet(desk, what=what, site=desk.here.site.pk, sheet="5160", bars="1"))


def test_a_list_of_tags_prints_these_and_none_of_another_school(desk: Desk, says: Says) -> None:
    one, two = desk.device(), desk.device()
    there = make.device(desk.town, desk.town.schools[1])
    page = desk.client.get("/labels", {"what": "devices", "q": f"{one.tag}\n{two.tag}\n{there.tag}"})
    assert says(page, "2 labels")


def test_the_printers_offset_is_kept_in_this_browser(desk: Desk, says: Says) -> None:
    answer = _sheet(desk, what="places", sheet="5163", right="1,5", down="-0.5", outlines="1")
    assert _is_paper(answer)
    page = desk.client.get("/labels")
    assert says(page, 'value="1.5"')
    assert says(page, 'value="-0.5"')
    assert says(page, '<option value="5163" selected>')


@pytest.mark.parametrize("cookie", ["x", "[1]", "null", '{"sheet": 7, "right": "nan", "down": {}}'])
def test_a_spoilt_cookie_counts_as_none(desk: Desk, cookie: str) -> None:
    desk.client.cookies["labels"] = cookie
    assert desk.client.get("/labels").status_code == 200


def test_nothing_to_print_and_too_much_are_said(desk: Desk, says: Says, monkeypatch: pytest.MonkeyPatch) -> None:
    assert says(_sheet(desk, what="places", q="no such place"), "there is nothing to print")
    monkeypatch.setattr(chosen, "MOST", 2)
    assert says(_sheet(desk, what="places"), "more than 2 labels")


def _without_its_address(answer: Any) -> str:
    """Return a page without what is different each time: the form's token and the address it was asked by."""
    return re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", answer.content.decode())


def test_a_badge_leads_the_desk_to_its_person_and_a_stranger_nowhere(desk: Desk, client: Client) -> None:
    ana = desk.person("Canaria")
    _sheet(desk, what="people", q=ana.local_number)
    _sheet(desk, what="people", q=ana.local_number)
    badge = Badge.objects.get(person=ana)
    assert _kinds("directory.badge_made") == 1
    for code in (f"/b/{badge.code}", f"/scan?code={badge.code}", f"/scan?code=https://x.example/b/{badge.code}"):
        assert desk.client.get(code).headers["Location"] == f"/people/{ana.pk}"
    stranger = Client().get(f"/b/{badge.code}")
    never = Client().get("/b/ZZZZZZZZ")
    assert (stranger.status_code, never.status_code) == (404, 404)
    assert _without_its_address(stranger) == _without_its_address(never)
    assert b"Canaria" not in stranger.content
    desk.sign_in(desk.town.schools[1].lead)
    assert desk.client.get(f"/b/{badge.code}").status_code == 404
    desk.sign_in(make.user("coach", Role.COACH, desk.here.site)[0])
    assert desk.client.get(f"/b/{badge.code}").status_code == 404


def test_a_lost_badge_is_void_and_another_is_printed(desk: Desk) -> None:
    ana = desk.person()
    _sheet(desk, what="people", q=ana.local_number)
    old = Badge.objects.get(person=ana).code
    desk.post(f"/people/{ana.pk}/badge")
    new = Badge.objects.get(person=ana).code
    assert desk.client.get(f"/b/{old}").status_code == 404
    assert desk.client.get(f"/b/{new}").status_code == 302
    assert _kinds("directory.badge_renewed") == 1


def _report(code: str) -> Any:
    said = {"op": str(make.op()), "symptom": "slow", "reporter": "student"}
    return Client().post(f"{code}/tickets", said)


def test_a_replaced_room_code_says_so_and_still_takes_a_report_to_be_looked_at(desk: Desk, says: Says) -> None:
    old = desk.here.places["room"].code
    desk.post(f"/places/{old}/code")
    assert says(Client().get(f"/r/{old}"), "This code was replaced")
    assert _report(f"/r/{old}").status_code in {302, 303}
    ticket = Ticket.objects.everyone(reason="a test looks").get(place=desk.here.places["room"])
    assert ticket.quarantined
    assert desk.client.get(f"/scan?code={old}").status_code == 302
    desk.here.places["room"].refresh_from_db()
    fresh = desk.here.places["room"].code
    assert not says(Client().get(f"/r/{fresh}"), "This code was replaced")


def test_a_replaced_label_says_so_and_the_desk_still_finds_the_device(desk: Desk, says: Says) -> None:
    device = desk.device()
    desk.post(f"/devices/{device.tag}/label")
    assert OldLabel.objects.get(device=device).code == device.code
    assert make.fresh(device).code != device.code
    assert says(Client().get(f"/d/{device.code}"), "This code was replaced")
    assert desk.client.get(f"/scan?code={device.code}").headers["Location"] == f"/devices/{device.tag}"
    assert _kinds("devices.label_renewed") == 1


def test_the_register_knows_rooms_without_and_with_an_old_poster(
    desk: Desk, says: Says, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = desk.here.places["room"]
    assert says(desk.client.get("/posters"), "2 rooms need a poster")
    version = School(room.site).room(room).version
    assert says(desk.client.get(f"/posters/{room.code}/{version}"), "This is the poster of today")
    desk.post(f"/posters/{room.code}/hanging", version=version)
    assert HungPoster.objects.get(place=room).version == version
    assert _kinds("tickets.poster_hung") == 1
    assert says(desk.client.get("/posters"), "1 room needs a poster")
    monkeypatch.setattr("firstbell.tickets.posters._tree", lambda: "another tree")
    assert says(desk.client.get("/posters"), "an old one hangs")
    assert says(desk.client.get(f"/posters/{room.code}/{version}"), "This poster is old")


def test_a_new_room_code_makes_the_poster_old(desk: Desk, says: Says) -> None:
    room = desk.here.places["room"]
    desk.post(f"/posters/{room.code}/hanging", version=School(room.site).room(room).version)
    desk.post(f"/places/{room.code}/code")
    assert says(desk.client.get("/posters"), "an old one hangs")


def test_only_who_looks_after_the_place_notes_its_poster(desk: Desk) -> None:
    there = desk.town.schools[1].places["room"]
    with pytest.raises(Missing):
        hang_poster(place_id=there.pk, version="0123abcd", **desk.act())
    with pytest.raises(Refused):
        hang_poster(place_id=desk.here.places["room"].pk, version="not a version", **desk.act())
    assert not HungPoster.objects.exists()


def test_posters_hint_cards_luggage_tags_and_the_like_are_papers(desk: Desk) -> None:
    room, device = desk.here.places["room"], desk.device(desk.person())
    desk.report(device)
    for address in (
        f"/posters/{room.code}/sheet",
        f"/posters/sheets?site={desk.here.site.pk}",
        "/posters/hints?language=es",
        f"/devices/{device.tag}/luggage-tag",
    ):
        assert _is_paper(desk.client.get(address)), address


def test_the_poster_speaks_every_language_that_has_the_whole_tree() -> None:
    assert languages()[:2] == ("en", "es")
    shapes = {language: json_shape(texts()[language]) for language in texts()}
    assert len(set(map(str, shapes.values()))) == 1


def json_shape(value: Any) -> Any:
    """Return the form of a JSON value without its words."""
    if isinstance(value, dict):
        return {key: json_shape(part) for key, part in sorted(value.items())}
    return [json_shape(part) for part in value] if isinstance(value, list) else type(value).__name__


def test_a_poster_with_a_long_name_is_one_page_and_its_codes_are_read(desk: Desk) -> None:
    room = desk.here.places["room"]
    room.name = "Multipurpose room and former woodwork workshop, north wing, second floor, at the back"[:80]
    request = cast("FirstbellRequest", desk.client.get(f"/posters/{room.code}/sheet").wsgi_request)
    pages = typeset.images("poster", {"posters": [poster_values(request, School(room.site), room)]}, ppi=200)
    assert len(pages) == 1
    codes = {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(pages[0])))}
    assert f"http://testserver/r/{room.code}" in codes
    assert any(code.startswith(f"http://testserver/posters/{room.code}/") for code in codes)


def test_a_luggage_tag_and_a_manifest_name_no_student(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    real = typeset.pdf

    def overhear(name: str, values: Any) -> bytes:
        said.append(values)
        return real(name, values)

    monkeypatch.setattr(typeset, "pdf", overhear)
    ana = desk.person("Canaria")
    device, loaner = desk.device(ana), desk.loaner()
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    assert _is_paper(desk.client.get(f"/devices/{device.tag}/luggage-tag"))
    box = desk.here.places["pickup_box"].pk
    shipment = empty_box(place_id=box, **desk.act())
    assert _is_paper(desk.client.get(f"/shipments/{shipment.code}/manifest"))
    assert len(said) == 2
    assert device.tag in str(said[0])
    assert device.tag in str(said[1])
    assert "Canaria" not in str(said)
