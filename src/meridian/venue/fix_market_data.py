"""FIX.4.4 market data: V in, W and Y out. Full refreshes only."""

from __future__ import annotations

from meridian.fix import msgtypes, tags
from meridian.fix.message import FieldError, Message
from meridian.fix.reasons import REQUIRED_TAG_MISSING, TEXTS
from meridian.venue.fix_words import Reply, code
from meridian.venue.instrument import Instrument
from meridian.venue.market_data import MAX_LEVELS, MarketData, Snapshot, Wish
from meridian.venue.venue import Venue

__all__ = ["market_data_request", "snapshot_reply"]

SUBSCRIBE, UNSUBSCRIBE = "1", "2"
FULL_REFRESH = "0"
BID, OFFER, TRADE = "0", "1", "2"

# Values of MDReqRejReason, tag 281.
UNKNOWN_SYMBOL = "0"
DUPLICATE_REQUEST = "1"
INSUFFICIENT_BANDWIDTH = "2"
UNSUPPORTED_DEPTH = "5"
UNSUPPORTED_UPDATE_TYPE = "6"
UNSUPPORTED_ENTRY_TYPE = "8"


def market_data_request(
    venue: Venue, market_data: MarketData, session: str, message: Message
) -> list[Reply]:
    """MarketDataRequest (V): a snapshot for each symbol, or one reject for the whole request.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.MDReqID)
    kind = code(message, tags.SubscriptionRequestType)
    if kind == UNSUBSCRIBE:
        if market_data.unsubscribe(session, request_id):
            return []
        return _rejected(session, request_id, None, "no subscription has this MDReqID(262)")
    depth = message.require_integer(tags.MarketDepth)
    entry_types = _group(message, tags.NoMDEntryTypes, tags.MDEntryType)
    symbols = tuple(dict.fromkeys(_group(message, tags.NoRelatedSym, tags.Symbol)))

    unknown = [symbol for symbol in symbols if symbol not in venue.instruments]
    odd = [entry for entry in entry_types if entry not in (BID, OFFER, TRADE)]
    if unknown:
        text = f"Symbol(55) {unknown[0]} does not trade here"
        return _rejected(session, request_id, UNKNOWN_SYMBOL, text)
    if odd:
        text = f"MDEntryType(269) {odd[0]} is not offered, expected {BID}, {OFFER} or {TRADE}"
        return _rejected(session, request_id, UNSUPPORTED_ENTRY_TYPE, text)
    if depth < 0:
        text = f"MarketDepth(264) {depth}: expected 0 for the whole book, or a number of levels"
        return _rejected(session, request_id, UNSUPPORTED_DEPTH, text)
    wish = Wish(
        session=session,
        request_id=request_id,
        symbols=symbols,
        levels=min(depth or MAX_LEVELS, MAX_LEVELS),
        bids=BID in entry_types,
        asks=OFFER in entry_types,
        trades=TRADE in entry_types,
    )
    if kind == SUBSCRIBE:
        if code(message, tags.MDUpdateType) != FULL_REFRESH:
            text = f"MDUpdateType(265): only full refreshes ({FULL_REFRESH}) are offered"
            return _rejected(session, request_id, UNSUPPORTED_UPDATE_TYPE, text)
        if market_data.subscribed(session, request_id):
            text = "a subscription has this MDReqID(262) already"
            return _rejected(session, request_id, DUPLICATE_REQUEST, text)
        if not market_data.room(session):
            text = "the session has as many subscriptions as it may"
            return _rejected(session, request_id, INSUFFICIENT_BANDWIDTH, text)
        market_data.subscribe(wish)
    return [
        snapshot_reply(snapshot, venue.instruments[snapshot.symbol])
        for snapshot in market_data.snapshots(wish)
    ]


def snapshot_reply(snapshot: Snapshot, instrument: Instrument) -> Reply:
    """MarketDataSnapshotFullRefresh (W); an empty book has NoMDEntries(268) 0."""
    entries: list[tuple[int, str | int]] = []
    for kind, levels in ((BID, snapshot.bids), (OFFER, snapshot.asks)):
        for position, level in enumerate(levels, start=1):
            entries += _entry(instrument, kind, level.price, level.quantity)
            entries.append((tags.MDEntryPositionNo, position))
    trade = snapshot.last_trade
    if trade is not None:
        entries += _entry(instrument, TRADE, trade.price, trade.quantity)
    count = sum(1 for tag, _ in entries if tag == tags.MDEntryType)
    head: list[tuple[int, str | int]] = [
        (tags.MDReqID, snapshot.wish.request_id),
        (tags.Symbol, snapshot.symbol),
        (tags.NoMDEntries, count),
    ]
    return Reply(snapshot.wish.session, msgtypes.MarketDataSnapshotFullRefresh, head + entries)


def _entry(
    instrument: Instrument, kind: str, price: int, quantity: int
) -> list[tuple[int, str | int]]:
    return [
        (tags.MDEntryType, kind),
        (tags.MDEntryPx, instrument.price_text(price)),
        (tags.MDEntrySize, instrument.quantity_text(quantity)),
    ]


def _group(message: Message, count_tag: int, value_tag: int) -> list[str]:
    # Fields that follow the group on the wire would be read into its last entry: take the first
    # field of each entry alone.
    values = [entry[value_tag] for entry in message.groups(count_tag, value_tag)]
    if not values:
        raise FieldError(count_tag, REQUIRED_TAG_MISSING, TEXTS[REQUIRED_TAG_MISSING])
    return values


def _rejected(session: str, request_id: str, reason: str | None, text: str) -> list[Reply]:
    why = [] if reason is None else [(tags.MDReqRejReason, reason)]
    fields = [(tags.MDReqID, request_id), *why, (tags.Text, text)]
    return [Reply(session, msgtypes.MarketDataRequestReject, fields)]
