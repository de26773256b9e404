"""What a book says happened: tuples of integers, the first of them an :class:`Event`.

Prices in ticks, quantities in lots. The fields after the kind are those of the named tuple of the
same name, in its order; :func:`named` gives that tuple to people and to the venue.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from meridian.book.codes import BookSide, CancelReason, Event, RefusalCode
from meridian.book.rules import Phase

__all__ = [
    "FLAG_ALL_OR_NONE",
    "FLAG_HIDDEN",
    "FLAG_ICEBERG",
    "FLAG_POST_ONLY",
    "Accepted",
    "AuctionTraded",
    "Busted",
    "Cancelled",
    "Corrected",
    "EventRow",
    "Expired",
    "Indicative",
    "LevelChanged",
    "NamedEvent",
    "Parked",
    "PhaseChanged",
    "Reduced",
    "Refreshed",
    "Refused",
    "Replaced",
    "Repriced",
    "Traded",
    "Triggered",
    "named",
]

EventRow = tuple[int, ...]

FLAG_HIDDEN = 1
FLAG_ICEBERG = 2
FLAG_ALL_OR_NONE = 4
FLAG_POST_ONLY = 8


class Refused(NamedTuple):
    """The request changed nothing. Busts and corrections name the trade in ``order_id``."""

    order_id: int
    code: RefusalCode


class Accepted(NamedTuple):
    """A new order entered. It rests with what is left unless traded, cancelled or parked."""

    order_id: int
    side: BookSide
    price: int
    """0 where it has none (yet)."""
    quantity: int
    visible: int
    """What it shows if all of it rests."""
    flags: int
    """Sum of the ``FLAG_`` constants that apply."""


class Traded(NamedTuple):
    """One match, at the resting order's price."""

    trade_id: int
    resting_id: int
    aggressor_id: int
    price: int
    quantity: int


class AuctionTraded(NamedTuple):
    """One pair of an uncross."""

    trade_id: int
    buy_id: int
    sell_id: int
    price: int
    quantity: int


class Cancelled(NamedTuple):
    """The order is done; ``leaves`` is what it had left."""

    order_id: int
    leaves: int
    reason: CancelReason


class Expired(NamedTuple):
    """The order's time is over."""

    order_id: int
    leaves: int


class Replaced(NamedTuple):
    """Price or total changed; leaves of 0 mean that the order is done, filled to its new total."""

    order_id: int
    price: int
    quantity: int
    leaves: int
    kept_priority: int


class Reduced(NamedTuple):
    """Leaves went down in place; the order's priority stands."""

    order_id: int
    leaves: int


class Triggered(NamedTuple):
    """A parked order enters: a stop at its stop price, an auction order (0) for its auction."""

    order_id: int
    stop_price: int


class Repriced(NamedTuple):
    """A peg moved and lost its time."""

    order_id: int
    price: int


class Refreshed(NamedTuple):
    """An iceberg's next tranche joined the back of the queue at its price."""

    order_id: int
    visible: int


class Parked(NamedTuple):
    """The order waits aside, undisplayed: a stop, an all-or-none, a peg without a reference."""

    order_id: int


class PhaseChanged(NamedTuple):
    """What follows happens in this phase."""

    phase: Phase


class Indicative(NamedTuple):
    """What the auction would do now; price 0 where nothing would trade."""

    price: int
    volume: int
    surplus: int
    """Buys less sells at the price."""


class Busted(NamedTuple):
    """The trade is void; the orders stay as they are."""

    trade_id: int


class Corrected(NamedTuple):
    """The trade is at another price or quantity; the orders stay as they are."""

    trade_id: int
    price: int
    quantity: int


class LevelChanged(NamedTuple):
    """What is displayed at one price now; 0 lots and 0 orders where the level is gone."""

    side: BookSide
    price: int
    quantity: int
    orders: int


NamedEvent = (
    Refused
    | Accepted
    | Traded
    | AuctionTraded
    | Cancelled
    | Expired
    | Replaced
    | Reduced
    | Triggered
    | Repriced
    | Refreshed
    | Parked
    | PhaseChanged
    | Indicative
    | Busted
    | Corrected
    | LevelChanged
)
_NAMES: dict[int, Any] = {
    Event.REFUSED: Refused,
    Event.ACCEPTED: Accepted,
    Event.TRADED: Traded,
    Event.AUCTION_TRADED: AuctionTraded,
    Event.CANCELLED: Cancelled,
    Event.EXPIRED: Expired,
    Event.REPLACED: Replaced,
    Event.REDUCED: Reduced,
    Event.TRIGGERED: Triggered,
    Event.REPRICED: Repriced,
    Event.REFRESHED: Refreshed,
    Event.PARKED: Parked,
    Event.PHASE: PhaseChanged,
    Event.INDICATIVE: Indicative,
    Event.BUSTED: Busted,
    Event.CORRECTED: Corrected,
    Event.LEVEL: LevelChanged,
}
_ENUMS: dict[Any, dict[int, Any]] = {
    Refused: {1: RefusalCode},
    Accepted: {1: BookSide},
    Cancelled: {2: CancelReason},
    PhaseChanged: {0: Phase},
    LevelChanged: {0: BookSide},
}


def named(event: EventRow) -> NamedEvent:
    """The event as a named tuple, its codes as enum members; also of a zero-padded batch row.

    Raises KeyError where the kind is no :class:`Event`.
    """
    kind = _NAMES[event[0]]
    fields: list[Any] = list(event[1 : 1 + len(kind._fields)])
    for place, enum in _ENUMS.get(kind, {}).items():
        fields[place] = enum(fields[place])
    result: NamedEvent = kind._make(fields)
    return result
