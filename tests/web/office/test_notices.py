"""What somebody is told, and that it is told to nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from firstbell.directory.models import User
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _told(school: make.School, device_id: int) -> Notice:
    message = Message(Notice.Kind.CLOSET, f"closet:{device_id}", school.site.pk, device_id=device_id, number=5)
    tell(message=message, to=[school.lead.pk], at=make.MONDAY)
    return Notice.objects.everyone(reason="a test looks").get()


def test_a_notice_is_counted_read_and_leads_to_what_it_is_about() -> None:
    town = make.district(2)
    here, other = town.schools
    device = make.device(town, here)
    notice = _told(here, device.pk)
    page = _client(here.lead).get("/notices").content.decode()
    assert f"{device.tag} has lain broken in one place for more than 5 school days" in page
    assert "told-new" in page
    assert "unread" in page
    answered = _client(here.lead).post(f"/notices/{notice.pk}/reading", {"op": str(make.op())})
    assert answered.headers["Location"] == f"/devices/{device.tag}"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert device.tag not in _client(other.lead).get("/notices").content.decode()


def test_nobody_reads_what_was_told_to_another() -> None:
    town = make.district(2)
    here, other = town.schools
    notice = _told(here, make.device(town, here).pk)
    assert _client(other.lead).post(f"/notices/{notice.pk}/reading", {"op": str(make.op())}).status_code == 404
    _client(other.lead).post("/notices/readings", {"op": str(make.op())})
    notice.refresh_from_db()
    assert notice.read_at is None


def test_everything_can_be_read_at_once() -> None:
    town = make.district()
    here = town.schools[0]
    _told(here, make.device(town, here).pk)
    client = _client(here.lead)
    client.post("/notices/readings", {"op": str(make.op())})
    assert "All read" not in client.get("/notices").content.decode()


def test_a_new_ticket_is_told_with_problem_and_room_and_read_ones_look_otherwise() -> None:
    here = make.district().schools[0]
    report = Report(here.site.pk, "dead", place_id=here.places["room"].pk)
    ticket = report_problem(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=make.MONDAY, op=make.op()).ticket
    for n, kind in enumerate([Notice.Kind.NEW_TICKET, Notice.Kind.HANDED_UP]):
        message = Message(kind, f"cause:{n}", here.site.pk, ticket_id=ticket.pk)
        tell(message=message, to=[here.lead.pk], at=make.MONDAY + timedelta(hours=n))
    client = _client(here.lead)
    room = here.places["room"].name
    page = client.get("/notices").content.decode()
    newer, older = f"Does not turn on, {room}: the student team", f"Does not turn on, {room}: a new ticket is yours."
    assert page.index(newer) < page.index(older)
    assert ticket.code in page
    client.post("/notices/readings", {"op": str(make.op())})
    read = client.get("/notices").content.decode()
    assert older in read
    assert "told-new" not in read
