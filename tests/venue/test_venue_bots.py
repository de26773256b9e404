"""Bots: books that move, the same way for the same seed."""

from __future__ import annotations

import random

from venue_fix import INSTRUMENTS

from meridian.book import BookSide, Kind, Tif
from meridian.schema import Side
from meridian.venue import (
    AutoCancel,
    AutoFill,
    AutoPartial,
    AutoReject,
    BotSettings,
    CancelOrder,
    MarketMaker,
    Mode,
    NoiseTrader,
    OrderAccepted,
    OrderExecuted,
    PartialThenCancel,
    Request,
    SubmitOrder,
    Venue,
)
from meridian.venue.bots import DRIFT_BAND, MAX_NOISE_ORDERS
from meridian.venue.commands import DeleteInstrument

SECOND = 1_000_000_000


def bots(seed, *, reference=15000):
    def settings(name):
        return BotSettings(name, "AAPL", reference, quantity=100, smallest=1, interval=SECOND)

    maker = MarketMaker(settings("MAKER"), random.Random(seed), levels=3, spread=2)
    return maker, NoiseTrader(settings("NOISE"), random.Random(seed + 1))


def play(venue, players, seconds):
    events = []
    for now in range(0, seconds * SECOND, SECOND // 10):
        for bot in players:
            for command in bot.poll(venue, now):
                events += venue.apply(command, now)
    return events


def house():
    return Venue(INSTRUMENTS, "R", house={"MAKER", "NOISE"})


def test_the_same_seed_plays_the_same_game():
    games = [play(house(), bots(7), 60) for _ in range(2)]
    assert games[0] == games[1]
    assert games[0] != play(house(), bots(8), 60)


def test_there_is_always_something_to_trade_with():
    venue, (maker, _) = house(), bots(1)
    for now in range(0, 120 * SECOND, SECOND):
        for command in maker.poll(venue, now):
            venue.apply(command, now)
        bids, asks = venue.book("AAPL").depth(BookSide.BID), venue.book("AAPL").depth(BookSide.ASK)
        assert len(bids) == len(asks) == 3
        assert asks[0].price - bids[0].price == 2


def test_a_maker_puts_back_what_was_taken():
    venue, (maker, _) = house(), bots(1)
    play(venue, [maker], 1)
    best = venue.book("AAPL").best(BookSide.ASK)
    take = SubmitOrder("A", "a", "AAPL", Side.BUY, Kind.MARKET, Tif.DAY, 150, None)
    venue.apply(take, SECOND)
    assert venue.book("AAPL").best(BookSide.ASK) > best
    play(venue, [maker], 5)
    assert len(venue.book("AAPL").depth(BookSide.ASK)) == 3


def test_a_maker_never_trades_with_itself():
    assert not [e for e in play(house(), bots(3)[:1], 600) if isinstance(e, OrderExecuted)]


def test_a_book_with_noise_trades_and_stays_small():
    venue, players = house(), bots(5)
    events = play(venue, players, 600)
    assert sum(isinstance(event, OrderExecuted) for event in events) > 50
    assert len(venue.open_orders("NOISE")) <= MAX_NOISE_ORDERS
    venue.book("AAPL").check_invariants()


def test_the_fair_price_stays_near_its_reference():
    events = play(house(), bots(4)[:1], 3_000)
    prices = [e.order.price for e in events if isinstance(e, OrderAccepted)]
    assert 15000 - DRIFT_BAND - 3 <= min(prices) < max(prices) <= 15000 + DRIFT_BAND + 3


def test_nothing_happens_before_its_time():
    venue, (maker, _) = house(), bots(1)
    assert maker.next_deadline() == 0
    assert maker.poll(venue, 10 * SECOND)
    due = maker.next_deadline()
    assert 10 * SECOND + SECOND // 2 <= due < 10 * SECOND + 2 * SECOND
    assert maker.poll(venue, due - 1) == []


def test_cheap_instruments_are_never_quoted_below_one_tick():
    venue = house()
    events = play(venue, bots(2, reference=1), 60)
    prices = [e.order.price for e in events if isinstance(e, OrderAccepted)]
    assert min(prices) >= 1


class Decided:
    """A client's orders before a bot that decides about them."""

    def __init__(self, kind, seed=1) -> None:
        self.venue = Venue(INSTRUMENTS, "R", house={"BOT"})
        settings = BotSettings("BOT", "AAPL", 15000, quantity=100, smallest=1, interval=SECOND)
        self.bot = kind(settings, random.Random(seed))
        self.now = 0

    def act(self) -> list:
        """What happens when the bot acts."""
        self.now = max(self.now, self.bot.next_deadline())
        commands = self.bot.poll(self.venue, self.now)
        return [event for command in commands for event in self.venue.apply(command, self.now)]

    def order(self, name, lots=10, price=15000):
        kind = Kind.LIMIT if price else Kind.MARKET
        command = SubmitOrder("A", name, "AAPL", Side.BUY, kind, Tif.DAY, lots, price)
        return self.venue.apply(command, self.now)[0].order


def statuses(events) -> list[tuple[str, int]]:
    return [(event.order.status.value, event.order.executed) for event in events]


def test_a_decider_manages_its_book_from_its_first_act():
    desk = Decided(AutoFill)
    (changed,) = desk.act()
    assert (changed.symbol, changed.mode) == ("AAPL", Mode.MANAGED)
    assert desk.venue.mode("EURUSD") is Mode.MATCHING
    assert desk.act() == []


def test_auto_fill_fills_each_order_whole():
    desk = Decided(AutoFill)
    desk.act()
    desk.order("a")
    desk.order("m", price=None)
    assert statuses(desk.act()) == [("NEW", 0), ("FILLED", 10)] * 2
    assert desk.act() == []


def test_auto_fill_has_a_price_for_a_market_order_in_an_empty_book():
    desk = Decided(AutoFill)
    desk.act()
    desk.order("m", price=None)
    assert desk.act()[1].price == desk.bot.settings.reference


def test_auto_partial_fills_bit_by_bit_and_never_the_last_lot():
    desk = Decided(AutoPartial)
    desk.act()
    order = desk.order("a")
    assert statuses(desk.act()) == [("NEW", 0)]
    for _ in range(20):
        desk.act()
    assert desk.venue.order(order.order_id).leaves == 1


def test_auto_reject_auto_cancel_and_partial_then_cancel_do_what_they_say():
    desk = Decided(AutoReject)
    desk.act()
    desk.order("a")
    assert statuses(desk.act()) == [("REJECTED", 0)]
    desk = Decided(AutoCancel)
    desk.act()
    desk.order("a")
    assert [statuses(desk.act()) for _ in range(2)] == [[("NEW", 0)], [("CANCELLED", 0)]]
    desk = Decided(PartialThenCancel)
    desk.act()
    desk.order("a")
    desk.order("one", lots=1)
    new, then, last = desk.act(), desk.act(), desk.act()
    assert statuses(new) == [("NEW", 0), ("NEW", 0)]
    assert [status for status, _ in statuses(then)] == ["PARTIALLY_FILLED", "CANCELLED"]
    ((status, executed),) = statuses(last)
    assert status == "CANCELLED"
    assert 1 <= executed <= 9


def test_deciders_grant_requests_and_leave_the_house_alone():
    desk = Decided(AutoPartial)
    desk.act()
    desk.order("a", lots=1)
    desk.act()
    desk.venue.apply(CancelOrder(Request("A", "c", "a")), desk.now)
    assert statuses(desk.act()) == [("CANCELLED", 0)]
    own = SubmitOrder("BOT", "1", "AAPL", Side.BUY, Kind.LIMIT, Tif.DAY, 1, 1)
    desk.venue.apply(own, desk.now)
    assert desk.act() == []


def test_the_same_seed_decides_alike_and_a_deleted_book_is_left_alone():
    def play(seed):
        desk = Decided(PartialThenCancel, seed)
        desk.act()
        desk.order("a", lots=1000)
        desk.act()
        return statuses(desk.act())

    assert play(1) == play(1)
    assert play(1) != play(2)
    desk = Decided(AutoFill)
    desk.venue.apply(DeleteInstrument("AAPL"), 1)
    assert desk.act() == []
