"""docs/venue-checklist.md: what it says is there has a test, and the test is there and runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/venue-checklist.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| asked for")
]
LINK = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w./]+)\)")


def test_what_is_there_names_a_test_and_what_is_not_names_none():
    assert len(ROWS) > 40
    for what, there, shown in ROWS:
        assert there in ("yes", "not yet"), what
        assert bool(LINK.search(shown)) == (there == "yes"), what


def test_every_test_that_is_named_is_collected():
    named = {f"{path}::{name}" for name, path in LINK.findall(PAGE)}
    files = sorted({path for _, path in LINK.findall(PAGE)})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-n0", *files]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    collected = {line.partition("[")[0] for line in listed.splitlines()}
    assert named - collected == set()
