"""Words in which tests of the book speak: orders in one line, events by what they say."""

from __future__ import annotations

from meridian.book.codes import BookSide, CancelReason, Event, RefusalCode, Tif
from meridian.book.events import named
from meridian.book.orders import Kind, NewOrder, Peg, SelfTrade
from meridian.book.rules import Allocation, BookRules, CollarAction, Phase

__all__ = [
    "ASK",
    "BID",
    "Allocation",
    "BookRules",
    "CancelReason",
    "CollarAction",
    "Event",
    "Kind",
    "NewOrder",
    "Peg",
    "Phase",
    "RefusalCode",
    "SelfTrade",
    "Tif",
    "auction_trades",
    "buy",
    "cancels",
    "expired",
    "fill",
    "of_kind",
    "refusal",
    "sell",
    "told",
    "trades",
    "view",
]

BID, ASK = BookSide.BID, BookSide.ASK


def buy(order_id, quantity, price=None, **asked):
    """A buy order; LIMIT where it has a price and says nothing else."""
    return NewOrder(order_id=order_id, side=BID, quantity=quantity, price=price, **asked)


def sell(order_id, quantity, price=None, **asked):
    """A sell order; LIMIT where it has a price and says nothing else."""
    return NewOrder(order_id=order_id, side=ASK, quantity=quantity, price=price, **asked)


def fill(book, *orders):
    """Enter orders that must all be accepted; the last one's events."""
    events = []
    for order in orders:
        events = book.submit(order)
        assert events[0][0] == Event.ACCEPTED, named(events[0])
    book.check_invariants()
    return events


def of_kind(events, *kinds):
    """The events of some kinds, without the kind."""
    return [tuple(event[1:]) for event in events if event[0] in kinds]


def told(events):
    """The kinds of the events in their order, as names."""
    return [Event(event[0]).name for event in events]


def trades(events):
    """(resting id, aggressor id, price, quantity) of each trade."""
    return [event[1:] for event in of_kind(events, Event.TRADED)]


def auction_trades(events):
    """(buy id, sell id, price, quantity) of each trade of an uncross."""
    return [event[1:] for event in of_kind(events, Event.AUCTION_TRADED)]


def cancels(events):
    """(order id, leaves, reason) of each cancel."""
    return of_kind(events, Event.CANCELLED)


def expired(events):
    """Order ids that expired."""
    return [order_id for order_id, _ in of_kind(events, Event.EXPIRED)]


def refusal(events):
    """The code of a call that was refused and did nothing else."""
    assert told(events) == ["REFUSED"], [named(event) for event in events]
    return RefusalCode(events[0][2])


def view(book, side):
    """What a side displays: (price, quantity, orders), best first."""
    return [tuple(level) for level in book.depth(side)]
