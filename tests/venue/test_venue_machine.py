"""Random play: what the events say adds up, and is all there is to know."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from venue_play import INSTRUMENTS, Player

from meridian.book import BookSide
from meridian.venue import MarketData, Venue
from meridian.venue.commands import CreateInstrument, DeleteInstrument
from meridian.venue.events import (
    ExecutionBusted,
    ExecutionCorrected,
    InstrumentDeleted,
    OrderAccepted,
    OrderEvent,
    OrderExecuted,
    OrderPending,
    OrderRejected,
    RequestRejected,
)
from meridian.venue.market_data import BID, OFFER, Action, Wish


class Bookkeeper:
    """Adds up what the events say, and knows nothing else of the venue."""

    def __init__(self) -> None:
        self.orders = {}
        self.executed: dict[str, int] = {}
        self.matches: dict[str, dict[str, tuple[int, int]]] = {}
        self.exec_ids: list[str] = []
        self.order_ids: set[str] = set()

    def note(self, event) -> None:
        if isinstance(event, OrderRejected):
            self.exec_ids.append(event.exec_id)
        if isinstance(event, RequestRejected) and event.order is not None:
            self.orders[event.order.order_id] = event.order
        if not isinstance(event, OrderEvent):
            return
        self.exec_ids.append(event.exec_id)
        order = event.order
        before = self.orders.get(order.order_id)
        self.orders[order.order_id] = order
        if isinstance(event, OrderPending | OrderAccepted) and before is None:
            assert order.order_id not in self.order_ids, "an order id came twice"
            self.order_ids.add(order.order_id)
            assert (order.executed, order.leaves) == (0, order.quantity)
            return
        sides = None
        if isinstance(event, OrderExecuted):
            assert before.leaves > 0, "a fill after the end"
            sides = self.matches.setdefault(event.match_id, {})
            sides[order.order_id] = (event.quantity * order.side.sign, event.price)
            self._add(order, event.quantity)
        elif isinstance(event, ExecutionBusted):
            sides = self.matches[event.match_id]
            self._add(order, -event.quantity)
            sides[order.order_id] = (0, 0)
        elif isinstance(event, ExecutionCorrected):
            sides = self.matches[event.match_id]
            self._add(order, event.quantity - event.former)
            sides[order.order_id] = (event.quantity * order.side.sign, event.price)
        assert order.executed == self.executed.get(order.order_id, 0)
        assert order.leaves >= 0
        assert order.status.terminal == (order.leaves == 0), order
        # What has not traded and cannot any more was cancelled, reduced or busted; what is too
        # much was filled or corrected up by the operator.
        assert sides is not None or order.executed + order.leaves <= max(
            order.quantity + max(order.gap, 0), order.executed
        )

    def _add(self, order, quantity: int) -> None:
        self.executed[order.order_id] = self.executed.get(order.order_id, 0) + quantity

    def check(self) -> None:
        assert len(set(self.exec_ids)) == len(self.exec_ids), "an execution id came twice"
        for sides in self.matches.values():
            amounts = [quantity for quantity, _ in sides.values()]
            # The operator's fills have one side alone.
            assert len(amounts) == 1 or sum(amounts) == 0, "both sides of a match differ"


def play(seed, length):
    venue, player, keeper = Venue(INSTRUMENTS, "R"), Player(seed), Bookkeeper()
    told = []
    for now in range(length):
        events = venue.apply(player.command(venue, now), now)
        told += events
        for event in events:
            keeper.note(event)
            if isinstance(event, OrderExecuted | ExecutionCorrected):
                player.exec_ids.append(event.exec_id)
    return venue, keeper, told


SEEDS = st.integers(0, 2**32)
LENGTHS = st.integers(1, 150)


@settings(max_examples=200, deadline=None)
@given(SEEDS, LENGTHS)
def test_what_a_bookkeeper_knows_from_events_is_how_the_venue_stands(seed, length):
    venue, keeper, told = play(seed, length)
    keeper.check()
    open_orders = {order.order_id: order for order in venue.open_orders()}
    assert open_orders == {i: order for i, order in keeper.orders.items() if order.leaves}
    for order_id, order in keeper.orders.items():
        assert venue.order(order_id) == order
    for symbol in venue.instruments:
        book = venue.book(symbol)
        book.check_invariants()
        held = [o for o in open_orders.values() if o.symbol == symbol and not o.held]
        assert book.live == len(held)
        for order in held:
            view = book.order(order.number)
            assert (view.leaves, view.quantity) == (order.leaves, order.leaves + view.executed)
            assert order.executed - view.executed == order.gap
    assert play(seed, length)[2] == told, "the same commands gave other events"


@settings(max_examples=150, deadline=None)
@given(SEEDS, LENGTHS, st.booleans(), st.booleans())
def test_a_book_rebuilt_from_market_data_is_the_book(seed, length, by_order, incremental):
    venue, player = Venue(INSTRUMENTS, "R"), Player(seed)
    data = MarketData(venue, interval=2)
    wish = Wish("V", "m", ("AAPL",), 1_000, by_order=by_order, incremental=incremental)
    mirror: dict[str, dict[int, tuple]] = {BID: {}, OFFER: {}, "2": {}}

    def take(refresh) -> None:
        if not refresh.incremental:
            for entries in mirror.values():
                entries.clear()
        for action, entry, _ in refresh.changes:
            entries = mirror[entry.kind]
            if action is Action.NEW:
                assert entry.key not in entries or entry.kind == "2"
                entries[entry.key] = entry
            elif action is Action.CHANGE:
                assert entry.key in entries
                entries[entry.key] = entry
            else:
                del entries[entry.key]

    data.subscribe(wish)
    for refresh in data.snapshots(wish):
        take(refresh)
    for now in range(length):
        data.observe(venue.apply(player.command(venue, now), now))
        for refresh in data.poll(now):
            take(refresh)
    for refresh in data.poll(length + 10):
        take(refresh)
    book = venue.book("AAPL")
    for kind, side in ((BID, BookSide.BID), (OFFER, BookSide.ASK)):
        levels: dict[int, list[int]] = {}
        for entry in mirror[kind].values():
            level = levels.setdefault(entry.price, [0, 0])
            level[0] += entry.quantity
            level[1] += 1 if by_order else entry.orders
        expected = {level.price: [level.quantity, level.orders] for level in book.depth(side)}
        assert levels == expected
        if by_order:
            shown = [v.order_id for v in book.resting(side) if v.visible]
            at_price = sorted(
                mirror[kind].values(), key=lambda e: -e.price * side
            )  # stable: entries of a price stay in the sequence they were told in
            assert incremental is False or [e.key for e in at_price] == shown


def test_deleting_and_creating_begins_anew():
    venue = Venue(INSTRUMENTS, "R")
    (gone,) = venue.apply(DeleteInstrument("MSFT"), 1)
    assert isinstance(gone, InstrumentDeleted)
    assert venue.instrument("MSFT.X") is None
    venue.apply(CreateInstrument(INSTRUMENTS[1]), 2)
    assert venue.instrument("MSFT.X") is INSTRUMENTS[1]
