"""The import page: hand in, say what columns mean, look at each row, import once; the brake holds; nothing stays."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from firstbell.connectors.inventory import SENTENCES, glance, read_devices
from firstbell.devices.models import Device
from firstbell.directory.models import User
from firstbell.flows.inventory_import import Options, What, import_devices
from firstbell.jobs import lists
from firstbell.jobs.drain import drain_all
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.transfers import files
from firstbell.transfers.models import Upload
from tests import make
from tests.conftest import MISSING

ASSETS = Path(__file__).resolve().parents[4] / "shared" / "data" / "assets"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def town(db: None) -> make.District:
    return make.district(1)


@pytest.fixture
def office(town: make.District) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=town.office.user_id or 0))
    return client


def hand_in(office: Client, content: bytes, name: str = "list.csv") -> Any:
    return office.post("/imports/new", {"op": str(make.op()), "list": SimpleUploadedFile(name, content)})


def only() -> Upload:
    return Upload.objects.everyone(reason="a test looks").get()


def work() -> Upload:
    """Do what a worker would."""
    drain_all(at=utc_now())
    lists.take(only().pk, at=utc_now())
    return only()


def check(office: Client, **more: Any) -> Upload:
    upload = only()
    columns = upload.options["columns"]
    sent = {"op": str(make.op()), "header": list(columns.values()), "field": list(columns)} | more
    answer = office.post(f"/imports/{upload.pk}/check", sent)
    assert answer.status_code == 302, answer.content.decode()
    return work()


def test_a_list_of_which_no_row_can_be_taken_is_not_offered_for_import(town: make.District, office: Client) -> None:
    hand_in(office, b"Asset Tag,Serial Number,Model,School\nA-1,SN-1,Book,Nowhere\n")
    upload = check(office)
    assert upload.counts == {"refused": 1}
    page = office.get(f"/imports/{upload.pk}").content.decode()
    assert "No row of this list can be taken" in page
    assert "Import the list" not in page


def devices() -> int:
    return Device.objects.everyone(reason="a test looks").count()


def rows(town: make.District, count: int = 3, **more: str) -> bytes:
    school = town.schools[0].site.name
    head = "Asset Tag,Serial Number,Model,School,Status\n"
    return (
        head + "".join(f"A-{n},SN-{n},Book,{school},{more.get('status', 'in stock')}\n" for n in range(count))
    ).encode()


def workbook(content: bytes) -> bytes:
    target = BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(content.decode().splitlines()):
            for place, cell in enumerate(line.split(",")):
                sheet.write_string(number, place, cell)
    return target.getvalue()


@pytest.mark.parametrize("form", [bytes, workbook])
def test_a_list_is_looked_through_then_imported_once(
    town: make.District, office: Client, form: Callable[[bytes], bytes]
) -> None:
    before = devices()
    answer = hand_in(office, form(rows(town)))
    assert answer.status_code == 302, answer.content.decode()
    assert "Look it through" in office.get(answer.headers["Location"]).content.decode()
    upload = check(office)
    assert (upload.state, upload.counts, devices()) == ("checked", {"added": 3}, before)
    assert "Import the list" in office.get(f"/imports/{upload.pk}").content.decode()
    office.post(f"/imports/{upload.pk}/application", {"op": str(make.op())})
    upload = work()
    assert (upload.state, devices()) == ("applied", before + 3)
    lists.take(upload.pk, at=utc_now())
    assert devices() == before + 3
    assert not files.path_of(upload.file).exists(), "the file goes once it is imported"


def test_nothing_is_imported_unseen(town: make.District, office: Client) -> None:
    hand_in(office, rows(town))
    answer = office.post(f"/imports/{only().pk}/application", {"op": str(make.op())})
    assert answer.status_code == 422
    assert devices() == 0


def test_rows_left_out_are_told_with_row_and_column(town: make.District, office: Client) -> None:
    hand_in(office, rows(town) + b"A-0,SN-9,Book,,\nB-1,6.37E+15,Book,,\n")
    upload = check(office)
    page = office.get(f"/imports/{upload.pk}").content.decode()
    assert upload.counts == {"added": 2, "refused": 3}
    assert "Serial Number" in page
    assert "Excel has been there" in page
    response: Any = office.get(f"/exports/imports/{upload.pk}?as=csv")
    exported = b"".join(response.streaming_content).decode()
    assert len(exported.splitlines()) == 6


def test_columns_are_corrected_by_hand(town: make.District, office: Client) -> None:
    hand_in(office, rows(town).replace(b"Asset Tag", b"Sticker").replace(b"Serial Number", b"Number"))
    assert "tag" not in only().options["columns"]
    again = office.post(f"/imports/{only().pk}/check", {"op": str(make.op()), "header": ["Model"], "field": ["model"]})
    assert again.status_code == 422
    upload = check(office, header=["Sticker", "Number", "Model", "School"], field=["tag", "serial", "model", "site"])
    assert upload.counts == {"added": 3}


def test_the_brake_holds_until_it_is_confirmed(town: make.District, office: Client) -> None:
    hand_in(office, rows(town, 25, status="mystery"))
    upload = check(office)
    assert upload.counts == {"refused": 25}
    address = f"/imports/{upload.pk}/application"
    answer = office.post(address, {"op": str(make.op())})
    assert answer.status_code == 422
    assert "25 of 25 rows" in answer.content.decode()
    assert only().state == "checked"
    assert office.post(address, {"op": str(make.op()), "confirmed": "on"}).status_code == 302


def test_status_words_are_explained_once_for_the_list(town: make.District, office: Client) -> None:
    hand_in(office, rows(town, status="mystery"))
    assert check(office, statuses="Mystery = in stock").counts == {"added": 3}


def bomb() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file"),
        (bytes(range(256)) * 8, "neither text nor"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "old .xls workbook"),
        (b"PK\x03\x04 not a zip", "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    office: Client, town: make.District, content: bytes, sentence: str
) -> None:
    answer = hand_in(office, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not list(files.folder().iterdir())


def test_a_bomb_is_refused_before_it_goes_off(office: Client, town: make.District) -> None:
    answer = hand_in(office, bomb(), "list.xlsx")
    assert answer.status_code == 422
    assert "far larger" in answer.content.decode()
    assert not list(files.folder().iterdir())


def test_a_list_is_its_owners_alone_and_can_be_thrown_away(town: make.District, office: Client) -> None:
    hand_in(office, rows(town))
    upload = only()
    other = Client()
    other.force_login(make.user("other", Role.DISTRICT_IT)[0])
    assert other.get(f"/imports/{upload.pk}").status_code == 404
    assert other.post(f"/imports/{upload.pk}/removal", {"op": str(make.op())}).status_code == 404
    office.post(f"/imports/{upload.pk}/removal", {"op": str(make.op())})
    assert not list(files.folder().iterdir())


SHAPES = {
    "Snipe-IT": "Name,Asset Tag,Category,Serial,Manufacturer,Location,Model,Checkout Type,Checked Out To: Email",
    "Incident IQ": "AssetTag,SerialNumber,Model,Owner,Location,Room,Status,PurchasedDate,PurchasePrice",
    "Google (GAM)": "deviceId,annotatedAssetId,annotatedLocation,annotatedUser,lastSync,notes,serialNumber,status",
    "Apple School Manager": "Serial Number,Device,Part Number,Order Number,Assigned Server,Date Added",
    "Jamf Pro": "Jamf Pro ID,Serial Number,Asset Tag,Model,Username,Building,Room,PO Number",
    "Intune": "Device ID,Device name,Managed by,Ownership,Compliance,Serial number,Model,Primary user UPN,IMEI",
    "Destiny": "Barcode,Serial Number,Resource Name,Site,Home Location,Status,Date Acquired,Purchase Price",
    "TIPWeb-IT": "Tag,Serial,Product Name,Product Type,Site,Room,Status,Purchase Date",
    "Homebox": "HB.name,HB.asset_id,HB.serial_number,HB.location",
}


@pytest.mark.parametrize("product", SHAPES)
def test_a_products_list_is_known_by_its_headers(product: str) -> None:
    seen = glance(BytesIO((SHAPES[product] + "\n").encode()))
    assert seen.product == product
    assert {"tag", "serial"} & seen.columns.keys()
    means = {seen.headers[place - 1]: field for field, place in seen.columns.items()}
    assert means.get("Device name") is None
    assert means.get("Assigned Server") is None


def test_a_plain_list_is_nobodys_product() -> None:
    assert glance(BytesIO(b"Asset Tag,Serial\n")).product == ""


@pytest.mark.django_db
def test_real_lists_of_others_are_read_or_refused_with_a_sentence() -> None:
    found = sorted(path for path in ASSETS.rglob("*.*") if path.is_file())
    if not found:
        MISSING.add("real asset lists beside the checkout (../shared/data/assets)")
        pytest.skip("../shared/data/assets is not here: real asset lists were NOT read")
    read = 0
    for path in found:
        file = read_devices(path)
        read += not file.refused
        assert all(problem.sentence(SENTENCES) for problem in file.problems), path
        results = import_devices(file, digest="d", options=Options(), dry_run=True, by=SYSTEM, at=make.MONDAY)
        for result in () if file.refused else results:
            assert result.what is not What.REFUSED or all(note.sentence for note in result.notes), path
    assert 0 < read < len(found)
