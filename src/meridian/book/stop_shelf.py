"""Where stops wait, sorted by what triggers them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort

from meridian.book.orders import Kind
from meridian.book.working import Working

__all__ = ["StopShelf", "reaches"]

Key = tuple[int, int, int]


class StopShelf(dict[int, Working]):
    """Stops by id in order of entry; a trade price finds those it reaches without a search.

    A stop that is triggered stays, but no price finds or moves it any more.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trailing: dict[int, Working] = {}
        """Those that move, unless triggered."""
        self._fixed: dict[int, list[Key]] = {1: [], -1: []}
        """The others of each side, the first to be reached first."""

    def __setitem__(self, order_id: int, order: Working) -> None:
        super().__setitem__(order_id, order)
        if order.kind is Kind.TRAILING_STOP:
            self.trailing[order_id] = order
        else:
            insort(self._fixed[order.side], _key(order))

    def __delitem__(self, order_id: int) -> None:
        self.trigger(self[order_id])
        super().__delitem__(order_id)

    def trigger(self, order: Working) -> None:
        """Prices matter to this one no more."""
        if order.kind is Kind.TRAILING_STOP:
            self.trailing.pop(order.order_id, None)
            return
        fixed, key = self._fixed[order.side], _key(order)
        place = bisect_left(fixed, key)
        if fixed[place : place + 1] == [key]:
            del fixed[place]

    def reached(self, price: int) -> list[Working]:
        """Stops that a trade price reaches, in order of entry."""
        found = [order for order in self.trailing.values() if reaches(order, price)]
        for side, fixed in self._fixed.items():
            beyond = bisect_right(fixed, (price * side + 1,))
            found += [self[order_id] for _, _, order_id in fixed[:beyond]]
        return sorted(found, key=lambda order: order.entry)


def reaches(order: Working, price: int) -> bool:
    """Whether a trade price triggers a stop."""
    # Rule 8.
    return (price - order.stop) * order.side >= 0


def _key(order: Working) -> Key:
    return order.stop * order.side, order.entry, order.order_id
