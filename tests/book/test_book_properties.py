"""Random play: the book agrees with an obvious one, order for order and trade for trade."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from reference_book import ReferenceBook

from meridian.book import BookSide, BookTif, Cancelled, OrderBook, RefusalCode, Refused, Traded

PRICES = st.integers(1, 12)
QUANTITIES = st.integers(1, 20)
TIFS = st.sampled_from(["DAY", "DAY", "DAY", "IOC", "FOK"])
NEW = st.tuples(st.just("new"), st.booleans(), QUANTITIES, st.none() | PRICES, TIFS)
CANCEL = st.tuples(st.just("cancel"), st.integers(0, 30))
REDUCE = st.tuples(st.just("reduce"), st.integers(0, 30), QUANTITIES)
REPLACE = st.tuples(st.just("replace"), st.integers(0, 30), QUANTITIES, PRICES)


def trades(events):
    return [(e.resting_id, e.price, e.quantity) for e in events if isinstance(e, Traded)]


def same(book: OrderBook, reference: ReferenceBook) -> None:
    book.check_invariants()
    for side in BookSide:
        buys = side is BookSide.BID
        assert book.depth(side) == reference.levels(buys)
        resting = [(o.order_id, o.leaves, o.executed) for o in book.queue(side)]
        assert resting == [(o.order_id, o.leaves, o.executed) for o in reference.side(buys)]


@settings(max_examples=300, deadline=None)
@given(st.lists(NEW | CANCEL | REDUCE | REPLACE, max_size=60))
def test_the_book_agrees_with_the_reference(steps):
    book, reference = OrderBook(), ReferenceBook()
    for number, step in enumerate(steps):
        match step:
            case ("new", buys, quantity, price, tif):
                side = BookSide.BID if buys else BookSide.ASK
                events = book.submit(number, side, quantity, price, BookTif[tif])
                expected = reference.submit(number, buys, quantity, price, tif)
                assert trades(events) == expected
                left = quantity - sum(trade[2] for trade in expected)
                resting = book.find(number)
                gone = [e.quantity for e in events if isinstance(e, Cancelled)]
                # Every lot is traded, resting or cancelled: none is lost, none is made.
                assert left == (resting.leaves if resting else 0) + sum(gone)
            case ("cancel", order_id):
                known = reference.find(order_id)
                (event,) = book.cancel(order_id)
                assert isinstance(event, Cancelled if known else Refused)
                reference.cancel(order_id)
            case ("reduce", order_id, by):
                known = reference.find(order_id)
                (event,) = book.reduce(order_id, by)
                if known is None:
                    assert event == Refused(order_id, RefusalCode.UNKNOWN_ORDER)
                elif by >= known.leaves:
                    reference.cancel(order_id)
                else:
                    known.leaves -= by
            case ("replace", order_id, quantity, price):
                if reference.find(order_id) is None:
                    continue
                events = book.replace(order_id, quantity, price)
                expected = reference.replace(order_id, quantity, price)
                if expected is None:
                    assert events == [Refused(order_id, RefusalCode.BELOW_EXECUTED)]
                else:
                    assert trades(events) == expected
        same(book, reference)
