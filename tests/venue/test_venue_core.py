"""The venue below its FIX door: memory, identity, conservation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from venue_fix import INSTRUMENTS, Desk, some

from meridian.book import BookSide, Kind, Tif
from meridian.schema import OrderStatus, Side
from meridian.venue import (
    CancelOrder,
    Order,
    OrderAccepted,
    OrderCancelled,
    OrderExecuted,
    OrderReason,
    OrderReduced,
    OrderRejected,
    OrderReplaced,
    ReduceOrder,
    ReplaceOrder,
    Request,
    RequestRejected,
    SubmitOrder,
    Venue,
)


def limit(who, name, side=Side.BUY, quantity=10, price=15000, tif=Tif.DAY, symbol="AAPL"):
    return SubmitOrder(who, name, symbol, side, Kind.LIMIT, tif, quantity, price)


def test_ids_of_two_runs_never_meet():
    def ids(run):
        venue = Venue(INSTRUMENTS, run)
        events = venue.apply(limit("A", "a"), 1) + venue.apply(limit("B", "b", Side.SELL), 2)
        execs = {event.exec_id for event in events}
        assert len(execs) == len(events) == 4
        return execs | {e.order.order_id for e in events} | {events[-1].match_id}

    assert not ids("R1") & ids("R2")


def test_the_bound_on_memory_refuses_new_ids_but_never_a_cancel():
    desk = Desk(max_orders=2)
    desk.order("ALICE", "a1")
    desk.order("ALICE", "a2")
    some(desk.order("ALICE", "a3")[0], "150=8|103=3|37=NONE")
    some(desk.replace("ALICE", "r", "a1", "50", "150.00")[0], "35=9|102=2")
    (trade, *_) = desk.order("BOB", "b", side="2")
    some(trade, "150=8|103=3")
    some(desk.cancel("ALICE", "c1", "a1")[0], "150=4")
    some(desk.status("ALICE", "a3"), "39=8|103=5")
    some(desk.status("ALICE", "a1"), "39=4")


def test_the_house_forgets_what_is_done_and_clients_do_not():
    venue = Venue(INSTRUMENTS, "R", house={"BOT"}, max_orders=1)
    for number in range(5):
        name = str(number)
        assert isinstance(venue.apply(limit("BOT", name), 1)[0], OrderAccepted)
        assert isinstance(venue.find("BOT", name), Order)
        venue.apply(CancelOrder(Request("BOT", f"c{name}", name)), 2)
        assert venue.find("BOT", name) is None
        assert venue.find("BOT", f"c{name}") is None
    assert isinstance(venue.apply(limit("BOT", "0", symbol="NOPE"), 1)[0], OrderRejected)
    assert venue.find("BOT", "0") is None
    venue.apply(limit("A", "a"), 1)
    venue.apply(CancelOrder(Request("A", "c", "a")), 2)
    assert venue.find("A", "a").status is OrderStatus.CANCELLED


def test_the_house_may_replace_without_leaving_a_trace():
    venue = Venue(INSTRUMENTS, "R", house={"BOT"})
    venue.apply(limit("BOT", "1"), 1)
    for number in range(1, 5):
        request = Request("BOT", str(number + 1), str(number))
        assert isinstance(
            venue.apply(ReplaceOrder(request, 20 + number, 15000), 2)[0], OrderReplaced
        )
        assert venue.find("BOT", str(number)) is None
    venue.apply(limit("A", "a", Side.SELL, quantity=24), 3)
    assert venue.find("BOT", "5") is None
    assert venue.open_orders("BOT") == []


def test_an_order_id_of_another_participant_finds_nothing():
    venue = Venue(INSTRUMENTS, "R")
    (accepted,) = venue.apply(limit("A", "a"), 1)
    order_id = accepted.order.order_id
    assert venue.find("A", None, order_id) == accepted.order
    assert venue.find("B", None, order_id) is None
    (rejected,) = venue.apply(CancelOrder(Request("B", "b", "zz", order_id)), 2)
    assert isinstance(rejected, RequestRejected)
    (cancelled,) = venue.apply(CancelOrder(Request("A", "c", "zz", order_id)), 2)
    assert isinstance(cancelled, OrderCancelled)


def test_reducing_takes_down_and_never_up():
    venue = Venue(INSTRUMENTS, "R", house={"ITCH"})
    venue.apply(limit("ITCH", "1", quantity=10), 1)
    assert venue.apply(ReduceOrder("ITCH", "1", 11), 2) == []
    (reduced,) = venue.apply(ReduceOrder("ITCH", "1", 4), 2)
    assert isinstance(reduced, OrderReduced)
    assert reduced.order.leaves == 4
    (cancelled,) = venue.apply(ReduceOrder("ITCH", "1", 0), 3)
    assert isinstance(cancelled, OrderCancelled)
    assert venue.apply(ReduceOrder("ITCH", "1", 0), 4) == []


def test_events_carry_the_order_as_it_stood_then():
    venue = Venue(INSTRUMENTS, "R")
    (accepted,) = venue.apply(limit("A", "a", quantity=10), 1)
    traded = venue.apply(limit("B", "b", Side.SELL, quantity=4), 2)[-1]
    assert accepted.order.executed == 0
    assert (traded.order.cl_ord_id, traded.order.executed, traded.order.changed_at) == ("a", 4, 2)
    with pytest.raises(AttributeError):
        traded.order.executed = 5


@pytest.mark.parametrize(
    ("quantity", "price", "reason"),
    [(0, 1, OrderReason.INCORRECT_QUANTITY), (1, 0, OrderReason.OTHER)],
)
def test_integers_out_of_range_are_rejected_below_the_door_too(quantity, price, reason):
    venue = Venue(INSTRUMENTS, "R")
    (event,) = venue.apply(limit("A", "a", quantity=quantity, price=price), 1)
    assert isinstance(event, OrderRejected)
    assert event.order.reason is reason


NAMES = st.sampled_from([f"n{number}" for number in range(8)])
WHO = st.sampled_from(["A", "B"])
SUBMITS = st.builds(
    limit,
    WHO,
    NAMES,
    st.sampled_from(Side),
    st.integers(1, 9),
    st.integers(1, 5),
    st.sampled_from([Tif.DAY, Tif.IOC, Tif.FOK]),
)
REQUESTS = st.builds(Request, WHO, NAMES, NAMES)
COMMANDS = (
    SUBMITS
    | st.builds(CancelOrder, REQUESTS)
    | st.builds(ReplaceOrder, REQUESTS, st.integers(1, 9), st.integers(1, 5))
)


@settings(max_examples=200, deadline=None)
@given(st.lists(COMMANDS, max_size=40))
def test_a_client_that_adds_up_its_reports_knows_its_orders(commands):
    venue = Venue(INSTRUMENTS, "R")
    executed: dict[str, int] = {}
    last: dict[str, Order] = {}
    execs: list[str] = []
    bought = sold = 0
    for now, command in enumerate(commands):
        for event in venue.apply(command, now):
            if isinstance(event, RequestRejected):
                continue
            execs.append(event.exec_id)
            if isinstance(event, OrderRejected):
                continue
            order = event.order
            if isinstance(event, OrderExecuted):
                assert not last[order.order_id].status.terminal, "a fill after the end"
                executed[order.order_id] = executed.get(order.order_id, 0) + event.quantity
                bought += event.quantity * order.side.buys
                sold += event.quantity * (not order.side.buys)
            assert order.executed == executed.get(order.order_id, 0)
            assert order.executed + order.leaves <= order.quantity
            if not order.status.terminal:
                assert order.executed + order.leaves == order.quantity
            last[order.order_id] = order
    assert bought == sold
    assert len(set(execs)) == len(execs)
    book = venue.book("AAPL")
    book.check_invariants()
    resting = {order.order_id: order.leaves for who in "AB" for order in venue.open_orders(who)}
    assert resting == {i: o.leaves for i, o in last.items() if not o.status.terminal}
    assert sum(resting.values()) == sum(o.leaves for side in BookSide for o in book.resting(side))
