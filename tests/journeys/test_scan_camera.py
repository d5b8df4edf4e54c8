"""The scan page with a camera: Chromium's made-up camera shows a film of a printed code."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, expect

from firstbell.devices.models import Device
from tests import make
from tests.conftest import CHROMIUM_FLAGS, find_chromium
from tests.journeys.counting import burst
from tests.journeys.scanpage import opened, phone, settled
from tests.web.depot.world import World, custody, world

pytestmark = pytest.mark.django_db(transaction=True)

WIDE, HIGH, FRAMES = 640, 480, 12


@pytest.fixture
def w() -> World:
    made = world()
    made.at = timezone.now() - timedelta(days=1)
    return made


def film(path: Path, text: str, kind: str) -> Path:
    """Write some seconds of a label held before a camera, as raw frames (y4m)."""
    drawn = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    printed: Any = zxingcpp.write_barcode_to_image(drawn, scale=3 if kind == "Code128" else 5)
    high, wide = printed.shape
    label = Image.frombytes("L", (wide, high), bytes(printed))
    frame = Image.new("L", (WIDE, HIGH), 200)
    frame.paste(label, ((WIDE - label.width) // 2, (HIGH - label.height) // 2))
    grey = bytes([128]) * (WIDE * HIGH // 2)
    frames = b"".join(b"FRAME\n" + frame.tobytes() + grey for _ in range(FRAMES))
    path.write_bytes(f"YUV4MPEG2 W{WIDE} H{HIGH} F10:1 Ip A1:1 C420jpeg\n".encode() + frames)
    return path


def with_camera(browser: Browser, shown: Path) -> Browser:
    """Start another browser whose camera shows a film."""
    flags = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    return browser.browser_type.launch(
        executable_path=find_chromium(),
        args=[*CHROMIUM_FLAGS, *flags, f"--use-file-for-fake-video-capture={shown}"],
        timeout=120_000,
    )


@pytest.fixture
def device(w: World) -> Device:
    return make.device(w.town, w.here)


@pytest.mark.parametrize("kind", ["QRCode", "Code128", "DataMatrix"])
def test_the_camera_reads_a_label(
    w: World, browser: Browser, live_server: Any, tmp_path: Path, device: Device, kind: str
) -> None:
    text = device.tag if kind == "Code128" else f"HTTPS://HELP.EXAMPLE/D/{device.code}"
    seeing = with_camera(browser, film(tmp_path / "label.y4m", text, kind))
    try:
        with phone(seeing, live_server, w.here.lead, permissions=["camera"]) as context:
            page = opened(context, "Put in a place")
            burst(page, w.here.places["room"].code)
            page.get_by_role("button", name="Camera").click()
            expect(page.locator("#last")).to_contain_text(device.tag, timeout=30_000)
            settled(page)
            assert page.locator("#trail > li").count() == 1  # held before the camera for long, it is one scan
    finally:
        seeing.close()
    assert custody(device).place == w.here.places["room"]


def test_without_a_camera_the_page_says_what_to_do(w: World, browser: Browser, live_server: Any) -> None:
    with phone(browser, live_server, w.here.lead) as context:
        page = opened(context)
        page.get_by_role("button", name="Camera").click()
        expect(page.get_by_text("The camera can’t be used.")).to_be_visible()
