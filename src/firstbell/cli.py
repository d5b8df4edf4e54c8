"""The `firstbell` command: a short way to the management commands, plus what needs no Django to begin with."""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

import django
from django.conf import settings
from django.core.management import call_command, execute_from_command_line, get_commands

from firstbell import __version__
from firstbell.database import DatabaseTroubleError
from firstbell.env import WrongVariableError, env

HELP = """\
Firstbell {version}: device support for a school district.

  firstbell demo            load a made-up district, start web and worker, say where to look
  firstbell serve           answer web requests
  firstbell worker          do background work: mail, imports, schedules
  firstbell migrate         bring the database to this version
  firstbell doctor          check this installation; `--variables` lists every setting
  firstbell roster          import people and rooms
  firstbell devices         import devices
  firstbell plan            ask the planner: `plan vectors FILE` computes reference cases
  firstbell verify          replay the ledger and compare it with the tables
  firstbell backup          write everything into one file
  firstbell restore         read such a file back

Every command explains itself with --help.
"""


def main() -> None:
    """Run one command; troubles an operator can solve end with one sentence, not with a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstbell.settings")
    name, *arguments = sys.argv[1:] or ["help"]
    if name in {"help", "--help", "-h"}:
        sys.stdout.write(HELP.format(version=__version__))
        return
    try:
        OWN.get(name, _manage)([name, *arguments])
    except (WrongVariableError, DatabaseTroubleError) as error:
        sys.exit(f"firstbell: {error}")


def _manage(words: Sequence[str]) -> None:
    execute_from_command_line(["firstbell", *words])


def serve(words: Sequence[str]) -> None:
    """Answer web requests with granian."""
    options = _address_options("serve", words)
    django.setup()
    if settings.SAFE:
        call_command("collectstatic", interactive=False, verbosity=0)
    from granian import Granian  # noqa: PLC0415 -- loads a native library that other commands don't need
    from granian.constants import Interfaces  # noqa: PLC0415 -- the same

    Granian(
        "firstbell.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,  # request lines can name people
    ).serve()


def worker(words: Sequence[str]) -> None:
    """Do background work, with our own command where there is one."""
    django.setup()
    _manage(words if "worker" in get_commands() else ["procrastinate", "worker", *words[1:]])


def migrate(words: Sequence[str]) -> None:
    """Bring the tables to this version."""
    _manage(words)


def doctor(words: Sequence[str]) -> None:
    """Check this installation."""
    from firstbell.doctor import run  # noqa: PLC0415 -- reads settings, which may be what is ill

    sys.exit(run(words[1:]))


def demo(words: Sequence[str]) -> None:
    """Load the made-up district, then run web and worker until Ctrl-C."""
    os.environ.setdefault("FIRSTBELL_MODE", "demo")
    os.environ.setdefault("FIRSTBELL_SECRET_KEY", secrets.token_urlsafe(50))
    options = _address_options("demo", words)
    _refuse_taken(options.host, options.port)
    print("Starting the database ...", flush=True)
    django.setup()
    _keep_database()
    _step("migrate", "--verbosity=0")
    _step("demo_data", f"--size={os.environ.get('SIZE', 'XS')}")
    _run_together(options, first_page="demo")


def _keep_database() -> None:
    """Use the embedded server for as long as this process lives, which outlives web and worker and stops it."""
    if not settings.DATABASE_URL:
        settings.EMBEDDED_SERVER.ensure()


def _step(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "django", *words], check=False)  # noqa: S603 -- ourselves
    if done.returncode:
        sys.exit(done.returncode)


def _run_together(options: argparse.Namespace, *, first_page: str) -> None:
    address = f"http://{options.host}:{options.port}/{first_page}"
    print(f"\n  Open {address} and choose who to be.")
    print("  Ctrl-C ends it; everything stays in the data folder for next time.\n")
    itself = [sys.executable, "-m", "firstbell.cli"]
    running = [
        subprocess.Popen([*itself, "worker"]),  # noqa: S603 -- ourselves
        subprocess.Popen([*itself, "serve", f"--host={options.host}", f"--port={options.port}"]),  # noqa: S603 -- ourselves
    ]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        running[-1].wait()
    except KeyboardInterrupt:
        print("\n  Stopping.")
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def _address_options(command: str, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"firstbell {command}")
    host = env.text("FIRSTBELL_ADDRESS", "127.0.0.1", "The address the web process listens on.")
    port = env.whole("FIRSTBELL_PORT", 8000, "The port the web process listens on.", least=1)
    workers = env.whole("FIRSTBELL_WEB_PROCESSES", 1, "Web processes; about one a core.", least=1)
    threads = env.whole("FIRSTBELL_WEB_THREADS", 4, "Threads, each with a database connection, a web process.", least=1)
    parser.add_argument("--host", default=host)
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--workers", type=int, default=workers)
    parser.add_argument("--threads", type=int, default=threads)
    return parser.parse_args(words[1:])


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            sys.exit(f"firstbell: something else answers at {host}:{port}. Choose another port: FIRSTBELL_PORT=8001")


OWN: dict[str, Callable[[Sequence[str]], None]] = {
    "serve": serve,
    "worker": worker,
    "migrate": migrate,
    "doctor": doctor,
    "demo": demo,
}

if __name__ == "__main__":
    main()
