"""The generator: many phones, each opening the page behind a code and sending its form. A process of its own."""

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from uuid import uuid4

WARM_SECONDS = 3
A_SCHOOL_ROOMS = range(6, 26)


@dataclass(frozen=True)
class Speech:
    """Which page is opened, where its form goes, what it says and how a taken report is answered."""

    page: str
    form: str
    words: str
    taken: int


SPEECHES = {
    "firstbell": Speech("/r/P{school}X{room}", "/r/P{school}X{room}/tickets", "symptom=cracked&reporter=student", 303),
    "helpdesk": Speech(
        "/tickets/submit/", "/tickets/submit/", "title=Screen+cracked&body=.&submitter_email=a@b.org", 302
    ),
}


@dataclass
class Told:
    """What came back; times in milliseconds."""

    times: list[float] = field(default_factory=list)
    warm: int = 0
    failed: list[str] = field(default_factory=list)


class Phones:
    """Phones in many schools, each school behind one address."""

    def __init__(self, port: int, schools: range, speech: Speech) -> None:
        """Talk to this port in this way."""
        self.port, self.schools, self.speech, self.told = port, schools, speech, Told()
        self.chance = random.Random(1)

    async def report(self) -> float:
        """Open the page and send the form on one connection; return how long both took."""
        school = self.chance.choice(self.schools)
        where = {"school": school, "room": self.chance.choice(A_SCHOOL_ROOMS)}
        address = f"10.{school >> 8 & 255}.{school & 255}.{self.chance.randrange(1, 255)}"
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self._get(reader, writer, self.speech.page.format(**where), address)
            await self._post(reader, writer, self.speech.form.format(**where), address)
        finally:
            writer.close()
        return (time.perf_counter() - begun) * 1000

    async def _get(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, address: str) -> None:
        writer.write(self._head("GET", path, address) + b"Accept-Encoding: gzip\r\n\r\n")
        status = await _answer(reader)
        assert status == 200, f"GET answered {status}"

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, address: str) -> None:
        secret = uuid4().hex
        body = f"csrfmiddlewaretoken={secret}&op={uuid4()}&{self.speech.words}".encode()
        head = (
            self._head("POST", path, address)
            + (
                f"Cookie: csrftoken={secret}\r\nOrigin: https://127.0.0.1:{self.port}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
        )
        writer.write(head + body)
        status = await _answer(reader)
        assert status == self.speech.taken, f"POST answered {status}"

    def _head(self, method: str, path: str, address: str) -> bytes:
        return (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nX-Forwarded-Proto: https\r\n"
            f"X-Forwarded-For: {address}\r\n"
        ).encode()

    async def use(self, begin: float, end: float) -> None:
        """Report again and again."""
        while time.perf_counter() < end:
            try:
                took = await self.report()
            except (AssertionError, OSError, asyncio.IncompleteReadError) as problem:
                self.told.failed.append(repr(problem))
                continue
            if time.perf_counter() >= begin:
                self.told.times.append(took)
            else:
                self.told.warm += 1

    async def wait_for_server(self) -> None:
        """Wait until somebody answers."""
        for _ in range(600):
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
        raise TimeoutError("the web server does not come up")


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    if b"content-length:" in lowered:
        await reader.readexactly(int(lowered.split(b"content-length:")[1].split(b"\r\n")[0]))
    elif b"transfer-encoding: chunked" in lowered:
        while (line := await reader.readuntil(b"\r\n")) != b"0\r\n":
            await reader.readexactly(int(line, 16) + 2)
        await reader.readexactly(2)
    return int(head.split(b" ", 2)[1])


async def main() -> None:
    """Run all phones and write what came back as JSON."""
    parser = argparse.ArgumentParser()
    for name in ("port", "clients", "seconds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--schools", required=True)
    parser.add_argument("--speech", choices=SPEECHES, default="firstbell")
    asked = parser.parse_args()
    first, last = map(int, asked.schools.split("-"))
    phones = Phones(asked.port, range(first, last + 1), SPEECHES[asked.speech])
    await phones.wait_for_server()
    begin = time.perf_counter() + WARM_SECONDS
    await asyncio.gather(*[phones.use(begin, begin + asked.seconds) for _ in range(asked.clients)])
    seconds = time.perf_counter() - begin
    told = phones.told
    if told.failed:
        sys.exit(f"{len(told.failed)} of {len(told.times)} reports failed; the first: {told.failed[0]}")
    answer = {"times": told.times, "warm": told.warm, "reports": len(told.times), "seconds": seconds}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    asyncio.run(main())
