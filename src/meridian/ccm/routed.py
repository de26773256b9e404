"""The message that an order was routed."""

from __future__ import annotations

from meridian.schema.messages import Order

__all__ = ["RoutedOrder"]


class RoutedOrder(Order):
    """Payload of ``order.child.routed``: the order and the id the venue gave it."""

    venue_order_id: str | None = None
