"""Two desks, one loaner: one wins, the others are told who has it. Fifty desks here, on a real PostgreSQL.

RACE_CONTENDERS and RACE_ROUNDS change the size; `make soak` runs the full thousand rounds. Without the guards the same
arena shows doubles: so the test can fail.
"""

from uuid import UUID, uuid5

import pytest
from django.db import IntegrityError, connection

from firstbell.devices.models import Condition
from firstbell.devices.queries import differences
from firstbell.kernel.errors import Stale
from firstbell.ledger.models import Event, Operation
from firstbell.loans.actions import lend, take_back
from firstbell.loans.models import Loan
from tests import make
from tests.races.arena import CONTENDERS, ROUNDS, contend

SPACE = UUID("0f4a5c1e-1111-4c56-9b4e-2f6d5e1f7a10")
FEWER = max(20, ROUNDS // 10)
"""Rounds of the controls: enough to be sure."""


class Desks:
    """One school, one loaner, and as many people who want it as there are contenders."""

    def __init__(self):
        self.town = make.district()
        self.here = self.town.schools[0]
        self.loaner = make.loaner(self.town, self.here)
        self.people = [make.person(self.here.site, given=f"P{number}") for number in range(CONTENDERS)]
        self.at = self.town.at

    def lend(self, turn, contender, op=None):
        return lend(
            device_id=self.loaner.pk,
            person_id=self.people[contender].pk,
            reason=Loan.Reason.FORGOTTEN,
            by=self.here.lead_actor,
            at=self.at,
            op=op or uuid5(SPACE, f"{turn} {contender}"),
        )

    def take_back(self):
        grade = Condition.Grade.GOOD
        take_back(device_id=self.loaner.pk, grade=grade, by=self.here.lead_actor, at=self.at, op=make.op())

    def out(self):
        return list(Loan.objects.everyone(reason="a test looks").filter(returned_at__isnull=True))

    def empty_shelf(self):
        Loan.objects.everyone(reason="a test tidies").filter(returned_at__isnull=True).update(returned_at=self.at)

    def naive(self, _turn, contender):
        """What everybody writes first: look, then write."""
        if self.out():
            return None
        return Loan.objects.create(
            device_id=self.loaner.pk,
            person=self.people[contender],
            site=self.here.site,
            reason=Loan.Reason.FORGOTTEN,
            out_at=self.at,
            due_on=self.at.date(),
        )


def test_one_wins_every_round_and_the_others_are_told_who_has_it(scratch):
    with scratch.in_use():
        desks = Desks()

        def judge(_turn, results):
            (loan,) = [result for result in results if isinstance(result, Loan)]
            losers = [result for result in results if isinstance(result, Stale)]
            assert len(losers) == CONTENDERS - 1, [result for result in results if not isinstance(result, Stale | Loan)]
            assert {loser.code for loser in losers} == {"loaner_out"}
            winner = next(person for person in desks.people if person.pk == loan.person_id)
            assert all(f"{winner.display_name} has it" in loser.sentence for loser in losers)
            assert desks.out() == [loan]
            desks.take_back()

        contend(desks.lend, rounds=ROUNDS, between=judge)
        assert differences() == []
        assert Event.objects.filter(kind="loans.lent").count() == ROUNDS


def test_without_any_guard_the_same_arena_shows_doubles(scratch):
    """The negative control: look-then-write, with the unique index gone, in a database that is thrown away."""
    doubled = []
    with scratch.in_use():
        desks = Desks()
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_open_loan_per_device")

        def count(_turn, _results):
            doubled.append(len(desks.out()) > 1)
            desks.empty_shelf()

        contend(desks.naive, rounds=FEWER, between=count)
    assert sum(doubled) >= 0.95 * FEWER, f"only {sum(doubled)} of {FEWER} rounds show doubles: the arena is too tame"


def test_the_index_alone_stops_what_careless_code_would_do(scratch):
    stopped = []
    with scratch.in_use():
        desks = Desks()

        def count(_turn, results):
            assert len(desks.out()) == 1
            stopped.append(sum(isinstance(result, IntegrityError) for result in results))
            desks.empty_shelf()

        contend(desks.naive, rounds=FEWER, between=count)
    assert sum(stopped) > 0


@pytest.mark.parametrize("rounds", [FEWER])
def test_the_same_delivery_at_once_has_one_effect_and_one_answer(scratch, rounds):
    with scratch.in_use():
        desks = Desks()

        def deliver(turn, _contender):
            return desks.lend(turn, 0, op=uuid5(SPACE, f"twin {turn}")).pk

        def judge(turn, results):
            (loan,) = desks.out()
            assert results == [loan.pk] * CONTENDERS
            assert Operation.objects.filter(pk=uuid5(SPACE, f"twin {turn}")).count() == 1
            desks.take_back()

        contend(deliver, rounds=rounds, between=judge)
        assert Event.objects.filter(kind="loans.lent").count() == rounds
        assert differences() == []
