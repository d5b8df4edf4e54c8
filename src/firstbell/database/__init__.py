"""The embedded PostgreSQL: started when somebody connects, stopped when its last user leaves.

Who uses the server is told by a shared lock on one file, which the kernel releases even after `kill -9`; so a server
never stops under another process and never outlives all of them. Binaries come from the wheel or from this machine.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from firstbell.database.programs import DatabaseTroubleError, as_runner, find_programs, find_runner

__all__ = ["NAME", "DatabaseTroubleError", "Server"]

NAME = "firstbell"  # of the database and of its owner
LONGEST_SOCKET_PATH = 90  # bytes; the system's limit is 107, and PostgreSQL adds a file name
WAIT_SECONDS = 60
OPTIONS = "-c listen_addresses='' -c unix_socket_permissions=0700 -c max_connections=300 -c log_min_messages=fatal"


@dataclass
class Server:
    """One data folder and the server that serves it."""

    home: Path
    binaries: Path | None = None
    _holds: dict[int, int] = field(default_factory=dict)  # process id -> descriptor of the lock file

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.home / "postgres"

    @property
    def sockets(self) -> Path:
        """Where the socket lies: inside the data folder, or in the temporary folder where that path is too long."""
        if len(os.fsencode(self.data)) <= LONGEST_SOCKET_PATH:
            return self.data
        mark = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"firstbell-{mark}"

    def ensure(self) -> None:
        """Start the server unless it runs, and keep it running as long as this process lives."""
        mine = os.getpid() in self._holds
        if mine and self._listens():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            if not self._answers():
                self._start()
            if not mine:
                self._hold()
                atexit.register(self.leave)

    def leave(self) -> None:
        """Stop using the server; the last one out switches it off."""
        descriptor = self._holds.pop(os.getpid(), None)
        if descriptor is None:
            return
        with self._alone():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(descriptor)
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop")

    def _hold(self) -> None:
        descriptor = os.open(self.home / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        self._holds[os.getpid()] = descriptor

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time decides about starting and stopping."""
        with (self.home / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.sockets / ".s.PGSQL.5432")) == 0

    def _answers(self) -> bool:
        """Ready for work; waits while it starts or recovers after a crash."""
        ready, busy = 0, 1  # what pg_isready answers
        for _ in range(WAIT_SECONDS * 5):
            asked = subprocess.run(  # noqa: S603 -- our own binary, no shell
                [self._program("pg_isready"), "-q", "-h", str(self.sockets)], check=False
            )
            if asked.returncode != busy:
                return asked.returncode == ready
            time.sleep(0.2)
        return False

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.sockets), user=NAME, dbname="postgres", autocommit=True, connect_timeout=5)

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._refuse_other_version()
        self._prepare_folder(self.sockets)
        options = f"{OPTIONS} -c unix_socket_directories='{self.sockets}'"
        log = str(self.data / "server.log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-o", options, "-w", "-t", str(WAIT_SECONDS), "start")
        self._create_database()

    def _create(self) -> None:
        self._prepare_folder(self.data)
        self._run(
            "initdb", "-D", str(self.data), "-U", NAME, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"
        )

    def _create_database(self) -> None:
        with self._connect() as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if exists is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))

    def _prepare_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = find_runner(folder)
        if owner and folder.stat().st_uid == 0:
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def _refuse_other_version(self) -> None:
        kept = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        said = subprocess.run([self._program("postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603 -- our own binary
        if f" {kept}." not in said.stdout and f" {kept}\n" not in said.stdout:
            raise DatabaseTroubleError(
                f"{self.data} was written by PostgreSQL {kept}, but {said.stdout.strip()} is installed. "
                "Point FIRSTBELL_POSTGRES_BIN to the matching programs, or move the folder away to start afresh."
            )

    def _program(self, name: str) -> str:
        return str((self.binaries or find_programs()) / name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*as_runner(self.data), self._program(program), *arguments]
        with tempfile.TemporaryFile() as said:  # a pipe would stay open as long as the server runs
            done = subprocess.run(  # noqa: S603 -- our own binary, no shell
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/", check=False
            )
            said.seek(0)
            if done.returncode:
                raise DatabaseTroubleError(f"{program} failed. It said:\n{said.read().decode(errors='replace')}")
