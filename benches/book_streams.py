"""Order streams, the same for every engine: drawn once from a seed, replayed by each.

An operation is ``(op, order_id, side, price, quantity)``; orders are numbered from 1 in the order
of their entry. Cancels name an order that rests at that moment, so no engine is asked in vain.
"""

from __future__ import annotations

import random
from array import array

from meridian.book.codes import Op
from meridian.book.ladder import Ladder

__all__ = ["adds_only", "busy_market", "far_apart", "rows_of"]

MID = 100_000
SPREAD = 20
MAX_LOTS = 100
Operation = tuple[int, int, int, int, int]


def busy_market(resting: int, operations: int, seed: int = 1) -> tuple[list[Operation], ...]:
    """Orders that rest first; then 60 % passive adds, 35 % cancels, 5 % market orders.

    Adds are drawn within 20 ticks of a random walk. One that would reach the other side is put a
    tick before it instead, so that adds are passive; it may then lie further from the walk.
    """
    dice = random.Random(seed)
    ladder = Ladder()
    live: list[int] = []
    walk = MID

    def add(order_id: int) -> Operation:
        side = dice.choice((1, -1))
        price, lots = walk - side * dice.randint(1, SPREAD), dice.randint(1, MAX_LOTS)
        other = ladder.best(-side)
        if other and price * side >= other * side:
            price = other - side
        ladder.limit(order_id, side, price, lots)
        live.append(order_id)
        return (Op.LIMIT.value, order_id, side, price, lots)

    def market(order_id: int) -> Operation:
        side, lots = dice.choice((1, -1)), dice.randint(1, MAX_LOTS)
        ladder.market(order_id, side, lots)
        return (Op.MARKET.value, order_id, side, 0, lots)

    def cancel() -> Operation:
        while True:
            at = dice.randrange(len(live))
            live[at], live[-1] = live[-1], live[at]
            order_id = live.pop()
            if order_id in ladder:
                ladder.cancel(order_id)
                return (Op.CANCEL.value, order_id, 0, 0, 0)

    first = [add(number) for number in range(1, resting + 1)]
    number = resting
    stream = []
    for _ in range(operations):
        walk += dice.choice((-1, 0, 0, 1))
        kind = dice.random()
        if kind >= 0.65 and live:
            stream.append(cancel())
            continue
        number += 1
        stream.append(market(number) if kind < 0.05 else add(number))
    return first, stream


def adds_only(operations: int, seed: int = 2) -> list[Operation]:
    """Adds around a fixed middle, which never trade."""
    dice = random.Random(seed)
    stream = []
    for number in range(1, operations + 1):
        side = dice.choice((1, -1))
        price = MID - side * dice.randint(1, SPREAD)
        stream.append((Op.LIMIT.value, number, side, price, dice.randint(1, MAX_LOTS)))
    return stream


def far_apart(operations: int, seed: int = 3) -> list[Operation]:
    """Adds between 0.0001 and 1,000,000 in ticks of 0.0001: hardly two at one price."""
    dice = random.Random(seed)
    stream = []
    for number in range(1, operations + 1):
        side = dice.choice((1, -1))
        low, high = (1, 5 * 10**9) if side == 1 else (5 * 10**9 + 1, 10**10)
        lots = dice.randint(1, MAX_LOTS)
        stream.append((Op.LIMIT.value, number, side, dice.randint(low, high), lots))
    return stream


def rows_of(stream: list[Operation]) -> array[int]:
    """The stream as command rows."""
    rows = array("q")
    for operation in stream:
        rows.extend(operation)
        rows.extend((0, 0))
    return rows
