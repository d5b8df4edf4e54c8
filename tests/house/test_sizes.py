"""Functions and files stay small enough to be read in one go."""

import ast
import statistics
from collections.abc import Iterable

from tests.house.reading import Source, read_python, read_source

MEDIAN, MOST, LONGEST = 8, 30, 50  # lines of a function, from `def` to its last line; MOST holds for 95 of 100
FILE = 500


def measure(files: Iterable[Source]) -> dict[str, int]:
    return {
        f"{file.path}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for file in files
        for node in ast.walk(file.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def find_faults(sizes: dict[str, int]) -> list[str]:
    faults = [f"{name}: {size} lines" for name, size in sizes.items() if size > LONGEST]
    median = statistics.median(sizes.values())
    p95 = statistics.quantiles(sizes.values(), n=20)[-1]
    if median > MEDIAN:
        faults.append(f"median {median}")
    if p95 > MOST:
        longest = sorted(sizes, key=lambda name: -sizes[name])[: len(sizes) // 20]
        faults.append(f"p95 {p95}; the longest: {longest}")
    return faults


def test_functions_are_small():
    assert find_faults(measure(read_source())) == []


def test_functions_of_tests_are_not_long():
    sizes = measure(read_python("tests", "tools", "bench"))
    assert [name for name, size in sizes.items() if size > LONGEST] == []


def test_files_are_small():
    files = read_source() + read_python("tests", "tools", "bench")
    assert [file.path for file in files if file.text.count("\n") > FILE] == []


def test_the_check_can_fail():
    long = "def f():\n" + "    x = 1\n" * 60
    assert [fault.partition(":")[0] for fault in find_faults(measure([Source("a.py", long + long)]))] == [
        "a.py",
        "a.py",
        "median 61.0",
        "p95 61.0; the longest",
    ]
