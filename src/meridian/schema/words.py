"""The enumerations every room shares, in the field's standard terms."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "OcoMode",
    "OrderStatus",
    "OrderType",
    "Outcome",
    "SessionStatus",
    "Side",
    "TimeInForce",
]


class Side(StrEnum):
    """Direction of an order or fill."""

    BUY = "BUY"
    SELL = "SELL"
    SELL_SHORT = "SELL_SHORT"
    BUY_TO_COVER = "BUY_TO_COVER"

    @classmethod
    def parse(cls, text: object) -> Side:
        """Read any case and both spellings (``Buy``, ``SellShort``, ``SELL_SHORT``).

        Raises:
            ValueError: not a text, or it names no side.
        """
        word = text.replace("_", "").replace(" ", "").upper() if isinstance(text, str) else ""
        side = _SIDES.get(word)
        if side is None:
            raise ValueError(f"unknown side {text!r}, expected one of {', '.join(cls)}")
        return side

    @property
    def buys(self) -> bool:
        """True for BUY and BUY_TO_COVER."""
        return self in (Side.BUY, Side.BUY_TO_COVER)

    @property
    def sign(self) -> int:
        """+1 where the position grows, -1 where it shrinks."""
        return 1 if self.buys else -1


_SIDES = {side.value.replace("_", ""): side for side in Side}


class OrderType(StrEnum):
    """How an order is priced (FIX OrdType 40)."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"


class TimeInForce(StrEnum):
    """How long an order lives (FIX TimeInForce 59)."""

    DAY = "DAY"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    """State of an order as a venue reports it (FIX OrdStatus 39)."""

    PENDING_NEW = "PENDING_NEW"
    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    DONE_FOR_DAY = "DONE_FOR_DAY"
    REJECTED = "REJECTED"

    @property
    def terminal(self) -> bool:
        """True once no further execution can follow, corrections aside."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    (
        OrderStatus.FILLED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
        OrderStatus.DONE_FOR_DAY,
        OrderStatus.REJECTED,
    )
)


class SessionStatus(StrEnum):
    """State of a connection to a venue, as published on the bus."""

    CONNECTED = "CONNECTED"
    """Active and accepting orders."""
    DISCONNECTED = "DISCONNECTED"
    """Down; no orders accepted."""
    DEGRADED = "DEGRADED"
    """The link is back and being reconciled: orders tracked, new submissions refused."""
    RECONNECTING = "RECONNECTING"
    """The link is lost; attempts are under way."""


class Outcome(StrEnum):
    """What is known of a request once its call returned."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    """A definitive refusal of this very request, by the venue."""
    UNKNOWN = "UNKNOWN"
    """Time-out, lost connection, unreadable answer: only evidence ends it."""
    NOT_SENT = "NOT_SENT"
    """Refused before a byte left: trying again is safe."""


class OcoMode(StrEnum):
    """What an execution in a group does to the rest of it."""

    NO_OCO = "NO_OCO"
    CANCEL_ON_PARTIAL_FILL = "CANCEL_ON_PARTIAL_FILL"
    """Any execution cancels every order of the group, the winner's remainder included."""
    CANCEL_ON_COMPLETION = "CANCEL_ON_COMPLETION"
    """A completed order cancels the others."""
