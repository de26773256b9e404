"""Every order the venue knows, by each name it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
        self.house = set(house)
        self.max_orders = max_orders
        self.orders: dict[int, Order] = {}
        """By the book's number."""
        self.links: dict[tuple[str, str], int | RejectedOrder] = {}
        """(participant, client id) -> the order it is a link of."""
        self._remembered = 0
        self._open: dict[str, dict[int, None]] = {}
        self._held: dict[int, None] = {}

    def clear(self) -> None:
        """Forget every order."""
        self.orders.clear()
        self.links.clear()
        self._open.clear()
        self._held.clear()
        self._remembered = 0

    @property
    def remembered(self) -> int:
        """How many client ids count towards the bound."""
        return self._remembered

    @property
    def open(self) -> Mapping[str, Iterable[int]]:
        """Numbers of working orders by participant, oldest first."""
        return self._open

    def remember(self, count: int, working: Iterable[tuple[str, Iterable[int]]]) -> None:
        """Go on from ``remembered`` and ``open`` of before; the orders are there already."""
        self._remembered = count
        self._open.update((participant, dict.fromkeys(live)) for participant, live in working)
        for order in self.orders.values():
            if order.held:
                self._note_held(order)

    def full(self, participant: str) -> bool:
        """Whether there is no room for another client id of this participant."""
        return self._remembered >= self.max_orders and participant not in self.house

    def add(self, order: Order, participant: str) -> None:
        """Remember a new order."""
        number = order.number
        self.orders[number] = order
        live = self._open.get(participant)
        if live is None:
            live = self._open[participant] = {}
        live[number] = None
        if order.held:
            self._held[number] = None
        self._link(participant, order.cl_ord_id, number)

    def add_rejected(self, order: RejectedOrder) -> None:
        """Remember a rejected order of a client."""
        if order.participant not in self.house:
            self._link(order.participant, order.cl_ord_id, order)

    def update(self, order: Order) -> None:
        """The order changed, but for its client id."""
        number = order.number
        self.orders[number] = order
        participant = order.terms.participant
        if order.held:
            self._note_held(order)
        if order.leaves:
            self._open[participant][number] = None
            return
        self._open[participant].pop(number, None)
        if participant in self.house:
            del self.orders[number]
            self.links.pop((participant, order.cl_ord_id), None)

    def chain(self, order: Order) -> None:
        """The order changed, and its newest client id joins its chain."""
        participant = order.participant
        if (participant, order.cl_ord_id) not in self.links:
            self._link(participant, order.cl_ord_id, order.number)
        if participant in self.house:
            self.links.pop((participant, order.orig_cl_ord_id or ""), None)
        self.update(order)

    def taken(self, participant: str, cl_ord_id: str) -> bool:
        """Whether this participant has used the id."""
        return (participant, cl_ord_id) in self.links

    def find(self, participant: str, cl_ord_id: str) -> Order | RejectedOrder | None:
        """A participant's own order by any link."""
        found = self.links.get((participant, cl_ord_id))
        return self.orders.get(found) if isinstance(found, int) else found

    def open_orders(self, participant: str) -> list[Order]:
        """A participant's working orders, oldest first."""
        return [self.orders[number] for number in self._open.get(participant, ())]

    def held(self) -> list[Order]:
        """Working orders that the operator decides about, oldest first."""
        return [self.orders[number] for number in sorted(self._held)]

    def live(self) -> Iterator[Order]:
        """Every working order, oldest first."""
        numbers: Iterable[int] = sorted(n for live in self._open.values() for n in live)
        return (self.orders[number] for number in numbers)

    def _note_held(self, order: Order) -> None:
        if order.leaves:
            self._held[order.number] = None
        else:
            self._held.pop(order.number, None)

    def _link(self, participant: str, cl_ord_id: str, target: int | RejectedOrder) -> None:
        self.links[participant, cl_ord_id] = target
        if participant not in self.house:
            self._remembered += 1
