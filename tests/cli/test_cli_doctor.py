"""What would break: a doctor that calls well what is not there."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from meridian import native
from meridian.services import doctor


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "meridian", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_pure_mode_is_said_and_how_to_leave_it():
    result = run("doctor", MERIDIAN_PURE="1")
    assert result.returncode == 0
    assert "pure Python: MERIDIAN_PURE is set" in result.stdout
    assert "unset MERIDIAN_PURE" in result.stdout


def test_json_names_every_kernel_and_optional_part():
    findings = json.loads(run("doctor", "--json").stdout)
    named = {finding["name"] for finding in findings}
    assert set(native.KERNELS) <= named
    assert {"uvloop", "NATS", "PostgreSQL", "console"} <= named


def test_what_is_absent_says_how_to_get_it(monkeypatch):
    def absent(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(doctor.importlib, "import_module", absent)
    for finding in doctor.examine():
        if finding.area != "meridian":
            assert not finding.usable
            assert finding.remedy


def test_files_of_the_users_folder_are_not_taken_for_parts(tmp_path):
    (tmp_path / "nats.py").write_text("raise RuntimeError('not the package')")
    result = run("doctor", "--json", PYTHONPATH=str(tmp_path))
    (nats,) = [f for f in json.loads(result.stdout) if f["name"] == "NATS"]
    assert result.returncode == 0
    assert not nats["usable"]


def test_a_broken_part_is_a_finding_and_not_the_end(monkeypatch):
    def broken(name):
        raise AttributeError(f"{name} is half installed")

    monkeypatch.setattr(doctor, "_version", lambda module: "1.0")
    monkeypatch.setattr(doctor.importlib, "import_module", broken)
    monkeypatch.setattr(doctor, "_kernel", lambda kernel: doctor.Finding("kernel", "x", True, ""))
    optional = [f for f in doctor.examine() if f.area == "optional"]
    assert all("half installed" in f.detail and f.remedy for f in optional)


def test_another_package_of_our_name_is_a_fault(monkeypatch):
    owners = {"meridian": ["meridian-execution", "open-meridian"]}
    monkeypatch.setattr(doctor.metadata, "packages_distributions", lambda: owners)
    (clash,) = [f for f in doctor.examine() if f.name == "open-meridian"]
    assert not clash.usable
    assert clash.remedy == "pip uninstall open-meridian"


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--version"], 0), (["--help"], 0), (["nonsense"], 2)]
)
def test_exit_codes(arguments, code):
    assert run(*arguments).returncode == code


def test_importing_meridian_is_quick_and_small():
    """A user adds it to a test suite: no event loop, no server, no database by importing it."""
    code = (
        "import sys, meridian; "
        "print([m for m in ('asyncio', 'sqlalchemy', 'structlog', 'rich') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
