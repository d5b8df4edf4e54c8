"""`python -m bench.beside`: a report by QR here and in django-helpdesk, side by side in one run.

Both have the same machine, PostgreSQL, web server (two workers) and phones, and 10,000 devices or tickets to begin
with. Ours answers a page in the reader's language, guards against floods, keeps a ledger and can't take a report
twice; theirs stores a ticket. Rounds alternate, so that a busy machine is busy for both. pip fetches django-helpdesk
into var/bench/helpdesk.

BENCH_ROUNDS_BESIDE  rounds of each (default 3), BENCH_SECONDS long; BENCH_CLIENTS phones (default 64, then one)
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.db import connection

from bench.people import FIRST_SCHOOL
from bench.place import ROOT, Place, _run, ready
from bench.reporting import CLIENTS, SECONDS, _environment, _free_port

HERE = Path(__file__).resolve().parent / "helpdesk"
THEIRS = ROOT / "var" / "bench" / "helpdesk"
ROUNDS = int(os.environ.get("BENCH_ROUNDS_BESIDE", "3"))
DEVICES = 10_000


@dataclass(frozen=True)
class Taken:
    """One round: reports a second, median milliseconds of one, CPU milliseconds of the web server for one."""

    a_second: float
    median_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Desk:
    """One of the two: the command that serves it, with its folder and variables."""

    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    schools: str


def main() -> None:
    """Run both and print the table."""
    ours = ready(DEVICES, 20)
    desks = [_firstbell(ours), _helpdesk(ours)]
    for clients in (CLIENTS, 1):
        rounds = [[_measured(desk, clients) for desk in desks] for _ in range(ROUNDS)]
        _show(clients, {desk.name: [row[number] for row in rounds] for number, desk in enumerate(desks)})


def _firstbell(place: Place) -> Desk:
    environment = _environment(place)
    subprocess.run([sys.executable, "-m", "firstbell.cli", "migrate"], env=environment, check=True, stdout=2)
    connection.close()
    command = [sys.executable, "-m", "firstbell.cli", "serve", "--workers=2", "--threads=4", "--port={port}"]
    schools = f"{FIRST_SCHOOL}-{FIRST_SCHOOL + place.devices // 600 - 1}"
    return Desk("firstbell", command, ROOT, environment, schools)


def _helpdesk(beside: Place) -> Desk:
    python = THEIRS / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(THEIRS)], check=True)
    locked = str(HERE / "requirements.txt")
    subprocess.run([str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", locked], check=True, stdout=2)
    place = Place(beside.devices, 0, "bench_helpdesk", 0)
    _run("DROP DATABASE IF EXISTS {} WITH (FORCE)", place.name)
    _run("CREATE DATABASE {}", place.name)
    environment = {key: value for key, value in place.environment.items() if not key.startswith("FIRSTBELL")}
    environment |= {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(HERE)}
    subprocess.run([str(python), str(HERE / "stage.py"), str(DEVICES)], env=environment, check=True, stdout=2)
    command = [str(THEIRS / "bin" / "granian"), "wsgi:application", "--interface=wsgi", "--workers=2"]
    return Desk("helpdesk", [*command, "--blocking-threads=4", "--port={port}"], HERE, environment, "1-1")


def _measured(desk: Desk, clients: int) -> Taken:
    port = _free_port()
    words = ["--port", str(port), "--clients", str(clients), "--seconds", str(SECONDS), "--schools", desk.schools]
    command = [sys.executable, "-m", "bench.phones", "--speech", desk.name, *words]
    with _served(desk, port) as session:
        before = _cpu(session)
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
        told = json.loads(said.stdout)
        cpu = 1000 * (_cpu(session) - before) / (told["reports"] + told["warm"])
    return Taken(told["reports"] / told["seconds"], median(told["times"]), cpu)


@contextmanager
def _served(desk: Desk, port: int) -> Iterator[int]:
    command = [word.format(port=port) for word in desk.command]
    process = subprocess.Popen(command, cwd=desk.folder, env=desk.environment, stdout=2, start_new_session=True)
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise TimeoutError("the web server does not come up")


def _cpu(session: int) -> float:
    """Return the seconds of CPU that the living processes of a session have used (Linux: proc(5), stat 6, 14, 15)."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            used += (int(fields[11]) + int(fields[12])) * (int(fields[3]) == session)
    return used / os.sysconf("SC_CLK_TCK")


def _show(clients: int, rounds: dict[str, list[Taken]]) -> None:
    print(f"\n{clients} phones, {ROUNDS} rounds of {SECONDS} s, medians")
    print(f"  {'':<12}{'a second':>10}{'p50 ms':>10}{'CPU ms':>10}")
    for name, taken in rounds.items():
        a_second, ms, cpu = (median(getattr(one, key) for one in taken) for key in ("a_second", "median_ms", "cpu_ms"))
        print(f"  {name:<12}{a_second:>10.1f}{ms:>10.1f}{cpu:>10.1f}")
    ratio = median(ours.a_second / theirs.a_second for ours, theirs in zip(*rounds.values(), strict=True))
    print(f"  reports a second, ours to theirs: {ratio:.2f}")


if __name__ == "__main__":
    main()
