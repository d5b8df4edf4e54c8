"""Fifty benches, one last screen: one gets it, the others are told that none is left. The count never lies."""

from typing import Any
from uuid import UUID, uuid5

from django.db import connection

from firstbell.kernel.errors import Stale
from firstbell.parts.actions import correct_parts, make_kind, receive_parts, scrap_parts
from firstbell.parts.models import PartMovement, PartStock
from firstbell.parts.queries import differences
from tests import make
from tests.races.arena import CONTENDERS, ROUNDS, contend

SPACE = UUID("0f4a5c1e-2222-4c56-9b4e-2f6d5e1f7a10")
FEWER = max(20, ROUNDS // 10)


class Benches:
    """One depot with one screen, and as many hands that want it as there are contenders."""

    def __init__(self) -> None:
        self.town = make.district()
        kind = make_kind(sort="screen", name="Screen", **make.system())
        act: dict[str, Any] = {"by": self.town.technician, "at": self.town.at}
        self.stock = receive_parts(kind_id=kind.pk, place_id=self.town.bench.pk, pieces=1, op=make.op(), **act)

    def take(self, turn: int, contender: int) -> PartStock:
        op = uuid5(SPACE, f"{turn} {contender}")
        return scrap_parts(stock_id=self.stock.pk, pieces=1, by=self.town.technician, at=self.town.at, op=op)

    def naive(self, _turn: int, _contender: int) -> None:
        """What everybody writes first: look, then write."""
        stock = PartStock.objects.everyone(reason="a test is careless").get(pk=self.stock.pk)
        if stock.count:
            stock.count -= 1
            stock.save(update_fields=["count"])
            PartMovement.objects.create(stock=stock, change=-1, left=stock.count, reason="scrapped", at=self.town.at)

    def refill(self) -> None:
        correct_parts(stock_id=self.stock.pk, counted=1, by=self.town.technician, at=self.town.at, op=make.op())


def test_one_gets_the_last_part_and_the_others_are_told(scratch: Any) -> None:
    with scratch.in_use():
        benches = Benches()

        def judge(_turn: int, results: list[Any]) -> None:
            losers = [result for result in results if isinstance(result, Stale)]
            assert len(losers) == CONTENDERS - 1
            assert {loser.code for loser in losers} == {"part_not_there"}
            benches.refill()

        contend(benches.take, rounds=FEWER, between=judge)
        assert differences() == []


def test_without_the_lock_the_count_and_the_movements_part(scratch: Any) -> None:
    """The negative control: look-then-write, in a database that is thrown away."""
    doubled = []
    with scratch.in_use():
        benches = Benches()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE parts_partstock DROP CONSTRAINT part_stock_never_below_zero")

        def count(_turn: int, _results: list[Any]) -> None:
            doubled.append(differences() != [])
            PartMovement.objects.filter(change=-1).delete()
            PartStock.objects.everyone(reason="a test tidies").update(count=1)

        contend(benches.naive, rounds=FEWER, between=count)
    assert sum(doubled) >= 0.9 * FEWER, f"only {sum(doubled)} of {FEWER} rounds differ: the arena is too tame"
