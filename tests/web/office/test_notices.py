"""What somebody is told, and that it is told to nobody else."""

import pytest
from django.test import Client

from firstbell.directory.models import User
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Notice
from tests import make

pytestmark = pytest.mark.django_db


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _told(school: make.School, device_id: int) -> Notice:
    message = Message(Notice.Kind.CLOSET, f"closet:{device_id}", school.site.pk, device_id=device_id)
    tell(message=message, to=[school.lead.pk], at=make.MONDAY)
    return Notice.objects.everyone(reason="a test looks").get()


def test_a_notice_is_counted_read_and_leads_to_what_it_is_about() -> None:
    town = make.district(2)
    here, other = town.schools
    device = make.device(town, here)
    notice = _told(here, device.pk)
    page = _client(here.lead).get("/notices").content.decode()
    assert f"{device.tag} lies broken" in page
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
