"""What an operator decides: held orders, fills, busts, corrections, instruments, phases."""

from __future__ import annotations

from decimal import Decimal

import pytest

from meridian.book import BookSide, Kind, Phase, Tif
from meridian.schema import OrderStatus, Side
from meridian.venue import (
    MAX_EXECUTIONS,
    MAX_INSTRUMENTS,
    MAX_TEXT,
    Alias,
    CancelOrder,
    CommandRefusal,
    Features,
    Instructions,
    Instrument,
    MassCancel,
    ReplaceOrder,
    Request,
    SubmitOrder,
    TradingRules,
    Venue,
)
from meridian.venue import commands as c
from meridian.venue import events as e
from meridian.venue.executions import Ledger, Match

SECOND = 1_000_000_000
NOON = 1_700_049_600 * SECOND


def stock(symbol="AAPL", **more) -> Instrument:
    return Instrument(symbol, Decimal("0.01"), Decimal(1), Decimal(1), **more)


def limit(who, name, side=Side.BUY, lots=10, price=100, tif=Tif.DAY, symbol="AAPL"):
    return SubmitOrder(who, name, symbol, side, Kind.LIMIT, tif, lots, price)


def kinds(events) -> list[str]:
    return [type(event).__name__ for event in events]


class Floor:
    """A venue whose only instrument is managed."""

    def __init__(self, mode=c.Mode.MANAGED, **more) -> None:
        self.venue = Venue([stock(**more)], "R")
        self.now = NOON
        self.do(c.SetMode(None, mode))

    def do(self, command) -> list:
        self.now += 1
        return self.venue.apply(command, self.now)

    def refused(self, command) -> CommandRefusal:
        (event,) = self.do(command)
        assert isinstance(event, e.CommandRefused)
        assert event.text
        return event.code

    def held(self, **more) -> str:
        (event,) = self.do(limit("A", f"n{self.now}", **more))
        assert isinstance(event, e.OrderPending)
        return event.order.order_id

    def order(self, order_id):
        return self.venue.order(order_id)


@pytest.fixture
def floor():
    return Floor()


def test_a_held_order_waits_and_never_meets_the_book(floor):
    one, two = floor.held(), floor.held(side=Side.SELL)
    assert floor.order(one).status is OrderStatus.PENDING_NEW
    assert floor.venue.book("AAPL").live == 0
    (accepted,) = floor.do(c.AcceptOrder(one))
    assert (accepted.order.status, accepted.order.leaves) == (OrderStatus.NEW, 10)
    assert floor.refused(c.AcceptOrder(one)) is CommandRefusal.NOT_PENDING
    (refused,) = floor.do(c.RejectOrder(two, 13, "odd size"))
    assert (refused.reason, refused.text, refused.order.status) == (
        13,
        "odd size",
        OrderStatus.REJECTED,
    )
    assert floor.refused(c.FillOrder(two)) is CommandRefusal.ORDER_DONE


def test_a_fill_takes_what_is_left_at_the_orders_own_price(floor):
    order = floor.held()
    (part,) = floor.do(c.FillOrder(order, 4, 99))
    assert (part.quantity, part.price, part.order.leaves) == (4, 99, 6)
    assert part.order.status is OrderStatus.PARTIALLY_FILLED
    (rest,) = floor.do(c.FillOrder(order))
    assert (rest.quantity, rest.price, rest.order.notional) == (6, 100, 4 * 99 + 6 * 100)
    assert rest.order.status is OrderStatus.FILLED


def test_too_much_and_too_dear_only_by_force(floor):
    order = floor.held()
    assert floor.refused(c.FillOrder(order, 11)) is CommandRefusal.OVERFILL
    assert floor.refused(c.FillOrder(order, 1, 101)) is CommandRefusal.WORSE_PRICE
    assert floor.refused(c.FillOrder(order, 0)) is CommandRefusal.BAD_QUANTITY
    assert floor.refused(c.FillOrder(order, 1, 0)) is CommandRefusal.BAD_PRICE
    (over,) = floor.do(c.FillOrder(order, 12, 101, force=True))
    assert (over.order.executed, over.order.leaves) == (12, 0)
    market = SubmitOrder("A", "m", "AAPL", Side.BUY, Kind.MARKET, Tif.DAY, 5, None)
    (pending,) = floor.do(market)
    # It has no price of its own: the last trade's stands in.
    (fill,) = floor.do(c.FillOrder(pending.order.order_id))
    assert fill.price == 101


def test_a_market_order_before_any_trade_needs_a_price(floor):
    (pending,) = floor.do(SubmitOrder("A", "m", "AAPL", Side.BUY, Kind.MARKET, Tif.DAY, 5, None))
    assert floor.refused(c.FillOrder(pending.order.order_id)) is CommandRefusal.BAD_PRICE


def test_two_orders_trade_with_each_other_under_one_match(floor):
    buy, sell = floor.held(), floor.held(side=Side.SELL, price=90)
    again = floor.held(side=Side.SELL)
    one, other = floor.do(c.MatchOrders(buy, sell, 3, 95))
    assert one.match_id == other.match_id
    assert [event.first for event in (one, other)] == [True, False]
    assert (one.order.leaves, other.order.leaves) == (7, 7)
    assert floor.refused(c.MatchOrders(sell, again, 1, 95)) is CommandRefusal.NOT_OPPOSITE
    assert floor.refused(c.MatchOrders(buy, sell, 1, 89)) is CommandRefusal.WORSE_PRICE
    assert floor.refused(c.MatchOrders(buy, sell, 8, 95)) is CommandRefusal.OVERFILL
    assert floor.refused(c.MatchOrders(buy, "OR-99", 1, 95)) is CommandRefusal.UNKNOWN_ORDER


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        (c.CancelByVenue, OrderStatus.CANCELLED),
        (c.ExpireOrder, OrderStatus.EXPIRED),
        (c.DoneForDay, OrderStatus.DONE_FOR_DAY),
    ],
)
@pytest.mark.parametrize("mode", c.Mode)
def test_an_order_ends_as_told_wherever_it_is(verb, status, mode):
    floor = Floor(mode)
    (event,) = floor.do(limit("A", "a"))
    (ended,) = floor.do(verb(event.order.order_id))
    assert (ended.order.status, ended.order.leaves) == (status, 0)
    assert floor.venue.book("AAPL").live == 0
    assert floor.refused(verb(event.order.order_id)) is CommandRefusal.ORDER_DONE


def test_requests_on_held_orders_wait_for_a_decision(floor):
    order = floor.held()
    name = floor.order(order).cl_ord_id
    (pending,) = floor.do(CancelOrder(Request("A", "c1", name)))
    assert isinstance(pending, e.RequestPending)
    (second,) = floor.do(ReplaceOrder(Request("A", "r1", name), 20, 90))
    assert second.reason == 3
    (rejected,) = floor.do(c.RejectRequest(order, 2, "no"))
    assert (rejected.reason, rejected.text, rejected.order.pending) == (2, "no", None)
    floor.do(ReplaceOrder(Request("A", "r2", name), 20, 90))
    (replaced,) = floor.do(c.AcceptRequest(order))
    changed = replaced.order
    assert (changed.quantity, changed.price, changed.cl_ord_id) == (20, 90, "r2")
    floor.do(CancelOrder(Request("A", "c2", "r2")))
    (cancelled,) = floor.do(c.AcceptRequest(order))
    assert cancelled.requested
    assert floor.venue.find("A", "c2") == cancelled.order
    assert floor.refused(c.AcceptRequest(order)) is CommandRefusal.ORDER_DONE


def test_a_request_that_a_fill_overtook_is_too_late(floor):
    order = floor.held()
    floor.do(CancelOrder(Request("A", "c1", floor.order(order).cl_ord_id)))
    fill, late = floor.do(c.FillOrder(order))
    assert fill.order.pending is None
    assert (late.reason, late.order.status, late.request.request_id) == (
        0,
        OrderStatus.FILLED,
        "c1",
    )
    other = floor.held()
    floor.do(ReplaceOrder(Request("A", "r1", floor.order(other).cl_ord_id), 5, 100))
    floor.do(c.FillOrder(other, 8))
    # The replace asks for less than has traded meanwhile: what traded is what it gets.
    (replaced,) = floor.do(c.AcceptRequest(other))
    assert (replaced.order.quantity, replaced.order.leaves) == (8, 0)
    assert floor.refused(c.RejectRequest(other)) is CommandRefusal.ORDER_DONE


def test_a_bust_takes_back_both_sides_and_only_once():
    floor = Floor(c.Mode.MATCHING)
    floor.do(limit("A", "a"))
    _, one, other = floor.do(limit("B", "b", Side.SELL, 4))
    busted = floor.do(c.BustExecution(one.exec_id))
    assert [(b.ref_exec_id, b.order.executed) for b in busted] == [
        (one.exec_id, 0),
        (other.exec_id, 0),
    ]
    # The book gives nothing back: what is live lives on, what was filled is done.
    assert [(b.order.leaves, b.order.status) for b in busted] == [
        (0, OrderStatus.CANCELLED),
        (6, OrderStatus.NEW),
    ]
    assert floor.refused(c.BustExecution(other.exec_id)) is CommandRefusal.EXECUTION_BUSTED
    assert floor.refused(c.BustExecution("ER-1")) is CommandRefusal.UNKNOWN_EXECUTION
    for odd in ("", "ER-", "ER-x", "ER-01", "EQ-1", "ER-" + "9" * 30):
        assert floor.refused(c.BustExecution(odd)) is CommandRefusal.UNKNOWN_EXECUTION
    # The client asks for the whole again, and gets it at the back of the queue.
    (replaced,) = floor.do(ReplaceOrder(Request("A", "a2", "a"), 10, 100))
    assert replaced.order.leaves == 10
    assert floor.venue.book("AAPL").depth(BookSide.BID) == [(100, 10, 1)]


def test_a_correction_changes_the_sums_and_is_what_a_bust_refers_to(floor):
    order = floor.held()
    (fill,) = floor.do(c.FillOrder(order, 4))
    (corrected,) = floor.do(c.CorrectExecution(fill.exec_id, 6, 98))
    assert (corrected.former, corrected.quantity, corrected.order.notional) == (4, 6, 588)
    assert corrected.order.leaves == 4
    assert floor.refused(c.CorrectExecution(fill.exec_id, 0, 98)) is CommandRefusal.BAD_QUANTITY
    (bust,) = floor.do(c.BustExecution(corrected.exec_id))
    assert (bust.ref_exec_id, bust.order.leaves, bust.order.notional) == (corrected.exec_id, 10, 0)
    assert bust.order.status is OrderStatus.NEW


def test_a_filled_held_order_lives_again_after_its_bust(floor):
    order = floor.held()
    (fill,) = floor.do(c.FillOrder(order))
    (bust,) = floor.do(c.BustExecution(fill.exec_id))
    assert (bust.order.leaves, bust.order.status) == (10, OrderStatus.NEW)
    assert [o.order_id for o in floor.venue.open_orders("A")] == [order]
    (again,) = floor.do(c.FillOrder(order))
    assert again.order.status is OrderStatus.FILLED


def test_a_bust_revives_nothing_whose_instrument_is_gone(floor):
    order = floor.held()
    (fill,) = floor.do(c.FillOrder(order))
    floor.do(c.DeleteInstrument("AAPL"))
    (bust,) = floor.do(c.BustExecution(fill.exec_id))
    assert (bust.order.executed, bust.order.leaves) == (0, 0)
    assert bust.order.status is OrderStatus.CANCELLED
    assert floor.refused(c.FillOrder(order)) is CommandRefusal.ORDER_DONE


def test_the_operators_hand_reaches_into_the_book():
    floor = Floor(c.Mode.MATCHING)
    (accepted,) = floor.do(limit("A", "a"))
    (fill,) = floor.do(c.FillOrder(accepted.order.order_id, 4))
    assert fill.order.leaves == 6
    assert floor.venue.book("AAPL").depth(BookSide.BID) == [(100, 6, 1)]
    # A replace counts what the operator filled.
    (replaced,) = floor.do(ReplaceOrder(Request("A", "a2", "a"), 12, 100))
    assert (replaced.order.leaves, replaced.order.executed) == (8, 4)
    _, trade, _ = floor.do(limit("B", "b", Side.SELL, 8))
    assert trade.quantity == 8
    assert floor.venue.book("AAPL").live == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.RejectOrder("OR-1", 17), CommandRefusal.BAD_REASON),
        (c.RejectOrder("OR-1", 1, "x" * (MAX_TEXT + 1)), CommandRefusal.BAD_TEXT),
        (c.RejectOrder("OR-1", 1, "a\x01b"), CommandRefusal.BAD_TEXT),
        (c.CancelByVenue("OR-1", "café ☕"), CommandRefusal.BAD_TEXT),
        (c.RejectRequest("OR-1"), CommandRefusal.NOT_PENDING),
        (c.AcceptRequest("OR-1"), CommandRefusal.NOT_PENDING),
        (c.CancelByVenue("nope"), CommandRefusal.UNKNOWN_ORDER),
        (c.SetPhase("NOPE", Phase.CLOSED), CommandRefusal.UNKNOWN_SYMBOL),
        (c.SetMode("NOPE", c.Mode.MANAGED), CommandRefusal.UNKNOWN_SYMBOL),
        (c.DeleteInstrument("NOPE"), CommandRefusal.UNKNOWN_SYMBOL),
        (c.UpdateInstrument(stock("NOPE")), CommandRefusal.UNKNOWN_SYMBOL),
        (c.DeleteInstrument("AAPL"), CommandRefusal.ORDERS_LIVE),
        (c.UpdateInstrument(stock()), CommandRefusal.ORDERS_LIVE),
        (c.CreateInstrument(stock()), CommandRefusal.SYMBOL_TAKEN),
        (c.CreateInstrument(stock("X", aliases=(Alias("AAPL"),))), CommandRefusal.SYMBOL_TAKEN),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(floor, command, code):
    order = floor.held()
    before = floor.order(order)
    assert floor.refused(command) is code
    assert floor.order(order) == before
    assert list(floor.venue.instruments) == ["AAPL"]


def test_mass_cancel_takes_what_matches_held_or_not():
    floor = Floor(c.Mode.MATCHING)
    floor.do(limit("A", "a"))
    floor.do(limit("A", "b", Side.SELL, price=200))
    floor.do(limit("B", "b"))
    floor.do(c.SetMode("AAPL", c.Mode.MANAGED))
    floor.held()
    *cancelled, done = floor.do(MassCancel("A", "q1", None, Side.BUY))
    assert [event.order.cl_ord_id[0] for event in cancelled] == ["a", "n"]
    assert done.affected == 2
    *cancelled, done = floor.do(MassCancel("A", "q2", "NOPE"))
    assert (cancelled, done.affected) == ([], 0)
    assert done.text
    *cancelled, done = floor.do(MassCancel("A", "q3"))
    assert done.affected == 1
    assert floor.venue.open_orders("B")


def test_an_instrument_goes_by_all_its_names():
    venue = Venue([stock(aliases=(Alias("APPLE"), Alias("US0378331005", "4")))], "R")
    (event,) = venue.apply(limit("A", "a", symbol="APPLE"), 1)
    assert (event.order.symbol, event.order.terms.symbol) == ("AAPL", "APPLE")
    assert venue.instrument("US0378331005", "4").symbol == "AAPL"
    assert venue.instrument("US0378331005") is None
    with pytest.raises(ValueError, match="taken already"):
        Venue([stock(), stock("X", aliases=(Alias("AAPL"),))], "R")


def test_deleting_with_orders_cancels_them_on_request(floor):
    order = floor.held()
    cancelled, deleted = floor.do(c.DeleteInstrument("AAPL", cancel_orders=True))
    assert cancelled.order.order_id == order
    assert deleted.symbol == "AAPL"
    (rejected,) = floor.do(limit("A", "late"))
    assert rejected.order.reason == 1
    (changed,) = floor.do(c.CreateInstrument(stock()))
    assert changed.created
    assert floor.venue.mode("AAPL") is c.Mode.MATCHING


def test_an_update_keeps_phase_and_mode(floor):
    floor.do(c.SetPhase("AAPL", Phase.HALTED))
    finer = Instrument("AAPL", Decimal("0.001"), Decimal(1), Decimal(1))
    (changed,) = floor.do(c.UpdateInstrument(finer))
    assert not changed.created
    assert floor.venue.phase("AAPL") is Phase.HALTED
    assert floor.venue.mode("AAPL") is c.Mode.MANAGED
    assert floor.venue.instrument("AAPL") is finer


def test_the_number_of_instruments_is_bound():
    venue = Venue([stock(f"I{number}") for number in range(MAX_INSTRUMENTS)], "R")
    (refused,) = venue.apply(c.CreateInstrument(stock("more")), 1)
    assert refused.code is CommandRefusal.TOO_MANY


def test_only_the_latest_executions_can_be_busted():
    ledger = Ledger()
    for number in range(1, MAX_EXECUTIONS + 2):
        ledger.keep(number, 1, f"E{number}", Match("M", "AAPL", 1, 1))
    assert len(ledger) == MAX_EXECUTIONS
    assert ledger.find(1) is None
    assert ledger.find(2) is not None


def test_an_order_expires_at_its_time_and_the_deadline_says_when():
    venue = Venue([stock()], "R")
    assert venue.next_deadline() is None
    until = Instructions(expire_at=NOON + 5)
    gtd = SubmitOrder("A", "a", "AAPL", Side.BUY, Kind.LIMIT, Tif.GTD, 5, 100, "", until)
    venue.apply(gtd, NOON)
    assert venue.next_deadline() == NOON + 5
    assert venue.poll(NOON + 4) == []
    # A command at that time finds the order gone.
    expired, rejected = venue.apply(CancelOrder(Request("A", "c", "a")), NOON + 5)
    assert expired.order.status is OrderStatus.EXPIRED
    assert rejected.reason == 0
    assert venue.next_deadline() is None


def test_phases_follow_the_schedule_day_after_day():
    midnight = NOON - NOON % (86_400 * SECOND)
    schedule = (
        (8 * 3600, Phase.OPENING_AUCTION),
        (9 * 3600, Phase.CONTINUOUS),
        (17 * 3600, Phase.CLOSED),
    )
    rules = TradingRules(schedule=schedule, phase=Phase.CLOSED, reference_price=Decimal(1))
    venue = Venue([stock(rules=rules)], "R")
    assert venue.next_deadline() == 0

    def at(hour):
        return [event.phase for event in venue.poll(midnight + hour * 3600 * SECOND)]

    assert at(1) == []
    assert venue.phase("AAPL") is Phase.CLOSED
    assert at(8) == [Phase.OPENING_AUCTION]
    venue.apply(limit("A", "a"), midnight + 8 * 3600 * SECOND + 1)
    venue.apply(limit("B", "b", Side.SELL), midnight + 8 * 3600 * SECOND + 2)
    events = venue.poll(midnight + 9 * 3600 * SECOND)
    assert kinds(events) == ["OrderExecuted", "OrderExecuted", "PhaseChanged"]
    # Of an uncross neither side took, and exactly one execution is the first.
    assert [(x.aggressor, x.first) for x in events[:2]] == [(False, True), (False, False)]
    venue.apply(limit("A", "day"), midnight + 10 * 3600 * SECOND)
    events = venue.poll(midnight + 17 * 3600 * SECOND)
    assert kinds(events) == ["PhaseChanged", "OrderExpired"]
    assert at(24 + 8) == [Phase.OPENING_AUCTION]


def test_what_is_not_offered_is_refused_by_venue_and_instrument():
    only = Features(frozenset({Kind.LIMIT}), frozenset({Tif.DAY}), frozenset({"hidden"}))
    venue = Venue([stock(), stock("ANY", features=Features())], "R", features=only)

    def reason(symbol, kind=Kind.LIMIT, tif=Tif.DAY, **asked):
        name = f"{symbol}{kind}{tif}{asked}"
        price = 100 if kind is Kind.LIMIT else None
        instructions = Instructions(**asked)
        command = SubmitOrder("A", name, symbol, Side.BUY, kind, tif, 1, price, "", instructions)
        event = venue.apply(command, 1)[0]
        return event.order.reason if isinstance(event, e.OrderRejected) else None

    assert reason("AAPL") is None
    assert reason("AAPL", hidden=True) is None
    assert reason("AAPL", display=1) == 11
    assert reason("AAPL", tif=Tif.GTC) == 11
    assert reason("AAPL", kind=Kind.MARKET) == 11
    assert reason("ANY", kind=Kind.MARKET) is None
    assert reason("ANY", tif=Tif.GTC, display=1) is None


def test_clearing_forgets_orders_and_keeps_counting():
    floor = Floor()
    floor.held()
    floor.venue.clear()
    assert floor.venue.open_orders() == []
    assert floor.order("OR-1") is None
    assert floor.held() == "OR-2"
    assert floor.venue.mode("AAPL") is c.Mode.MANAGED
