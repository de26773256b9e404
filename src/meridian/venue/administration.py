"""Instruments come, change and go; phases and modes change; time passes."""

from __future__ import annotations

from meridian.schema import OrderStatus
from meridian.venue.commands.administration import (
    CreateInstrument,
    DeleteInstrument,
    SetMode,
    SetPhase,
    UpdateInstrument,
)
from meridian.venue.consequences import Consequences
from meridian.venue.core import MAX_INSTRUMENTS, Core
from meridian.venue.events import (
    CommandRefused,
    Event,
    InstrumentChanged,
    InstrumentDeleted,
    ModeChanged,
    OrderCancelled,
)
from meridian.venue.instrument import Instrument
from meridian.venue.market import Market
from meridian.venue.order import Order
from meridian.venue.reasons import CommandRefusal

__all__ = ["Administration"]


class Administration:
    """Looks after the markets."""

    def __init__(self, core: Core, consequences: Consequences) -> None:
        self._core = core
        self._consequences = consequences

    def create(self, command: CreateInstrument, now: int) -> list[Event]:
        """A new instrument and its book."""
        instrument, core = command.instrument, self._core
        taken = instrument.symbol if instrument.symbol in core.markets else core.taken(instrument)
        if taken is not None:
            return [CommandRefused(CommandRefusal.SYMBOL_TAKEN, f"{taken} trades here already")]
        if len(core.markets) >= MAX_INSTRUMENTS:
            text = f"a venue has no more than {MAX_INSTRUMENTS} instruments"
            return [CommandRefused(CommandRefusal.TOO_MANY, text)]
        core.open_market(Market(instrument, core.features))
        return [InstrumentChanged(instrument, True, now)]

    def update(self, command: UpdateInstrument, now: int) -> list[Event]:
        """An instrument in the place of an old one, in the phase and mode of that."""
        instrument, core = command.instrument, self._core
        old = core.markets.get(instrument.symbol)
        if old is None:
            return [_unknown(instrument.symbol)]
        taken = core.taken(instrument)
        if taken is not None:
            return [CommandRefused(CommandRefusal.SYMBOL_TAKEN, f"{taken} trades here already")]
        live = self._live(old)
        if live:
            return [_live_orders(instrument, live)]
        market = Market(instrument, core.features)
        market.mode, market.phase = old.mode, old.phase
        market.clear()
        core.close_market(old)
        core.open_market(market)
        return [InstrumentChanged(instrument, False, now)]

    def delete(self, command: DeleteInstrument, now: int) -> list[Event]:
        """Nothing trades under the symbol any more."""
        core = self._core
        market = core.markets.get(command.symbol)
        if market is None:
            return [_unknown(command.symbol)]
        live = self._live(market)
        if live and not command.cancel_orders:
            return [_live_orders(market.instrument, live)]
        events: list[Event] = []
        for order in live:
            late: list[Event] = []
            order = self._consequences.end(order.number, OrderStatus.CANCELLED, now, late)
            text = "the instrument trades here no more"
            events += [OrderCancelled(core.ids.execution(), order, False, text), *late]
        core.close_market(market)
        events.append(InstrumentDeleted(market.symbol, now))
        return events

    def set_phase(self, command: SetPhase, now: int) -> list[Event]:
        """Move a book through the day; nothing where it is there already."""
        market = self._core.markets.get(command.symbol)
        if market is None:
            return [_unknown(command.symbol)]
        events: list[Event] = []
        rows = market.book.set_phase(command.phase, now)
        self._consequences.follow(market, rows, now, events)
        return events

    def set_mode(self, command: SetMode, now: int) -> list[Event]:
        """Change who decides; nothing where that is so already."""
        markets = list(self._core.markets.values())
        if command.symbol is not None:
            market = self._core.markets.get(command.symbol)
            if market is None:
                return [_unknown(command.symbol)]
            markets = [market]
        events: list[Event] = []
        for market in markets:
            if market.mode is not command.mode:
                market.mode = command.mode
                events.append(ModeChanged(market.symbol, command.mode, now))
        return events

    def poll(self, now: int) -> list[Event]:
        """What is due: orders expire, phases begin."""
        events: list[Event] = []
        for market in self._core.due(now):
            self._consequences.follow(market, market.book.advance(now), now, events)
            if market.next_phase_at is None or now < market.next_phase_at:
                continue
            scheduled = market.scheduled(now)
            if scheduled is not None:
                phase, market.next_phase_at = scheduled
                rows = market.book.set_phase(phase, now)
                self._consequences.follow(market, rows, now, events)
                self._core.arm(market.next_phase_at, market.symbol)
        return events

    def _live(self, market: Market) -> list[Order]:
        return [order for order in self._core.registry.live() if order.symbol == market.symbol]


def _unknown(symbol: str) -> CommandRefused:
    return CommandRefused(CommandRefusal.UNKNOWN_SYMBOL, f"{symbol} does not trade here")


def _live_orders(instrument: Instrument, live: list[Order]) -> CommandRefused:
    text = f"{len(live)} orders of {instrument.symbol} are live, one is {live[0].order_id}"
    return CommandRefused(CommandRefusal.ORDERS_LIVE, text)
