"""Reader of matching scripts: one command a line, ``#`` comments, as in shared/data/matching.

The scripts come from another engine. Where its convention differs from our rules, the reader
translates, so that a script means here what its author meant:

- A symbol has its own book, added and deleted by command; here a book is one instrument, so these
  lines do nothing, but deleting a book cancels what is in it.
- ``modify`` gives the quantity that is to be left; ours is the total, so what executed is added.
- ``mitigate`` gives the total, and one that has executed already cancels the order; ours refuses
  a total below what executed, so the reader cancels instead.
- ``replace`` gives the order another id; here that is a cancel and a new order.
- ``slippage market`` takes down to so much below (above) the best price; here that is an IOC limit.
- ``trailing stop`` starts from the best price of the other side before the first trade, and moves
  in steps; ours starts from a given stop price, which the reader computes, and moves by single
  ticks, which ends at the same stop where the distance is exact.
- All-or-none orders stand there in time order among the others and are searched for any
  combination that trades whole, and one at the front holds up those behind it. Ours wait aside
  and trade only with what an aggressor of their size would take (scenario 8 says what follows).
"""

from __future__ import annotations

from meridian.book.codes import BookSide, Tif
from meridian.book.orders import Kind, NewOrder

__all__ = ["ScriptError", "play"]

SIDES = {"buy": BookSide.BID, "sell": BookSide.ASK}
FLAGS = {
    "ioc": {"tif": Tif.IOC},
    "fok": {"tif": Tif.FOK},
    "aon": {"all_or_none": True},
}


class ScriptError(ValueError):
    """A line that is no command; names the line."""


def play(text, book):
    """Give every command of a script to a book; all events, in order."""
    events = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            events += command(words, book)
        except (KeyError, ValueError, IndexError) as error:
            raise ScriptError(f"line {number}: expected a command, got {line!r}") from error
    return events


def command(words, book):
    """The events of one command."""
    match words:
        case ["enable", "matching"] | ["add" | "delete", "symbol", *_] | ["add", "book", _]:
            return []
        case ["delete", "book", _]:
            return book.mass_cancel()
        case ["add", *asked]:
            return add(asked, book)
        case ["reduce", "order", order_id, by]:
            return book.reduce(int(order_id), int(by))
        case ["modify", "order", order_id, price, leaves]:
            executed = book.order(int(order_id)).executed
            return book.replace(int(order_id), executed + int(leaves), int(price))
        case ["mitigate", "order", order_id, price, total]:
            if int(total) <= book.order(int(order_id)).executed:
                return book.cancel(int(order_id))
            return book.replace(int(order_id), int(total), int(price))
        case ["replace", "order", order_id, new_id, price, quantity]:
            side = book.order(int(order_id)).side
            events = book.cancel(int(order_id))
            return events + book.limit(int(new_id), side, int(price), int(quantity))
        case ["delete", "order", order_id]:
            return book.cancel(int(order_id))
    raise ValueError(words)


def add(words, book):
    """``add [flag ...] kind side id symbol numbers``."""
    flags = {}
    while words[0] in FLAGS:
        flags |= FLAGS[words[0]]
        words = words[1:]
    at = next(place for place, word in enumerate(words) if word in SIDES)
    kind, side = " ".join(words[:at]), SIDES[words[at]]
    order_id, _symbol, *numbers = map(int, words[at + 1 :])
    asked = instruction(kind, side, numbers, book)
    return book.submit(NewOrder(order_id=order_id, side=side, **asked, **flags))


def instruction(kind, side, numbers, book):
    """What a kind of order asks for, from the numbers that follow its symbol."""
    best = book.best_displayed(side.opposite)
    match kind, numbers:
        case "limit", [price, quantity]:
            return {"price": price, "quantity": quantity}
        case "market", [quantity]:
            return {"kind": Kind.MARKET, "quantity": quantity}
        case "slippage market", [quantity, slippage]:
            return {"price": best + side * slippage, "quantity": quantity, "tif": Tif.IOC}
        case "stop", [stop, quantity]:
            return {"kind": Kind.STOP, "stop_price": stop, "quantity": quantity}
        case "stop-limit", [stop, price, quantity]:
            asked = {"kind": Kind.STOP_LIMIT, "stop_price": stop, "price": price}
            return asked | {"quantity": quantity}
        case "trailing stop", [_stop, quantity, distance, _step]:
            asked = {"kind": Kind.TRAILING_STOP, "trail": distance, "quantity": quantity}
            return asked | {"stop_price": best + side * distance}
    raise ValueError(kind)
