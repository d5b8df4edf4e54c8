"""Backup → restore → compare: same rows, guards in force; a damaged file, a full database, newer tables are refused."""

import json
import random
import threading
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from firstbell.jobs.backup import archive
from firstbell.jobs.backup.archive import DIGITS, MARK, BackupTrouble, check_whole, tally, writing
from firstbell.jobs.backup.read import restore_backup
from firstbell.jobs.backup.tables import ONE_FORM, Tables
from firstbell.jobs.backup.write import _files, write_backup
from firstbell.jobs.verify import CHECKS
from firstbell.kernel.actor import REPORTER
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make
from tests.ledger.test_verify import story
from tests.scratch import Scratch, scratch_database


@pytest.fixture
def empty(django_db_setup, django_db_blocker):
    """A second database with tables and without rows."""
    with django_db_blocker.unblock(), scratch_database() as made:
        yield made


@pytest.fixture(scope="module")
def untouched(django_db_setup, django_db_blocker):
    """One for all tests that leave it without rows."""
    with django_db_blocker.unblock(), scratch_database() as made:
        yield made


def quiet(_line):
    return None


def digests():
    with transaction.atomic():
        tables = Tables(connection)
        tables.ask(ONE_FORM)
        return {table.name: tally(tables.rows(table)).sha256 for table in tables.all()}


def structure():
    """Keys, indexes, triggers and constraints, as the database tells them."""
    tables = Tables(connection)
    return {
        *tables.ask("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"),
        *tables.ask("SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"),
        *tables.ask("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal"),
    }


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uploads") / "media"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "crack.webp").write_bytes(bytes(range(256)) * 9000)
    return folder


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, media, tmp_path_factory):
    """A backup of a small district, with what it should come back as."""
    path = tmp_path_factory.mktemp("backup") / "district.backup"
    with django_db_blocker.unblock(), scratch_database() as source, source.in_use():
        story()
        manifest = write_backup(connection, media, path, at=make.MONDAY, say=quiet)
        return path, manifest, digests(), structure()


def test_everything_comes_back_the_same_and_history_is_protected_again(made, nothing, media, tmp_path):
    path, manifest, before, form = made
    with nothing.in_use():
        restored = restore_backup(connection, tmp_path / "new", path, say=quiet)
        assert restored == manifest
        assert digests() == before
        assert structure() ^ form == set()
        assert [fault for check in CHECKS for fault in check.faults()] == []
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_event SET kind = 'x'")
        with pytest.raises(DatabaseError, match="DELETE refused"), connection.cursor() as cursor:
            cursor.execute("DELETE FROM devices_custody")
    crack = Path("photos") / "crack.webp"
    assert (tmp_path / "new" / crack).read_bytes() == (media / crack).read_bytes()


def test_work_goes_on_after_a_restore(made, empty, tmp_path):
    path = made[0]
    with empty.in_use():
        restore_backup(connection, tmp_path / "new", path, say=quiet)
        story()
        assert [fault for check in CHECKS for fault in check.faults()] == []


def test_a_migrated_empty_database_will_do(made, tmp_path, empty):
    path, _manifest, before, form = made
    with empty.in_use():
        restore_backup(connection, tmp_path / "new", path, say=quiet)
        assert digests() == before
        assert structure() ^ form == set()


def test_a_database_in_use_is_left_alone(made, scratch, tmp_path):
    with scratch.in_use():
        make.district()
        before = digests()
        with pytest.raises(BackupTrouble, match=r"in use: \d+ tables hold rows.*Make a new one"):
            restore_backup(connection, tmp_path / "new", made[0], say=quiet)
        assert digests() == before


def test_uploads_in_the_way_are_left_alone(made, untouched, media):
    with untouched.in_use(), pytest.raises(BackupTrouble, match="Move them away"):
        restore_backup(connection, media, made[0], say=quiet)


def test_random_bit_flips_are_all_found_before_anything_is_used(made, tmp_path):
    path, chance = made[0], random.Random(1)
    whole = path.read_bytes()
    check_whole(path)
    damaged = tmp_path / "damaged.backup"
    found = 0
    for _ in range(100):
        bits = bytearray(whole)
        place = chance.randrange(len(bits))
        bits[place] ^= 1 << chance.randrange(8)
        damaged.write_bytes(bits)
        with pytest.raises(BackupTrouble, match="damaged"):
            check_whole(damaged)
        found += 1
    assert found == 100


@pytest.mark.parametrize("size", [0, 10, 200, -1])
def test_a_file_cut_short_or_of_another_kind_is_found(made, tmp_path, size):
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(made[0].read_bytes()[:size])
    with pytest.raises(BackupTrouble, match="damaged or no Firstbell backup"):
        check_whole(damaged)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(BackupTrouble, match="cannot be read"):
        check_whole(tmp_path / "none")


def rewritten(path, folder, change):
    """The same backup with another manifest, sealed anew: what only a program could do."""
    target = folder / "other.backup"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as other:
        for name in source.namelist():
            content = source.read(name)
            if name == archive.MANIFEST:
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            other.writestr(name, content)
        other.comment = MARK + b"0" * DIGITS
    archive._seal(target)
    return target


def refuse(untouched, path, folder):
    with untouched.in_use():
        with pytest.raises(BackupTrouble) as refused:
            restore_backup(connection, folder, path, say=quiet)
        assert Tables(connection).filled() == []
    return str(refused.value)


def test_a_backup_of_a_newer_version_is_refused(made, untouched, tmp_path):
    path = rewritten(made[0], tmp_path, lambda manifest: manifest["migrations"].append(["tickets", "0999_later"]))
    told = refuse(untouched, path, tmp_path / "new")
    assert "newer than this one" in told
    assert "0999_later" in told


def test_another_format_is_refused(made, untouched, tmp_path):
    assert "format 2" in refuse(untouched, rewritten(made[0], tmp_path, lambda m: m.update(format=2)), tmp_path / "new")


def test_rows_that_come_back_different_are_told_and_nothing_stays(made, untouched, tmp_path):
    def lie(manifest):
        next(table for table in manifest["tables"] if table["name"] == "tickets_phase")["sha256"] = "0" * 64

    told = refuse(untouched, rewritten(made[0], tmp_path, lie), tmp_path / "new")
    assert told.startswith("tickets_phase came back different")


def test_uploads_that_come_back_different_or_elsewhere_are_told_and_nothing_stays(made, untouched, tmp_path):
    def lie(manifest):
        manifest["uploads"][0]["sha256"] = "0" * 64

    assert "came back different" in refuse(untouched, rewritten(made[0], tmp_path, lie), tmp_path / "new")

    def climb(manifest):
        manifest["uploads"][0]["path"] = "../evil"

    assert "outside its folder" in refuse(untouched, rewritten(made[0], tmp_path, climb), tmp_path / "other")


def test_an_older_backup_is_restored_in_its_own_form_and_brought_up_to_date(scratch, nothing, tmp_path, capsys):
    path = tmp_path / "older.backup"
    with scratch.in_use():
        call_command("migrate", "notices", "zero", verbosity=0)
        town = make.district()
        write_backup(connection, tmp_path / "none", path, at=make.MONDAY, say=quiet)
    with nothing.in_use():
        call_command("restore", str(path))
        assert "Run `firstbell migrate`" in capsys.readouterr().out
        call_command("migrate", verbosity=0)
        assert [fault for check in CHECKS for fault in check.faults()] == []
    with scratch.in_use():
        with scratch.connect() as session:
            session.execute("SET session_replication_role = replica")
            for table in Tables(connection).filled():
                session.execute(f"TRUNCATE {table} CASCADE")
        call_command("migrate", verbosity=0)
        with pytest.raises(BackupTrouble, match="newer than the backup"):
            restore_backup(connection, tmp_path / "new", path, say=quiet)
    assert town.schools


def test_a_backup_under_load_is_one_moment(scratch, empty, tmp_path):
    """While four desks write, the copy holds whole commands only, and the ledger replays."""
    path, ended = tmp_path / "busy.backup", threading.Event()
    with scratch.in_use():
        town = make.district()

        def work():
            here = town.schools[0]
            while not ended.is_set():
                make.device(town, here, make.person(here.site))
                report = Report(site_id=here.site.pk, symptom="cracked")
                open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())
            connection.close()

        desks = [threading.Thread(target=work) for _ in range(4)]
        for desk in desks:
            desk.start()
        try:
            for number in range(3):
                write_backup(connection, tmp_path / "none", path.with_suffix(f".{number}"), at=make.MONDAY, say=quiet)
        finally:
            ended.set()
            for desk in desks:
                desk.join()
    with empty.in_use():
        restore_backup(connection, tmp_path / "new", path.with_suffix(".2"), say=quiet)
        assert [fault for check in CHECKS for fault in check.faults()] == []


def test_an_ordinary_owner_of_the_database_can_restore(made, nothing, tmp_path):
    """No superuser is needed, neither for the tables nor to put the guards back."""
    role = f"plain_{nothing.name}"
    with nothing.connect() as session:
        session.execute(f"CREATE ROLE {role} LOGIN")
        session.execute(f"ALTER DATABASE {nothing.name} OWNER TO {role}")
    try:
        plain = Scratch(nothing.name, nothing.parameters | {"user": role})
        with plain.in_use():
            restore_backup(connection, tmp_path / "new", made[0], say=quiet)
            assert digests() == made[2]
            assert [fault for check in CHECKS for fault in check.faults()] == []
            write_backup(connection, tmp_path / "none", tmp_path / "again.backup", at=make.MONDAY, say=quiet)
    finally:
        with nothing.connect() as session:
            session.execute(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_backup_is_never_overwritten_and_leaves_nothing_when_it_fails(tmp_path):
    path = tmp_path / "a.backup"
    path.write_text("precious")
    with pytest.raises(BackupTrouble, match="never overwritten"), writing(path):
        pass
    assert path.read_text() == "precious"
    other = tmp_path / "b.backup"
    with pytest.raises(RuntimeError), writing(other):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "c.backup.part").touch()
    with pytest.raises(BackupTrouble, match="another backup is running"), writing(tmp_path / "c.backup"):
        pass
    assert (tmp_path / "c.backup.part").exists()


def test_only_its_owner_may_read_it(made):
    assert made[0].stat().st_mode & 0o777 == 0o600


def test_the_commands_say_what_they_did(scratch, nothing, tmp_path, capsys, settings):
    path = tmp_path / "a.backup"
    settings.MEDIA_ROOT = str(tmp_path / "none")
    with scratch.in_use():
        story()
        call_command("backup", str(path), verbosity=2)
        assert "ledger_event" in capsys.readouterr().out
        with pytest.raises(CommandError, match="No backup was made"):
            call_command("backup", str(path))
        with pytest.raises(CommandError, match="Not restored"):
            call_command("restore", str(path))
    with nothing.in_use():
        call_command("restore", str(path), check=True)
        assert "is whole" in capsys.readouterr().out
        assert Tables(connection).all() == []
        call_command("restore", str(path), verbosity=2)
        assert "Every row is the same as in the backup." in capsys.readouterr().out


def test_files_in_transit_are_in_no_backup(tmp_path):
    for name in ("photos/a.jpg", "transfers/b"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    assert [file.name for file in _files(tmp_path)] == ["a.jpg"]
