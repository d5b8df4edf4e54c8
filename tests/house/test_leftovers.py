"""Nothing is written for nobody: each function, class and constant at the top of a file is named somewhere else too."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from tests.house.reading import ROOT, Source, read_python, read_source

FRAMEWORK = re.compile(r"^(Command|application|\w+Config|urlpatterns|default_app_config|handler\d+|main)$")
"""Names that Django or a script look up."""
DECORATED = {"register", "task", "periodic", "simple_tag", "inclusion_tag", "filter", "app"}


def find_leftovers(files: Iterable[Source], others: str = "") -> list[str]:
    """Return the names that stand only where they are defined; ``others`` are templates, settings and scripts."""
    kept = list(files)
    used = Counter(re.findall(r"\w+", "\n".join([*(file.text for file in kept), others])))
    return [
        f"{file.path} {name}"
        for file in kept
        for name in _defined(file.tree)
        if file.area != "settings"  # Django reads those
        and used[name] < 2
        and not FRAMEWORK.match(name)
    ]


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            if not any(_name(mark) in DECORATED for mark in node.decorator_list):
                yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _name(mark: ast.expr) -> str:
    if isinstance(mark, ast.Call):
        return _name(mark.func)
    return mark.attr if isinstance(mark, ast.Attribute) else getattr(mark, "id", "")


def _elsewhere() -> str:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.html")]
    return "\n".join([*texts, *(file.text for file in read_python("bench", "tests"))])


def test_nothing_is_written_for_nobody():
    assert find_leftovers(read_source(), _elsewhere()) == []


def test_the_check_can_fail():
    left = Source("src/firstbell/a.py", "LIMIT = 3\n\n\ndef used():\n    return LIMIT\n\n\ndef left():\n    used()\n")
    assert find_leftovers([left]) == ["src/firstbell/a.py left"]
