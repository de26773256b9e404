"""Bots that decide about the orders of clients, as an operator would by hand.

Their book is managed, and they see to that. Each time they act they look at every order that is
held there: what came since the last time is accepted or rejected, what came before is filled,
partly filled or cancelled. Requests that wait are granted. Orders of the house are left alone.
"""

from __future__ import annotations

from meridian.schema import OrderStatus
from meridian.venue.bots.base import Bot
from meridian.venue.commands import (
    AcceptOrder,
    AcceptRequest,
    CancelByVenue,
    Command,
    FillOrder,
    Mode,
    RejectOrder,
    SetMode,
)
from meridian.venue.order import Order
from meridian.venue.venue import Venue

__all__ = ["AutoCancel", "AutoFill", "AutoPartial", "AutoReject", "Decider", "PartialThenCancel"]


class Decider(Bot):
    """The rounds that all deciders make; each decides in its own way."""

    def _act(self, venue: Venue) -> list[Command]:
        symbol = self.settings.symbol
        commands: list[Command] = []
        if venue.mode(symbol) is not Mode.MANAGED:
            commands.append(SetMode(symbol, Mode.MANAGED))
        for order in venue.held_orders(symbol):
            if venue.is_house(order.participant):
                continue
            if order.pending is not None:
                commands.append(AcceptRequest(order.order_id))
            elif order.status is OrderStatus.PENDING_NEW:
                commands += self._fresh(venue, order)
            else:
                commands += self._working(venue, order)
        return commands

    def _fresh(self, venue: Venue, order: Order) -> list[Command]:
        """What becomes of an order that nobody has decided about."""
        del venue
        return [AcceptOrder(order.order_id)]

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        """What becomes of an order that was accepted before."""
        del venue, order
        return []

    def _fill(self, venue: Venue, order: Order, quantity: int | None) -> Command:
        """At the order's own price, else the last one, else where the bot begins."""
        price = order.price or venue.last_price(order.symbol) or self.settings.reference
        return FillOrder(order.order_id, quantity, price)

    def _part(self, order: Order) -> int:
        """Some of an order, less than all; 0 where it cannot be divided."""
        return 0 if order.leaves < 2 else self._dice.randrange(1, order.leaves)


class AutoFill(Decider):
    """Accepts each order and fills it."""

    def _fresh(self, venue: Venue, order: Order) -> list[Command]:
        return [AcceptOrder(order.order_id), self._fill(venue, order, None)]

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        return [self._fill(venue, order, None)]


class AutoPartial(Decider):
    """Accepts each order and fills a part of it each time it acts, and never the last lot."""

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        part = self._part(order)
        return [self._fill(venue, order, part)] if part else []


class AutoReject(Decider):
    """Rejects each order; what was accepted before it came is cancelled."""

    def _fresh(self, venue: Venue, order: Order) -> list[Command]:
        return [RejectOrder(order.order_id, text="rejected by a bot")]

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        return [CancelByVenue(order.order_id, "cancelled by a bot")]


class AutoCancel(Decider):
    """Accepts each order, and cancels it the next time."""

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        return [CancelByVenue(order.order_id, "cancelled by a bot")]


class PartialThenCancel(Decider):
    """Accepts each order, fills a part of it the next time, and cancels the rest after that."""

    def _working(self, venue: Venue, order: Order) -> list[Command]:
        part = 0 if order.executed else self._part(order)
        if part:
            return [self._fill(venue, order, part)]
        return [CancelByVenue(order.order_id, "cancelled by a bot")]
