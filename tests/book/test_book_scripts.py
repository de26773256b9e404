"""Published scenarios of another engine end here as their comments say; see the reader for where
its conventions differ and are translated.
"""

from __future__ import annotations

import pytest
from book_words import ASK, BID, CancelReason, Event, cancels, of_kind, trades, view
from matching_scripts import ScriptError, play

SYMMETRIC = {price: (price, 60, 3) for price in (10, 20, 30, 40, 50, 60)}

SCENARIOS = {
    1: ([], []),
    2: ([], []),
    3: ([], []),
    4: ([], []),
    5: ([], []),
    6: ([SYMMETRIC[30], SYMMETRIC[20], SYMMETRIC[10]], [(50, 20, 2), SYMMETRIC[60]]),
    7: ([SYMMETRIC[10]], [SYMMETRIC[40], SYMMETRIC[50], SYMMETRIC[60]]),
    8: ([], [(10, 15, 1)]),
    9: ([], []),
    10: ([(20, 10, 1), (10, 10, 1)], []),
    11: ([], []),
    12: ([(20, 10, 1), (10, 10, 1)], [(30, 30, 1)]),
    13: ([(30, 20, 1), (20, 20, 1), (10, 10, 1)], []),
    14: ([], []),
}
"""Displayed bids and asks at the end of each scenario, best first."""


@pytest.fixture
def scenario(shared, book):
    """Plays a scenario by its number on the book; the events."""

    def run(number):
        path = shared / "data" / "matching" / f"cpptrader_scenario-{number:02}.txt"
        events = play(path.read_text(), book)
        assert not of_kind(events, Event.REFUSED)
        book.check_invariants()
        return events

    return run


@pytest.mark.parametrize("number", SCENARIOS)
def test_each_scenario_ends_with_the_book_it_describes(scenario, book, number):
    scenario(number)
    assert (view(book, BID), view(book, ASK)) == SCENARIOS[number]


def test_half_of_the_sells_are_matched_level_by_level(scenario):
    assert trades(scenario(6)) == [
        (16, 19, 40, 30),
        (17, 19, 40, 20),
        (18, 19, 40, 10),
        (13, 19, 50, 30),
        (14, 19, 50, 10),
    ]


def test_slippage_ends_at_its_price(scenario):
    events = scenario(7)
    assert {price for _, _, price, _ in trades(events)} == {30, 20}
    assert cancels(events) == [(19, 880, CancelReason.IOC_REMAINDER)]


def test_all_or_none_by_our_rule(scenario, book):
    """There nothing trades until order 7 lets all seven trade in one combination of 45.

    Here the plain orders 3 and 5 trade at once, and no waiting order finds its whole quantity:
    order 1 wants 20 and may have 15 (order 7), then 10 (order 2) would be too much for the 5 left.
    """
    assert trades(scenario(8)) == [(3, 5, 10, 5)]
    assert [order_id for order_id in range(1, 8) if book.order(order_id)] == [1, 2, 4, 6, 7]
    assert all(book.order(order_id).parked for order_id in (1, 2, 4, 6))


def test_the_large_kill_is_killed_and_the_small_filled(scenario):
    events = scenario(10)
    assert cancels(events) == [(4, 100, CancelReason.FOK_UNFILLABLE)]
    assert trades(events) == [(3, 5, 30, 30), (2, 5, 20, 10)]


def test_the_stop_is_executed_after_the_trade_that_reached_it(scenario):
    assert trades(scenario(11)) == [(3, 5, 30, 30), (2, 5, 20, 10), (2, 4, 20, 10), (1, 4, 10, 10)]


def test_the_trailing_stop_keeps_its_distance(scenario, book):
    scenario(13)
    assert book.order(4).stop_price == 20


def test_mitigating_below_what_executed_cancels(scenario):
    events = scenario(14)
    assert [event[-2] for event in of_kind(events, Event.REPLACED)] == [130, 30]
    assert cancels(events) == [(1, 30, CancelReason.REQUESTED)]


@pytest.mark.parametrize("line", ["add limit buy 1 0 10", "sell everything", "reduce order 7 x"])
def test_a_line_that_is_no_command_is_named(book, line):
    with pytest.raises(ScriptError, match=r"line 2: .*" + line):
        play("enable matching\n" + line, book)
