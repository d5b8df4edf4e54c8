"""The tables change in actions only: every other file reads. By name, so `settings.update(...)` is better said `|=`."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.reading import Source, read_source

BULK = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "update_fields"}
VERBS = {"save", "create", "update", "delete"} | BULK
WRITES = VERBS | {f"a{verb}" for verb in VERBS}
RAW = re.compile(r"\s*(INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|TRUNCATE|COPY\s)", re.IGNORECASE)
WRITERS = {"ledger", "flows"}  # whole areas that may write
PURE = {"kernel", "planning", "connectors"}  # know no tables

ALLOWED = {
    # path below src/firstbell: why this file may write outside actions
    "directory/scope.py": "passes update and delete on, after asking for the reach",
    "jobs/backup/tables.py": "copies whole tables out, and into an empty database",
}


def find_writes(file: Source) -> Iterator[str]:
    nodes = list(ast.walk(file.tree))
    prose = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            yield f"{file.path}:{node.lineno} .{node.func.attr}()"
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and RAW.match(node.value)
            and id(node) not in prose
        ):
            yield f"{file.path}:{node.lineno} {' '.join(node.value.split())[:40]}"


def may_write(file: Source) -> bool:
    inside_actions = any(part in {"actions", "actions.py"} for part in file.parts)
    return inside_actions or file.area in WRITERS | PURE or "/".join(file.parts) in ALLOWED


def test_only_actions_write():
    assert [write for file in read_source() if not may_write(file) for write in find_writes(file)] == []


def test_the_allow_list_is_not_longer_than_needed():
    unneeded = set(ALLOWED) - {"/".join(file.parts) for file in read_source() if list(find_writes(file))}
    assert unneeded == set()


@pytest.mark.parametrize(
    "line",
    [
        "device.save(update_fields=['state'])",
        "Device.objects.filter(pk=1).update(state='lost')",
        "site.rooms.get_or_create(name='Gym')",
        "cursor.execute('delete from devices_device')",
        "cursor.execute('UPDATE devices_device SET state = 1')",
    ],
)
def test_the_check_can_fail(line):
    page = Source("src/firstbell/web/desk/devices.py", line)
    assert not may_write(page)
    assert len(list(find_writes(page))) == 1


def test_actions_may_write():
    assert may_write(Source("src/firstbell/devices/actions/custody.py", ""))
    assert may_write(Source("src/firstbell/tickets/actions.py", ""))
    assert not may_write(Source("src/firstbell/tickets/queries.py", ""))
