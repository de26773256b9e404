"""Market data over FIX: V in; W, X and Y out."""

from __future__ import annotations

from meridian.fix import msgtypes, tags
from meridian.fix.message import FieldError, Message
from meridian.fix.reasons import REQUIRED_TAG_MISSING, TEXTS
from meridian.fix.timestamps import timestamp
from meridian.venue import fix_tags as more_tags
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import Reply, code, reply
from meridian.venue.market_data import MAX_LEVELS, Change, MarketData, Refresh, Wish
from meridian.venue.venue import Venue

__all__ = ["market_data_request", "refresh_reply"]

SUBSCRIBE, UNSUBSCRIBE = "1", "2"
INCREMENTAL = "1"
BY_ORDER = "N"
"""AggregatedBook(266)."""
OFFERED = frozenset("0124578B")
"""MDEntryType(269): bid, offer, trade, opening, closing, highest, lowest price, volume."""
TRADE_VOLUME = "B"
DELETE = "2"

# Values of MDReqRejReason, tag 281.
UNKNOWN_SYMBOL = "0"
DUPLICATE_REQUEST = "1"
INSUFFICIENT_BANDWIDTH = "2"
UNSUPPORTED_DEPTH = "5"
UNSUPPORTED_ENTRY_TYPE = "8"

_Pairs = list[tuple[int, str | int]]


def market_data_request(
    venue: Venue,
    market_data: MarketData,
    session: str,
    message: Message,
    version: Version,
    now: int,
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
    kinds = _group(message, tags.NoMDEntryTypes, tags.MDEntryType)
    names = _group(message, tags.NoRelatedSym, tags.Symbol)
    refusal = _refusal(venue, names, kinds, depth, version)
    if refusal is not None:
        return _rejected(session, request_id, *refusal)
    symbols = dict.fromkeys(found.symbol for found in map(venue.instrument, names) if found)
    wish = Wish(
        session=session,
        request_id=request_id,
        symbols=tuple(symbols),
        levels=min(depth or MAX_LEVELS, MAX_LEVELS),
        kinds=frozenset(kinds),
        by_order=message.get(more_tags.AggregatedBook) == BY_ORDER,
        incremental=kind == SUBSCRIBE and code(message, tags.MDUpdateType) == INCREMENTAL,
    )
    if kind == SUBSCRIBE:
        if market_data.subscribed(session, request_id):
            text = "a subscription has this MDReqID(262) already"
            return _rejected(session, request_id, DUPLICATE_REQUEST, text)
        if not market_data.room(session):
            text = "the session has as many subscriptions as it may"
            return _rejected(session, request_id, INSUFFICIENT_BANDWIDTH, text)
        market_data.subscribe(wish)
    return [refresh_reply(refresh, version, venue, now) for refresh in market_data.snapshots(wish)]


def refresh_reply(refresh: Refresh, version: Version, venue: Venue, now: int) -> Reply:
    """MarketDataSnapshotFullRefresh (W), where an empty book has NoMDEntries(268) 0; or
    MarketDataIncrementalRefresh (X)."""
    fields: _Pairs = [(tags.MDReqID, refresh.wish.request_id)]
    if not refresh.incremental:
        fields.append((tags.Symbol, refresh.symbol))
        # Required there.
        if version.rank >= 52:
            fields.append((more_tags.LastUpdateTime, timestamp(now)))
    fields.append((tags.NoMDEntries, len(refresh.changes)))
    for change in refresh.changes:
        fields += _entry(refresh, change, version, venue)
    msg_type = msgtypes.MarketDataSnapshotFullRefresh
    if refresh.incremental:
        msg_type = msgtypes.MarketDataIncrementalRefresh
    return reply(refresh.wish.session, msg_type, fields)


def _entry(refresh: Refresh, change: Change, version: Version, venue: Venue) -> _Pairs:
    """One entry, its fields in the order of the group."""
    instrument = venue.instruments[refresh.symbol]
    action, entry, place = change
    fields: _Pairs = []
    if refresh.incremental:
        fields.append((more_tags.MDUpdateAction, action.value))
    fields.append((tags.MDEntryType, entry.kind))
    if entry.order is not None and (refresh.incremental or version.rank >= 50):
        fields.append((more_tags.MDEntryID, entry.order))
    if refresh.incremental:
        fields.append((tags.Symbol, refresh.symbol))
    if entry.price is not None:
        fields.append((tags.MDEntryPx, instrument.price_text(entry.price)))
    if entry.quantity is not None and action.value != DELETE:
        fields.append((tags.MDEntrySize, instrument.quantity_text(entry.quantity)))
    if entry.order is not None:
        fields.append((tags.OrderID, str(entry.order)))
    if entry.orders is not None and action.value != DELETE and refresh.incremental:
        fields.append((more_tags.NumberOfOrders, entry.orders))
    if place:
        fields.append((tags.MDEntryPositionNo, place))
    return fields


def _refusal(
    venue: Venue, names: list[str], kinds: list[str], depth: int, version: Version
) -> tuple[str, str] | None:
    """Why the request cannot be served: MDReqRejReason(281) and text."""
    # FIX.4.2 has no entry without a price, and the volume came with FIX.4.4.
    offered = OFFERED if version.rank >= 44 else OFFERED - {TRADE_VOLUME}
    for name in names:
        if venue.instrument(name) is None:
            return UNKNOWN_SYMBOL, f"Symbol(55) {name} does not trade here"
    for kind in kinds:
        if kind not in offered:
            expected = ", ".join(sorted(offered))
            text = f"MDEntryType(269) {kind} is not offered, expected one of {expected}"
            return UNSUPPORTED_ENTRY_TYPE, text
    if depth < 0:
        text = f"MarketDepth(264) {depth}: expected 0 for the whole book, or a number of levels"
        return UNSUPPORTED_DEPTH, text
    return None


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
    return [reply(session, msgtypes.MarketDataRequestReject, fields)]
