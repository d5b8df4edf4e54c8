"""A whole installation of its own: database server, web, worker, clients; and a hand that kills any of them."""

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

PATIENCE = 90
"""Seconds in which everything must be up again after a kill."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return the processes that a process started, and theirs."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return [one for child in map(int, text.split()) for one in (child, *children(child))]
    return []


def kill(*pids: int) -> None:
    """Kill without warning."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@dataclass
class Service:
    """A process of ours that is started again whenever it has died, as a service manager would."""

    words: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    ended: bool = False
    starts: int = 0

    def keep(self) -> None:
        """Start it if it does not run."""
        if not self.ended and (self.process is None or self.process.poll() is not None):
            command = [sys.executable, "-m", "firstbell.cli", *self.words]
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self.starts += 1

    def pids(self) -> list[int]:
        """Its process and all that it started."""
        return [self.process.pid, *children(self.process.pid)] if self.process else []

    def end(self) -> None:
        """Stop it for good."""
        self.ended = True
        if self.process:
            kill(*self.pids())
            self.process.wait()


class Keeper(threading.Thread):
    """Starts what has died."""

    def __init__(self, services: list[Service]) -> None:
        super().__init__(daemon=True)
        self.services, self.stopped = services, threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.05):
            for service in self.services:
                service.keep()


@dataclass(frozen=True)
class Said:
    """What a client sends: where to, what, with which cookies."""

    path: str
    fields: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)


class Client:
    """Sends until it is acknowledged, and writes the acknowledgement to a disk that no crash of ours reaches."""

    def __init__(self, port: int, ledger: Path, chance: random.Random) -> None:
        self.port, self.ledger, self.chance = port, ledger, chance
        self.retries = self.twins = 0

    def deliver(self, op: UUID, said: Said) -> str:
        """Send with one operation id until the answer comes; sometimes once more, as if the answer had been lost."""
        answer = self._insist(op, said)
        with self.ledger.open("a", encoding="ascii") as file:
            file.write(f"{op} {answer}\n")
            file.flush()
            os.fsync(file.fileno())
        if self.chance.random() < 0.2:
            self.twins += 1
            assert self._insist(op, said) == answer, "the same delivery was answered differently"
        return answer

    def _insist(self, op: UUID, said: Said) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, location = self._send(op, said)
                if status in {302, 303}:
                    assert not location.startswith("/sign-in"), f"{said.path} asks to sign in"
                    return location
                assert status >= 500, f"{said.path} answered {status}"
            self.retries += 1
            time.sleep(0.05 + self.chance.random() * 0.1)
        raise AssertionError(f"no answer from {said.path} in {PATIENCE} seconds")

    def _send(self, op: UUID, said: Said) -> tuple[int, str]:
        secret = uuid4().hex
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body = urlencode(said.fields | {"op": str(op), "csrfmiddlewaretoken": secret})
        cookies = {"csrftoken": secret} | said.cookies
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        try:
            connection.request("POST", said.path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location", "") or ""
        finally:
            connection.close()


def acknowledged(folder: Path) -> dict[UUID, str]:
    """Return what the clients were told, by operation."""
    told: dict[UUID, str] = {}
    for file in folder.glob("*.acks"):
        for line in file.read_text(encoding="ascii").splitlines():
            op, _, answer = line.partition(" ")
            assert UUID(op) not in told
            told[UUID(op)] = answer
    return told


@contextlib.contextmanager
def kept_running(services: list[Service]) -> Iterator[Keeper]:
    """Keep services running; end them on leaving."""
    keeper = Keeper(services)
    keeper.start()
    try:
        yield keeper
    finally:
        keeper.stopped.set()
        keeper.join()
        for service in services:
            service.end()
