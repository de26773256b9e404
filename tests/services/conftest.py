"""Fixtures of the services' tests."""

import pytest
from sidecar_world import OPENED


@pytest.fixture(autouse=True)
def _closed_databases():
    yield
    while OPENED:
        OPENED.pop().close()
