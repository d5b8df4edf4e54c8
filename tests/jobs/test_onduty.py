"""Open tickets never stay with somebody who is away or not in office any more (S3)."""

from datetime import timedelta
from typing import Any

import pytest

from firstbell.directory.actions import end_role, note_absence
from firstbell.directory.models import RoleHeld, User
from firstbell.jobs.drain import drain_all
from firstbell.jobs.onduty import let_tickets_fall
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.measures.standins import stood_in
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, open_ticket, resolve
from firstbell.tickets.models import Ticket
from firstbell.tickets.queries import unanswered
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def town() -> make.District:
    made = make.district(schools=2)
    drain_all(at=made.at)
    return made


def opened(town: make.District, school: int = 0) -> Ticket:
    report = Report(site_id=town.schools[school].site.pk, symptom="dead")
    return open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())


def owner(ticket: Ticket) -> User | None:
    return Ticket.objects.everyone(reason="a test looks").select_related("owner").get(pk=ticket.pk).owner


def fell() -> list[dict[str, int]]:
    return [event.facts for event in replay("tickets.fell")]


def end(town: make.District, user: User) -> None:
    held = RoleHeld.objects.get(user=user)
    end_role(role_held_id=held.pk, by=town.office, at=town.at, op=make.op())


def test_when_the_lead_leaves_the_open_tickets_fall_to_the_deputy_who_is_told(town: make.District) -> None:
    here = town.schools[0]
    deputy = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    ticket, done, elsewhere = opened(town), opened(town), opened(town, 1)
    resolve(ticket_id=done.pk, by=here.lead_actor, at=town.at, op=make.op())
    end(town, here.lead)
    drain_all(at=town.at)
    assert owner(ticket) == deputy
    assert owner(done) == here.lead, "what is solved is history"
    assert owner(elsewhere) == town.schools[1].lead
    assert fell() == [{"ticket_id": ticket.pk, "user_id": deputy.pk, "before": here.lead.pk}]
    told = Notice.objects.everyone(reason="a test looks").filter(kind=Notice.Kind.NEW_TICKET, ticket=ticket)
    assert deputy.pk in told.values_list("user_id", flat=True)


def test_without_a_deputy_they_fall_to_the_district(town: make.District) -> None:
    ticket = opened(town)
    end(town, town.schools[0].lead)
    drain_all(at=town.at)
    found = owner(ticket)
    assert found is not None
    assert found.pk == town.office.user_id
    let_tickets_fall(town.at + DAY)
    assert len(fell()) == 1, "whoever has it keeps it"


def test_an_absence_hands_on_when_it_begins_and_not_before(town: make.District) -> None:
    here = town.schools[0]
    deputy = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    ticket, day = opened(town), town.at.date()
    away: dict[str, Any] = {"user_id": here.lead.pk, "first_day": day + DAY, "last_day": day + 2 * DAY}
    note_absence(**away, by=here.lead_actor, at=town.at, op=make.op())
    drain_all(at=town.at)
    assert owner(ticket) == here.lead
    assert not unanswered(at=town.at).exists()
    assert unanswered(at=town.at + DAY).count() == 1
    let_tickets_fall(town.at + DAY)
    assert owner(ticket) == deputy
    let_tickets_fall(town.at + 3 * DAY)
    assert owner(ticket) == deputy


def test_with_nobody_at_all_it_is_counted_as_unowned(town: make.District) -> None:
    ticket = opened(town)
    end(town, town.schools[0].lead)
    RoleHeld.objects.filter(role=Role.DISTRICT_IT).update(until=town.at.date())
    drain_all(at=town.at)
    assert owner(ticket) == town.schools[0].lead
    assert unanswered(at=town.at).count() == 1
    assert fell() == []


def test_who_answered_while_the_lead_was_away_is_counted(town: make.District) -> None:
    here, there = town.schools
    deputy = make.user("deputy", Role.IT_LEAD, here.site, deputy=True)[0]
    opened(town)
    day = town.at.date()
    for lead in (here.lead, there.lead):
        note_absence(user_id=lead.pk, first_day=day, last_day=day, by=town.office, at=town.at, op=make.op())
    drain_all(at=town.at)
    assert owner(opened(town)) == deputy
    opened(town, 1)
    ids = [here.site.pk, there.site.pk]
    found = stood_in(ids, town.at + DAY)
    assert (found.tickets, found.deputy, found.absent, found.others) == (3, 2, 0, 1)
    assert stood_in(ids, town.at - DAY).tickets == 0
