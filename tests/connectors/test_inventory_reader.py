"""Device lists as districts have them: found out, row by row taken or refused, never half understood."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter

from firstbell.connectors.inventory import SENTENCES, DayOrder, Owner, OwnerKey, read_devices
from firstbell.connectors.problems import Severity
from tests.connectors.rosters import pack

MOMENT = datetime.fromisoformat("2026-07-13T08:30:00")
SIMPLE = "Asset Tag,Serial Number,Model\nWF1,5CD1,Quill\nWF2,5CD2,Quill\n"
SNIPE = (
    "Company,Name,Asset Tag,Category,Manufacturer,Location,Order Number,Model,Model Number,Asset Notes,Purchase Date,"
    "Purchase Cost,Checked Out To: Username,Checked Out To: First Name,Checked Out To: Email,Serial\n"
    'Wrenfield,x,ao333,Laptop,Acme,North,PO-1,"Book Pro 13""",BP13,secret,1/23/23,"$1,234.50",abyron,Ada,,c02xyz\n'
)


def read(content, **options):
    source = io.BytesIO(content.encode() if isinstance(content, str) else content)
    found = read_devices(source, **options)
    return found, list(found.outcomes())


def codes(outcome):
    return {problem.code for problem in outcome.problems}


def workbook(*rows, sheet="Devices"):
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        page, days = book.add_worksheet(sheet), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(at, place, cell, *([days] if isinstance(cell, date) else []))
    return packed.getvalue()


def test_a_snipe_it_export():
    found, (outcome,) = read(SNIPE)

    device = outcome.device
    assert found.problems == ()
    assert (device.tag, device.serial, device.model, device.site) == ("AO333", "C02XYZ", 'Book Pro 13"', "North")
    assert (device.purchased_on, device.purchase_price_cents) == (date(2023, 1, 23), 123_450)
    assert device.owner == Owner(OwnerKey.USERNAME, "abyron")
    assert device.notes_dropped == 1
    assert "secret" not in repr(device)


def test_a_gam_export_with_semicolons():
    text = (
        "deviceId;annotatedAssetId;annotatedLocation;annotatedUser;lastSync;notes;serialNumber;status\n"
        "1;WF1;Room 12;Kid@example.org;;;5CD1;ACTIVE\n"
    )
    found, (outcome,) = read(text)

    assert found.format == "utf-8 ;"
    assert outcome.device.place == "Room 12"
    assert outcome.device.owner == Owner(OwnerKey.EMAIL, "kid@example.org")


def test_an_incident_iq_export():
    text = (
        "AssetTag,SerialNumber,Model,Owner,Location,Room,Status,PurchasedDate,PurchasePrice,FundingSource,PONumber,"
        "WarrantyExpirationDate\nWF1,5CD1,Quill,0042,North,12,In use,2026-07-13,390,Levy,PO-26,2029-07-12\n"
    )
    _found, (outcome,) = read(text)

    device = outcome.device
    assert device.owner == Owner(OwnerKey.NUMBER, "0042")
    assert (device.site, device.place, device.po_number) == ("North", "12", "PO-26")
    assert (device.purchase_price_cents, device.warranty_until) == (39_000, date(2029, 7, 12))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_encoding_delimiter_and_line_end(encoding, line_end, delimiter):
    text = "Asset Tag,Serial Number,Site\nWF1,5CD1,José Martí School of North\n".replace(",", delimiter)

    _found, (outcome,) = read(text.replace("\n", line_end).encode(encoding))

    assert outcome.device.site == "José Martí School of North"
    assert outcome.row == 2


def test_a_workbook_with_titles_above_its_header():
    rows: tuple[list[object], ...] = (
        ["Devices of North"],
        [],
        ["Asset Tag", "Serial", "IMEI", "Purchase Date", "Price"],
        [100234, "5cd1", 490154203237518, date(2026, 7, 13), 277.5],
    )
    found, (outcome,) = read(workbook(*rows))

    assert (found.format, found.header_row, outcome.row) == ("xlsx", 3, 4)
    assert outcome.device.tag == "100234"
    assert outcome.device.imei == "490154203237518"
    assert (outcome.device.purchased_on, outcome.device.purchase_price_cents) == (date(2026, 7, 13), 27_750)


def test_a_moment_and_a_tick_in_a_workbook_are_text_like_any_other():
    _found, (outcome,) = read(workbook(["Tag", "Purchase Date", "Condition"], ["WF1", MOMENT, True]))

    assert outcome.device.purchased_on == date(2026, 7, 13)
    assert outcome.device.condition == "true"


def test_a_zip_that_is_no_workbook():
    assert [problem.code for problem in read(pack({"readme.txt": "hello"}).getvalue())[0].problems] == [
        "file.no_workbook"
    ]


def test_a_long_number_in_a_workbook_has_lost_its_end():
    _found, (outcome,) = read(workbook(["Tag", "ICCID"], ["WF1", 8901410321111851072]))

    assert codes(outcome) == {"cell.scientific"}


def test_a_named_sheet():
    book = workbook(["Tag"], ["WF1"], sheet="Fleet")

    assert read(book, sheet="Fleet")[1][0].device.tag == "WF1"
    assert [problem.code for problem in read(book, sheet="Other")[0].problems] == ["file.no_sheet"]


def test_columns_mapped_by_the_caller_count_alone():
    text = "Nr,Ser,Model\nWF1,5CD1,Quill\n"
    assert [problem.code for problem in read(text)[0].problems] == ["header.missing"]
    assert read(text)[0].headers == ("Nr", "Ser", "Model")

    found, (outcome,) = read(text, columns={"tag": "nr", "serial": "SER"})
    assert found.columns == {"tag": 1, "serial": 2}
    assert outcome.device.model == ""


def test_an_absent_column_is_told_from_an_empty_cell():
    found, (outcome,) = read("Tag,Site,Room\nWF1,,12\n")

    assert outcome.device.site == outcome.device.model == ""
    assert "site" in found.columns
    assert "model" not in found.columns


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("WF1,6.37702E+15,,,", "cell.scientific"),
        ("WF1,5CD1,3/4/2026,,", "date.ambiguous"),
        ("WF1,5CD1,,1.234,", "price.unclear"),
        ("WF1,5CD1,,,490154203237519", "imei.check_digit"),
        (",,,,", None),
        (",,2026-01-01,,", "row.no_identity"),
        ("N/A,none,2026-01-01,,", "row.no_identity"),
        ("WF1,5CD1,,,,extra", "row.too_long"),
        ('WF1,"5CD1\nWF2,5CD2"', "row.too_short"),
    ],
)
def test_a_row_that_is_not_taken_says_why(row, code):
    _found, outcomes = read(f"Tag,Serial,Purchase Date,Price,IMEI\n{row}\n")

    assert [outcome.device for outcome in outcomes] == ([None] if code else [])
    assert all(code in codes(outcome) for outcome in outcomes)


def test_a_short_row_has_empty_cells_at_its_end():
    """Excel leaves out trailing delimiters."""
    _found, (outcome,) = read("Tag,Serial,Model\nWF1\n")

    assert outcome.device.tag == "WF1"
    assert outcome.problems == ()


def test_an_ambiguous_day_is_taken_once_its_order_is_said():
    text = "Tag,Purchase Date\nWF1,3/4/2026\nWF2,1/23/2026\n"
    found, (refused, taken) = read(text)
    assert refused.device is None
    assert taken.device.purchased_on == date(2026, 1, 23)
    assert found.day_order is DayOrder.MONTH_FIRST

    _found, (outcome, _other) = read(text, day_order=found.day_order)
    assert outcome.device.purchased_on == date(2026, 3, 4)


def test_a_list_that_proves_both_orders_proves_none():
    assert read("Tag,Purchase Date\nWF1,23/1/2026\nWF2,1/23/2026\n")[0].day_order is None


def test_repeated_tags_and_serials_are_refused_and_name_each_other():
    text = "Tag,Serial,Make\nWF1,A1,\nwf 1,A2,\nWF3,A3,Acme\nWF4,a3,Acme\nWF5,A3,Other\nWF6,A6,\n"
    _found, outcomes = read(text)

    repeated = [
        (outcome.row, problem.column, dict(problem.facts)["other"])
        for outcome in outcomes
        for problem in outcome.problems
    ]
    assert repeated == [(2, "tag", 3), (3, "tag", 2), (4, "serial", 5), (5, "serial", 4)]
    assert [outcome.device.tag for outcome in outcomes if outcome.device] == ["WF5", "WF6"]


def test_an_iccid_without_its_check_digit_is_only_warned_of():
    _found, (outcome,) = read("Tag,ICCID\nWF1,8901410321111851071\n")

    assert outcome.device.iccid == "8901410321111851071"
    assert [(problem.code, problem.severity) for problem in outcome.problems] == [
        ("iccid.check_digit", Severity.WARNING)
    ]


def test_a_serial_that_says_none_is_empty():
    _found, (outcome,) = read("Tag,Serial\nWF1,n/a\n")

    assert outcome.device.serial == ""
    assert codes(outcome) == {"cell.placeholder"}


def test_a_warranty_in_months_runs_from_the_purchase():
    _found, outcomes = read("Tag,Warranty,Purchase Date\nWF1,36 months,2024-02-29\nWF2,12,\n")

    assert [outcome.device.warranty_until for outcome in outcomes] == [date(2027, 2, 28), None]


def test_the_best_named_column_wins_and_two_of_one_name_are_refused():
    found, _outcomes = read("Barcode,Asset Tag\nx,WF1\n")
    assert found.columns == {"tag": 2}

    found, _outcomes = read("Asset Tag,asset_tag\nWF1,WF2\n")
    assert [(problem.code, problem.column) for problem in found.problems] == [("header.twice", "tag")]

    found, _outcomes = read("Category,Tag,Category,,\na,WF1,b,,\n")
    assert not found.refused


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file.empty"),
        (b"a,b\n1,2\n", "header.missing"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file.binary"),
        (b"Tag,Serial\nWF1,\x81\xff\n", "file.encoding"),
        (b"PK\x03\x04 and no more", "file.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file.old_excel"),
        (b'Tag,Serial\nWF1,"' + b"x" * 20_000 + b'"', "file.cell_too_large"),
        (b'Tag,Serial\nWF1,"' + b"x" * 20_000, "file.quote_open"),
        (b'Tag,Serial\nWF1,5CD1\nWF2,"5CD2', "file.quote_open"),
        (b'Tag;Serial\nWF1;5CD1\nWF2;"5CD2\n', "file.quote_open"),
        (b'Tag,Serial\nWF1,"' + b"x" * 200_000, "file.cell_too_large"),
    ],
)
def test_a_file_that_is_not_taken_says_why(content, code):
    found, outcomes = read(content)

    assert found.refused
    assert outcomes == []
    assert [problem.code for problem in found.problems] == [code]
    assert found.problems[0].sentence(SENTENCES)


def test_a_sheet_with_its_corners_far_apart_is_refused_before_it_is_spread_out():
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write(0, 0, "Tag")
        page.write(1_048_575, 16_383, "x")

    assert [problem.code for problem in read(packed.getvalue())[0].problems] == ["file.too_many_cells"]


FAR = '<worksheet><sheetData><row r="1"><c r="A1"/></row><row r="{row}"><c{cell}/></row></sheetData></worksheet>'


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("xl/worksheets/sheet1.xml", FAR.format(row=99_999_999, cell=""), "file.too_many_cells"),
        ("xl/worksheets/sheet1.xml", FAR.format(row=2, cell=' r = "ZZZZ99999999"'), "file.too_many_cells"),
        (
            "xl/worksheets/sheet1.xml",
            FAR.format(row=2, cell=' r="B&#57;&#57;&#57;&#57;&#57;&#57;&#57;"'),
            "file.too_many_cells",
        ),
        ("xl/other.xml", FAR.format(row=9_999_999, cell=' r="B9999999"'), "file.too_many_cells"),
        ("xl/media/image1.png", FAR.format(row=9_999_999, cell=""), "file.damaged"),
        ("xl/worksheets/sheet1.xml", '<!DOCTYPE x [<!ENTITY y "z">]><worksheet>&y;</worksheet>', "file.damaged"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", "file.damaged"),
        ("xl/worksheets/sheet1.xml", FAR.format(row="x", cell=""), "file.damaged"),
        ("xl/workbook.xml", "<workbook/>", "file.no_sheet"),
    ],
)
def test_a_sheet_made_to_fill_the_memory_is_refused(part, content, code):
    with zipfile.ZipFile(io.BytesIO(workbook(["Tag"], ["WF1"]))) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}

    found, _outcomes = read(pack({**parts, part: content}).getvalue())

    assert [problem.code for problem in found.problems] == [code]


def test_a_workbook_that_is_none():
    packed = bytearray(workbook(["Tag"], ["WF1"]))
    packed[200:260] = b"\0" * 60

    assert [problem.code for problem in read(bytes(packed))[0].problems] == ["file.damaged"]


def test_problems_call_the_file_by_the_name_they_are_given():
    _found, (outcome,) = read("Tag,Price\nWF1,x\n", name="fleet.csv")

    assert {problem.file for problem in outcome.problems} == {"fleet.csv"}


def test_a_list_on_disk_is_read_by_its_path(tmp_path):
    path = tmp_path / "devices.csv"
    path.write_text(SIMPLE)

    devices = [outcome.device for outcome in read_devices(path).outcomes()]
    assert [device.tag for device in devices if device] == ["WF1", "WF2"]


def test_nothing_is_half_read_when_a_quote_far_below_is_never_closed():
    lines = [["Tag", "Model"], *([f"WF{number}", "Quill"] for number in range(2_000))]
    text = io.StringIO()
    csv.writer(text).writerows(lines)

    found, outcomes = read(text.getvalue() + 'WF9999,"' + "x" * 11_000)

    assert [problem.code for problem in found.problems] == ["file.quote_open"]
    assert found.problems[0].row == 2_002
    assert outcomes == []
