"""What would break: a doctor that promises uvloop, and services that do not use it; a venue that
spends half of its time looking for garbage; a program that goes on with a service's settings."""

from __future__ import annotations

import asyncio
import gc
import sys
from types import SimpleNamespace

from meridian.services.loop import GARBAGE_STEPS, run


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


def test_the_collector_looks_seldom_while_a_service_runs_and_as_before_after_it():
    async def steps():
        return gc.get_threshold()

    before = gc.get_threshold()
    assert run(steps()) == GARBAGE_STEPS
    assert gc.get_threshold() == before
