"""A line of progress for long work at a terminal; nothing where nobody watches."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Step = Callable[[str, int], None]


def _silent(_what: str, _done: int) -> None:
    pass


@contextmanager
def progress(stream: Any, totals: Mapping[str, int]) -> Iterator[Step]:
    """Show how far each part is; the block calls the function with a part's name and how much of it is done.

    ``totals`` says how much there is of each part. Parts that are not named there are not shown.
    """
    if not getattr(stream, "isatty", lambda: False)():
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415 -- takes a tenth of a second that other commands don't need
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415 -- the same

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=getattr(stream, "_out", stream))
    with Progress(*columns, console=console, transient=True) as bars:
        tasks = {what: bars.add_task(what, total=total) for what, total in totals.items() if total}
        seen = dict.fromkeys(tasks, 0)

        def step(what: str, done: int) -> None:
            if what in tasks:
                bars.advance(tasks[what], done - seen[what])
                seen[what] = done

        yield step
