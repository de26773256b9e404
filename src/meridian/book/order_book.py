"""The order book of one instrument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple, Self

from meridian.book import snapshot
from meridian.book.codes import BookSide, RefusalCode, Tif
from meridian.book.core import Dice
from meridian.book.engine import Engine
from meridian.book.fingerprint import state_of
from meridian.book.ladder import Ladder, PureLadder
from meridian.book.orders import Kind, NewOrder, OrderView
from meridian.book.rules import BookRules, Phase
from meridian.book.state import hash_of

__all__ = ["Level", "OrderBook", "PureOrderBook"]

EventTuple = tuple[int, ...]
RULES = BookRules()
_PLAIN_TIFS = frozenset({Tif.DAY, Tif.GTC, Tif.IOC, Tif.FOK})
"""What the ladder can do alone."""
_DAMAGE = (KeyError, TypeError, IndexError, AttributeError, OverflowError, AssertionError)
"""What goes wrong with a state that lacks something or contradicts itself."""


class Level(NamedTuple):
    """What is displayed at one price."""

    price: int
    quantity: int
    orders: int


class _Book:
    """What a book adds to its ladder.

    Every command returns the events it caused, in order; a refusal is an event. Prices are ticks,
    quantities lots, ``now`` is ns UTC. The ladder's own commands (``limit``, ``market``,
    ``cancel``, ``reduce``, ``replace``, ``apply``) come here when they need more than the ladder.
    """

    __slots__ = ()
    _base: ClassVar[Any]
    """Its ladder's class."""
    _engine: Engine

    # Commands --------------------------------------------------------------------------------

    def submit(self, new: NewOrder, now: int = 0) -> list[EventTuple]:
        """Enter an order of any type."""
        return self._engine.submit(new, now)

    def advance(self, now: int) -> list[EventTuple]:
        """Let time pass: orders whose time is over expire."""
        return self._engine.advance(now)

    def set_phase(self, phase: Phase, now: int = 0) -> list[EventTuple]:
        """Enter a phase; the present one changes nothing."""
        return self._engine.set_phase(Phase(phase), now)

    def mass_cancel(
        self, *, side: int | None = None, account: int | None = None, session: int | None = None
    ) -> list[EventTuple]:
        """Cancel every order that matches all that is given."""
        return self._engine.mass_cancel(side, account, session)

    def bust(self, trade_id: int) -> list[EventTuple]:
        """Declare a trade void; orders stay as they are."""
        return self._engine.bust(trade_id)

    def correct(self, trade_id: int, price: int, quantity: int) -> list[EventTuple]:
        """Give a trade another price and quantity; orders stay as they are."""
        return self._engine.correct(trade_id, price, quantity)

    def slow_limit(
        self, order_id: int, side: int, price: int, quantity: int, tif: int, account: int
    ) -> list[EventTuple]:
        """A limit order that needs more than the ladder."""
        if tif in _PLAIN_TIFS:
            rest = (side, price, quantity, tif, account)
            events = self._engine.quickly(self._base.limit, order_id, *rest)
            if events is not None:
                return events
        terms = {"price": price, "quantity": quantity, "account": account}
        return self._spelt_out(order_id, side, tif, terms)

    def slow_market(
        self, order_id: int, side: int, quantity: int, tif: int, account: int
    ) -> list[EventTuple]:
        """A market order that needs more than the ladder."""
        if tif in _PLAIN_TIFS:
            rest = (side, quantity, tif, account)
            events = self._engine.quickly(self._base.market, order_id, *rest)
            if events is not None:
                return events
        terms = {"kind": Kind.MARKET, "quantity": quantity, "account": account}
        return self._spelt_out(order_id, side, tif, terms)

    def _spelt_out(
        self, order_id: int, side: int, tif: int, terms: dict[str, Any]
    ) -> list[EventTuple]:
        """A hot command's order in the words of ``submit``."""
        if side not in (1, -1) or tif not in Tif.__members__.values():
            return self._engine.refuse(order_id, RefusalCode.BAD_INSTRUCTION)
        new = NewOrder(order_id=order_id, side=BookSide(side), tif=Tif(tif), **terms)
        return self._engine.submit(new)

    def slow_cancel(self, order_id: int) -> list[EventTuple]:
        """A cancel that needs more than the ladder."""
        events = self._engine.quickly(self._base.cancel, order_id)
        return self._engine.cancel(order_id) if events is None else events

    def slow_reduce(self, order_id: int, by: int) -> list[EventTuple]:
        """A reduction that needs more than the ladder."""
        events = self._engine.quickly(self._base.reduce, order_id, by)
        return self._engine.reduce(order_id, by) if events is None else events

    def slow_replace(self, order_id: int, quantity: int, price: int) -> list[EventTuple]:
        """A replace that needs more than the ladder."""
        events = self._engine.quickly(self._base.replace, order_id, quantity, price)
        return self._engine.replace(order_id, quantity, price) if events is None else events

    # Looking ---------------------------------------------------------------------------------

    @property
    def rules(self) -> BookRules:
        """The book's rules."""
        return self._engine.core.rules

    @property
    def phase(self) -> Phase:
        """The present phase."""
        return self._engine.core.phase

    @property
    def live(self) -> int:
        """Live orders, resting and aside."""
        return len(self._engine.core)

    @property
    def crossed(self) -> bool:
        """Whether the best bid reaches the best ask, which no continuous phase leaves behind."""
        ladder = self._engine.core.ladder
        bid, ask = ladder.best(1), ladder.best(-1)
        return bid >= ask > 0

    def order(self, order_id: int) -> OrderView | None:
        """A live order as it stands, or None."""
        return self._engine.core.view(order_id)

    def depth(self, side: int, levels: int | None = None) -> list[Level]:
        """Displayed levels of a side, best first; all of them unless ``levels`` says how many."""
        found = self._base.depth(self, side, -1 if levels is None else levels)
        return [Level(*level) for level in found]

    def resting(self, side: int) -> Iterator[OrderView]:
        """Resting orders of a side in the sequence in which they would trade."""
        core = self._engine.core
        views = (core.view(record[0]) for record in core.ladder.records(side))
        return (view for view in views if view is not None)

    def indicative(self) -> tuple[int, int, int] | None:
        """Price, volume and surplus of an uncross now; None where nothing would trade."""
        return self._engine.auction.indicative()

    def state_hash(self) -> str:
        """Hash of all that matters; equal books have equal hashes, whatever their ladder."""
        engine = self._engine
        return hash_of(state_of(engine.core, engine.auction, engine.trades.busted))

    def check_invariants(self) -> None:
        """Raise AssertionError where the book contradicts itself."""
        self._engine.check()

    # Keeping ---------------------------------------------------------------------------------

    def snapshot(self) -> bytes:
        """The whole state, except the dice, to give to :meth:`restore`."""
        engine = self._engine
        return snapshot.take(
            engine.core,
            engine.auction,
            engine.trades.busted,
            level_events=engine.displayed is not None,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).restore, (self.snapshot(), self._engine.core.dice)

    @classmethod
    def restore(cls, data: bytes, dice: Dice | None = None) -> Self:
        """The book that :meth:`snapshot` kept.

        Raises:
            ValueError: the bytes are no book's, or the book needs dice.
        """
        try:
            rules, level_events = snapshot.read_rules(data)
            book = cls(rules, dice, level_events=level_events)  # type: ignore[call-arg]
            engine = book._engine
            engine.trades.busted = snapshot.restore(
                data, engine.core, engine.auction, engine.expiry
            )
            engine.check()
        except _DAMAGE as error:
            raise ValueError(f"book state: {error!r}") from error
        except ValueError as error:
            raise ValueError(f"book state: {error}") from error
        if engine.displayed is not None:
            engine.displayed.take()
        engine.choose_path()
        return book


class OrderBook(_Book, Ladder):  # type: ignore[misc]  # its depth is richer than the ladder's
    """The order book of one instrument, on the fastest ladder there is.

    Args:
        dice: for icebergs with a refresh range; they are not part of a snapshot.
        level_events: end every command's events with the displayed levels that changed.
    """

    __slots__ = ("__weakref__", "_engine")
    _base = Ladder

    def __init__(
        self, rules: BookRules = RULES, dice: Dice | None = None, *, level_events: bool = False
    ) -> None:
        Ladder.__init__(self)
        self.configure(**_limits(rules))
        self._engine = Engine(self, rules, dice, level_events=level_events)


class PureOrderBook(_Book, PureLadder):  # type: ignore[misc]
    """The same book on the ladder that is written in Python."""

    _base = PureLadder

    def __init__(
        self, rules: BookRules = RULES, dice: Dice | None = None, *, level_events: bool = False
    ) -> None:
        PureLadder.__init__(self)
        self.configure(**_limits(rules))
        self._engine = Engine(self, rules, dice, level_events=level_events)


def _limits(rules: BookRules) -> dict[str, int]:
    """What the ladder checks when it acts alone."""
    return {
        "lot": rules.lot,
        "tick": rules.tick_table[0][1],
        "min_quantity": rules.min_quantity,
        "max_quantity": rules.max_quantity,
        "band_low": rules.band_low,
        "band_high": rules.band_high,
        "max_orders": rules.max_orders,
    }
