"""Fixtures for every room's tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Published data that tests read and the project does not carry."""
    folder = Path(os.environ.get("MERIDIAN_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set MERIDIAN_SHARED")
    return folder
