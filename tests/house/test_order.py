"""Imports and foreign keys all point down the house: from an area to a lower one, never beside, never up.

import-linter checks imports too (`make order`); here they are checked once more with names given as text, such as
`apps.get_model("tickets.Ticket")`, and with every foreign key.
"""

import ast
import re
from collections.abc import Iterable, Iterator

from django.apps import apps

from tests.house.reading import DOORS, SOURCE, Source, read_order, read_source

ORDER = read_order()
PURE = {"kernel", "planning", "connectors"}
Pair = tuple[str, str, str]  # who, whose area, the area it points to


def find_upward(pairs: Iterable[Pair]) -> list[str]:
    return [
        f"{who}: {area} -> {target}"
        for who, area, target in pairs
        if area != target and not (area in ORDER and target in ORDER and ORDER[target] < ORDER[area])
    ]


def find_foreign_keys() -> Iterator[Pair]:
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if field.auto_created or not field.is_relation or not isinstance(target, type):
                continue
            names = [kind.__module__.split(".") for kind in (model, target)]
            if all(name[0] == "firstbell" for name in names):
                yield f"{model.__name__}.{field.name}", names[0][1], names[1][1]


def find_imports(files: Iterable[Source]) -> Iterator[Pair]:
    for file in files:
        if file.area in DOORS:
            continue
        for node in ast.walk(file.tree):
            for target in _targets(node):
                yield f"{file.path}:{getattr(node, 'lineno', 0)}", file.area, target


def _targets(node: ast.AST) -> Iterator[str]:
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [f"{node.module}.{alias.name}" for alias in node.names]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        label = re.fullmatch(r"(\w+)\.[A-Z]\w+", node.value)
        names = [f"firstbell.{label[1]}"] if label and label[1] in ORDER else []
    for name in names:
        first, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if first == "firstbell" and target not in DOORS | {"", "__version__"}:
            yield target


def find_impure(files: Iterable[Source]) -> list[str]:
    text = re.compile(r"^\s*(?:from|import) (django|ninja|psycopg|procrastinate)\b", re.MULTILINE)
    return [file.path for file in files if file.area in PURE and text.search(file.text)]


def test_foreign_keys_point_down():
    assert find_upward(find_foreign_keys()) == []


def test_imports_point_down_also_inside_functions_and_as_text():
    assert find_upward(find_imports(read_source())) == []


def test_every_area_has_its_place():
    areas = {path.parent.name for path in SOURCE.glob("*/__init__.py")} - DOORS
    assert areas <= set(ORDER)


def test_pure_areas_know_no_framework():
    assert find_impure(read_source()) == []
    assert find_impure([Source("src/firstbell/planning/pool.py", "def f():\n    import django\n")]) != []


def test_the_check_can_fail():
    pairs = [("Device.ticket", "devices", "tickets"), ("Loan.repair", "loans", "repairs"), ("x", "devices", "attic")]
    assert len(find_upward(pairs)) == 3
    assert find_upward([("Ticket.device", "tickets", "devices"), ("Device.parent", "devices", "devices")]) == []


def test_the_check_sees_hidden_imports():
    text = """
def close():
    from firstbell.tickets.actions import close
    from firstbell import web
    import firstbell.flows.swap
    apps.get_model("tickets.Ticket")
"""
    found = find_upward(find_imports([Source("src/firstbell/devices/actions.py", text)]))
    assert [line.rpartition(" ")[2] for line in found] == ["tickets", "web", "flows", "tickets"]
