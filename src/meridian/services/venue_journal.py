"""The venue's journal: one JSON line for each thing that happened to an order.

``kind`` is accepted, rejected, replaced, reduced, cancelled or executed (one line for each side of
a match). Prices and quantities are decimal text, ``ts`` is ns UTC.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from meridian.schema.errors import ConfigError, MeridianError
from meridian.venue import (
    Event,
    Instrument,
    Order,
    OrderAccepted,
    OrderCancelled,
    OrderExecuted,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
)

__all__ = ["JournalError", "VenueJournal", "journal_line"]


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
        kept = (journal_line(event, self._instruments) for event in events)
        lines = [json.dumps(line, separators=(",", ":")) + "\n" for line in kept if line]
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


def journal_line(event: Event, instruments: Mapping[str, Instrument]) -> dict[str, Any] | None:
    """What the journal keeps of an event; None where nothing happened to an order."""
    match event:
        case OrderAccepted(exec_id, order):
            return _line("accepted", exec_id, order, instruments)
        case OrderReplaced(exec_id, order):
            return _line("replaced", exec_id, order, instruments)
        case OrderReduced(exec_id, order):
            return _line("reduced", exec_id, order, instruments)
        case OrderCancelled(exec_id, order, _, text):
            return _line("cancelled", exec_id, order, instruments) | {"text": text}
        case OrderExecuted(exec_id, match_id, order, quantity, price):
            instrument = instruments[order.symbol]
            return _line("executed", exec_id, order, instruments) | {
                "match_id": match_id,
                "last_qty": instrument.quantity_text(quantity),
                "last_px": instrument.price_text(price),
            }
        case OrderRejected(exec_id, rejected):
            return {
                "kind": "rejected",
                "exec_id": exec_id,
                "session": rejected.participant,
                "cl_ord_id": rejected.cl_ord_id,
                "order_id": rejected.order_id,
                "symbol": rejected.symbol,
                "reason": int(rejected.reason),
                "text": rejected.text,
                "ts": rejected.changed_at,
            }
        case _:
            return None


def _line(
    kind: str, exec_id: str, order: Order, instruments: Mapping[str, Instrument]
) -> dict[str, Any]:
    instrument = instruments[order.symbol]
    return {
        "kind": kind,
        "exec_id": exec_id,
        "session": order.participant,
        "cl_ord_id": order.cl_ord_id,
        "order_id": order.order_id,
        "symbol": order.symbol,
        "side": order.side.value,
        "qty": instrument.quantity_text(order.quantity),
        "px": None if order.price is None else instrument.price_text(order.price),
        "cum_qty": instrument.quantity_text(order.executed),
        "leaves_qty": instrument.quantity_text(order.leaves),
        "ts": order.changed_at,
    }
