"""The `firstbell` command explains itself and passes everything else to the management commands."""

import socket
import subprocess
import sys

import pytest

from firstbell import cli, doctor
from firstbell.database import DatabaseTroubleError


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(sys, "argv", ["firstbell", *words])
    cli.main()


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_it_lists_what_can_be_done(monkeypatch, capsys, words):
    run(monkeypatch, *words)
    assert "firstbell demo" in capsys.readouterr().out


def test_other_commands_are_django_s(monkeypatch, capsys):
    run(monkeypatch, "check")
    assert "no issues" in capsys.readouterr().out


def test_troubles_an_operator_can_solve_end_with_one_sentence(monkeypatch):
    def fail(_words):
        raise DatabaseTroubleError("Install it.")

    monkeypatch.setitem(cli.OWN, "doctor", fail)
    with pytest.raises(SystemExit, match=r"^firstbell: Install it\.$"):
        run(monkeypatch, "doctor")


def test_a_taken_port_is_told_before_anything_starts(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit, match="something else answers"):
        run(monkeypatch, "demo", f"--port={taken.getsockname()[1]}")


def test_a_failing_step_ends_the_demo_with_its_code():
    with pytest.raises(SystemExit) as ended:
        cli._step("no-such-command")
    assert ended.value.code == 1


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "firstbell.cli"], capture_output=True, text=True, check=True)
    assert "device support" in done.stdout


@pytest.mark.django_db
def test_the_doctor_finds_this_installation_well(capsys):
    assert doctor.run([]) == 0
    told = capsys.readouterr().out
    assert "PostgreSQL" in told
    assert "ILL" not in told


def test_the_doctor_lists_every_variable(capsys):
    assert doctor.run(["--variables"]) == 0
    assert "FIRSTBELL_SECRET_KEY_FILE" in capsys.readouterr().out


def test_the_doctor_says_what_is_ill(capsys, monkeypatch):
    def unreachable():
        raise DatabaseTroubleError("no programs")

    ill = {"database": unreachable, "assets": lambda: doctor.Answer("not built", "Run it.", grave=False)}
    monkeypatch.setattr(doctor, "QUESTIONS", ill)
    assert doctor.run([]) == 1
    told = capsys.readouterr().out
    assert "ILL   database     cannot be asked" in told
    assert "note  assets" in told
