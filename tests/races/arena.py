"""Many contenders, one prize, many rounds: all let go at once, each with a database connection of its own."""

import os
import threading
from collections.abc import Callable

from django.db import connection

CONTENDERS = int(os.environ.get("RACE_CONTENDERS", "50"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", "60"))

Attempt = Callable[[int, int], object]
"""Round and contender -> what came of it; an exception counts as what came of it."""


def contend(attempt: Attempt, *, rounds: int, between: Callable[[int, list[object]], None]) -> None:
    """Run the rounds; ``between`` sees what came of each, and makes the next one ready."""
    results: list[object] = [None] * CONTENDERS
    gate = threading.Barrier(CONTENDERS + 1)

    def work(contender: int) -> None:
        try:
            for turn in range(rounds):
                gate.wait()
                try:
                    results[contender] = attempt(turn, contender)
                except Exception as problem:  # noqa: BLE001 - judged by the test
                    results[contender] = problem
                gate.wait()
        except threading.BrokenBarrierError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONTENDERS)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(rounds):
            gate.wait()
            gate.wait()
            between(turn, results)
    finally:
        gate.abort()
        for thread in threads:
            thread.join()
