"""The public form with everything it loads stays light: 60 kB, compressed."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders

MOST = 60_000
FIRST_FLIGHT = 14_600  # what a server may send at once before it must wait for an answer: ten packets


def weigh(page: str) -> dict[str, int]:
    """The compressed bytes of a page and of each file that it names."""
    files = set(re.findall(r'(?:href|src)="/static/([^"#]+)', page))
    sizes = {name: len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in sorted(files)}
    return {"page": len(gzip.compress(page.encode()))} | sizes


def test_the_form_and_all_it_loads_is_light(client, here):
    page = client.get(f"/r/{here.places['room'].code}").content.decode()
    sizes = weigh(page)
    assert {"firstbell/firstbell.css", "firstbell/street.js", "firstbell/icons.svg"} <= set(sizes)
    print(sizes, "together:", sum(sizes.values()))  # noqa: T201 -- the figure is the point
    assert sum(sizes.values()) <= MOST


def test_the_page_itself_fits_the_first_flight(client, here):
    answer = client.get(f"/r/{here.places['room'].code}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.content) <= FIRST_FLIGHT


def test_the_scales_can_tip(client, here):
    page = client.get(f"/r/{here.places['room'].code}").content.decode()
    heavy = page.replace("</main>", '<img src="/static/firstbell/desk.js">' + "</main>")
    assert sum(weigh(heavy).values()) > sum(weigh(page).values()) + 10_000
