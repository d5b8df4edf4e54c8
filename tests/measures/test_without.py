"""Who was without a device, case by case, through the real verbs; and what must always hold."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstbell.devices.actions.custody import change_status
from firstbell.devices.actions.inventory import assign
from firstbell.devices.models import Condition, Device
from firstbell.directory.models import ClassGroup, Person
from firstbell.flows.closing import close_ticket
from firstbell.flows.desk import swap_at_desk, take_in
from firstbell.flows.handback import return_loaner
from firstbell.ledger.actions import verb
from firstbell.loans.actions import lend
from firstbell.loans.models import Loan
from firstbell.measures.reach import reach_of
from firstbell.measures.without import Cause, Holding, Spell, find, spells, spells_of
from firstbell.tickets.actions import Report, open_ticket, reopen, resolve
from firstbell.tickets.models import Ticket
from tests import make

MON = make.MONDAY
"""Monday 08:30 local; school is 07:30-15:30."""
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Town:
    """One school with Ana, whose device may break, and a loaner."""

    def __init__(self, kind: str = "student") -> None:
        self.district = make.district()
        self.here = self.district.schools[0]
        self.ana = make.person(self.here.site, kind=kind)
        self.own = make.device(self.district, self.here, self.ana)
        self.spare = make.loaner(self.district, self.here)

    def report(self, at: datetime, symptom: str = "dead", **more: object) -> Ticket:
        fields: dict[str, object] = {"device_id": self.own.pk} | more
        report = Report(site_id=self.here.site.pk, symptom=symptom, **fields)  # type: ignore[arg-type]
        return open_ticket(report=report, channel=Ticket.Channel.QR, by=self.here.lead_actor, at=at, op=make.op())

    def swap(self, at: datetime, loaner: Device | None = None) -> Ticket:
        spare = loaner or self.spare
        return swap_at_desk(device_id=self.own.pk, loaner_id=spare.pk, by=self.here.lead_actor, at=at, op=make.op())

    def resolve(self, ticket: Ticket, at: datetime) -> None:
        resolve(ticket_id=ticket.pk, by=self.here.lead_actor, at=at, op=make.op())

    def spells(self, at: datetime, since: datetime | None = None) -> list[Spell]:
        return spells(reach_of(self.here.lead_actor), since or MON - 7 * DAY, at)


@pytest.mark.django_db
class TestCases:
    """Minutes without, as a person with a calendar would count them."""

    def test_from_the_report_to_the_loaner_in_hand(self) -> None:
        town = Town()
        town.report(MON)
        town.swap(MON + 8 * MINUTE)
        (case,) = town.spells(MON + 2 * DAY)
        assert (case.who, case.minutes, case.ongoing) == (("person", town.ana.pk), 8, False)
        assert (case.symptom, case.staff, case.site_id) == ("dead", False, town.here.site.pk)

    def test_a_swap_at_the_desk_without_a_report_is_a_case_of_no_minutes(self) -> None:
        town = Town()
        town.swap(MON)
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.gaps, case.ongoing) == (0, (), False)

    def test_until_the_team_has_fixed_it_in_the_room(self) -> None:
        town = Town()
        ticket = town.report(MON, "internet")
        town.resolve(ticket, MON + 25 * MINUTE)
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.ongoing) == (25, False)

    def test_a_device_that_can_still_be_used_is_no_case_until_it_is_taken_away(self) -> None:
        town = Town()
        town.report(MON, "input")
        assert town.spells(MON + HOUR) == []
        take_in(device_id=town.own.pk, by=town.here.lead_actor, at=MON + HOUR, op=make.op())
        (case,) = town.spells(MON + 3 * HOUR)
        assert (case.minutes, case.ongoing, case.symptom) == (120, True, "input")

    def test_without_a_loaner_it_goes_on_until_now(self) -> None:
        town = Town()
        town.report(MON)
        take_in(device_id=town.own.pk, by=town.here.lead_actor, at=MON + 10 * MINUTE, op=make.op())
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.ongoing) == (8 * 60, True)

    def test_a_loaner_that_comes_later_ends_it_and_one_that_goes_back_early_begins_it_again(self) -> None:
        town = Town()
        take_in(device_id=town.own.pk, by=town.here.lead_actor, at=MON, op=make.op())
        lend(
            device_id=town.spare.pk, person_id=town.ana.pk, reason=Loan.Reason.REPAIR,
            by=town.here.lead_actor, at=MON + HOUR, op=make.op(),
        )  # fmt: skip
        return_loaner(
            device_id=town.spare.pk, grade=Condition.Grade.GOOD,
            by=town.here.lead_actor, at=MON + 2 * HOUR, op=make.op(),
        )  # fmt: skip
        (case,) = town.spells(MON + 3 * HOUR)
        assert (case.minutes, len(case.gaps), case.ongoing) == (120, 2, True)

    def test_a_loaner_that_breaks_in_its_borrowers_hands_helps_nobody(self) -> None:
        town = Town()
        town.swap(MON)
        town.report(MON + HOUR, device_id=town.spare.pk)
        (case,) = town.spells(MON + 2 * HOUR)
        assert (case.who, case.minutes, case.ongoing) == (("person", town.ana.pk), 60, True)

    def test_nights_and_weekends_do_not_count(self) -> None:
        town = Town()
        friday = MON + 4 * DAY + 6 * HOUR  # 14:30
        town.report(friday)
        town.swap(friday + 2 * DAY + 18 * HOUR)  # Monday 08:30
        (case,) = town.spells(MON + 8 * DAY)
        assert case.minutes == 60 + 60

    def test_holidays_do_not_count(self) -> None:
        town = Town()
        friday = datetime(2026, 9, 4, 18, 30, tzinfo=UTC)  # 14:30; Monday is Labor Day
        town.report(friday)
        town.swap(datetime(2026, 9, 8, 12, 30, tzinfo=UTC))  # Tuesday 08:30
        (case,) = town.spells(MON, since=friday - DAY)
        assert case.minutes == 120

    def test_a_class_with_devices_of_its_own_waits_for_each_of_them(self) -> None:
        town = Town()
        group = ClassGroup.objects.create(source_id="c1", site=town.here.site, title="5B")
        shared = make.device(town.district, town.here)
        assign(device_id=shared.pk, class_group_id=group.pk, **make.system())
        ticket = town.report(MON, device_id=shared.pk)
        (case,) = town.spells(MON + HOUR)
        assert (case.who, case.minutes, case.ongoing) == (("class", shared.pk), 60, True)
        town.resolve(ticket, MON + HOUR)
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.ongoing) == (60, False)

    def test_adults_are_counted_apart(self) -> None:
        town = Town(kind=Person.Kind.STAFF)
        town.report(MON)
        (case,) = town.spells(MON + HOUR)
        assert case.staff

    def test_a_report_from_a_room_counts_though_nobody_knows_for_whom(self) -> None:
        town = Town()
        ticket = town.report(MON, device_id=None)
        (case,) = town.spells(MON + HOUR)
        assert (case.who, case.minutes) == (("report", ticket.pk), 60)

    def test_a_report_that_names_no_device_is_about_what_was_in_hand(self) -> None:
        town = Town()
        town.report(MON, device_id=None, person_id=town.ana.pk)
        (case,) = town.spells(MON + HOUR)
        assert (case.minutes, case.ongoing) == (60, True)
        lend(
            device_id=town.spare.pk, person_id=town.ana.pk, reason=Loan.Reason.OTHER,
            by=town.here.lead_actor, at=MON + HOUR, op=make.op(),
        )  # fmt: skip
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.ongoing) == (60, False)

    def test_two_reports_of_one_person_are_one_case(self) -> None:
        town = Town()
        town.report(MON)
        town.report(MON + 10 * MINUTE, device_id=None, person_id=town.ana.pk)
        (case,) = town.spells(MON + HOUR)
        assert case.minutes == 60

    def test_a_reopened_report_counts_both_stretches(self) -> None:
        town = Town()
        ticket = town.report(MON)
        town.resolve(ticket, MON + 10 * MINUTE)
        reopen(ticket_id=ticket.pk, by=town.here.lead_actor, at=MON + HOUR, op=make.op())
        assert [case.minutes for case in town.spells(MON + 2 * HOUR)] == [10, 60]

    def test_another_device_for_good_ends_it(self) -> None:
        make.decision("intake.stand_in", "swap")
        town = Town()
        town.report(MON)
        town.swap(MON + 5 * MINUTE)
        (case,) = town.spells(MON + 3 * DAY)
        assert (case.minutes, case.ongoing) == (5, False)

    def test_a_lost_device_lasts_beyond_its_ticket(self) -> None:
        town = Town()
        ticket = town.report(MON, "missing")
        _lose(device=town.own, **make.system(at=MON))
        close_ticket(ticket_id=ticket.pk, reason="letter sent", by=town.here.lead_actor, at=MON + HOUR, op=make.op())
        (case,) = town.spells(MON + DAY)
        assert (case.minutes, case.ongoing) == (8 * 60, True)

    def test_who_has_left_goes_without_nothing_any_more(self) -> None:
        town = Town()
        town.report(MON)
        Person.objects.everyone(reason="a test").filter(pk=town.ana.pk).update(active=False, left_on=date(2026, 9, 14))
        (case,) = town.spells(MON + 5 * DAY)
        assert (case.minutes, case.ongoing) == (7 * 60, False)

    def test_a_loaner_in_repair_leaves_nobody_without(self) -> None:
        town = Town()
        take_in(device_id=town.spare.pk, by=town.here.lead_actor, at=MON, op=make.op())
        assert [case for case in town.spells(MON + HOUR) if case.who[0] == "person"] == []

    def test_what_was_settled_before_the_period_is_left_out(self) -> None:
        town = Town()
        ticket = town.report(MON)
        town.resolve(ticket, MON + HOUR)
        assert town.spells(MON + 9 * DAY, since=MON + 2 * HOUR) == []

    def test_another_school_is_out_of_reach(self) -> None:
        town, other = Town(), make.school()
        town.report(MON)
        assert spells(reach_of(other.lead_actor), MON - DAY, MON + DAY) == []
        assert len(spells(reach_of(town.district.office), MON - DAY, MON + DAY)) == 1


@verb
def _lose(*, device: Device, **kwargs: object) -> None:
    change_status(device=device, to=Device.Status.LOST, **kwargs)  # type: ignore[arg-type]


moments = st.integers(0, 2000).map(lambda minutes: MON + minutes * MINUTE)
ends = st.one_of(st.none(), moments)


@st.composite
def _causes(draw: st.DrawFn) -> Cause:
    since = draw(moments)
    until = draw(ends)
    return Cause(("person", draw(st.integers(1, 2))), 1, False, "dead", draw(st.sampled_from([None, 7, 8])), since,
                 max(since, until) if until else None)  # fmt: skip


@st.composite
def _holdings(draw: st.DrawFn) -> Holding:
    since = draw(moments)
    until = draw(ends)
    return Holding(draw(st.integers(1, 2)), draw(st.sampled_from([7, 8, 9])), since,
                   max(since, until) if until else None)  # fmt: skip


UNTIL = MON + 2500 * MINUTE


def _total(causes: list[Cause], holdings: list[Holding]) -> timedelta:
    return sum((end - start for _cause, gaps in find(causes, holdings, UNTIL) for start, end in gaps), timedelta())


@given(st.lists(_causes(), max_size=6), st.lists(_holdings(), max_size=6), moments)
def test_a_loaner_more_never_means_more_time_without(
    causes: list[Cause], holdings: list[Holding], since: datetime
) -> None:
    before = _total(causes, holdings)
    assert before >= timedelta()
    assert _total(causes, [*holdings, Holding(1, 99, since)]) <= before


@given(st.lists(_causes(), max_size=6), st.lists(_holdings(), max_size=6))
def test_time_without_lies_within_the_need_and_never_overlaps(causes: list[Cause], holdings: list[Holding]) -> None:
    need = _total(causes, [])
    assert _total(causes, holdings) <= need
    for who in {cause.who for cause in causes}:
        gaps = [gap for cause, found in find(causes, holdings, UNTIL) if cause.who == who for gap in found]
        assert all(one[1] <= two[0] for one, two in pairwise(gaps))


@pytest.mark.django_db
def test_one_persons_cases_are_told_alone_as_they_are_told_among_all() -> None:
    town = Town()
    ben = make.person(town.here.site, "Ben")
    bens, second = make.device(town.district, town.here, ben), make.loaner(town.district, town.here)
    town.report(MON)
    town.swap(MON + 8 * MINUTE)
    report = Report(site_id=town.here.site.pk, symptom="dead", device_id=town.spare.pk)
    channel = Ticket.Channel.QR
    open_ticket(report=report, channel=channel, by=town.here.lead_actor, at=MON + 3 * HOUR, op=make.op())
    take_in(device_id=bens.pk, by=town.here.lead_actor, at=MON + HOUR, op=make.op())
    lend(
        device_id=second.pk, person_id=ben.pk, reason=Loan.Reason.REPAIR,
        by=town.here.lead_actor, at=MON + 2 * HOUR, op=make.op(),
    )  # fmt: skip
    every, reach, at = town.spells(MON + DAY), reach_of(town.here.lead_actor), MON + DAY
    for person in (town.ana, ben):
        mine = [spell for spell in every if spell.who == ("person", person.pk)]
        assert mine, "each has a case"
        assert spells_of(person.pk, reach, MON - 7 * DAY, at) == mine
    assert sum(spell.seconds for spell in spells_of(ben.pk, reach, MON - 7 * DAY, at)) == HOUR.total_seconds()
