"""Order entry in every version: D, F and G in."""

from __future__ import annotations

from meridian.book import MAX_PRICE, MAX_QUANTITY, Kind
from meridian.fix import reasons, tags
from meridian.fix.message import FieldError, Message
from meridian.venue import fix_tags as more_tags
from meridian.venue.commands import CancelOrder, RefuseOrder, ReplaceOrder, Request, SubmitOrder
from meridian.venue.events import Event, RequestRejected
from meridian.venue.fix_terms import read_instructions
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import ORDER_TYPES, SIDE_CODES, SIDES, TIF_CODES, TIFS, code
from meridian.venue.instrument import Instrument
from meridian.venue.order import Order
from meridian.venue.reasons import CancelReason, OrderReason, Refusal
from meridian.venue.venue import Venue

__all__ = ["cancel_order", "instrument_of", "new_order", "replace_order"]

_NOT_AVAILABLE = "[N/A]"
"""Symbol(55) where the instrument is named by its SecurityID(48)."""
_LIMITED = frozenset({Kind.LIMIT, Kind.STOP_LIMIT})
_MAY_HAVE_LIMIT = _LIMITED | {Kind.PEGGED, Kind.TRAILING_STOP}


def new_order(
    venue: Venue, session: str, message: Message, version: Version, now: int
) -> list[Event]:
    """NewOrderSingle (D).

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    read = _read_new_order(venue, session, message, version)
    if isinstance(read, SubmitOrder):
        return venue.apply(read, now)
    cl_ord_id, symbol = message.require(tags.ClOrdID), message.get(tags.Symbol) or _NOT_AVAILABLE
    return venue.apply(RefuseOrder(session, cl_ord_id, symbol, read.reason, read.text), now)


def _read_new_order(
    venue: Venue, session: str, message: Message, version: Version
) -> SubmitOrder | Refusal:
    data = message.data
    cl_ord_id = message.require(tags.ClOrdID)
    symbol = message.get(tags.Symbol)
    side = SIDES.get(data(tags.Side) or b"")
    types = ORDER_TYPES.get(data(tags.OrdType) or b"")
    tif = TIFS.get(data(tags.TimeInForce) or b"0")
    if side is None or types is None or tif is None:
        return _not_offered(message)
    kind, implied = types
    _check_time(message, version)
    instrument = None if symbol is None else venue.instrument(symbol)
    if instrument is None:
        instrument, symbol = instrument_of(venue, message)
        if instrument is None:
            _quantity(message)
            return Refusal(OrderReason.UNKNOWN_SYMBOL, f"Symbol(55) {symbol} does not trade here")
    quantity = _lots(message, instrument)
    wanted = read_instructions(message, kind, tif if implied is None else implied, instrument)
    price = _ticks(message, instrument)
    if isinstance(quantity, Refusal):
        return quantity
    if isinstance(wanted, Refusal):
        return wanted
    if isinstance(price, Refusal):
        return price
    kind, instructions = wanted
    if price is None and kind in _LIMITED:
        return Refusal(OrderReason.OTHER, "a limit order needs Price(44)")
    if price is not None and kind not in _MAY_HAVE_LIMIT:
        text = f"a {kind.name.lower().replace('_', ' ')} order takes no Price(44)"
        return Refusal(OrderReason.OTHER, text)
    return SubmitOrder(
        session,
        cl_ord_id,
        symbol or instrument.symbol,
        side,
        kind,
        tif if implied is None else implied,
        quantity,
        price,
        message.get(more_tags.Account) or "",
        instructions,
    )


def cancel_order(
    venue: Venue, session: str, message: Message, version: Version, now: int
) -> list[Event]:
    """OrderCancelRequest (F).

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request = _request(session, message, version)
    order = venue.working_order(request, now, replace=False)
    if isinstance(order, Order):
        difference = _mismatch(venue, order, message)
        if difference is not None:
            reason = CancelReason.OTHER
            return [RequestRejected(request, order, False, reason, difference, now)]
    return venue.apply(CancelOrder(request), now)


def replace_order(
    venue: Venue, session: str, message: Message, version: Version, now: int
) -> list[Event]:
    """OrderCancelReplaceRequest (G): OrderQty(38) is the TOTAL, executed part included.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request = _request(session, message, version)
    code(message, tags.OrdType)
    code(message, tags.TimeInForce, default="")
    _quantity(message)
    order = venue.working_order(request, now, replace=True)
    if isinstance(order, RequestRejected):
        return [order]
    read = _read_replace(venue, order, message)
    if isinstance(read, Refusal):
        return [RequestRejected(request, order, True, CancelReason.OTHER, read.text, now)]
    quantity, price = read
    return venue.apply(ReplaceOrder(request, quantity, price), now)


def _read_replace(venue: Venue, order: Order, message: Message) -> tuple[int, int | None] | Refusal:
    text = _mismatch(venue, order, message)
    types = ORDER_TYPES.get(message.data(tags.OrdType) or b"")
    tif = message.get(tags.TimeInForce) or ""
    # A trailing stop travels as a peg.
    kinds = {order.order_type}
    if order.order_type is Kind.TRAILING_STOP:
        kinds = {Kind.PEGGED, Kind.STOP}
    if text is None and (types is None or types[0] not in kinds):
        text = f"OrdType(40) {message.get(tags.OrdType)}: the type of an order cannot be replaced"
    if text is None and tif not in ("", TIF_CODES[order.time_in_force]):
        text = f"TimeInForce(59) {tif}: the time in force of an order cannot be replaced"
    if text is not None:
        return Refusal(OrderReason.OTHER, text)
    quantity, price = _lots(message, order.instrument), _ticks(message, order.instrument)
    if isinstance(quantity, Refusal):
        return quantity
    if isinstance(price, Refusal):
        return price
    if price is None and order.order_type in _LIMITED:
        return Refusal(OrderReason.OTHER, "a limit order needs Price(44)")
    return quantity, price


def instrument_of(venue: Venue, message: Message) -> tuple[Instrument | None, str]:
    """The instrument a message names by Symbol(55), or by SecurityID(48) and its source (22).

    Raises:
        FieldError: it names none.
    """
    security_id = message.get(more_tags.SecurityID)
    symbol = message.get(tags.Symbol)
    if security_id is not None and symbol in (None, _NOT_AVAILABLE):
        source = message.require(more_tags.SecurityIDSource)
        instrument = venue.instrument(security_id, source)
        return instrument, security_id if instrument is None else instrument.symbol
    symbol = message.require(tags.Symbol)
    return venue.instrument(symbol), symbol


def _request(session: str, message: Message, version: Version) -> Request:
    code(message, tags.Side)
    if message.get(more_tags.SecurityID) is None:
        message.require(tags.Symbol)
    _check_time(message, version)
    order_id = message.get(tags.OrderID)
    # From FIX.5.0SP1 on the order may be named by its OrderID alone.
    named = version.rank >= 51 and order_id is not None
    orig = message.get(tags.OrigClOrdID) if named else message.require(tags.OrigClOrdID)
    return Request(session, message.require(tags.ClOrdID), orig or "", order_id)


def _check_time(message: Message, version: Version) -> None:
    """TransactTime(60), required from FIX.4.2 on."""
    if version.rank >= 42:
        message.require_timestamp(tags.TransactTime)
    else:
        message.timestamp(tags.TransactTime)


def _quantity(message: Message) -> None:
    message.require_decimal(tags.OrderQty)


def _lots(message: Message, instrument: Instrument) -> int | Refusal:
    """OrderQty(38) in lots: quickly where it is on the grid."""
    decimals, units = instrument.quantity_scale
    whole = _units(message, tags.OrderQty, decimals)
    if whole is not None:
        lots, rest = divmod(whole, units)
        if not rest and instrument.book_rules.min_quantity <= lots <= MAX_QUANTITY:
            return lots
    return instrument.lots(message.require_decimal(tags.OrderQty))


def _ticks(message: Message, instrument: Instrument) -> int | Refusal | None:
    """Price(44) in ticks, likewise."""
    if message.data(tags.Price) is None:
        return None
    decimals, units = instrument.price_scale
    whole = _units(message, tags.Price, decimals)
    if whole is not None:
        ticks, rest = divmod(whole, units)
        if not rest and 1 <= ticks <= MAX_PRICE:
            return ticks
    return instrument.ticks(message.require_decimal(tags.Price))


def _units(message: Message, tag: int, decimals: int) -> int | None:
    """A number in units of its last decimal; None where it has more decimals, or is absent."""
    try:
        return message.scaled(tag, decimals)
    except FieldError as error:
        if error.reason_code == reasons.INCORRECT_VALUE:
            return None
        raise


def _not_offered(message: Message) -> Refusal:
    """Which of its enumerated values the venue does not take.

    Raises:
        FieldError: one is missing, or no value that FIX defines.
    """
    side, kind = code(message, tags.Side), code(message, tags.OrdType)
    tif = code(message, tags.TimeInForce, default="0")
    for name, value, offered in (
        ("Side(54)", side, SIDES),
        ("OrdType(40)", kind, ORDER_TYPES),
        ("TimeInForce(59)", tif, TIFS),
    ):
        if value.encode("latin-1") not in offered:
            expected = ", ".join(each.decode() for each in offered)
            text = f"{name} {value} is not offered, expected one of {expected}"
            return Refusal(OrderReason.UNSUPPORTED, text)
    raise FieldError(tags.Side, reasons.INCORRECT_VALUE)


def _mismatch(venue: Venue, order: Order, message: Message) -> str | None:
    """What FIX asks a request to repeat of its order, and it does not."""
    instrument, _ = instrument_of(venue, message)
    if instrument is None or instrument.symbol != order.symbol:
        return f"Symbol(55) is not the order's, which is {order.symbol}"
    side = SIDE_CODES[order.side]
    if message.get(tags.Side) != side:
        return f"Side(54) is not the order's, which is {side}"
    return None
