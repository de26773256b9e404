"""A daemon in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from meridian.client.errors import ConnectionFailed

__all__ = ["Daemon", "daemon_command"]

STOP_PATIENCE = 10.0
"""Seconds that a daemon has to stop before it is killed."""


def daemon_command(config: str | Path | None, bots: bool, arguments: Sequence[str]) -> list[str]:
    command = [sys.executable, "-m", "meridian", "venue", "run"]
    if config is not None:
        command.append(str(config))
    else:
        command += ["--port", "0"]
        command += [] if bots else ["--no-bots"]
    return [*command, "--api-port", "0", "--until-stdin-closes", *arguments]


class Daemon:
    """A daemon in a process of its own that ends when this one does."""

    def __init__(self, command: Sequence[str]) -> None:
        # Not a pipe: nobody reads it until the daemon ends.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
        )
        self._line = b""
        self._said = ""
        self._reader = threading.Thread(target=self._read, name="meridian daemon", daemon=True)
        self._has_line = threading.Event()
        self._reader.start()

    def wait_ready(self, timeout: float) -> dict[str, Any]:
        """The ready line."""
        came = self._has_line.wait(timeout)
        if came and self._line:
            ready: dict[str, Any] = json.loads(self._line)
            return ready
        reason = f"not ready within {timeout} s" if not came else "it ended"
        self.stop()
        raise ConnectionFailed(f"the daemon did not start: {reason}\n{self._said}".rstrip())

    def stop(self) -> None:
        """Let it end in good order, and make sure that it does."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        if not self._errors.closed:
            self._errors.seek(0)
            self._said = self._errors.read()[-4_096:].decode("utf-8", "replace")
            self._errors.close()

    def _read(self) -> None:
        """Take the ready line, then whatever else it says, so that it never has to wait."""
        stdout = self._process.stdout
        assert stdout is not None
        self._line = stdout.readline()
        self._has_line.set()
        while stdout.read(65_536):
            pass
