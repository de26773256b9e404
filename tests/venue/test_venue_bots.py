"""Bots: books that move, the same way for the same seed."""

from __future__ import annotations

import random

from venue_fix import INSTRUMENTS

from meridian.book import BookSide, Kind, Tif
from meridian.schema import Side
from meridian.venue import (
    BotSettings,
    MarketMaker,
    NoiseTrader,
    OrderAccepted,
    OrderExecuted,
    SubmitOrder,
    Venue,
)
from meridian.venue.bots import DRIFT_BAND, MAX_NOISE_ORDERS

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
