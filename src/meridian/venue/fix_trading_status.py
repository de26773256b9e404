"""Trading phases over FIX: SecurityStatus (f) and TradingSessionStatus (h), asked or subscribed."""

from __future__ import annotations

from meridian.book import Phase
from meridian.book.rules import AUCTIONS
from meridian.fix import tags
from meridian.fix.message import Message
from meridian.venue import fix_tags as more_tags
from meridian.venue.events import PhaseChanged
from meridian.venue.fix_order_entry import instrument_of
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import Reply, code, reply
from meridian.venue.venue import Venue

__all__ = ["MAX_STATUS_SUBSCRIPTIONS", "TradingStatus"]

MAX_STATUS_SUBSCRIPTIONS = 1_000
"""Subscriptions of one session."""

SUBSCRIBE, UNSUBSCRIBE = "1", "2"
DAY_SESSION = "1"
"""TradingSessionID(336): the venue has one session, Day."""
UNKNOWN_SECURITY = 20

_SECURITY_STATUSES = {
    Phase.PRE_OPEN: 21,
    Phase.OPENING_AUCTION: 22,
    Phase.CONTINUOUS: 17,
    Phase.VOLATILITY_AUCTION: 5,
    Phase.CLOSING_AUCTION: 5,
    Phase.TRADE_AT_LAST: 17,
    Phase.CLOSED: 18,
    Phase.HALTED: 2,
}
"""SecurityTradingStatus(326): Pre-open, Opening rotation, Ready to trade, Price indication, Not
available for trading, Trading halt."""
_PRICE_INDICATION = 5
_HALTED, _OPEN, _CLOSED, _PRE_OPEN = "1", "2", "3", "4"
"""TradSesStatus(340)."""

_Pairs = list[tuple[int, str | int]]


class TradingStatus:
    """Who wants to know of phases, and the messages that tell of them."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._securities: dict[tuple[str, str], str] = {}
        """(session, request id) -> symbol."""
        self._sessions: dict[tuple[str, str], str] = {}
        """(session, request id) -> TradSesStatus told last."""

    def security_status(self, session: str, message: Message, version: Version) -> list[Reply]:
        """SecurityStatusRequest (e).

        Raises:
            FieldError: a required tag is missing or a value is malformed.
        """
        request_id = message.require(more_tags.SecurityStatusReqID)
        kind = code(message, tags.SubscriptionRequestType)
        instrument, symbol = instrument_of(self._venue, message)
        if kind == UNSUBSCRIBE:
            self._securities.pop((session, request_id), None)
            return []
        if kind == SUBSCRIBE and instrument is not None and self._room(session):
            self._securities[session, request_id] = instrument.symbol
        name = symbol if instrument is None else instrument.symbol
        return [self._security(session, request_id, name, version, unsolicited=False)]

    def session_status(self, session: str, message: Message) -> list[Reply]:
        """TradingSessionStatusRequest (g).

        Raises:
            FieldError: a required tag is missing or a value is malformed.
        """
        request_id = message.require(more_tags.TradSesReqID)
        kind = code(message, tags.SubscriptionRequestType)
        if kind == UNSUBSCRIBE:
            self._sessions.pop((session, request_id), None)
            return []
        status = self._status()
        if kind == SUBSCRIBE and self._room(session):
            self._sessions[session, request_id] = status
        return [_session(session, request_id, status, unsolicited=False)]

    def changed(self, event: PhaseChanged, versions: dict[str, Version]) -> list[Reply]:
        """What subscribers are told of a phase."""
        replies = [
            self._security(session, request_id, symbol, versions[session], unsolicited=True)
            for (session, request_id), symbol in self._securities.items()
            if symbol == event.symbol and session in versions
        ]
        status = self._status()
        for (session, request_id), told in self._sessions.items():
            if told != status:
                self._sessions[session, request_id] = status
                replies.append(_session(session, request_id, status, unsolicited=True))
        return replies

    def drop(self, session: str) -> None:
        """The session is gone, and its subscriptions with it."""
        for wishes in (self._securities, self._sessions):
            for key in [key for key in wishes if key[0] == session]:
                del wishes[key]

    def _room(self, session: str) -> bool:
        held = sum(owner == session for owner, _ in [*self._securities, *self._sessions])
        return held < MAX_STATUS_SUBSCRIPTIONS

    def _security(
        self, session: str, request_id: str, symbol: str, version: Version, *, unsolicited: bool
    ) -> Reply:
        status = UNKNOWN_SECURITY
        if self._venue.instrument(symbol) is not None:
            status = _SECURITY_STATUSES[self._venue.phase(symbol)]
        # Pre-open and Opening rotation came with FIX.4.3.
        if version.rank == 42 and status > UNKNOWN_SECURITY:
            status = _PRICE_INDICATION
        fields: _Pairs = [
            (more_tags.SecurityStatusReqID, request_id),
            (tags.Symbol, symbol),
            (more_tags.UnsolicitedIndicator, "Y" if unsolicited else "N"),
            (more_tags.SecurityTradingStatus, status),
        ]
        return reply(session, more_tags.SecurityStatus, fields)

    def _status(self) -> str:
        """The venue is as open as the most open of its books."""
        phases = {self._venue.phase(symbol) for symbol in self._venue.instruments}
        if phases & {Phase.CONTINUOUS, Phase.TRADE_AT_LAST}:
            return _OPEN
        if phases & (AUCTIONS | {Phase.PRE_OPEN}):
            return _PRE_OPEN
        return _HALTED if Phase.HALTED in phases else _CLOSED


def _session(session: str, request_id: str, status: str, *, unsolicited: bool) -> Reply:
    fields: _Pairs = [
        (more_tags.TradSesReqID, request_id),
        (more_tags.TradingSessionID, DAY_SESSION),
        (more_tags.UnsolicitedIndicator, "Y" if unsolicited else "N"),
        (more_tags.TradSesStatus, status),
    ]
    return reply(session, more_tags.TradingSessionStatus, fields)
