"""What a strategy asks for: orders, groups, and the market's constraints on them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from meridian.schema.errors import ValidationError
from meridian.schema.numbers import Exact, canonical, is_multiple
from meridian.schema.words import OcoMode, OrderType, Side, TimeInForce

__all__ = ["AnySide", "StandardOrder", "StandardOrderGroup", "SymbolMetadata"]

AnySide = Annotated[Side, BeforeValidator(Side.parse)]
"""A pydantic field type: reads like :meth:`Side.parse`."""

MAX_GROUP_ORDERS = 100


class StandardOrder(BaseModel):
    """One desired order. ``quantity`` is always the TOTAL, also in a modify."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol_id: str = Field(min_length=1, max_length=64)
    side: AnySide
    quantity: Exact = Field(gt=0)
    order_type: OrderType = OrderType.LIMIT
    price: Exact | None = None
    time_in_force: TimeInForce = TimeInForce.DAY

    @model_validator(mode="after")
    def _price_suits_type(self) -> Self:
        if self.order_type is OrderType.LIMIT and self.price is None:
            raise ValueError("a LIMIT order needs a price")
        if self.order_type is OrderType.MARKET and self.price is not None:
            raise ValueError("a MARKET order takes no price")
        return self


class StandardOrderGroup(BaseModel):
    """Orders that stand or fall together under one OCO mode."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    orders: tuple[StandardOrder, ...] = Field(min_length=1, max_length=MAX_GROUP_ORDERS)
    mode: OcoMode = OcoMode.CANCEL_ON_COMPLETION


class SymbolMetadata(BaseModel):
    """What the market allows for one symbol. Sizes and prices in the instrument's own units."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    symbol_id: str
    tick_size: Exact = Field(gt=0)
    lot_size: Exact = Field(gt=0)
    min_quantity: Exact = Field(gt=0)
    currency: str = "USD"

    def check(self, order: StandardOrder) -> None:
        """Refuse an order this market cannot take.

        Raises:
            ValidationError: naming the field, its value and what was expected.
        """
        quantity = order.quantity
        if quantity < self.min_quantity:
            raise ValidationError(
                f"{self.symbol_id}: quantity {canonical(quantity)} is below the minimum "
                f"{canonical(self.min_quantity)}"
            )
        _require_multiple(self.symbol_id, "quantity", quantity, self.lot_size)
        if order.price is not None:
            if order.price <= 0:
                raise ValidationError(
                    f"{self.symbol_id}: price {canonical(order.price)} is not positive"
                )
            _require_multiple(self.symbol_id, "price", order.price, self.tick_size)


def _require_multiple(symbol: str, name: str, value: Decimal, step: Decimal) -> None:
    if not is_multiple(value, step):
        raise ValidationError(
            f"{symbol}: {name} {canonical(value)} is not a multiple of {canonical(step)}"
        )
