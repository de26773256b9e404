"""The house style, as far as a program can see it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MODULE_LINES = 500
TEST_LINES = 800
FUNCTION_LINES = 70

PRICE_PATHS = ("schema", "book", "fix", "venue", "kernel", "ccm", "store")
"""Rooms where money and sizes are computed."""

FLOATS_ALLOWED = {"schema/numbers.py"}
"""Reads floats callers write, by their shortest repr, into Decimals."""


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name)
def test_modules_and_functions_stay_readable(path):
    text = path.read_text()
    limit = TEST_LINES if path in TESTS else MODULE_LINES
    lines = len(text.splitlines())
    assert lines <= limit, f"{name(path)} has {lines} lines, over {limit}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES, f"{name(path)}:{node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_modules_say_what_they_are_for(path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name(path)} has no docstring"


@pytest.mark.parametrize("room", sorted((ROOT / "src/meridian").glob("*/__init__.py")), ids=name)
def test_rooms_say_what_they_import_and_export(room):
    tree = ast.parse(room.read_text())
    docstring = ast.get_docstring(tree) or ""
    assert "May import:" in docstring
    assert len(docstring.splitlines()) <= 40


@pytest.mark.parametrize(
    "path",
    [p for room in PRICE_PATHS for p in sorted((ROOT / "src/meridian" / room).rglob("*.py"))],
    ids=name,
)
def test_no_float_in_a_price_path(path):
    if str(path.relative_to(ROOT / "src/meridian")) in FLOATS_ALLOWED:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        named = isinstance(node, ast.Name) and node.id == "float"
        assert not literal, f"{name(path)}:{node.lineno} has a float"
        assert not named, f"{name(path)}:{node.lineno} mentions float"


def test_no_mark_is_left_behind():
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    found = [
        f"{name(path)}: {line.strip()}"
        for path in SOURCES + TESTS
        for line in path.read_text().splitlines()
        if marks.search(line)
    ]
    assert found == []


def test_nothing_built_is_tracked():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert not [f for f in listed.stdout.split() if f.endswith((".so", ".c", ".pyc"))]
