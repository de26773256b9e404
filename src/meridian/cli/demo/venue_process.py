"""The venue daemon as a child process."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from meridian.schema.errors import ExchangeError

__all__ = ["VenueProcess"]

READY_SECONDS = 15.0
STOP_SECONDS = 5.0


class VenueProcess:
    """Starts ``meridian venue run`` and follows the JSON lines it prints."""

    def __init__(self, folder: Path, arguments: list[str]) -> None:
        self.journal = folder / "venue.jsonl"
        self._log = folder / "venue.log"
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self.lines: dict[str, dict[str, Any]] = {}
        """The latest line of each ``event``."""

    async def start(self) -> dict[str, Any]:
        """Start it; returns the ready line.

        Raises:
            ExchangeError: it ended, or was not ready in READY_SECONDS; tells what it logged.
        """
        command = [sys.executable, "-m", "meridian", "venue", "run", "--no-api"]
        command += self._arguments
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                "--journal",
                str(self.journal),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                # A Ctrl-C is for the demo, which then stops the venue in its turn.
                start_new_session=True,
            )
        self._reader = asyncio.create_task(self._read())
        ready = await self.wait_for("ready", READY_SECONDS)
        if ready is None:
            await self.stop()
            raise ExchangeError(f"the venue did not start: {self._last_words()}")
        return ready

    async def wait_for(self, event: str, seconds: float) -> dict[str, Any] | None:
        """The line of that event; None where it did not come in time, or the process ended."""
        reader = self._reader
        assert reader is not None

        def told() -> bool:
            return event in self.lines or reader.done()

        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(told)
        except TimeoutError:
            return None
        return self.lines.get(event)

    async def stop(self) -> None:
        """Ask it to end, and wait; kill it where it does not."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reader is not None:
            await self._reader

    @property
    def pid(self) -> int:
        """The daemon's process id."""
        assert self._process is not None
        return self._process.pid

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            async with self._news:
                self.lines[told["event"]] = told
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"no log in {self._log}"
