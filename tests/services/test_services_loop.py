"""What would break: a doctor that promises uvloop, and services that do not use it."""

from __future__ import annotations

import asyncio
import sys
from types import SimpleNamespace

from meridian.services.loop import run


async def answer() -> str:
    return "done"


def test_uvloop_runs_the_service_where_it_is_installed(monkeypatch):
    def uvloop_run(main):
        return "uvloop " + asyncio.run(main)

    monkeypatch.setitem(sys.modules, "uvloop", SimpleNamespace(run=uvloop_run))
    assert run(answer()) == "uvloop done"


def test_without_it_asyncio_does(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(answer()) == "done"
