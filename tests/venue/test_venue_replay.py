"""A recording drives a book and clients trade against it."""

from __future__ import annotations

import struct

import pytest
from venue_fix import INSTRUMENTS, Desk, some

from meridian.book import BookSide
from meridian.nasdaq import ItchError
from meridian.venue import ITCH, OrderExecuted, Replay, ReplaySummary, Venue


def message(kind: str, layout: str, *fields) -> bytes:
    body = kind.encode() + struct.pack(">HHHI", 1, 0, 0, 0) + struct.pack(">" + layout, *fields)
    return len(body).to_bytes(2, "big") + body


def add(reference, side, shares, price, stock="AAPL") -> bytes:
    where = stock.ljust(8).encode()
    return message("A", "QcI8sI", reference, side.encode(), shares, where, price * 100)


def execute(reference, shares) -> bytes:
    return message("E", "QIQ", reference, shares, 1)


def delete(reference) -> bytes:
    return message("D", "Q", reference)


def other() -> bytes:
    return message("S", "c", b"Q")


class Tape:
    """A desk whose AAPL book a recording drives, one message at a time."""

    def __init__(self, *messages: bytes) -> None:
        self.desk = Desk()
        self.replay = Replay(self.desk.venue, "AAPL", b"".join(messages))

    def play(self, count: int = 1):
        """The clients' executions: (who, quantity, price)."""
        events = [event for _ in range(count) for event in self.replay.step(self.desk.now)]
        return [
            (event.order.participant, event.quantity, event.price)
            for event in events
            if isinstance(event, OrderExecuted) and event.order.participant != ITCH
        ]

    def levels(self, side=BookSide.BID):
        return [(level.price, level.quantity) for level in self.desk.venue.book("AAPL").depth(side)]


def test_recorded_orders_make_the_book():
    replace_order = message("U", "QQII", 1, 4, 70, 14999 * 100)
    reduce_order = message("X", "QI", 2, 20)
    tape = Tape(add(1, "B", 100, 15000), add(2, "S", 50, 15002), reduce_order, replace_order)
    tape.play(4)
    assert tape.levels() == [(14999, 70)]
    assert tape.levels(BookSide.ASK) == [(15002, 30)]
    assert tape.replay.summary() == ReplaySummary(4, 0, crossed=False)


def test_a_client_ahead_in_time_is_filled_by_the_recorded_execution():
    tape = Tape(other(), add(1, "B", 100, 15000), execute(1, 60))
    tape.play()
    tape.desk.order("ALICE", "a1", qty="40", px="150.00")
    tape.play()
    assert tape.play() == [("ALICE", 40, 15000)]
    # Of the 60, ALICE got 40; the recording says that 40 of its order are left all the same.
    assert tape.levels() == [(15000, 40)]


def test_a_client_behind_in_time_is_not():
    tape = Tape(add(1, "B", 100, 15000), execute(1, 100))
    tape.play()
    tape.desk.order("ALICE", "a1", qty="40", px="150.00")
    assert tape.play() == []
    assert tape.levels() == [(15000, 40)]


def test_a_client_at_a_better_price_is_filled_at_that_price():
    tape = Tape(add(1, "S", 100, 15005), execute(1, 30))
    tape.play()
    tape.desk.order("ALICE", "a1", side="2", qty="10", px="150.03")
    assert tape.play() == [("ALICE", 10, 15003)]
    assert tape.levels(BookSide.ASK) == [(15005, 70)]


def test_an_added_order_trades_with_a_client_it_meets():
    tape = Tape(other(), add(1, "S", 100, 14999))
    tape.desk.order("ALICE", "a1", qty="40", px="150.00")
    assert tape.play(2) == [("ALICE", 40, 15000)]
    assert tape.levels(BookSide.ASK) == [(14999, 60)]


def test_what_a_client_took_stays_taken_and_is_not_unknown():
    tape = Tape(add(1, "S", 100, 15000), add(2, "S", 50, 15000), execute(1, 100), delete(1))
    tape.play(2)
    *_, fill = tape.desk.order("ALICE", "a1", qty="100", px="150.00")
    some(fill, "39=2|32=100")
    tape.play(2)
    # The unseen aggressor met nobody: order 2 executed nothing in the recording.
    assert tape.levels(BookSide.ASK) == [(15000, 50)]
    # 1 was seen, so its second mention (it is gone from the recording too) is not unknown.
    assert tape.replay.summary() == ReplaySummary(4, 0, crossed=False)


def test_a_part_taken_order_is_not_put_back_up():
    tape = Tape(add(1, "S", 100, 15000), execute(1, 10), execute(1, 30), delete(1))
    tape.play()
    tape.desk.order("ALICE", "a1", qty="80", px="150.00")
    tape.play()
    assert tape.levels(BookSide.ASK) == [(15000, 10)]
    tape.play()
    assert tape.levels(BookSide.ASK) == []
    tape.play()
    assert tape.replay.summary().unknown_references == 0


def test_a_reference_the_file_never_added_is_counted():
    tape = Tape(add(1, "B", 1, 100), delete(9), execute(8, 1), delete(1))
    tape.play(4)
    assert tape.replay.summary() == ReplaySummary(4, 2, crossed=False)
    assert tape.levels() == []


def test_other_stocks_of_the_file_are_passed_over():
    def foreign(raw: bytes) -> bytes:
        return raw[:3] + b"\x00\x02" + raw[5:]

    tape = Tape(
        foreign(add(7, "B", 1, 100, "MSFT")),
        add(1, "B", 1, 100),
        foreign(execute(7, 1)),
    )
    tape.play(3)
    assert tape.levels() == [(100, 1)]
    assert tape.replay.summary() == ReplaySummary(3, 0, crossed=False)


def test_the_end_is_reached_once_and_stays():
    tape = Tape(add(1, "B", 1, 100))
    tape.play()
    assert not tape.replay.finished
    assert tape.play() == []
    assert tape.replay.finished
    assert tape.play() == []
    assert tape.replay.summary().messages == 1


@pytest.mark.parametrize(
    ("symbol", "data", "says"),
    [
        ("AAPL", add(1, "B", 1, 100) + b"\x00", "offset 38"),
        ("AAPL", add(1, "B", 1, 100, "MSFT"), "expected orders of AAPL, the recording has MSFT"),
        ("AAPL", b"", "expected orders of AAPL, the recording has no orders"),
        ("AAPL", message("A", "QcI8sI", 1, b"B", 1, b"AAPL    ", 1_000_050), "tick size 0.01"),
        ("AAPL", add(1, "B", 1, 0), "tick size 0.01"),
        ("EURUSD", add(1, "B", 1500, 100, "EURUSD"), "lot size 1000"),
    ],
)
def test_a_recording_that_does_not_fit_is_refused_before_it_begins(symbol, data, says):
    venue = Venue(INSTRUMENTS, "R", house={ITCH})
    with pytest.raises(ItchError) as caught:
        Replay(venue, symbol, data)
    assert says in str(caught.value)
    assert not venue.open_orders(ITCH)


def test_a_recorded_morning_with_a_client_in_it(shared):
    desk = Desk()
    data = shared / "data" / "itch" / "nasdaq-20200130-aapl-10k.itch"
    replay = Replay(desk.venue, "AAPL", data.read_bytes())
    book = desk.venue.book("AAPL")
    filled = 0
    while not replay.finished:
        for event in replay.step(desk.now):
            if isinstance(event, OrderExecuted) and event.order.participant == "ALICE":
                filled += event.quantity
        best = book.best(BookSide.BID)
        if replay.summary().messages % 500 == 0 and best:
            # A new best bid: the next recorded execution on this side has to meet it first.
            name = f"a{replay.summary().messages}"
            desk.order("ALICE", name, qty="10", px=f"{(best + 1) / 100:.2f}")
        assert not book.crossed
    book.check_invariants()
    assert replay.summary() == ReplaySummary(10_000, 0, crossed=False)
    assert filled > 0


def test_the_book_alone_ends_as_the_recording_says(shared):
    """Without clients, what is left equals the sums of the file."""
    from meridian.nasdaq import (
        AddOrder,
        CancelOrder,
        DeleteOrder,
        ExecuteOrder,
        ReplaceOrder,
        itch_messages,
    )

    data = (shared / "data" / "itch" / "nasdaq-20200130-aapl-10k.itch").read_bytes()
    left: dict[int, list[int]] = {}
    for said in itch_messages(data):
        match said:
            case AddOrder():
                left[said.reference] = [said.buys, said.price, said.shares]
            case ExecuteOrder() | CancelOrder():
                left[said.reference][2] -= said.shares
            case DeleteOrder():
                del left[said.reference]
            case ReplaceOrder():
                buys = left.pop(said.reference)[0]
                left[said.new_reference] = [buys, said.price, said.shares]
    venue = Venue(INSTRUMENTS, "R", house={ITCH})
    replay = Replay(venue, "AAPL", data)
    while not replay.finished:
        replay.step(0)
    for side in BookSide:
        expected: dict[int, int] = {}
        for buys, price, shares in left.values():
            if shares and bool(buys) is (side is BookSide.BID):
                expected[price // 100] = expected.get(price // 100, 0) + shares
        depth = venue.book("AAPL").depth(side)
        assert {level.price: level.quantity for level in depth} == expected
