"""What nobody did in time is told once per cause, counted in school days."""

from datetime import UTC, datetime, timedelta

import pytest

from firstbell.devices.actions.custody import relocate
from firstbell.devices.actions.inventory import set_aside
from firstbell.devices.models import Condition
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.transport import empty_box, scan_in
from firstbell.jobs.alarms import tell_of_closets, tell_of_overdue_loans, tell_of_silence
from firstbell.loans.actions import lend, take_back
from firstbell.loans.models import Loan
from firstbell.notices.models import Notice
from firstbell.notices.texts import in_words
from firstbell.repairs.actions import repair
from firstbell.repairs.queries import order_of
from tests import make

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 9, 18, 13, 0, tzinfo=UTC)
NEXT_MONDAY = FRIDAY + timedelta(days=3)
NEXT_TUESDAY = FRIDAY + timedelta(days=4)


@pytest.fixture
def town():
    return make.district()


def told(kind):
    return list(Notice.objects.everyone(reason="a test looks").filter(kind=kind).order_by("pk"))


def handed_in(town, at=FRIDAY, put="desk"):
    here = town.schools[0]
    make.decision("intake.place", put, here.site)
    device = make.device(town, here, make.person(here.site))
    take_in(device_id=device.pk, symptom="cracked", by=here.lead_actor, at=at, op=make.op())
    return device


def test_a_broken_device_at_rest_is_told_after_two_school_days_and_once(town):
    device = handed_in(town)
    tell_of_closets(NEXT_MONDAY + timedelta(hours=1))
    assert told(Notice.Kind.CLOSET) == [], "the weekend does not count"
    tell_of_closets(NEXT_TUESDAY)
    tell_of_closets(NEXT_TUESDAY + timedelta(days=1))
    (notice,) = told(Notice.Kind.CLOSET)
    assert (notice.device_id, notice.user_id, notice.number) == (device.pk, town.schools[0].lead.pk, 2)


def test_what_waits_in_the_pick_up_box_has_a_next_step(town):
    handed_in(town, put="pickup_box")
    tell_of_closets(NEXT_TUESDAY + timedelta(days=3))
    assert told(Notice.Kind.CLOSET) == []


def test_the_closet_follows_the_plan_of_the_school(town):
    handed_in(town)
    make.decision("closet.days", 5, town.schools[0].site)
    tell_of_closets(NEXT_TUESDAY)
    assert told(Notice.Kind.CLOSET) == []


def test_another_place_is_another_closet(town):
    here = town.schools[0]
    device = handed_in(town)
    tell_of_closets(NEXT_TUESDAY)
    room = here.places["room"].pk
    relocate(device_id=device.pk, place_id=room, by=here.lead_actor, at=NEXT_TUESDAY, op=make.op())
    tell_of_closets(NEXT_TUESDAY + timedelta(days=3))
    assert len(told(Notice.Kind.CLOSET)) == 2


def test_set_aside_counts_as_broken_and_a_working_device_does_not(town):
    here = town.schools[0]
    aside, _fine = make.device(town, here), make.device(town, here)
    set_aside(device_id=aside.pk, by=here.lead_actor, at=FRIDAY, op=make.op())
    tell_of_closets(NEXT_TUESDAY)
    assert [notice.device_id for notice in told(Notice.Kind.CLOSET)] == [aside.pk]


def on_the_way(town):
    device = handed_in(town, put="pickup_box")
    box = town.schools[0].places["pickup_box"].pk
    shipment = empty_box(place_id=box, by=town.technician, at=FRIDAY + timedelta(hours=1), op=make.op())
    return device, shipment


def test_a_repair_without_news_is_told_and_news_start_the_count_again(town):
    device, shipment = on_the_way(town)
    tell_of_silence(NEXT_TUESDAY)
    assert told(Notice.Kind.SILENT) == []
    wednesday = NEXT_TUESDAY + timedelta(days=1, hours=2)
    tell_of_silence(wednesday)
    tell_of_silence(wednesday)
    (notice,) = told(Notice.Kind.SILENT)
    assert (notice.device_id, notice.number) == (device.pk, 3)
    scan_in(shipment_id=shipment.pk, by=town.technician, at=wednesday, op=make.op())
    order = order_of(device.pk)
    assert order
    repair(work_order_id=order.pk, fault="screen", by=town.technician, at=wednesday, op=make.op())
    tell_of_silence(wednesday + timedelta(days=1))
    assert len(told(Notice.Kind.SILENT)) == 1
    tell_of_silence(wednesday + timedelta(days=7))
    assert len(told(Notice.Kind.SILENT)) == 2


def test_a_repair_still_at_its_school_is_the_closets_matter(town):
    handed_in(town)
    tell_of_silence(FRIDAY + timedelta(days=14))
    assert told(Notice.Kind.SILENT) == []


def test_after_the_last_school_day_nothing_is_alarmed(town):
    last = datetime(2027, 6, 9, 13, 0, tzinfo=UTC)
    handed_in(town, at=last)
    tell_of_closets(last + timedelta(days=30))
    assert told(Notice.Kind.CLOSET) == []


def lent(town):
    here = town.schools[0]
    loaner, person = make.loaner(town, here), make.person(here.site)
    loan = lend(
        device_id=loaner.pk,
        person_id=person.pk,
        reason=Loan.Reason.FORGOTTEN,
        by=here.lead_actor,
        at=town.at,
        op=make.op(),
    )
    return loaner, loan


def test_an_overdue_loaner_is_told_once(town):
    _loaner, loan = lent(town)
    due = datetime.combine(loan.due_on, town.at.time(), UTC)
    tell_of_overdue_loans(due)
    assert told(Notice.Kind.LOAN_OVERDUE) == []
    for days in (1, 2):
        tell_of_overdue_loans(due + timedelta(days=days))
    (notice,) = told(Notice.Kind.LOAN_OVERDUE)
    assert (notice.device_id, notice.user_id) == (loan.device_id, town.schools[0].lead.pk)


@pytest.mark.parametrize(("second", "last"), [(3, 10), (2, 4)])
def test_a_loaner_that_stays_out_is_told_again_and_then_to_the_district_as_the_plan_says(town, second, last):
    make.decision("loans.second_notice_days", second)
    make.decision("loans.district_days", last)
    _loaner, loan = lent(town)
    due = datetime.combine(loan.due_on, town.at.time(), UTC)  # a Monday
    heard: dict[int, tuple[int, int]] = {}
    for days in range(1, 22):
        tell_of_overdue_loans(due + timedelta(days=days))
        for notice in told(Notice.Kind.LOAN_OVERDUE):
            heard.setdefault(notice.pk, (notice.user_id, notice.number))
    lead, office = town.schools[0].lead.pk, town.office.user_id
    assert list(heard.values()) == [(lead, 0), (lead, second), (office, last)]
    words = [in_words(notice) for notice in told(Notice.Kind.LOAN_OVERDUE)]
    assert f"{last} school days overdue and still out" in words[2]


def test_late_in_the_evening_it_is_still_the_day_of_the_school(town):
    _loaner, loan = lent(town)
    midnight_in_london = datetime.combine(loan.due_on, town.at.time(), UTC).replace(hour=1) + timedelta(days=1)
    tell_of_overdue_loans(midnight_in_london)
    assert told(Notice.Kind.LOAN_OVERDUE) == []


def test_a_loaner_that_came_back_is_not_told(town):
    loaner, loan = lent(town)
    later = town.at + timedelta(days=30)
    take_back(device_id=loaner.pk, grade=Condition.Grade.GOOD, by=town.schools[0].lead_actor, at=later, op=make.op())
    tell_of_overdue_loans(later + timedelta(days=1))
    assert told(Notice.Kind.LOAN_OVERDUE) == []
    assert loan.pk


def test_many_repairs_are_looked_at_in_batches(town, monkeypatch):
    monkeypatch.setattr("firstbell.jobs.alarms.BATCH", 2)
    here = town.schools[0]
    for _ in range(5):
        broken, spare = make.device(town, here, make.person(here.site)), make.loaner(town, here)
        swap_at_desk(
            device_id=broken.pk, loaner_id=spare.pk, symptom="cracked", by=here.lead_actor, at=FRIDAY, op=make.op()
        )
    empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=FRIDAY, op=make.op())
    tell_of_silence(FRIDAY + timedelta(days=14))
    assert len(told(Notice.Kind.SILENT)) == 5
