"""Fixtures of the kernel's tests."""

import pytest
from kernel_core import Core


@pytest.fixture
def core() -> Core:
    return Core()
