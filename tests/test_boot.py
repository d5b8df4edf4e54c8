"""The wiring: it boots, refuses unsafe settings, and answers that it lives."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

SAFE = {"FIRSTBELL_MODE": "production", "FIRSTBELL_SECRET_KEY": "k" * 50, "FIRSTBELL_HOSTS": "help.district.example"}


def boot(**variables: str) -> subprocess.CompletedProcess[str]:
    code = "import django; django.setup(); from django.conf import settings; print(settings.DEBUG)"
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "firstbell.settings"} | variables
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_production_boots_with_a_key_and_a_name():
    assert boot(**SAFE).stdout == "False\n"


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"FIRSTBELL_SECRET_KEY": ""}, "FIRSTBELL_SECRET_KEY is missing"),
        ({"FIRSTBELL_SECRET_KEY": "short"}, "shorter than 50"),
        ({"FIRSTBELL_HOSTS": ""}, "FIRSTBELL_HOSTS is empty"),
        ({"DATABASE_URL": "mysql://somewhere/x"}, "PostgreSQL is the one database"),
        ({"FIRSTBELL_MODE": "prod"}, "production | demo | development | test"),
    ],
)
def test_unsafe_or_wrong_settings_are_refused_with_advice(change, advice):
    done = boot(**SAFE | change)
    assert done.returncode
    assert advice in done.stderr


def test_without_a_mode_the_strict_one_is_taken():
    assert "FIRSTBELL_SECRET_KEY is missing" in boot().stderr


def test_the_web_process_says_that_it_lives(client):
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_each_test_process_has_its_own_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert str(os.getpid()) in cursor.fetchone()[0]


def test_a_real_browser_reaches_it(page):
    page.goto("/healthz")
    assert page.inner_text("body").strip() == "ok"


@pytest.mark.django_db(transaction=True)
def test_tests_may_empty_even_tables_that_refuse_it():
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''kept''; END'")
        cursor.execute("CREATE TRIGGER kept BEFORE TRUNCATE ON django_session EXECUTE FUNCTION refuse()")
        with pytest.raises(DatabaseError, match="kept"):
            cursor.execute("TRUNCATE django_session")
    call_command("flush", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse() CASCADE")
