"""How soon a public form can be used on the worst machine: 4x slower processor, "Fast 3G". Prints the figures.

    python bench/first_page.py http://127.0.0.1:8000/r/CODE     (a room's address of a running system)
    Run it as in production: FIRSTBELL_MODE=production FIRSTBELL_BEHIND_PROXY=yes, so that files are compressed.

Each round is a browser that has never been here. "Usable" is when the symptoms are painted: they are links and need no
script. "Step" is from a tap on a symptom to the next step on screen: it lies in the page and asks the server nothing.
"""

import os
import shutil
import statistics
import sys
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ROUNDS = 9
TARGET_MS = 1500
FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
"""As the browser's own tools set it: milliseconds for each answer, bytes a second."""
PAINTED = """() => new Promise(done => {
    const shown = () => document.querySelector('.choice')?.getClientRects().length;
    const look = () => requestAnimationFrame(() => shown() ? done(performance.now()) : look());
    look();
})"""
STEP = """() => new Promise(done => {
    const begun = performance.now();
    document.querySelector('.choice').click();
    const look = () => document.querySelector('.answer:target')?.getClientRects().length
        ? done(performance.now() - begun) : requestAnimationFrame(look);
    requestAnimationFrame(look);
})"""


def main() -> int:
    """Measure; end with 1 when the target is missed."""
    url = sys.argv[1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        rounds = [measure(browser, url) for _ in range(ROUNDS)]
        browser.close()
    usable, step, sizes = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"usable after {usable:,.0f} ms (target {TARGET_MS:,}), next step {step:.0f} ms, {sizes / 1000:.1f} kB sent")
    return int(usable > TARGET_MS)


def measure(browser: Browser, url: str) -> tuple[float, float, float]:
    """Return milliseconds until usable, milliseconds to the next step, bytes that came over the line."""
    behind_proxy = {"X-Forwarded-Proto": "https"}
    context = browser.new_context(viewport={"width": 390, "height": 844}, extra_http_headers=behind_proxy)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    received: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", FAST_3G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(url, wait_until="commit")
    paint = page.evaluate(PAINTED)
    page.wait_for_load_state("load")
    assert page.evaluate("document.querySelectorAll('.choice').length") > 5, f"no form at {urlsplit(url).path}"
    step = page.evaluate(STEP)
    context.close()
    return float(paint), float(step), sum(received)


if __name__ == "__main__":
    sys.exit(main())
