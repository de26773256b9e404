"""The venue's journal: one JSON line for each thing that happened, as ``happening`` tells it.

An execution has one line for each side of the match.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from meridian.schema.errors import ConfigError, MeridianError
from meridian.services.venue_happenings import happening
from meridian.venue import Event, Instrument, OrderEvent, OrderRejected

__all__ = ["JournalError", "VenueJournal"]

_KEPT = (OrderEvent, OrderRejected)
"""What became of orders: a refused request changed nothing, and the rest is no order's."""


class JournalError(MeridianError):
    """The journal cannot keep what happened."""


class VenueJournal:
    """Appends to a file; what was written is with the operating system when ``write`` returns.

    Raises:
        ConfigError: the file cannot be opened.
    """

    def __init__(self, path: Path, instruments: Mapping[str, Instrument]) -> None:
        self._instruments = instruments
        self._path = path
        try:
            # Unbuffered: one write for each batch of events.
            self._file = path.open("ab", buffering=0)
            if _cut_short(path):
                self._file.write(b"\n")
        except OSError as error:
            raise ConfigError(f"cannot write journal {path}: {error.strerror}") from None

    def write(self, events: Iterable[Event]) -> None:
        """Keep what happened.

        Raises:
            JournalError: the file takes no more.
        """
        lines = [
            json.dumps(happening(event, self._instruments), separators=(",", ":")) + "\n"
            for event in events
            if isinstance(event, _KEPT)
        ]
        if not lines:
            return
        data = "".join(lines).encode()
        try:
            written = self._file.write(data)
        except OSError as error:
            raise JournalError(f"cannot write journal {self._path}: {error.strerror}") from None
        if written != len(data):
            raise JournalError(f"cannot write journal {self._path}: its last line is cut short")

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _cut_short(path: Path) -> bool:
    """Whether a former run died in the middle of a line, which no line of ours may continue."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
