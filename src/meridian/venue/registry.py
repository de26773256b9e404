"""Every order the venue knows, by each name it goes by."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from meridian.venue.order import Order, RejectedOrder

__all__ = ["MAX_ORDERS", "OrderRegistry"]

MAX_ORDERS = 500_000
"""Client ids (new orders and replacements) one run remembers unless told otherwise."""


class OrderRegistry:
    """Orders of a run. Those of clients stay for ever; those of the house go once they are done.

    The house is the venue's own flow (bots, recordings): it never asks twice, and without
    forgetting it a quoting bot would fill the memory overnight. Ids of cancel requests are kept
    beyond the bound: there is at most one for each order, and a cancel must never be refused for
    want of room.
    """

    def __init__(self, house: AbstractSet[str], max_orders: int = MAX_ORDERS) -> None:
        self._house = house
        self._max_orders = max_orders
        self._remembered = 0
        self._orders: dict[int, Order] = {}
        self._numbers: dict[str, int] = {}
        self._links: dict[tuple[str, str], int | RejectedOrder] = {}
        self._open: dict[str, dict[int, None]] = {}

    @property
    def max_orders(self) -> int:
        """The bound."""
        return self._max_orders

    def full(self, participant: str) -> bool:
        """Whether there is no room for another client id of this participant."""
        return participant not in self._house and self._remembered >= self._max_orders

    def add(self, order: Order) -> None:
        """Remember a new order."""
        self._orders[order.number] = order
        self._numbers[order.order_id] = order.number
        self._open.setdefault(order.participant, {})[order.number] = None
        self._link(order.participant, order.cl_ord_id, order.number)

    def add_rejected(self, order: RejectedOrder) -> None:
        """Remember a rejected order of a client."""
        if order.participant not in self._house:
            self._link(order.participant, order.cl_ord_id, order)

    def update(self, order: Order) -> None:
        """The order changed; a new client id joins its chain."""
        self._orders[order.number] = order
        if not self.taken(order.participant, order.cl_ord_id):
            self._link(order.participant, order.cl_ord_id, order.number)
        if order.participant in self._house:
            self._links.pop((order.participant, order.orig_cl_ord_id or ""), None)
        if order.status.terminal:
            self._open[order.participant].pop(order.number, None)
            if order.participant in self._house:
                del self._orders[order.number], self._numbers[order.order_id]
                del self._links[order.participant, order.cl_ord_id]

    def by_number(self, number: int) -> Order:
        """The order the book calls ``number``."""
        return self._orders[number]

    def taken(self, participant: str, cl_ord_id: str) -> bool:
        """Whether this participant has used the id."""
        return (participant, cl_ord_id) in self._links

    def find(
        self, participant: str, cl_ord_id: str | None, order_id: str | None = None
    ) -> Order | RejectedOrder | None:
        """A participant's own order, by the venue's id where given, else by any link."""
        if order_id is not None:
            order = self._orders.get(self._numbers.get(order_id, 0))
            if order is not None and order.participant == participant:
                return order
        if cl_ord_id is None:
            return None
        found = self._links.get((participant, cl_ord_id))
        return self._orders.get(found) if isinstance(found, int) else found

    def open_orders(self, participant: str) -> list[Order]:
        """A participant's working orders, oldest first."""
        return [self._orders[number] for number in self._open.get(participant, ())]

    def _link(self, participant: str, cl_ord_id: str, target: int | RejectedOrder) -> None:
        self._links[participant, cl_ord_id] = target
        if participant not in self._house:
            self._remembered += 1
