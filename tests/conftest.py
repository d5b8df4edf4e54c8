"""What every test stands on: an own database, no network, a real browser where there is one."""

import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test.utils import teardown_databases
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from psycopg import sql

from tests.template import copied_database

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
MISSING: set[str] = set()  # what was absent, and so which tests were skipped: said loudly at the end


# --- Network: this machine only ----------------------------------------------------------------------------------


class OutsideWorldError(RuntimeError):
    """A test tried to reach another machine."""


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def only_here(self: socket.socket, address: Any, *rest: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            raise OutsideWorldError(f"A test wanted to reach {address}. Hand in a fake instead.")
        return connect(self, address, *rest)

    return only_here


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield


@pytest.fixture(autouse=True)
def uploads_of_its_own(settings: Any, tmp_path: Path) -> None:
    """What a test keeps as a file is gone with it, and is in no other test's way."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def language_of_its_own() -> Iterator[None]:
    """A page asked for in Spanish leaves its thread in Spanish until the next one; the next test begins anew."""
    yield
    translation.deactivate()


# --- Database ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before the databases are made: throw away those of test runs that were killed."""
    connection = connections["default"]
    with psycopg.connect(**_maintenance(connection.get_connection_params()), autocommit=True) as session:
        names = session.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_firstbell_%'").fetchall()
        for (name,) in names:
            if _is_orphan(name):
                session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Make the test database for whoever asks; the plugin's own makes it only for marked tests, not for a scratch."""
    with django_db_blocker.unblock():
        made = copied_database(_maintenance(connections["default"].get_connection_params()))
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def _maintenance(parameters: dict[str, Any]) -> dict[str, Any]:
    kept = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    return kept | {"dbname": "postgres"}


def _is_orphan(name: str) -> bool:
    process = re.fullmatch(r"test_firstbell_(\d+)(_.*)?", name)
    processes = Path("/proc")
    return process is not None and (processes / "self").exists() and not (processes / process[1]).exists()


@pytest.fixture(autouse=True, scope="session")
def flush_past_triggers() -> Iterator[None]:
    """Tests with a live server empty every table afterwards; the ledger's triggers refuse that, so they look away."""
    flush = DatabaseOperations.execute_sql_flush

    def flush_all(self: DatabaseOperations, sql_list: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_all)
        yield


# --- Browser -----------------------------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """The browser to use: CHROMIUM, or the distribution's."""
    return next(filter(None, [os.environ.get("CHROMIUM"), *map(shutil.which, CHROMIUM_NAMES)]), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        MISSING.add("a Chromium browser (install it with `tools/chromium.sh`, or set CHROMIUM to its path)")
        pytest.skip("no Chromium on this machine")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps an event loop in this thread; tests use the tables
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS, timeout=120_000)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A fresh browser profile at the live server: `page.goto("/")` works. Scripts' errors fail the test."""
    fresh = browser.new_context(base_url=live_server.url, locale="en-US", timezone_id="America/Chicago")
    errors: list[str] = []
    fresh.on("weberror", lambda error: errors.append(str(error.error)))
    yield fresh
    fresh.close()
    assert errors == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


# --- Papers beside the repository --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def vectors() -> Any:
    """Reference results for the planner, from the papers kept beside the checkout; skipped where they are absent."""
    path = SHARED / "reference" / "test-vectors.json"
    if not path.exists():
        MISSING.add("the reference papers beside the checkout (../shared)")
        pytest.skip("no reference papers beside the checkout")
    return json.loads(path.read_text(encoding="utf-8"))


# --- Order and report --------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    MISSING.update(getattr(node, "workeroutput", {}).get("missing", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["missing"] = sorted(MISSING)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if MISSING:
        terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
        for thing in sorted(MISSING):
            terminalreporter.write_line(f"Missing: {thing}.", red=True)
