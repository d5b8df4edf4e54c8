"""`firstbell verify` finds every way in which tables and ledger can drift apart, and says nothing when they agree."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from firstbell.devices.queries import differences
from firstbell.flows.desk import swap_at_desk
from firstbell.flows.transport import empty_box
from firstbell.jobs import verify
from tests import make
from tests.seasons.school import ready


def story():
    """Some of everything: owners, a loan, an open shipment, tickets."""
    town = make.district()
    here = town.schools[0]
    ana = make.person(here.site)
    broken, spare, other = make.device(town, here, ana), make.loaner(town, here), make.device(town, here)
    swap_at_desk(
        device_id=broken.pk, loaner_id=spare.pk, symptom="cracked", by=here.lead_actor, at=town.at, op=make.op()
    )
    at = town.at + timedelta(hours=1)
    empty_box(place_id=here.places["pickup_box"].pk, by=town.technician, at=at, op=make.op())
    return broken, spare, other


def bend(statement, *values):
    """Write past verbs, triggers and constraints, as a careless administrator would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.mark.django_db
def test_a_sound_installation_has_no_faults():
    story()
    assert [fault for check in verify.CHECKS for fault in check.faults()] == []


BENT = {
    "custody": "UPDATE devices_custody SET since = since + interval '1 second' WHERE device_id = %s AND until IS NULL",
    "gap": "UPDATE devices_custody SET until = until + interval '1 second' WHERE device_id = %s AND until IS NOT NULL",
    "site": "UPDATE devices_device SET at_site_id = (SELECT max(id) FROM directory_site) + 0 * %s WHERE id = %s",
    "status": "UPDATE devices_device SET status = 'lost' WHERE id = %s",
    "owner": "UPDATE devices_assignment SET until = now() WHERE device_id = %s",
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", BENT)
def test_every_kind_of_difference_is_found(what):
    broken, _spare, _other = story()
    bend(BENT[what], *[broken.pk] * BENT[what].count("%s"))
    assert what in {found.what for found in differences()}
    assert {found.device_id for found in differences()} == {broken.pk}


@pytest.mark.django_db
def test_a_device_that_the_ledger_never_heard_of_is_found():
    _broken, _spare, other = story()
    bend("UPDATE ledger_event SET kind = 'x' WHERE (facts->>'device_id')::int = %s", other.pk)
    assert {found.device_id for found in differences()} == {other.pk}
    bend("DELETE FROM devices_custody WHERE device_id = %s", other.pk)
    assert [(found.device_id, found.what) for found in differences()] == [(other.pk, "site")]
    transaction.set_rollback(True)  # the database would refuse to commit what was bent


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("check", "statement"),
    [
        (verify.orphans, "UPDATE ledger_event SET operation_id = %s WHERE id = (SELECT max(id) FROM ledger_event)"),
        (verify.tickets_out_of_phase, "UPDATE tickets_phase SET until = now() WHERE %s IS NOT NULL AND until IS NULL"),
        (verify.tickets_out_of_phase, "UPDATE tickets_phase SET level = 4 WHERE %s IS NOT NULL AND until IS NULL"),
        (
            verify.loans_out_of_hand,
            "UPDATE loans_loan SET person_id = (SELECT min(id) FROM directory_person) - 1 WHERE %s IS NOT NULL",
        ),
        (verify.manifests_differ, "UPDATE devices_shipmentitem SET received_at = now() WHERE %s IS NOT NULL"),
    ],
)
def test_every_other_fault_is_found(check, statement):
    story()
    bend(statement, uuid4())
    assert len(list(check())) == 1


@pytest.mark.django_db
def test_an_open_line_without_its_device_is_found():
    broken, _spare, _other = story()
    bend("DELETE FROM devices_custody WHERE device_id = %s AND until IS NULL", broken.pk)
    (fault,) = verify.manifests_differ()
    assert f"device {broken.pk} is on the open manifest" in fault
    transaction.set_rollback(True)  # the database would refuse to commit what was bent


@pytest.mark.django_db
def test_a_stock_that_is_not_the_sum_of_its_movements_is_found():
    here = ready()
    stock = here.stock(5)
    assert list(verify.stocks_differ()) == []
    bend("UPDATE accessories_stock SET count = 4 WHERE id = %s", stock.pk)
    assert [fault for check in verify.CHECKS for fault in check.faults()] == [
        f"stock {stock.pk} holds another number than its movements add up to"
    ]


@pytest.mark.django_db
def test_a_guard_that_is_off_is_found():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_event DISABLE TRIGGER ledger_event_append_only")
    assert list(verify.guards_missing()) == ["trigger ledger_event_append_only is not in force"]


def test_the_command_says_so_in_one_sentence(scratch, capsys):
    with scratch.in_use():
        story()
        call_command("verify")
        told = capsys.readouterr().out
        assert told.endswith("Ledger and tables agree.\n")
        assert "ILL" not in told


def test_the_command_shows_some_faults_counts_all_and_ends_with_1(scratch, capsys):
    with scratch.in_use():
        for _ in range(6):
            story()
        with scratch.connect() as session:
            session.execute("UPDATE devices_device SET status = 'lost'")
        with pytest.raises(SystemExit) as ended:
            call_command("verify")
    told = capsys.readouterr().out
    assert ended.value.code == 1
    assert told.count("status: ledger") == 10
    assert "ILL   18 faults: Every device is" in told
    assert "18 faults. Nothing was changed." in told
