"""How long a great many labels take: drawing the codes, setting the pages, writing the PDF."""

import time

from firstbell.connectors.papers.labels import Label, label_pdf
from firstbell.connectors.papers.sheets import sheets

LABELS = 3000
SECONDS = 5.0


def _label(number: int) -> Label:
    tag = f"LM-{number:05}"
    return Label(tag, ("Lincoln Middle School", "Acme Chromebook 11"), f"https://help.example.org/d/K{number:07}")


def labels() -> tuple[float, int]:
    """Return the seconds of CPU for 3,000 device labels on 5160 sheets, fonts and codes included, and the bytes."""
    begun = time.process_time()
    made = label_pdf([_label(number) for number in range(LABELS)], sheets()["5160"])
    return time.process_time() - begun, len(made)


def main() -> int:
    """Print the figure; end with 1 when it is missed."""
    spent, size = labels()
    print(f"{LABELS:,} labels: {spent:.1f} s of CPU (target {SECONDS:.0f}), {size / 1e6:.1f} MB")
    return 0 if spent <= SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
