"""Where devices are handed in: its hours, who answers for it, and a receipt for what was taken in (S60)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from firstbell.directory.models import OpenHours, Place
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.ledger.queries import history, replay
from firstbell.tickets.actions import Report
from firstbell.tickets.models import StatusLink, Ticket
from tests import make
from tests.web.desk.conftest import Desk, Says

AT_TEN = make.MONDAY + timedelta(hours=1, minutes=30)


def _hours(desk: Desk, *rows: tuple[int, str, str], **more: Any) -> Any:
    place = desk.here.places["desk"]
    lists = {name: [str(row[index]) for row in rows] for index, name in enumerate(("weekday", "starts", "ends"))}
    return desk.post(f"/places/{place.code}/drop-point/setting", **lists, **more)


def _kept(desk: Desk) -> list[tuple[int, str, str]]:
    rows = OpenHours.objects.filter(place=desk.here.places["desk"])
    return [(row.weekday, f"{row.starts:%H:%M}", f"{row.ends:%H:%M}") for row in rows]


def _reported(desk: Desk, symptom: str = "cracked") -> str:
    said = Report(site_id=desk.here.site.pk, symptom=symptom)
    token = report_problem(report=said, channel=Ticket.Channel.QR, by=REPORTER, at=AT_TEN, op=make.op()).token
    return Client().get(f"/s/{token}").content.decode()


@pytest.fixture
def ten() -> Any:
    with time_machine.travel(AT_TEN):
        yield


def test_hours_are_set_and_shown_where_people_report(desk: Desk, says: Says, ten: Any) -> None:
    place = desk.here.places["desk"]
    assert says(desk.client.get(f"/places/{place.code}"), "the school's bell times count")
    assert "Open now, until 3:30 p.m." in _reported(desk)
    answer = _hours(desk, (0, "07:30", "08:15"), (0, "11:30", "12:30"), (1, "07:30", "08:15"), (2, "", ""),
                    custodian=desk.here.lead.pk)  # fmt: skip
    assert answer.headers["Location"] == f"/places/{place.code}"
    page = desk.client.get(f"/places/{place.code}")
    assert says(page, "lead answers for what lies here.")
    assert says(page, "11:30 a.m.–12:30 p.m.")
    assert _kept(desk) == [(0, "07:30", "08:15"), (0, "11:30", "12:30"), (1, "07:30", "08:15")]
    shown = _reported(desk)
    assert "Open today from 11:30 a.m." in shown
    assert "Mon 7:30 a.m.–8:15 a.m., 11:30 a.m.–12:30 p.m.; Tue 7:30 a.m.–8:15 a.m." in shown
    (event,) = [event for event in history(place) if event.kind == "directory.drop_point_set"]
    assert (event.facts["spans"], event.facts["custodian_id"]) == (3, desk.here.lead.pk)
    _hours(desk)
    assert _kept(desk) == []
    assert "Open now, until 3:30 p.m." in _reported(desk)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(0, "08:15", "07:30")], "A time ends before it begins."),
        ([(0, "07:30", "09:00"), (0, "08:00", "10:00")], "Two times of one day overlap."),
        ([(0, "07:30", "")], "A line has only one time."),
        ([(0, "07:30", "25:00")], "A line has only one time."),
    ],
)
def test_hours_that_are_none_are_refused_and_what_was_typed_stays(
    desk: Desk, says: Says, rows: list[tuple[int, str, str]], said: str
) -> None:
    _hours(desk, (4, "07:00", "08:00"))
    answer = _hours(desk, *rows)
    assert answer.status_code == 422
    assert says(answer, said)
    assert _kept(desk) == [(4, "07:00", "08:00")]


def test_only_drop_points_of_ones_own_school_have_hours(desk: Desk) -> None:
    other = desk.town.schools[1]
    assert desk.client.get(f"/places/{desk.here.places['room'].code}/drop-point").status_code == 404
    assert desk.client.get(f"/places/{other.places['desk'].code}/drop-point").status_code == 404
    sent = desk.post(
        f"/places/{other.places['desk'].code}/drop-point/setting", weekday="0", starts="07:30", ends="08:00"
    )
    assert sent.status_code == 404
    assert _hours(desk, custodian=other.lead.pk).status_code == 404, "nobody of another school answers for it"
    assert not OpenHours.objects.exists()
    assert Place.objects.get(pk=desk.here.places["desk"].pk).custodian is None


def _receipt(desk: Desk, ticket: Ticket) -> Any:
    return desk.post(f"/tickets/{ticket.code}/receipts")


def test_a_receipt_says_what_where_and_when_and_names_nobody(desk: Desk, says: Says) -> None:
    ana = desk.person("Canaria", family="Secretissima")
    device, loaner = desk.device(ana), desk.loaner()
    ticket = desk.report(device, note="Canaria dropped it")
    swap_at_desk(device_id=device.pk, loaner_id=loaner.pk, symptom="cracked", **desk.act())
    assert says(desk.client.get(f"/tickets/{ticket.code}"), "Receipt for the device")
    assert says(desk.client.get(f"/devices/{device.tag}"), "Receipt for whoever brought it")
    answer = _receipt(desk, ticket)
    assert answer.status_code == 302
    page = Client().get(answer.headers["Location"])
    for word in (device.tag, loaner.tag, "Pick-up box", desk.here.site.name, f"{ticket.code[:4]} {ticket.code[4:]}"):
        assert says(page, word)
    assert says(page, "Next: the courier takes it to the repair shop.")
    text = page.content.decode()
    assert "Canaria" not in text
    assert "Secretissima" not in text
    assert "data-print" in text
    assert [event.facts["ticket_id"] for event in replay() if event.kind == "flows.receipt_given"] == [ticket.pk]


def test_its_link_leads_to_no_words_of_anybody(desk: Desk) -> None:
    device = desk.device(desk.person())
    ticket = desk.report(device, note="She always drops it")
    take_in(device_id=device.pk, **desk.act())
    address = _receipt(desk, ticket).headers["Location"]
    token = re.findall(r"/s/(\w+)/receipt", address)[0]
    assert "always drops" not in Client().get(address).content.decode()
    assert Client().get(f"/s/{token}").status_code == 404
    assert Client().post(f"/s/{token}/messages", {"op": make.op(), "body": "hello"}).status_code == 404
    assert StatusLink.objects.get(receipt=True).ticket == ticket


def test_a_reporter_finds_the_receipt_on_their_own_page(desk: Desk) -> None:
    device = desk.device(desk.person())
    said = Report(site_id=desk.here.site.pk, symptom="cracked", device_id=device.pk)
    token = report_problem(report=said, channel=Ticket.Channel.QR, by=REPORTER, **{
        key: value for key, value in desk.act().items() if key != "by"
    }).token  # fmt: skip
    assert Client().get(f"/s/{token}/receipt").status_code == 404, "nothing was handed in yet"
    assert f"/s/{token}/receipt" not in Client().get(f"/s/{token}").content.decode()
    take_in(device_id=device.pk, **desk.act())
    assert f"/s/{token}/receipt" in Client().get(f"/s/{token}").content.decode()
    assert device.tag in Client().get(f"/s/{token}/receipt").content.decode()


def test_without_a_hand_in_there_is_no_receipt(desk: Desk, says: Says) -> None:
    ticket = desk.report(desk.device(desk.person()))
    assert not says(desk.client.get(f"/tickets/{ticket.code}"), "Receipt for the device")
    answer = _receipt(desk, ticket)
    assert answer.status_code == 422
    assert says(answer, "there is no receipt")
    assert not StatusLink.objects.filter(receipt=True).exists()


def test_the_same_receipt_twice_is_one_link(desk: Desk) -> None:
    device = desk.device(desk.person())
    ticket = desk.report(device)
    take_in(device_id=device.pk, **desk.act())
    op = str(make.op())
    both = [desk.client.post(f"/tickets/{ticket.code}/receipts", {"op": op}).headers["Location"] for _ in range(2)]
    assert both[0] == both[1]
    assert StatusLink.objects.filter(receipt=True).count() == 1
