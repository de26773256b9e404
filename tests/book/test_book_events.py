"""Events alone tell everything: who is live with how much, and what every price displays.

Execution reports, market data by order and by level, ITCH and drop copy are made from them. The
only other thing a listener needs is what its own order asked for.
"""

from __future__ import annotations

from random import Random

import pytest
from book_makers import makers
from book_words import BookRules
from listener import Listener
from random_play import Player, Style


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("seed", range(12))
def test_a_listener_knows_every_order_and_level(new_book, style, seed):
    dice = Random(seed)
    rules = style.rules(dice)
    named_rules = {name: getattr(rules, name) for name in rules.__slots__}
    book = new_book(Random(1), **named_rules)
    guide = makers()["reference"](BookRules(**named_rules), Random(1))
    player, listener = Player(dice, rules, style), Listener()
    for _ in range(300):
        call = player.call(guide)
        if call.method in ("apply", "keep"):
            continue
        getattr(guide, call.method)(*call.arguments, **call.options)
        events = getattr(book, call.method)(*call.arguments, **call.options)
        listener.hear(events, call.arguments[0] if call.arguments else None)
        assert not listener.misheard(book)
        assert {*listener.orders} == {key for key in guide.orders if book.order(key)}
