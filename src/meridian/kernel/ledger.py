"""Positions and cash, folded from fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from meridian.kernel.events import EventType
from meridian.kernel.models import ZERO, Position
from meridian.schema.messages import FillEvent

__all__ = ["Ledger"]


@dataclass(slots=True)
class _Holding:
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    """Average entry price."""
    realized: Decimal = ZERO
    as_of: int = 0


@dataclass(slots=True)
class Ledger:
    """Average-cost positions per symbol and cash per currency."""

    holdings: dict[str, _Holding] = field(default_factory=dict)
    cash: dict[str, Decimal] = field(default_factory=dict)

    def apply(self, symbol_id: str, currency: str, fill: FillEvent, at: int) -> EventType:
        """Book one execution; says what it did to the position."""
        signed = fill.quantity * fill.side.sign
        self.cash[currency] = self.cash.get(currency, ZERO) - signed * fill.price
        holding = self.holdings.setdefault(symbol_id, _Holding())
        before = holding.quantity
        after = before + signed
        if before * signed >= 0:
            holding.cost = (abs(before) * holding.cost + abs(signed) * fill.price) / abs(after)
        else:
            closing = min(abs(before), abs(signed))
            direction = 1 if before > 0 else -1
            holding.realized += closing * (fill.price - holding.cost) * direction
            if before * after < 0:
                holding.cost = fill.price
            elif after == 0:
                holding.cost = ZERO
        holding.quantity = after
        holding.as_of = at
        if before == 0:
            return EventType.POSITION_OPENED
        return EventType.POSITION_CLOSED if after == 0 else EventType.POSITION_MODIFIED

    def position(self, symbol_id: str) -> Position:
        """The position in a symbol; flat where nothing was traded."""
        holding = self.holdings.get(symbol_id, _Holding())
        return Position(
            symbol_id=symbol_id,
            quantity=holding.quantity,
            average_price=holding.cost,
            realized=holding.realized,
            as_of=holding.as_of,
        )
