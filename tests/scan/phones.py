"""Phones that run the real queue code in Node, a network that does what it likes, the real server behind it."""

import json
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from firstbell.flows.scans import apply_scans
from firstbell.kernel.actor import Actor
from firstbell.web.scan.batches import Batch
from tests.conftest import ROOT

FRONTEND = ROOT / "frontend"
HOLIDAY = timedelta(days=8)


def bundle(folder: Path) -> Path:
    """Bundle the queue for Node: the same code that the page loads."""
    built = folder / "phones.mjs"
    esbuild = FRONTEND / "node_modules/.bin/esbuild"
    options = ["--bundle", "--platform=node", "--format=esm", "--log-level=error", f"--outfile={built}"]
    subprocess.run([esbuild, FRONTEND / "src/scan/sim.ts", *options], check=True, cwd=FRONTEND)
    return built


@dataclass
class Post:
    """A batch that a phone wants to send."""

    id: int
    phone: str
    body: str


class Phones:
    """A process full of phones. Commands go in one by one; what a phone wants to send comes out here first."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.posts: list[Post] = []
        self.results: dict[int, Any] = {}
        self.commands = 0

    def begin(self, do: str, phone: str, **more: Any) -> int:
        """Give a command without waiting for its end."""
        self.commands += 1
        self._write({"do": do, "phone": phone, "id": self.commands} | more)
        return self.commands

    def do(self, do: str, phone: str, **more: Any) -> Any:
        """Give a command that needs no network, and return what it says."""
        wanted = self.begin(do, phone, **more)
        while wanted not in self.results:
            self._hear()
        return self.results.pop(wanted)

    def wait(self, wanted: int) -> Post | None:
        """Wait until a phone wants to send something, or its command is through."""
        while wanted not in self.results and not self.posts:
            self._hear()
        return self.posts.pop(0) if self.posts else None

    def reply(self, post: Post, reply: dict[str, Any]) -> None:
        """Answer a phone."""
        self._write({"reply": reply, "to": post.id})

    def _write(self, line: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def _hear(self) -> None:
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline())
        if "post" in said:
            self.posts.append(Post(said["post"], said["phone"], json.dumps(said["batch"])))
        else:
            self.results[said["done"]] = said["result"]


@contextmanager
def running(built: Path) -> Iterator[Phones]:
    """Run a process of phones."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(["node", str(built)], **pipes) as process:  # type: ignore[call-overload]  # pipes, as text
        yield Phones(process)
        assert process.stdin
        process.stdin.close()


@dataclass
class Made:
    """One scan that somebody made, and whether they took it back before it was sent."""

    op: UUID
    phone: str
    seq: int
    verb: str
    said: dict[str, str]
    taken_back: bool = False


@dataclass
class Weather:
    """One seed: phones, a network that loses, doubles, delays and reorders, clocks that go wrong, apps that die."""

    seed: int
    phones: Phones
    people: dict[str, Actor]
    start: datetime
    chance: random.Random = field(init=False)
    made: list[Made] = field(default_factory=list)
    late: list[Post] = field(default_factory=list)
    skew: dict[str, timedelta] = field(default_factory=dict)
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.at = self.start
        for name in self.people:
            hours = self.chance.choice([0, 0, -3, 3, self.chance.uniform(-3, 3)])
            self.skew[name] = timedelta(hours=hours)
            install = str(UUID(int=self.chance.getrandbits(128), version=4))
            self.phones.do("new", name, install=install, now=self._now(name), locks=self.chance.random() < 0.8)

    def _now(self, phone: str) -> int:
        """Return the moment by this phone's clock, in milliseconds."""
        return int((self.at + self.skew[phone]).timestamp() * 1000)

    def later(self, **more: float) -> None:
        self.at += timedelta(**more)

    def scan(self, phone: str, verb: str, said: dict[str, str]) -> None:
        """Scan something: it is kept on the phone."""
        op = UUID(int=self.chance.getrandbits(128), version=4)
        seq = self.phones.do("scan", phone, op=str(op), verb=verb, said=said, now=self._now(phone))
        self.made.append(Made(op, phone, seq, verb, said))

    def undo(self, phone: str) -> None:
        """Take the last scan back, if it was not sent yet."""
        last = next((made for made in reversed(self.made) if made.phone == phone), None)
        if last and not last.taken_back:
            last.taken_back = bool(self.phones.do("undo", phone, op=str(last.op)))

    # --- The network ---------------------------------------------------------------------------------------------

    def send(self, phone: str, *, well: bool = False) -> str:
        """Let a phone try to send; things may happen to the app meanwhile."""
        commands = [self.phones.begin("send", phone, now=self._now(phone))]
        if not well and self.chance.random() < 0.15:  # a second tab, or a second tap
            commands.append(self.phones.begin("send", phone, now=self._now(phone)))
        for command in commands:
            while (post := self.phones.wait(command)) is not None:
                if not well and self.chance.random() < 0.08:
                    self.late.append(post)
                    self.phones.do("restart", phone)
                    return "died"
                self.phones.reply(post, self._carry(post, well=well))
        return next(str(self.phones.results.pop(command)) for command in commands)

    def _carry(self, post: Post, *, well: bool) -> dict[str, Any]:
        luck = 1.0 if well else self.chance.random()
        if luck < 0.2:  # lost on the way; a copy may still arrive, hours later
            if self.chance.random() < 0.5:
                self.late.append(post)
            return {"kind": "away"}
        answers = self.deliver(post)
        if not well and self.chance.random() < 0.2:
            self.deliver(post)  # twice
        if not well and self.chance.random() < 0.3:
            self.late.append(post)
        return {"kind": "away"} if luck < 0.4 else {"kind": "answers", "answers": answers}

    def deliver(self, post: Post) -> list[dict[str, Any]]:
        """Hand a batch to the server as its door does."""
        self.at += timedelta(seconds=self.chance.uniform(0.1, 5))
        batch = Batch.model_validate_json(post.body)
        answers = apply_scans(
            install_id=batch.install,
            batch=[scan.as_scan() for scan in batch.scans],
            by=self.people[post.phone],
            at=self.at,
            sent_at=batch.sent_at,
        )
        return [
            {"op": str(one.op), "seq": one.seq, "state": one.state, "code": one.code, "sentence": ""} for one in answers
        ]

    def stragglers(self) -> None:
        """Let some copies arrive that were under way, in any order."""
        self.chance.shuffle(self.late)
        while self.late and self.chance.random() < 0.6:
            self.deliver(self.late.pop())

    def clear_up(self) -> None:
        """The network is well again: everything is sent, every copy arrives, in any order."""
        for _again in range(3):
            for phone in self.people:
                self.send(phone, well=True)
            self.chance.shuffle(self.late)
            while self.late:
                self.deliver(self.late.pop())

    def unsent(self) -> int:
        return sum(self.phones.do("rest", phone) for phone in self.people)


def moment(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)
