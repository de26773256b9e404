"""The check that ends the demo: venue executions = fills on the bus = fills in the kernel."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.table import Table

from meridian.kernel.events import BaseEvent, OrderEvent
from meridian.schema import FillEvent

__all__ = ["Check", "Execution", "counterparties", "from_bus", "from_kernel", "from_venue"]


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution, as each of the three tells it."""

    trade_id: str
    symbol: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Check:
    """Three tellings of the same executions; repetitions count."""

    venue: Counter[Execution]
    bus: Counter[Execution]
    kernel: Counter[Execution]

    @property
    def holds(self) -> bool:
        """True where all three are equal, execution by execution."""
        return self.venue == self.bus == self.kernel

    def table(self) -> Table:
        """Counts and quantities side by side."""
        table = Table(title="Ledger check", title_justify="left")
        table.add_column("symbol")
        for who in ("venue executions", "fills on the bus", "fills in the kernel"):
            table.add_column(who, justify="right")
        sides = (self.venue, self.bus, self.kernel)
        symbols = sorted({execution.symbol for side in sides for execution in side})
        for symbol in [*symbols, "total"]:
            row = []
            for side in sides:
                chosen = [e for e in side.elements() if symbol in (e.symbol, "total")]
                quantity = sum((e.quantity for e in chosen), Decimal(0))
                row.append(f"{len(chosen)} for {quantity}")
            table.add_row(symbol, *row, style="bold" if symbol == "total" else None)
        return table

    def differences(self) -> list[str]:
        """What one tells and another does not."""
        found = []
        for name, side in (("bus", self.bus), ("kernel", self.kernel)):
            missing, extra = self.venue - side, side - self.venue
            found += [f"missing on the {name}: {e}" for e in missing.elements()]
            found += [f"only on the {name}: {e}" for e in extra.elements()]
        return found


def from_venue(journal: Path, session: str) -> Counter[Execution]:
    """The venue's own record of what it executed for one session."""
    return Counter(
        Execution(
            told["exec_id"], told["symbol"], Decimal(told["last_qty"]), Decimal(told["last_px"])
        )
        for told in _executions(journal)
        if told["session"] == session
    )


def counterparties(journal: Path, session: str) -> Counter[str]:
    """Who was on the other side of a session's executions, and how often."""
    sides: dict[str, list[str]] = {}
    for told in _executions(journal):
        sides.setdefault(told["match_id"], []).append(told["session"])
    others: Counter[str] = Counter()
    for pair in sides.values():
        if session in pair:
            pair.remove(session)
            others.update(pair)
    return others


def _executions(journal: Path) -> Iterator[dict[str, Any]]:
    with journal.open() as lines:
        for line in lines:
            told = json.loads(line)
            if told["kind"] == "executed":
                yield told


def from_bus(fills: Iterable[FillEvent]) -> Counter[Execution]:
    """What a subscriber of the bus received."""
    return Counter(
        Execution(fill.trade_id or "", fill.security_id or "", fill.quantity, fill.price)
        for fill in fills
    )


def from_kernel(events: Iterable[BaseEvent]) -> Counter[Execution]:
    """What the kernel applied, by its durable events."""
    return Counter(
        Execution(
            event.trade_id or "", event.symbol_id or "", event.last_quantity, event.last_price
        )
        for event in events
        if isinstance(event, OrderEvent)
        and event.last_quantity is not None
        and event.last_price is not None
    )
