"""What every bot is: something that looks at the venue now and then, and answers with commands.

A bot of your own is a class with this constructor and these two methods, best a subclass of
:class:`Bot` with its own ``_act``. It sees the whole venue and may command what an operator may.
It has no clock and no dice but those it is given, so that the same seed plays the same game.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from meridian.book import Kind, Tif
from meridian.schema import Side
from meridian.venue.commands import CancelOrder, Command, Request, SubmitOrder
from meridian.venue.order import Order
from meridian.venue.venue import Venue

__all__ = ["Bot", "BotSettings", "Dice"]


class Dice(Protocol):
    """A seeded generator; ``random.Random`` is one."""

    def randrange(self, start: int, stop: int) -> int:
        """An integer in [start, stop)."""


@dataclass(frozen=True, slots=True)
class BotSettings:
    """What all bots need. Prices in ticks, quantities in lots, times in ns."""

    participant: str
    symbol: str
    reference: int
    """Price around which it trades."""
    quantity: int
    smallest: int
    """Smallest order the instrument takes; at most ``quantity``."""
    interval: int
    """Mean time between two acts."""


class Bot:
    """The rhythm and the order ids that every bot shares."""

    def __init__(self, settings: BotSettings, dice: Dice) -> None:
        self.settings = settings
        self._dice = dice
        self._last_id = 0
        self._due = 0

    def next_deadline(self) -> int:
        """When :meth:`poll` acts again, ns UTC; 0 at once."""
        return self._due

    def poll(self, venue: Venue, now: int) -> list[Command]:
        """What it does now; nothing before its time, or where its instrument is gone."""
        if now < self._due:
            return []
        interval = self.settings.interval
        self._due = now + interval // 2 + self._dice.randrange(0, interval)
        return [] if venue.instrument(self.settings.symbol) is None else self._act(venue)

    def _act(self, venue: Venue) -> list[Command]:
        """What it does when its time has come."""
        raise NotImplementedError

    def _limit(self, side: Side, price: int, quantity: int, tif: Tif) -> SubmitOrder:
        settings = self.settings
        return SubmitOrder(
            participant=settings.participant,
            cl_ord_id=self._next_id(),
            symbol=settings.symbol,
            side=side,
            order_type=Kind.LIMIT,
            time_in_force=tif,
            quantity=quantity,
            price=max(price, 1),
        )

    def _cancel(self, order: Order) -> CancelOrder:
        participant = self.settings.participant
        return CancelOrder(Request(participant, self._next_id(), order.cl_ord_id))

    def _next_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)
