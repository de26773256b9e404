"""Any integer is an answerable request: a number out of range is refused, never an accident."""

from __future__ import annotations

from random import Random

import pytest

from meridian.book import (
    BookSide,
    Event,
    Kind,
    NewOrder,
    OrderBook,
    Peg,
    RefusalCode,
    SelfTrade,
)
from meridian.book.codes import MAX_TRANCHES

HUGE = (2**53 + 1, 2**63, 2**70, -1, -(2**70))
PRICED = {"price": 10, "kind": Kind.LIMIT}
TRAILING = {"kind": Kind.TRAILING_STOP, "stop_price": 10}
PEGGED = {"kind": Kind.PEGGED, "peg": Peg.PRIMARY}


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize(
    ("field", "others"),
    [
        ("quantity", PRICED),
        ("price", {}),
        ("display", PRICED),
        ("refresh_range", {**PRICED, "display": 1}),
        ("min_quantity", PRICED),
        ("stop_price", {"kind": Kind.STOP}),
        ("trail", TRAILING),
        ("trail_bps", TRAILING),
    ],
)
def test_a_number_out_of_range_is_refused(book, field, others, number):
    asked = {"order_id": 1, "side": BookSide.BID, "quantity": 5, **others, field: number}
    before = book.state_hash()
    events = book.submit(NewOrder(**asked))
    assert [event[0] for event in events] == [Event.REFUSED]
    assert book.state_hash() == before


@pytest.mark.parametrize("offset", [2**53 + 1, -(2**53) - 1, 2**70])
def test_an_offset_out_of_range_is_refused(book, offset):
    order = NewOrder(order_id=1, side=BookSide.BID, quantity=5, **PEGGED, offset=offset)
    assert book.submit(order) == [(Event.REFUSED, 1, RefusalCode.BAD_INSTRUCTION)]


@pytest.mark.parametrize("party", ["account", "session", "broker"])
def test_a_party_out_of_range_is_refused(book, party):
    asked = {"order_id": 1, "side": BookSide.BID, "quantity": 5, "price": 10, party: 2**63}
    order = NewOrder(**asked, self_trade=SelfTrade.CANCEL_NEWEST)
    assert book.submit(order) == [(Event.REFUSED, 1, RefusalCode.BAD_INSTRUCTION)]


@pytest.mark.parametrize("aside", [False, True])
@pytest.mark.parametrize("order_id", [0, -1, 2**63, 2**70])
def test_an_order_id_out_of_range_is_unknown(book, order_id, aside):
    if aside:
        stop = NewOrder(order_id=1, side=BookSide.BID, quantity=1, kind=Kind.STOP, stop_price=9)
        book.submit(stop)
    unknown = [(Event.REFUSED, order_id, RefusalCode.UNKNOWN_ORDER)]
    assert book.cancel(order_id) == unknown
    assert book.reduce(order_id, 1) == unknown
    assert book.replace(order_id, 1, 1) == unknown
    assert book.order(order_id) is None
    bad = [(Event.REFUSED, order_id, RefusalCode.BAD_INSTRUCTION)]
    assert book.limit(order_id, 1, 10, 1) == bad
    assert book.market(order_id, 1, 1) == bad


def test_an_iceberg_has_no_more_tranches_than_a_call_can_trade():
    def refused(quantity, **more):
        order = NewOrder(order_id=1, side=BookSide.BID, quantity=quantity, price=10, **more)
        return book.submit(order) == [(Event.REFUSED, 1, RefusalCode.BAD_INSTRUCTION)]

    book = OrderBook(dice=Random(1))
    assert refused(2 * MAX_TRANCHES + 1, display=2)
    assert refused(2 * MAX_TRANCHES, display=2, refresh_range=1)
    assert not refused(2 * MAX_TRANCHES, display=2)
    events = book.limit(3, -1, 10, 2 * MAX_TRANCHES)
    assert len([event for event in events if event[0] == Event.TRADED]) == MAX_TRANCHES
