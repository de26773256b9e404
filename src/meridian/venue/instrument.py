"""Instruments: the grid between Decimals at the door and integers inside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from meridian.book import MAX_PRICE, MAX_QUANTITY
from meridian.schema.numbers import canonical
from meridian.venue.reasons import OrderReason, Refusal

__all__ = ["Instrument"]

_AVERAGE = Decimal("0.00000001")
"""Average prices carry eight decimals."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """A tradable thing. Sizes are in the instrument's own units, all greater than 0.

    ``min_quantity`` is a multiple of ``lot_size``.
    """

    symbol: str
    tick_size: Decimal
    lot_size: Decimal
    min_quantity: Decimal
    currency: str = "USD"

    def ticks(self, price: Decimal) -> int | Refusal:
        """A price in ticks, or what was expected instead."""
        name = f"Price(44) {price}"
        if price <= 0:
            return Refusal(OrderReason.OTHER, f"{name} is not positive")
        if price > self.tick_size * MAX_PRICE:
            return Refusal(OrderReason.OTHER, f"{name} is above the highest price")
        if price % self.tick_size:
            step = canonical(self.tick_size)
            return Refusal(OrderReason.OTHER, f"{name} is not a multiple of the tick size {step}")
        return int(price / self.tick_size)

    def lots(self, quantity: Decimal) -> int | Refusal:
        """A quantity in lots, or what was expected instead."""
        code, name = OrderReason.INCORRECT_QUANTITY, f"OrderQty(38) {quantity}"
        if quantity <= 0:
            return Refusal(code, f"{name} is not positive")
        if quantity > self.lot_size * MAX_QUANTITY:
            return Refusal(code, f"{name} is above the largest quantity")
        if quantity < self.min_quantity:
            return Refusal(code, f"{name} is below the minimum {canonical(self.min_quantity)}")
        if quantity % self.lot_size:
            step = canonical(self.lot_size)
            return Refusal(code, f"{name} is not a multiple of the lot size {step}")
        return int(quantity / self.lot_size)

    def price_text(self, ticks: int) -> str:
        """A price as it is written, with the tick size's decimals."""
        return format(ticks * self.tick_size, "f")

    def quantity_text(self, lots: int) -> str:
        """A quantity as it is written."""
        return canonical(lots * self.lot_size)

    def average_text(self, notional: int, lots: int) -> str:
        """The average price of ``lots`` that cost ``notional`` ticks x lots; "0" where none did."""
        if lots == 0:
            return "0"
        average = notional * self.tick_size / lots
        return canonical(average.quantize(_AVERAGE, rounding=ROUND_HALF_EVEN))
