"""Reports by QR through the real web server: 64 phones, each asks for the page and sends the form; then the worker."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.db import connection

from bench.measure import Figure
from bench.people import FIRST_SCHOOL
from bench.place import Place
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.clock import utc_now
from firstbell.notices.models import Notice
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket

CLIENTS = int(os.environ.get("BENCH_CLIENTS", "64"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "20"))
REPORT_MS, REPORTS_A_SECOND = 500, 100


def _environment(place: Place) -> dict[str, str]:
    """As in production, behind a proxy that ends TLS."""
    return place.environment | {
        "FIRSTBELL_MODE": "production",
        "FIRSTBELL_SECRET_KEY": "only-for-a-measurement-on-this-machine-" + "x" * 20,
        "FIRSTBELL_HOSTS": "127.0.0.1",
        "FIRSTBELL_BEHIND_PROXY": "yes",
        "FIRSTBELL_LOG_LEVEL": "ERROR",
    }


@contextmanager
def _running(place: Place, *words: str) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "firstbell.cli", *words], env=_environment(place))
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reporting(place: Place) -> tuple[Figure, float]:
    """Return the times of reports (the page and the form together) and how many there were a second."""
    subprocess.run([sys.executable, "-m", "firstbell.cli", "migrate"], env=_environment(place), check=True)
    rooms = f"{FIRST_SCHOOL}-{FIRST_SCHOOL + max(1, place.devices // 600) - 1}"
    port = _free_port()
    words = ["--port", str(port), "--clients", str(CLIENTS), "--seconds", str(SECONDS), "--schools", rooms]
    before = Ticket.objects.everyone(reason="a bench counts").count()
    connection.close()
    with _running(place, "serve", f"--port={port}", "--workers=2", "--threads=8"), _running(place, "worker"):
        said = subprocess.run(
            [sys.executable, "-m", "bench.phones", *words], stdout=subprocess.PIPE, text=True, check=True
        )
    told = json.loads(said.stdout)
    made = Ticket.objects.everyone(reason="a bench counts").count() - before
    assert made == told["reports"] + told["warm"], f"{told['reports']} were told, {made} are there"
    figure = Figure(f"report by QR, {CLIENTS} phones", told["times"], target_ms=REPORT_MS)
    return figure, told["reports"] / told["seconds"]


def lag(place: Place, rounds: int) -> Figure:
    """Return the time from an event's commit to the notice about it, with one worker."""
    figure = Figure("from commit to notice", [], target_ms=2000)
    connection.close()
    with _running(place, "worker"):
        for number in range(rounds + 3):
            took = _until_told()
            if number >= 3:
                figure.times.append(took)
    return figure


def _until_told() -> float:
    at = utc_now()
    report = Report(site_id=FIRST_SCHOOL, symptom="cracked")
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=at, op=uuid4())
    begun = time.perf_counter()
    while not Notice.objects.everyone(reason="a bench looks").filter(ticket=ticket).exists():
        assert time.perf_counter() - begun < 60, "no notice within a minute"
        time.sleep(0.005)
    return (time.perf_counter() - begun) * 1000
