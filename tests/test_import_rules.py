"""What would break: a pure room that quietly gets a clock, dice or I/O."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.so"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_rules_hold(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "line", "said"),
    [
        ("book/__init__.py", "import time", "meridian.book is not allowed to import time"),
        ("kernel/state.py", "import random", "meridian.kernel is not allowed to import random"),
        (
            "fix/message.py",
            "from meridian.net import fix_initiator",
            "meridian.fix is not allowed to import meridian.net",
        ),
        ("venue/venue.py", "import meridian.kernel", "meridian.venue"),
    ],
)
def test_a_forbidden_import_is_named(copy, module, line, said):
    path = copy / "src" / "meridian" / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert said in result.stdout


def test_a_new_room_must_be_placed(copy):
    room = copy / "src" / "meridian" / "attic"
    room.mkdir()
    (room / "__init__.py").touch()
    result = lint(copy)
    assert result.returncode == 1
    assert "attic" in result.stdout
