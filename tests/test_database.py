"""The embedded PostgreSQL is shared, starts on demand, and stops with its last user, however that one ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from firstbell.database import NAME, DatabaseTroubleError, Server, programs
from firstbell.database.programs import find_programs, is_open

USER = """
import sys
from pathlib import Path
from firstbell.database import Server
Server(Path(sys.argv[1])).ensure()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data folder behind a closed door, such as root's home: pytest's folders are shut to everybody else."""
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def server(home):
    used = Server(home)
    yield used
    used.leave()


def start_user(home: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", USER, str(home)]
    user = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert user.stdout
    assert user.stdout.readline() == "ready\n"
    user.stdout.close()
    return user


def end_user(user: subprocess.Popen[str]) -> None:
    user.communicate(timeout=60)
    assert user.returncode == 0


def ask(server: Server, question: str) -> object:
    with psycopg.connect(host=str(server.sockets), user=NAME, dbname=NAME) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def is_running(server: Server) -> bool:
    return (server.data / "postmaster.pid").exists()


def test_it_starts_on_demand_and_stops_with_its_last_user(server):
    server.ensure()
    assert int(str(ask(server, "SHOW server_version_num"))) >= 150_000
    other = start_user(server.home)
    server.leave()
    assert ask(server, "SELECT 1") == 1
    end_user(other)
    assert not is_running(server)


def test_a_killed_user_does_not_keep_it_running(server):
    server.ensure()
    other = start_user(server.home)
    other.kill()
    other.communicate()
    server.leave()
    assert not is_running(server)


def test_a_killed_server_comes_back_with_what_was_committed(server):
    server.ensure()
    with psycopg.connect(host=str(server.sockets), user=NAME, dbname=NAME) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    process = int((server.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
    os.kill(process, signal.SIGKILL)
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)
    server.ensure()
    assert ask(server, "SELECT number FROM kept") == 7


def test_many_users_at_once_start_one_server(home, server):
    users = [subprocess.Popen([sys.executable, "-c", USER, str(home)], stdin=subprocess.DEVNULL) for _ in range(6)]
    assert [user.wait(timeout=60) for user in users] == [0] * 6
    assert not is_running(server)


def test_a_path_too_long_for_a_socket_is_no_obstacle(home):
    deep = Server(home / ("x" * 100))
    assert len(str(deep.sockets)) < 90
    assert Server(home).sockets.is_relative_to(home)


def test_data_of_another_version_is_refused_with_advice(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(DatabaseTroubleError, match=r"written by PostgreSQL 9, but .* FIRSTBELL_POSTGRES_BIN"):
        Server(tmp_path).ensure()


def test_what_the_server_said_is_told(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres/in-the-way").touch()
    with pytest.raises(DatabaseTroubleError, match="initdb failed"):
        Server(tmp_path).ensure()


@pytest.mark.skipif(os.geteuid() != 0 or not is_open(Path(sys.prefix)), reason="only root can become somebody else")
def test_an_ordinary_person_needs_nothing_special():
    home = Path("/tmp") / f"firstbell-ordinary-{os.getpid()}"
    home.mkdir()
    os.chown(home, 65534, 65534)
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", USER, str(home)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False)
        assert (done.stdout, done.stderr) == ("ready\n", "")
    finally:
        shutil.rmtree(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run the server as somebody else")
def test_programs_behind_a_closed_door_are_copied_once_to_an_open_place(tmp_path, monkeypatch):
    place = tmp_path / "open"
    place.mkdir()
    monkeypatch.setattr(programs, "OPEN_PLACE", place)
    monkeypatch.setattr(programs, "is_open", lambda _folder: False)
    copied = find_programs()
    assert copied.is_relative_to(place)
    assert "PostgreSQL" in subprocess.check_output([copied / "initdb", "--version"], text=True)
    assert find_programs() == copied
    os.chown(copied.parents[2], 65534, -1)
    with pytest.raises(DatabaseTroubleError, match="belongs to somebody else"):
        find_programs()


LOCAL = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"))), None)


@pytest.mark.skipif(LOCAL is None, reason="no PostgreSQL installed on this machine")
def test_locally_installed_programs_serve_as_well(tmp_path):
    server = Server(tmp_path, LOCAL)
    server.ensure()
    assert ask(server, "SELECT 1") == 1
    server.leave()
    assert not is_running(server)
