"""Printed pages, read back as a scanner reads them: from the pixels of the page."""

import io
import json

import pytest
import zxingcpp
from PIL import Image

from firstbell.connectors.papers import marks, typeset
from firstbell.connectors.papers.labels import Label, Placing, label_pdf, outline_pdf, values
from firstbell.connectors.papers.sheets import sheets

PPI = 300
NAMES = ["Nguyễn Thị Hạnh", "محمد الأحمد", "王小明", "José Núñez", '#eval("1+1")', '"] #panic() *b* $x$ \\', "#{1/0}"]


def _labels(count: int) -> list[Label]:
    return [
        Label(
            f"D-{n:05}", (NAMES[n % len(NAMES)], "Lincoln Middle"), f"https://help.example.org/d/AB{n:06}", f"D-{n:05}"
        )
        for n in range(count)
    ]


def _read(page: bytes) -> list[zxingcpp.Barcode]:
    return list(zxingcpp.read_barcodes(Image.open(io.BytesIO(page))))


def _squares(pages: list[bytes]) -> list[str]:
    return [code.text for page in pages for code in _read(page) if code.format == zxingcpp.BarcodeFormat.QRCode]


@pytest.mark.parametrize("part", list(sheets()))
def test_every_code_on_every_kind_of_sheet_is_read_back(part: str) -> None:
    sheet = sheets()[part]
    labels = _labels(sheet.count + 3)
    pages = typeset.images("labels", values(labels, sheet, Placing()), ppi=PPI)
    assert len(pages) == 2
    assert sorted(_squares(pages)) == sorted(label.address for label in labels)


def test_bars_are_read_back_where_the_label_has_room() -> None:
    pages = typeset.images("labels", values(_labels(30), sheets()["5160"], Placing()), ppi=PPI)
    bars = [code.text for code in _read(pages[0]) if code.format == zxingcpp.BarcodeFormat.Code128]
    assert sorted(bars) == [f"D-{n:05}" for n in range(30)]


def test_a_label_lies_where_the_sheet_has_it_and_moves_with_the_printer() -> None:
    sheet = sheets()["5163"]
    for placing in (Placing(), Placing(right=2.5, down=-1.5), Placing(first=4)):
        page = typeset.images("labels", values(_labels(1), sheet, placing), ppi=PPI)[0]
        corner = _read(page)[0].position.top_left
        found = (corner.x / PPI * 25.4, corner.y / PPI * 25.4)
        column, row = (placing.first - 1) % sheet.columns, (placing.first - 1) // sheet.columns
        left = sheet.left + placing.right + column * sheet.across
        top = sheet.top + placing.down + row * sheet.down
        assert left < found[0] < left + 4
        assert top < found[1] < top + sheet.height / 2


def test_the_measures_of_each_sheet_add_up_to_its_page() -> None:
    for sheet in sheets().values():
        across = 2 * sheet.left + (sheet.columns - 1) * sheet.across + sheet.width
        down = 2 * sheet.top + (sheet.rows - 1) * sheet.down + sheet.height
        assert (across, down) == pytest.approx(sheet.page, abs=0.1), sheet.part


def _dark(label: Label, ppi: float = 150) -> int:
    page = typeset.images("labels", values([label], sheets()["5163"], Placing()), ppi=ppi)[0]
    return sum(Image.open(io.BytesIO(page)).convert("L").histogram()[:128])


@pytest.mark.parametrize("name", NAMES)
def test_what_people_typed_is_set_as_text_and_never_read_as_a_command(name: str) -> None:
    empty = Label("X", ("",), "https://a.example/d/1")
    said = Label("X", (name,), "https://a.example/d/1")
    assert _dark(said) > _dark(empty) + 40


def test_names_of_all_these_scripts_are_in_the_fonts_that_are_embedded() -> None:
    made = label_pdf([Label(name, (), "https://a.example/d/1") for name in NAMES[:4]], sheets()["5160"])
    for font in (b"NotoSans-Bold", b"NotoNaskhArabic-Bold", b"NotoSansHans"):
        assert font in made, font
    assert b"FontFile" in made


def test_a_missing_letter_would_be_seen() -> None:
    blank = _dark(Label("\U0001f600", (), "https://a.example/d/1"))
    assert blank != _dark(Label("王", (), "https://a.example/d/1"))


def test_bars_say_nothing_of_what_they_cannot_say() -> None:
    assert marks.bars("Ñ-1") == ""
    assert marks.bars("D-00001").startswith("<svg")


def test_the_outlines_need_no_label() -> None:
    assert outline_pdf(sheets()["5160"]).startswith(b"%PDF")


def test_values_travel_as_json_only() -> None:
    assert b"eval" not in typeset._source("labels")
    assert json.loads(json.dumps(values(_labels(1), sheets()["5160"], Placing())))["labels"]
