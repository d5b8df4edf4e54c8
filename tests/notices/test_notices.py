"""Notices reach their reader once, nobody else, and say what they say in the reader's language."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from firstbell.kernel.actor import REPORTER, SYSTEM
from firstbell.kernel.errors import Missing
from firstbell.ledger.queries import history
from firstbell.notices.actions import KEPT, Message, forget_old, mark_read, tell
from firstbell.notices.models import Notice
from firstbell.notices.queries import recent, unread
from firstbell.notices.texts import in_words
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make.district(schools=2)


@pytest.fixture
def ticket(town):
    here = town.schools[0]
    report = Report(site_id=here.site.pk, symptom="cracked", place_id=here.places["room"].pk)
    return open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())


def message(ticket, kind=Notice.Kind.NEW_TICKET, cause="event:1", **more):
    return Message(kind=kind, cause=cause, site_id=ticket.site_id, ticket_id=ticket.pk, **more)


def test_the_same_cause_is_told_once(town, ticket):
    lead = town.schools[0].lead
    tell(message=message(ticket), to=[lead.pk, lead.pk], at=town.at)
    tell(message=message(ticket), to=[lead.pk], at=town.at)
    tell(message=message(ticket, cause="event:2"), to=[lead.pk], at=town.at)
    assert unread(by=town.schools[0].lead_actor).count() == 2


def test_a_notice_reaches_its_reader_and_nobody_else(town, ticket):
    here, there = town.schools
    tell(message=message(ticket), to=[here.lead.pk], at=town.at)
    assert [row.user_id for row in recent(by=here.lead_actor)] == [here.lead.pk]
    for other in (there.lead_actor, town.office, SYSTEM, REPORTER):
        assert list(recent(by=other)) == []
        assert list(unread(by=other)) == []


def test_reading_is_noted_once_with_one_event(town, ticket):
    here = town.schools[0]
    tell(message=message(ticket), to=[here.lead.pk], at=town.at)
    (notice,) = unread(by=here.lead_actor)
    later = town.at + timedelta(minutes=5)
    mark_read(notice_id=notice.pk, by=here.lead_actor, at=later, op=make.op())
    mark_read(notice_id=notice.pk, by=here.lead_actor, at=later + timedelta(minutes=1), op=make.op())
    notice.refresh_from_db()
    assert notice.read_at == later
    assert [event.kind for event in history(notice)] == ["notices.read"]
    assert unread(by=here.lead_actor).count() == 0


def test_nobody_reads_for_another(town, ticket):
    here, there = town.schools
    tell(message=message(ticket), to=[here.lead.pk], at=town.at)
    (notice,) = unread(by=here.lead_actor)
    for other in (there.lead_actor, town.office):
        with pytest.raises(Missing):
            mark_read(notice_id=notice.pk, by=other, at=town.at, op=make.op())
    notice.refresh_from_db()
    assert notice.read_at is None
    assert history(notice) == []


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("kind", Notice.Kind)
def test_every_kind_has_words(town, ticket, kind, number):
    here = town.schools[0]
    broken = make.device(town, here)
    tell(message=message(ticket, kind=kind, device_id=broken.pk, number=number), to=[here.lead.pk], at=town.at)
    (notice,) = recent(by=here.lead_actor)
    told = in_words(notice)
    assert "{" not in told
    assert any(word in told for word in (broken.tag, "A class at", "Cracked", here.site.name))
    with override("es"):
        assert "{" not in in_words(notice)


def test_a_notice_without_a_room_names_the_school(town):
    here = town.schools[0]
    tell(message=Message(Notice.Kind.CLASS_STOPPER, "event:9", here.site.pk), to=[here.lead.pk], at=town.at)
    (notice,) = recent(by=here.lead_actor)
    assert in_words(notice).count(here.site.name) == 2
    assert str(notice) == f"class_stopper to {here.lead.pk}"


def test_old_notices_are_forgotten(town, ticket):
    here = town.schools[0]
    tell(message=message(ticket), to=[here.lead.pk], at=town.at)
    assert forget_old(at=town.at + KEPT) == 0
    assert forget_old(at=town.at + KEPT + timedelta(seconds=1)) == 1
