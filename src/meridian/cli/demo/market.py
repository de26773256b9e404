"""The books as a FIX market-data client sees them, over a session of its own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from meridian.cli.demo.view import BookView
from meridian.fix import msgtypes, tags
from meridian.fix.config import SessionConfig
from meridian.fix.events import MessageReceived, SessionEvent
from meridian.fix.message import Message
from meridian.fix.session import Session
from meridian.fix.store import MemoryMessageStore
from meridian.net.fix_initiator import FixInitiator
from meridian.services.clock import wall_clock

__all__ = ["MarketViewer"]

CONNECT_SECONDS = 5.0
DEPTH = 5
BID, OFFER, TRADE = "0", "1", "2"
SUBSCRIBE, FULL_REFRESH = "1", "0"


class MarketViewer:
    """Subscribes to symbols and keeps the latest snapshot of each book."""

    def __init__(
        self, host: str, port: int, sender: str, target: str, on_book: Callable[[], None]
    ) -> None:
        """``on_book`` is called after each change of a book."""
        self._on_book = on_book
        self.books: dict[str, BookView] = {}
        config = SessionConfig(sender_comp_id=sender, target_comp_id=target, initiator=True)
        session = Session(config, MemoryMessageStore())
        self._link = FixInitiator(session, host, port, self._on_event, wall_clock)

    async def start(self, symbols: list[str]) -> None:
        """Log on and subscribe. Raises ExchangeError."""
        await self._link.connect(CONNECT_SECONDS)
        self._link.send(
            msgtypes.MarketDataRequest,
            [
                (tags.MDReqID, "BOOKS"),
                (tags.SubscriptionRequestType, SUBSCRIBE),
                (tags.MarketDepth, DEPTH),
                (tags.MDUpdateType, FULL_REFRESH),
                (tags.NoMDEntryTypes, 3),
                *[(tags.MDEntryType, kind) for kind in (BID, OFFER, TRADE)],
                (tags.NoRelatedSym, len(symbols)),
                *[(tags.Symbol, symbol) for symbol in symbols],
            ],
        )

    async def stop(self) -> None:
        """Log out."""
        await self._link.logout(CONNECT_SECONDS)

    def _on_event(self, event: SessionEvent) -> None:
        if isinstance(event, MessageReceived):
            message = event.message
            if message.msg_type == msgtypes.MarketDataSnapshotFullRefresh:
                self.books[message.get(tags.Symbol, "")] = _book(message)
                self._on_book()


def _book(message: Message) -> BookView:
    book = BookView()
    for entry in message.groups(tags.NoMDEntries, tags.MDEntryType):
        price = Decimal(entry[tags.MDEntryPx])
        quantity = Decimal(entry[tags.MDEntrySize])
        match entry[tags.MDEntryType]:
            case "0":
                book.bids.append((price, quantity))
            case "1":
                book.asks.append((price, quantity))
            case "2":
                book.last = price
    return book
