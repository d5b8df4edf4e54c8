"""Accessibility findings of a page in a real browser, by axe-core (WCAG 2.2 AA and good practice)."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parent.parent / "frontend/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def axe_violations(page: Page, within: str | None = None) -> list[str]:
    """One line for each finding: rule, how bad, where. Empty is what we want. Needs `npm ci` in frontend.

    The script is handed in through the debugger, which the page's content policy does not concern.
    """
    if not page.evaluate("typeof window.axe !== 'undefined'"):
        page.evaluate(AXE.read_text("utf-8") + "; undefined")
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("([root, options]) => axe.run(root ?? document, options)", [within, options])
    return [
        f"{finding['id']} ({finding['impact']}): {node['target']} {node['failureSummary']}"
        for finding in found["violations"]
        for node in finding["nodes"]
    ]
