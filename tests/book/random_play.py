"""Random play over every feature of a book, the same for the soak and for whoever reproduces it.

A play is a set of rules, a seed for the books' dice, and calls. Books are compared after every
call: what they returned, their hash, what they display, and their own invariants. And a listener
who hears the events alone must know every order's quantities: nothing is lost, nothing appears.
"""

from __future__ import annotations

import pprint
from array import array
from dataclasses import dataclass, field, fields
from enum import Enum
from random import Random
from typing import Any

from listener import Listener

from meridian.book.codes import ROW_WIDTH, BookSide, Op, Tif
from meridian.book.orders import Kind, NewOrder, Peg, SelfTrade
from meridian.book.rules import Allocation, BookRules, CollarAction, Phase

PRICES = range(1, 25)
SECOND = 10
"""Time moves on by about this much a call; small, so that expiries fall in reach."""


@dataclass(frozen=True)
class Call:
    """One call of a book's public method."""

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self):
        said = [str(short(argument)) for argument in self.arguments]
        said += [f"{name}={value!r}" for name, value in self.options.items()]
        return f"book.{self.method}({', '.join(said)})"


def short(thing):
    """An order without what it does not ask for; anything else as it is."""
    thing = getattr(thing, "asked", thing)
    if not isinstance(thing, NewOrder):
        return repr(thing)
    said = {each.name: getattr(thing, each.name) for each in fields(thing)}
    plain = {each.name: each.default for each in fields(thing)}
    return f"NewOrder({', '.join(f'{k}={v}' for k, v in said.items() if v != plain[k])})"


@dataclass
class Play:
    """Rules, dice and calls: enough to play it again."""

    rules: BookRules
    seed: int
    level_events: bool
    calls: list[Call] = field(default_factory=list)

    def table(self, makers):
        """A fresh book of each maker, ready to play."""
        return Table(self, makers)

    def first_difference(self, makers):
        """(step, what differs), or None where all books agree from start to end."""
        table = self.table(makers)
        for step, call in enumerate(self.calls):
            difference = table.differs(call)
            if difference:
                return step, difference
        return None

    def shortest(self, makers):
        """The play with every call left out that the difference does not need."""
        step, _ = self.first_difference(makers)
        calls = self.calls[: step + 1]
        size = max(1, len(calls) // 2)
        while size:
            start = 0
            while start < len(calls):
                shorter = calls[:start] + calls[start + size :]
                play = Play(self.rules, self.seed, self.level_events, shorter)
                if play.first_difference(makers):
                    calls = shorter
                else:
                    start += size
            size //= 2
        return Play(self.rules, self.seed, self.level_events, calls)

    def __str__(self):
        lines = [f"rules = {self.rules}", f"seed = {self.seed}"]
        return "\n".join([*lines, *map(str, self.calls)])


class Table:
    """The same book of several makers, each with equal dice of its own, by the maker's name."""

    def __init__(self, play, makers):
        self.dice = {name: Random(play.seed) for name in makers}
        self.books = {
            name: make(play.rules, self.dice[name], level_events=play.level_events)
            for name, make in makers.items()
        }
        self.listener = Listener()

    @property
    def reference(self):
        return self.books["reference"]

    def differs(self, call):
        """What differs after a call, as text; empty where the books agree."""
        answers = {name: self.answer(name, call) for name in self.books}
        first, *others = answers.values()
        misheard = self.misheard(call, first.get("events", []))
        if "raised" not in first and all(other == first for other in others) and not misheard:
            return ""
        lines = [str(call), *misheard]
        for name, said in answers.items():
            lines += [f"--- {name}", pprint.pformat(said, width=140, sort_dicts=False)]
        lines += [str(short(order)) for order in self.reference.orders.values()]
        return "\n".join(lines)

    def misheard(self, call, events):
        """Where the reference, and so every book, is not what its events said."""
        try:
            self.listener.hear(events, call.arguments[0] if call.arguments else None)
        except (KeyError, AssertionError) as error:
            return [f"events that cannot be: {error!r}"]
        missing = {*self.reference.orders} ^ {*self.listener.orders}
        return self.listener.misheard(self.reference) + [f"order {n} is untold" for n in missing]

    def answer(self, name, call):
        """What a book says to a call, and how it stands then; an exception is an answer too."""
        try:
            said = self.perform(name, call)
            book = self.books[name]
            book.check_invariants()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a difference to report
            return {"raised": f"{type(error).__name__}: {error}"}
        return {
            "events": [tuple(map(int, event)) for event in said],
            "state": book.state_hash(),
            "bids": [tuple(level) for level in book.depth(BookSide.BID)],
            "asks": [tuple(level) for level in book.depth(BookSide.ASK)],
            "phase": int(book.phase),
            "indicative": book.indicative(),
        }

    def perform(self, name, call):
        book = self.books[name]
        if call.method == "keep":
            if name != "reference":
                self.books[name] = type(book).restore(book.snapshot(), self.dice[name])
            return []
        said = getattr(book, call.method)(*call.arguments, **call.options)
        if call.method == "apply":
            return list(zip(*[iter(said)] * ROW_WIDTH, strict=True))
        return said


class Style(Enum):
    """What a play is made of."""

    EVERYTHING = 1
    WAITING = 2
    """Stops and orders for another time, beside commands that the ladder does."""
    PLAIN = 3
    """Only what the ladder does alone."""

    def rules(self, dice):
        """Rules that suit the style."""
        return any_rules(dice) if self is Style.EVERYTHING else plain_rules(dice)


def plain_rules(dice):
    """Rules under which the ladder may act alone."""
    return BookRules(
        tick_table=dice.choice([((1, 1),), ((1, 2),)]),
        lot=dice.choice([1, 1, 5]),
        band_high=dice.choice([2**53, 20]),
        max_orders=dice.choice([1_000_000, 12]),
    )


def any_rules(dice):
    """Rules of a book: mostly plain, so that each feature also meets the others' defaults."""
    collar = dice.choice([None, None, 0, 2, 5])
    return BookRules(
        allocation=dice.choice([*Allocation, Allocation.BROKER_TIME]),
        tick_table=dice.choice([((1, 1),), ((1, 1),), ((1, 2),), ((1, 1), (12, 3))]),
        lot=dice.choice([1, 1, 5]),
        min_quantity=dice.choice([1, 1, 3]),
        max_quantity=dice.choice([2**53, 40]),
        band_low=dice.choice([1, 1, 4]),
        band_high=dice.choice([2**53, 20]),
        collar=collar,
        collar_action=dice.choice([*CollarAction]),
        reference_price=dice.choice([None, 10]),
        max_orders=dice.choice([1_000_000, 1_000_000, 12]),
        phase=dice.choice([Phase.CONTINUOUS, Phase.CONTINUOUS, *Phase]),
    )


@dataclass
class Player:
    """Draws calls; looks at the reference to name live orders and real trades."""

    dice: Random
    rules: BookRules
    style: Style = Style.EVERYTHING
    now: int = 0
    last_id: int = 0

    def call(self, book):
        """The next call."""
        moves = {
            self.hot_limit: 25,
            self.hot_market: 4,
            self.submit: 40,
            self.cancel: 9,
            self.reduce: 4,
            self.replace: 12,
            self.batch: 2,
            self.advance: 2,
            self.set_phase: 2 if book.phase is Phase.CONTINUOUS else 8,
            self.mass_cancel: 1,
            self.after_the_trade: 1,
            self.keep: 1,
        }
        if len(book.orders) > 35:
            return Call("mass_cancel", (), {"side": self.dice.choice([*BookSide, None])})
        if self.style is not Style.EVERYTHING:
            moves |= {self.set_phase: 0, self.mass_cancel: 0, self.submit: 15, self.batch: 6}
        move = self.dice.choices([*moves], [*moves.values()])[0]
        return move(book)

    def chance(self, percent):
        return self.dice.randrange(100) < percent

    def price(self):
        price = self.dice.choice(PRICES)
        if self.chance(95):
            price = max(price, self.rules.band_low)
            price = min(price, self.rules.band_high)
            price += -price % self.rules.tick(price)
        return price

    def quantity(self):
        size = self.dice.choice([1, 2, 3, 4, 5, 6, 7]) * self.rules.lot
        if self.chance(90):
            size = max(size, self.rules.min_quantity)
        return self.dice.choice([0, -1, 3, 50, 2**53 + 1]) if self.chance(2) else size

    def new_id(self, book):
        if book.orders and self.chance(2):
            return self.dice.choice([*book.orders])
        self.last_id += 1
        return self.last_id

    def live_id(self, book):
        if not book.orders or self.chance(4):
            return self.dice.randrange(0, self.last_id + 3)
        return self.dice.choice([*book.orders])

    def side(self):
        return self.dice.choice([*BookSide])

    def account(self):
        return self.dice.choice([0, 7, 8])

    def hot_limit(self, book):
        tif = (
            self.dice.choice([0, 0, 0, 0, 1, 3, 4]) if self.chance(95) else self.dice.randrange(11)
        )
        order = (self.new_id(book), int(self.side()), self.price(), self.quantity(), tif)
        return Call("limit", (*order, self.account()))

    def hot_market(self, book):
        tif = self.dice.choice([0, 3, 3, 4])
        order = (self.new_id(book), int(self.side()), self.quantity(), tif, self.account())
        return Call("market", order)

    def submit(self, book):
        asked = {
            "order_id": self.new_id(book),
            "side": self.side(),
            "quantity": self.quantity(),
            "account": self.account(),
            "session": self.dice.choice([0, 1, 2]),
            "broker": self.dice.choice([0, 3, 3, 4]),
            "self_trade": SelfTrade.ALLOW if self.style is Style.PLAIN else self.self_trade(),
            **self.dice.choice(self.instructions())(),
        }
        if asked.get("tif") is Tif.GTD and self.chance(98):
            asked["expire_at"] = self.now + self.dice.randrange(-2, 12 * SECOND)
        if self.style is Style.EVERYTHING and self.chance(3):
            asked[self.dice.choice(["price", "stop_price", "display", "expire_at", "trail"])] = 9
        return Call("submit", (NewOrder(**asked),), {"now": self.tick()})

    def instructions(self):
        """What an order of this style may ask for, each as a function that draws it."""
        if self.style is Style.PLAIN:
            return self.shown()
        if self.style is Style.WAITING:
            return [*self.shown(), *self.waiting(), *self.waiting()]
        return [*self.shown(), *self.waiting(), *self.others()]

    def self_trade(self):
        return self.dice.choice([*SelfTrade])

    def limited(self, **more):
        """A limit order of any time in force that stays."""
        tifs = [Tif.DAY, Tif.DAY, Tif.GTC]
        tifs += [] if self.style is Style.PLAIN else [Tif.GTD]
        return {"price": self.price(), "tif": self.dice.choice(tifs), **more}

    def small(self):
        return self.rules.lot * self.dice.choice([1, 2, 3])

    def shown(self):
        return [lambda: self.limited(display=self.small()), lambda: self.limited(hidden=True)]

    def waiting(self):
        """Stops, and orders for another time."""
        dice, limit = self.dice, self.limited
        return [
            limit,
            lambda: limit(tif=dice.choice([Tif.OPG, Tif.CLS, Tif.GFA])),
            lambda: {"kind": Kind.STOP, "stop_price": self.price()},
            lambda: limit(kind=Kind.STOP_LIMIT, stop_price=self.price()),
            lambda: limit(kind=Kind.STOP_LIMIT, stop_price=self.price(), display=self.small()),
            lambda: {
                "kind": Kind.TRAILING_STOP,
                "stop_price": dice.choice([None, self.price()]),
                dice.choice(["trail", "trail_bps"]): dice.choice([1, 3, 900]),
            },
        ]

    def others(self):
        dice, limit, any_tif = self.dice, self.limited, [*Tif]
        return [
            lambda: limit(tif=dice.choice(any_tif)),
            lambda: limit(
                display=self.small(),
                refresh_range=self.small() - dice.choice([1, 1, 2]) * self.rules.lot,
            ),
            lambda: limit(hidden=True, tif=dice.choice(any_tif)),
            lambda: limit(post_only=True, hidden=self.chance(20)),
            lambda: limit(min_quantity=self.small(), tif=dice.choice([Tif.DAY, Tif.IOC])),
            lambda: limit(all_or_none=True),
            lambda: limit(discretion=dice.choice([1, 2, 5])),
            lambda: limit(discretion=dice.choice([1, 2, 5])),
            lambda: limit(all_or_none=True, tif=dice.choice([Tif.GTD, Tif.IOC, Tif.FOK])),
            lambda: {"kind": Kind.MARKET, "tif": dice.choice(any_tif)},
            lambda: {"kind": Kind.MARKET_TO_LIMIT, "tif": dice.choice([Tif.DAY, Tif.IOC, Tif.GTD])},
            self.peg,
            self.peg,
        ]

    def peg(self):
        dice = self.dice
        return {
            "kind": Kind.PEGGED,
            "peg": dice.choice([*Peg]),
            "offset": dice.randrange(-3, 4),
            "price": dice.choice([None, None, self.price()]),
            "hidden": self.chance(15),
            "display": dice.choice([None, None, None, self.rules.lot]),
        }

    def tick(self):
        self.now += self.dice.randrange(SECOND)
        return self.now

    def cancel(self, book):
        return Call("cancel", (self.live_id(book),))

    def reduce(self, book):
        return Call("reduce", (self.live_id(book), self.quantity()))

    def replace(self, book):
        order_id = self.live_id(book)
        view = book.order(order_id)
        quantity, price = self.quantity(), self.price()
        if view and self.chance(50):
            price = view.price
        if view and self.chance(40):
            quantity = view.quantity - self.dice.choice([0, 1, 2]) * self.rules.lot
        if view and view.executed and self.chance(20):
            quantity = view.executed
        return Call("replace", (order_id, quantity, price))

    def batch(self, book):
        rows = []
        for _ in range(self.dice.randrange(1, 6)):
            op = self.dice.choice([*Op, Op.LIMIT, Op.LIMIT, 9 if self.chance(10) else Op.CANCEL])
            creates = op in (Op.LIMIT, Op.MARKET)
            order_id = self.new_id(book) if creates else self.live_id(book)
            tif = self.dice.choice([0, 0, 1, 3, 4])
            numbers = (self.side(), self.price(), self.quantity(), tif, self.account())
            rows += map(int, (op, order_id, *numbers))
        return Call("apply", (array("q", rows),))

    def keep(self, book):
        """Take a snapshot and go on with the book restored from it."""
        return Call("keep", ())

    def advance(self, book):
        return Call("advance", (self.tick(),))

    def set_phase(self, book):
        phase = self.dice.choice([*Phase, *[Phase.CONTINUOUS] * 16])
        return Call("set_phase", (phase,), {"now": self.tick()})

    def mass_cancel(self, book):
        chosen = {
            "side": self.dice.choice([None, *BookSide]),
            "account": self.dice.choice([None, 0, 7]),
            "session": self.dice.choice([None, 1]),
        }
        return Call("mass_cancel", (), chosen)

    def after_the_trade(self, book):
        trade = self.dice.randrange(0, book.trades + 2)
        if self.chance(50):
            return Call("bust", (trade,))
        return Call("correct", (trade, self.price(), self.quantity()))
