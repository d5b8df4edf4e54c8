"""Counts what a person does in a story: a tap, a typed field, a choice, a scan, or a thing done outside the program.

    actions = Actions(page, budget=3, name="E")
    actions.goto_scan("/r/ABCD")
    actions.tap("text=No internet")
    actions.report()      # prints "journey E: 2 actions of 3", fails above the budget

Signing in and looking at something are not counted. Other people of the same story: ``with actions.on(their_page):``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page


class Actions:
    """The actions of one journey, spent against its budget."""

    def __init__(self, page: Page, budget: int, name: str) -> None:
        self.page = page
        self.budget = budget
        self.name = name
        self.done: list[str] = []

    @contextmanager
    def on(self, page: Page) -> Iterator[None]:
        """Go on with another person's page; their actions count in the same budget."""
        before, self.page = self.page, page
        yield
        self.page = before

    def goto_scan(self, url: str) -> None:
        """Point a phone's camera at a QR code: the page opens."""
        self.done.append(f"scan {url}")
        self.page.goto(url)

    def tap(self, selector: str) -> None:
        self.done.append(f"tap {selector}")
        self.page.click(selector)

    def type(self, selector: str, text: str) -> None:
        """Fill one field."""
        self.done.append(f"type {selector}")
        self.page.fill(selector, text)

    def choose(self, selector: str, value: str) -> None:
        """Choose one entry of a list."""
        self.done.append(f"choose {selector}")
        self.page.select_option(selector, value)

    def press(self, key: str) -> None:
        """Press one key, such as Enter for the next step."""
        self.done.append(f"press {key}")
        self.page.keyboard.press(key)

    def scan(self, code: str) -> None:
        """Scan a code as a scanner in keyboard mode does: a burst of letters into the page, then Enter."""
        self.done.append(f"scan {code}")
        burst(self.page, code)

    def external(self, count: int = 1, what: str = "outside the program") -> None:
        """Count things done on paper, by mail or in another console."""
        self.done.extend([what] * count)

    @property
    def count(self) -> int:
        """Return how many actions it has taken so far."""
        return len(self.done)

    def report(self) -> None:
        """Say what it took; fail above the budget."""
        said = f"journey {self.name}: {self.count} actions of {self.budget}"
        print(said)  # noqa: T201 -- the figure is the point
        assert self.count <= self.budget, "\n".join([said, *self.done])


def burst(page: Page, code: str) -> None:
    """Type far faster than a person, then Enter; in one call, on a keyboard already awake, so that it stays whole."""
    page.keyboard.press("Shift")
    page.keyboard.type(f"{code}\n")
