"""A district's first day: from an empty database to the first report, with the commands and pages there are."""

import io
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from firstbell.decisions.register import QUESTIONS
from firstbell.devices.models import Device
from firstbell.directory.models import Calendar, Place, Site, User
from firstbell.tickets.models import Ticket
from tests import make
from tests.connectors import rosters

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet yellow desk"
PLACES = ("desk", "pickup_box", "return_shelf", "loaner_shelf", "room")
DEVICES = """Asset Tag,Serial,Model,School,Status,Assigned To
A1,S1,Chromebook 3100,North,in service,0042
L1,S2,Chromebook 3100,North,in stock,
"""


class Office:
    """Somebody in a browser, who fails loudly when a page refuses."""

    def __init__(self, name: str) -> None:
        self.page = Client()
        assert self.page.post("/sign-in", {"username": name, "password": PASSWORD}).status_code == 302

    def send(self, address: str, **fields: Any) -> None:
        answer = self.page.post(address, {"op": str(make.op()), **fields})
        assert answer.status_code in {302, 303}, f"{address}: {answer.status_code} {answer.content.decode()[:2000]}"

    def text(self, address: str) -> str:
        answer = self.page.get(address)
        assert answer.status_code == 200, address
        return answer.content.decode()


def command(*words: str, typed: str = "", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    call_command(*words, stdout=io.StringIO(), stderr=io.StringIO())


@time_machine.travel(make.MONDAY, tick=False)
def test_from_an_empty_database_to_the_first_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("user", "make", "ana", "--full-name", "Ana Reyes", typed=f"{PASSWORD}\n", monkeypatch=monkeypatch)
    (tmp_path / "roster.zip").write_bytes(rosters.package_of(rosters.sample()).getvalue())
    command("roster", "import", str(tmp_path / "roster.zip"), monkeypatch=monkeypatch)
    north = Site.objects.get(name="North")
    office = Office("ana")
    assert "ready" not in office.text("/coverage").split("North")[1].split("</tr>")[0]

    office.send("/sites/new", kind="depot", name="Depot", timezone="America/New_York", calendar="")
    bells = {"bell": "School day", "starts": "07:30", "ends": "15:30", "days-0": ["0", "1", "2", "3", "4"]}
    everybody = [str(site.pk) for site in Site.objects.all()]
    year = {
        "name": "All schools",
        "first_day": "2026-08-12",
        "last_day": "2027-05-28",
        "off": "2026-11-26 Thanksgiving",
    }
    office.send("/calendars/new", **year, **bells, site=everybody)
    assert Calendar.objects.get().sites.count() == len(everybody)

    (tmp_path / "devices.csv").write_text(DEVICES)
    command("devices", "import", str(tmp_path / "devices.csv"), monkeypatch=monkeypatch)
    for kind in PLACES:
        office.send("/places/new", site=str(north.pk), kind=kind, name=kind)
    office.send("/roles/users", username="leo", display_name="Leo Lead", password=PASSWORD)
    office.send("/roles/held", user=User.objects.get(username="leo").username, role="it_lead", site=str(north.pk))
    office.send("/devices/L1/pool", site=str(north.pk))
    for question in QUESTIONS:
        value = sorted(question.safe) if isinstance(question.safe, (set, frozenset)) else question.safe
        sent = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
        office.send(f"/plan/{question.key}/answers", value=sent, reason="as proposed", alternatives="", review_on="")
    row = office.text("/coverage").split(">North<")[1].split("</tr>")[0]
    assert "Ready" in row or "ready" in row, row
    office.send(f"/coverage/{north.pk}/live")
    assert "since Sept. 14, 2026" in office.text("/coverage").split(">North<")[1].split("</tr>")[0]

    room = Place.objects.get(site=north, name="room")
    sent = {"op": str(make.op()), "symptom": "cracked", "reporter": "student", "tag": "A1"}
    assert Client().post(f"/r/{room.code}/tickets", sent).status_code == 303
    ticket = Ticket.objects.everyone(reason="a test looks").get()
    assert ticket.site == north
    assert ticket.code in Office("leo").text("/desk")
    assert Device.objects.everyone(reason="a test looks").get(tag="L1").pool is not None
