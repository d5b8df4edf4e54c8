"""`make bench`: the figures this project promises, on this machine. Prints a table; ends with 1 when one is missed.

BENCH_SIZES    numbers of devices, small and large (default "10000 1000000"; about five minutes to make the large one)
BENCH_EVENTS   events a device (default 20)
BENCH_ROUNDS   calls of each kind (default 200)
BENCH_SECONDS  how long 64 phones report (default 20)

The databases stay in var/bench for the next run; delete the folder to start afresh. Peers measured on the same machine
are in the papers of this project; django-helpdesk: 25 ms at one client, 52 reports a second at eight.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable

from bench import papers
from bench.measure import Figure
from bench.place import ready
from bench.reporting import REPORTS_A_SECOND, lag, reporting
from bench.works import Town, finding, pages, swapping

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000 1000000").split()]
EVENTS = int(os.environ.get("BENCH_EVENTS", "20"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "200"))
ONLY = os.environ.get("BENCH_ONLY", "")
RATIO = 1.3


def main() -> int:
    """Measure every size and compare them."""
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; a million additions take {_pace():.0f} ms of CPU")
    found = {size: _measure(size) for size in SIZES}
    printed = papers.main() if not ONLY or "papers" in ONLY else 0
    return 1 if _compare(found) or printed else 0


def _pace() -> float:
    """How fast this machine is right now: about 40 on an idle one of 2024; twice that halves every other figure."""
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return (time.process_time() - begun) * 1000


def _measure(size: int) -> dict[str, Figure]:
    place = ready(size, EVENTS)
    print(f"\n{size:,} devices, {EVENTS} events each; ready in {place.made_in:.0f} s")
    print(f"  {'':<44}{'p50 ms':>9}{'p99 ms':>9}{'target':>8}{'queries':>9}{'target':>8}")
    town = Town(place)
    parts: dict[str, Callable[[], Iterable[Figure]]] = {
        "finding": lambda: finding(town, ROUNDS),
        "pages": lambda: pages(town, ROUNDS),
        "swapping": lambda: [swapping(town, ROUNDS)],
        "lag": lambda: [lag(place, min(ROUNDS, 60))],
        "reporting": lambda: [_reports(place)],
    }
    figures: dict[str, Figure] = {}
    for name, part in parts.items():
        for figure in part() if not ONLY or name in ONLY else []:
            _show(figure)
            figures[figure.name] = figure
    return figures


def _reports(place: object) -> Figure:
    figure, a_second = reporting(place)  # type: ignore[arg-type]
    print(f"  {a_second:,.0f} reports a second, each a page and a form (target {REPORTS_A_SECOND})")
    return figure


def _show(figure: Figure) -> None:
    times = f"{figure.at(0.5):>9.1f}{figure.at(0.99):>9.1f}{figure.target_ms or '':>8}"
    asked = f"{figure.queries or '':>9}{figure.target_queries or '':>8}"
    fault = f"   reads all of {', '.join(sorted(figure.scans))}" if figure.scans else ""
    print(f"{'! ' if figure.missed else '  '}{figure.name:<44}{times}{asked}{fault}")


def _compare(found: dict[int, dict[str, Figure]]) -> bool:
    missed = any(figure.missed for figures in found.values() for figure in figures.values())
    if len(SIZES) < 2:
        return missed
    small, large = found[SIZES[0]], found[SIZES[-1]]
    print(f"\n{SIZES[-1]:,} devices against {SIZES[0]:,} (p50; target {RATIO})")
    for name in small:
        ratio = large[name].at(0.5) / max(small[name].at(0.5), 0.1)
        print(f"{'! ' if ratio > RATIO else '  '}{name:<44}{ratio:>9.2f}")
        missed |= ratio > RATIO
    return missed


if __name__ == "__main__":
    sys.exit(main())
