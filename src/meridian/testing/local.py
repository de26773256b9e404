"""A venue in this process, for synchronous tests: the host on a loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Self, TypeVar

from meridian.client import ConnectionFailed, Simulator, TimedOut
from meridian.client.errors import error_of
from meridian.management import (
    Failure,
    Script,
    VenueDefinition,
    default_definition,
    read_command,
)
from meridian.services.logs import Silent
from meridian.services.venue_host import VenueHost
from meridian.services.venue_records import Records

__all__ = ["LocalSimulator", "small_venue"]

PATIENCE = 20.0
"""Seconds on top of its own waiting before a command is given up; never a pace."""

T = TypeVar("T")


def small_venue() -> VenueDefinition:
    """AAPL, MSFT and EURUSD, sessions TRADER and VIEWER on a free port; nobody else trades."""
    return default_definition(port=0, bots=False)


class _LoopThread:
    """An event loop in a thread, from construction until ``stop``."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="meridian venue", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], patience: float) -> T:
        """Have it done on the loop."""
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return done.result(patience)
        except FutureTimeout:
            done.cancel()
            raise TimedOut(f"the venue did not answer within {patience} s") from None

    def stop(self) -> None:
        """End the loop and the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


class LocalTransport:
    """Carries commands to a host in this process; what it refuses, a daemon refuses."""

    def __init__(self, script: Script) -> None:
        self._thread: _LoopThread | None = _LoopThread()
        try:
            self._host = self._thread.run(_started(script), PATIENCE)
        except BaseException:
            self._thread.stop()
            raise

    def call(self, command: dict[str, Any], patience: float) -> dict[str, Any]:
        thread = self._thread
        if thread is None:
            raise ConnectionFailed("the venue was closed")
        read = read_command(command)
        if isinstance(read, list):
            raise error_of("invalid", "; ".join(read))
        reply = thread.run(self._host.execute(read), PATIENCE + patience)
        if isinstance(reply, Failure):
            raise error_of(reply.code.value, reply.text)
        tree: dict[str, Any] = reply.model_dump(mode="json")
        return tree

    def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self._host.stop(), PATIENCE)
            thread.stop()


class LocalSimulator(Simulator):
    """A simulator whose venues live in this process.

    Raises:
        ConfigError: the venue cannot be made as it is defined.
    """

    @classmethod
    def start(cls, definition: VenueDefinition | Script | None = None) -> Self:
        """Run a venue; ``small_venue`` by default."""
        if not isinstance(definition, Script):
            definition = Script(definition or small_venue())
        return cls(LocalTransport(definition))


async def _started(script: Script) -> VenueHost:
    host = VenueHost(Records(log=Silent()))
    await host.start(script)
    return host
