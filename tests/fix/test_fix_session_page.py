"""docs/protocols/fix-session.md: its diagram is today's table, its tests are there and run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from fix_play import read_plays

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/protocols/fix-session.md").read_text()
LINK = re.compile(r"\[(\w+)\]\(\.\./\.\./tests/fix/([\w./]+)\)")


def test_the_diagram_is_drawn_from_the_table():
    command = [sys.executable, "-c", "import session_states; print(session_states.diagram())"]
    drawn = subprocess.run(
        command, cwd=ROOT / "tools", capture_output=True, text=True, check=True
    ).stdout.strip()
    assert drawn in PAGE, "run python tools/session_states.py"


def test_every_mandatory_case_names_a_test():
    rows = [line.split("|") for line in PAGE.splitlines() if re.match(r"\| .* \| [MO] \|", line)]
    assert len(rows) > 40
    without = [row[1] for row in rows if row[2].strip() == "M" and not LINK.search(row[5])]
    assert without == []


def test_every_test_that_is_named_is_collected():
    command = [sys.executable, "-m", "pytest", "--collect-only", str(ROOT / "tests/fix")]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    collected = {line.partition("[")[0] for line in listed.splitlines()}
    plays = {f"dialogues/{play.name}.def" for play in read_plays(ROOT / "tests/fix/dialogues")}
    named = LINK.findall(PAGE)
    assert named
    for name, path in named:
        if path.endswith(".def"):
            assert path in plays, path
            assert path == f"dialogues/{name}.def", path
        else:
            assert f"tests/fix/{path}::{name}" in collected, f"{path}::{name}"
