"""Who at one price trades with an aggressor, and in what sequence."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from meridian.book.rules import Allocation

__all__ = ["Interest", "Walk", "match_price"]


@dataclass(slots=True)
class Interest:
    """A resting order as an aggressor meets it; quantities change as the walk goes on."""

    order_id: int
    price: int
    account: int
    broker: int
    visible: int
    """What may trade in its place in the queue."""
    reserve: int = 0
    """What comes up behind the others once that is gone."""
    display: int = 0
    hidden: bool = False
    waiting: bool = False
    """It waits aside, all or none."""

    @property
    def leaves(self) -> int:
        """All that may trade."""
        return self.visible + self.reserve


class Walk:
    """What an aggressor does when it meets an order; in earnest, or to see what would happen."""

    def __init__(self, remaining: int) -> None:
        self.remaining = remaining
        self.ended = False

    @property
    def live(self) -> bool:
        """Whether the aggressor goes on."""
        return self.remaining > 0 and not self.ended

    def own(self, interest: Interest) -> bool:
        """Whether trading with it would be a self-trade."""
        raise NotImplementedError

    def prevent(self, interest: Interest) -> None:
        """Do what the aggressor's self-trade prevention asks."""
        raise NotImplementedError

    def fill(self, interest: Interest, quantity: int) -> None:
        """Trade; an iceberg whose tranche ends has a new ``visible`` afterwards."""
        raise NotImplementedError

    def meet(self, interest: Interest, quantity: int) -> bool:
        """Trade with an order; True where a new tranche of it joined the back of the queue."""
        if self.own(interest):
            self.prevent(interest)
            return False
        ends = quantity == interest.visible
        self.fill(interest, quantity)
        return ends and interest.visible > 0


def match_price(
    walk: Walk,
    displayed: Iterable[Interest],
    aside: Iterable[Interest],
    allocation: Allocation,
    *,
    broker: int,
    lot: int,
) -> None:
    """Walk over what is at one price.

    Args:
        displayed: displayed orders in time order.
        aside: hidden orders in time order, then those that wait all or none.
        broker: the aggressor's, 0 for none.
    """
    # Rule 13.
    if allocation is Allocation.PRO_RATA:
        displayed = _by_size(walk, list(displayed), lot)
    elif allocation is Allocation.BROKER_TIME and broker:
        everybody = list(displayed)
        _in_time(walk, [interest for interest in everybody if interest.broker == broker])
        displayed = [interest for interest in everybody if interest.broker != broker]
    _in_time(walk, displayed)
    for interest in aside:
        if not walk.live:
            return
        # Rule 11: a waiting all-or-none trades whole or not at all.
        if not interest.waiting or interest.leaves <= walk.remaining:
            walk.meet(interest, min(walk.remaining, interest.visible))


def _in_time(walk: Walk, queue: Iterable[Interest]) -> None:
    front = iter(queue)
    back: deque[Interest] = deque()
    while walk.live:
        interest = next(front, None)
        if interest is None:
            if not back:
                return
            interest = back.popleft()
        if walk.meet(interest, min(walk.remaining, interest.visible)):
            back.append(interest)


def _by_size(walk: Walk, queue: list[Interest], lot: int) -> list[Interest]:
    """One round in which each order trades its share; what is left, in its new sequence."""
    wanted, total = walk.remaining, sum(interest.visible for interest in queue)
    stayed: list[Interest] = []
    refreshed: list[Interest] = []
    for interest in queue:
        share = min(interest.visible, wanted * interest.visible // total, walk.remaining)
        share -= share % lot
        if share and walk.live and walk.meet(interest, share):
            refreshed.append(interest)
        elif interest.visible:
            stayed.append(interest)
    return stayed + refreshed
