"""Exports hold what the page lists, for whom it lists it, as text that nothing runs, in flat memory."""

import csv
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from firstbell.connectors.inventory import read_devices
from firstbell.directory.models import User
from firstbell.flows.inventory_import import Options, What, import_devices
from firstbell.flows.report import report_problem
from firstbell.jobs.drain import drain_all
from firstbell.kernel.actor import REPORTER, SYSTEM
from firstbell.kernel.clock import utc_now
from firstbell.kernel.formulas import defuse
from firstbell.kernel.roles import Role
from firstbell.ledger.models import Event
from firstbell.seasons.models import Collection
from firstbell.seasons.queries import still_out
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from firstbell.transfers import files
from firstbell.transfers.actions import forget_expired
from firstbell.transfers.models import Download
from firstbell.web import exports
from firstbell.web.doors import addresses
from firstbell.web.lists import LISTINGS
from firstbell.web.sheets import Form, chunks
from firstbell.web.tasks import write_export
from tests import make
from tests.scenery import scene

EVIL = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '"=1+1"',
    "'=1",
    "  =1",
    "\ufeff=1",
    "\u201c=1",
    "\uff1d1+1",
    "\u200b@x",
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
]


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def whole(response: Any) -> bytes:
    """Return everything that an answer streams."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def table(response: Any) -> list[list[str]]:
    """Return a CSV answer as rows."""
    assert response.status_code == 200
    return list(csv.reader(StringIO(whole(response).decode("utf-8-sig"))))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- The forms ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", EVIL)
def test_no_spreadsheet_runs_a_cell(cell: str) -> None:
    written = b"".join(chunks(Form.CSV, "t", ["head"], [[cell]])).decode()
    (_head, row) = csv.reader(StringIO(written, newline=""))
    assert row == [f"'{cell}"]
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(chunks(Form.XLSX, "t", ["head"], [[cell]]))))
    assert "<f>" not in str(sheet.get_sheet_by_index(0).to_python())
    assert sheet.get_sheet_by_index(0).to_python()[1] == [cell.replace("\r", "\r")]


def test_the_guard_leaves_harmless_cells_alone() -> None:
    assert [defuse(cell) for cell in ("A-1", "O'Neil", "1+1", "", "Café")] == ["A-1", "O'Neil", "1+1", "", "Café"]


@given(st.text(max_size=30))
def test_text_comes_back_behind_its_guard(cell: str) -> None:
    assert defuse(cell).removeprefix("'") in {cell, cell.removeprefix("'")}
    assert defuse(cell)[:1] not in {"=", "+", "-", "@", "\t", "\r"}


def test_numbers_days_and_moments_stay_what_they_are() -> None:
    row = [-40, Decimal("277.50"), date(2026, 9, 14), datetime(2026, 9, 14, 8, 30, tzinfo=UTC), None, ""]
    written = b"".join(chunks(Form.CSV, "t", list("abcdef"), [row])).decode().splitlines()[1]
    assert written == "-40,277.50,2026-09-14,2026-09-14 08:30+00:00,,"
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(chunks(Form.XLSX, "t", list("abcdef"), [row]))))
    cells = book.get_sheet_by_index(0).to_python()[1]
    assert cells[:4] == [-40.0, 277.5, date(2026, 9, 14), datetime(2026, 9, 14, 8, 30)]  # noqa: DTZ001 -- sheets have no zone


def test_only_csv_for_excel_bears_the_mark() -> None:
    assert b"".join(chunks(Form.EXCEL, "t", ["a"], [])).startswith(b"\xef\xbb\xbf")
    assert not b"".join(chunks(Form.CSV, "t", ["a"], [])).startswith(b"\xef\xbb\xbf")


def _peak(form: Form, rows: int) -> int:
    def some() -> Iterator[list[object]]:
        for number in range(rows):
            yield [f"D-{number}", "Acme Book", number, date(2026, 1, 1)]

    tracemalloc.start()
    for _piece in chunks(form, "t", list("abcd"), some()):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_a_hundred_times_the_rows_take_no_more_memory(form: Form) -> None:
    few, many = (1_000, 100_000) if form is Form.CSV else (2_000, 20_000)
    small, large = _peak(form, few), _peak(form, many)
    assert large < 1.5 * small + 500_000, (small, large)


# --- Who gets what --------------------------------------------------------------------------------------------------


@pytest.fixture
def town(db: None) -> make.District:
    return make.district(2)


def _canary(town: make.District, school: make.School, name: str) -> None:
    owner = make.person(school.site, given="Canaria", family=name)
    own, spare = make.device(town, school, owner, tag=f"TAG{name}"), make.loaner(town, school, tag=f"L{name}")
    told = Report(site_id=school.site.pk, symptom="cracked", device_id=own.pk, person_id=owner.pk)
    report_problem(report=told, channel=Ticket.Channel.QR, by=REPORTER, at=utc_now(), op=make.op())
    assert spare.is_loaner


def plain() -> list[str]:
    """Return the lists whose address names nothing."""
    addresses_of = {str(entry.name): str(entry.pattern) for entry in addresses()}
    return [key for key in LISTINGS if "<" not in addresses_of[f"{key}_export"]]


def test_an_export_holds_nothing_of_another_school(town: make.District) -> None:
    here, there = town.schools
    _canary(town, here, "MINE")
    _canary(town, there, "THEIRS")
    client, seen = signed_in(here.lead), b""
    for key in plain():
        response = client.get(reverse(f"{key}_export"))
        seen += whole(response) if response.status_code == 200 else b""
    assert b"TAGMINE" in seen
    assert b"Canaria MINE" in seen, "the lead's own people are named: the walk can fail"
    assert b"THEIRS" not in seen


def test_a_student_helper_gets_no_export(town: make.District) -> None:
    here = town.schools[0]
    helper = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)[0]
    client = signed_in(helper)
    assert {client.get(reverse(f"{key}_export")).status_code for key in plain()} <= {403, 404}


def test_who_sees_nobodys_name_gets_no_column_of_names(town: make.District) -> None:
    _canary(town, town.schools[0], "MINE")
    auditor = make.user("auditor", Role.AUDITOR)[0]
    head, *rows = table(signed_in(auditor).get("/exports/devices"))
    assert "Asset tag" in head
    assert "Belongs to" not in head
    assert "Canaria" not in str(rows)


def test_an_export_honours_the_filters_of_the_address(town: make.District) -> None:
    here, there = town.schools
    device, _other = make.device(town, here), make.device(town, there)
    pool = make.loaner(town, here)
    client = signed_in(User.objects.get(pk=town.office.user_id or 0))
    tags = {row[0] for row in table(client.get(f"/exports/devices?site={here.site.pk}"))[1:]}
    assert tags == {device.tag, pool.tag}
    assert {row[0] for row in table(client.get("/exports/devices?owner=pool"))[1:]} == {pool.tag}
    assert table(client.get("/exports/devices?view=retired"))[1:] == []


def test_each_page_offers_its_export_as_it_is_filtered(town: make.District) -> None:
    client = signed_in(User.objects.get(pk=town.office.user_id or 0))
    assert "/exports/devices?site=1&amp;as=xlsx" in client.get("/devices?site=1&after=x").content.decode()
    for page, address in {"/desk": "queue", "/loans": "loans", "/places": "places", "/roles": "roles"}.items():
        assert f"/exports/{address}?as=csv" in client.get(page).content.decode()


def test_the_lists_of_the_big_days_and_of_counts_come_as_files_too(db: None) -> None:
    made = scene()
    _open, differing, certified = (count.code for count in made.counts)
    pages = {
        Role.IT_LEAD: [
            "/counts",
            f"/counts/{differing}/differences",
            f"/counts/{certified}/certificate",
            "/collecting",
            f"/collecting/{made.collection}/missing",
            "/hand-out",
            f"/hand-out/{made.homeroom}",
            "/accessories",
            "/posters",
        ],
        Role.DISTRICT_TECH: ["/checks"],
    }
    for role, addresses_of_role in pages.items():
        client = signed_in(made.users[role])
        for page in addresses_of_role:
            assert f"/exports{page}?as=xlsx" in client.get(page).content.decode(), page
            head, *rows = table(client.get(f"/exports{page}"))
            assert rows, page
            assert {len(row) for row in rows} == {len(head)}, page


def test_who_has_not_returned_is_listed_whole_and_by_name(db: None) -> None:
    made = scene()
    listed = table(signed_in(made.users[Role.IT_LEAD]).get(f"/exports/collecting/{made.collection}/missing"))
    assert listed[0][:4] == ["Name", "Number", "Grade", "Device"]
    out = still_out(Collection.objects.everyone(reason="a test looks").get(pk=made.collection))
    assert [(row[0], row[3]) for row in listed[1:]] == [(str(row.person), row.device.tag) for row in out]


# --- In the background ----------------------------------------------------------------------------------------------


def _order(client: Client, town: make.District) -> Download:
    for _number in range(4):
        make.device(town, town.schools[0])
    page = client.get("/exports/devices?view=in_stock&as=csv")
    assert "written in the background" in page.content.decode()
    answer = client.post("/exports/devices?view=in_stock&as=csv", {"op": str(make.op())})
    assert answer.headers["Location"] == "/downloads"
    return Download.objects.everyone(reason="a test looks").get()


def test_a_long_list_is_written_by_the_worker_and_fetched_by_its_owner_alone(
    town: make.District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MANY", 2)
    lead = town.schools[0].lead
    client = signed_in(lead)
    order = _order(client, town)
    drain_all(at=utc_now())
    assert client.get(f"/downloads/{order.pk}").status_code == 404
    write_export.func(order.pk)
    assert len(table(client.get(f"/downloads/{order.pk}"))) == 5
    assert "Fetch it" in client.get("/downloads").content.decode()
    assert signed_in(town.schools[1].lead).get(f"/downloads/{order.pk}").status_code == 404
    assert Event.objects.filter(kind="transfers.export_ordered").count() == 1


def test_an_export_expires_with_its_file(town: make.District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MANY", 2)
    client = signed_in(town.schools[0].lead)
    order = _order(client, town)
    write_export.func(order.pk)
    assert forget_expired(at=utc_now()) == 0
    assert list(files.folder().iterdir())
    assert forget_expired(at=utc_now() + timedelta(hours=25)) == 1
    assert not list(files.folder().iterdir())


def test_whoever_has_lost_the_role_meanwhile_gets_nothing(town: make.District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MANY", 2)
    lead = town.schools[0].lead
    order = _order(signed_in(lead), town)
    lead.is_active = False
    lead.save()
    write_export.func(order.pk)
    order.refresh_from_db()
    assert (order.state, order.file) == (Download.State.FAILED, "")


# --- There and back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "excel", "xlsx"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_export_of_devices_is_imported_again_and_changes_nothing(
    town: make.District, form: str, language: str
) -> None:
    here = town.schools[0]
    make.device(town, here, make.person(here.site), tag="-AB12")
    make.device(town, here, tag="0012")
    make.loaner(town, here)
    client = signed_in(User.objects.get(pk=town.office.user_id or 0))
    response = client.get(f"/exports/devices?as={form}", headers={"accept-language": language})
    file = read_devices(BytesIO(whole(response)))
    assert file.product == "Firstbell", file
    results = list(import_devices(file, digest="d", options=Options(), by=SYSTEM, at=utc_now()))
    assert [(row.what, row.notes) for row in results] == [(What.UNCHANGED, ())] * 3
