"""Everything that runs with us may be given on under Apache-2.0: permissive or weak copyleft, and known."""

import re
from importlib import metadata

from tests.house.reading import ROOT

GOOD = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python|LGPL|Lesser|MPL|Mozilla|HPND|Unlicense|PostgreSQL|Zlib|CC0)", re.IGNORECASE
)
BAD = re.compile(r"(?<![L])\b(A?GPL|GNU (Affero )?General|SSPL|Commons Clause|Proprietary)", re.IGNORECASE)


def is_fine(licence: str) -> bool:
    return bool(GOOD.search(licence)) and not BAD.search(licence)


def read_licence(name: str) -> str:
    about = metadata.metadata(name).json
    classifiers = [line.rpartition(" :: ")[2] for line in about.get("classifier", []) if line.startswith("License")]
    return (
        " ".join([str(about.get("license_expression", "")), *classifiers]).strip() or str(about.get("license", ""))[:60]
    )


def test_every_running_dependency_has_a_good_licence():
    locked = (ROOT / "requirements/base.txt").read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==[^;\n]*$", locked, re.MULTILINE)
    assert len(names) > 20
    assert [f"{name}: {read_licence(name)}" for name in names if not is_fine(read_licence(name))] == []


def test_the_check_can_fail():
    assert is_fine("MIT")
    assert is_fine("LGPL-3.0-only")
    assert not is_fine("")
    assert not is_fine("GPL-3.0-or-later")
    assert not is_fine("GNU Affero General Public License v3")
