"""What an order asks for beyond type and price, to and from each version's fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from meridian.book import Kind, Peg, Tif
from meridian.fix.message import FieldError, Message
from meridian.fix.timestamps import parse_timestamp, timestamp
from meridian.venue import fix_tags as tags
from meridian.venue.commands.participant import SubmitOrder
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import PEGS
from meridian.venue.instructions import PLAIN, Instructions
from meridian.venue.instrument import Instrument
from meridian.venue.reasons import OrderReason, Refusal

__all__ = ["read_instructions", "terms_text"]

_POST_ONLY, _ALL_OR_NONE, _TRAILING = "6", "G", "a"
"""ExecInst(18): Participate don't initiate, All or none, Trailing stop peg."""
_PEG_CODES = {peg: value for value, peg in PEGS.items()}
_PEG_PRICE_TYPES = {"2": Peg.MIDPOINT, "4": Peg.MARKET, "5": Peg.PRIMARY}
_DISPLAYED_PRICE = "0"
"""DiscretionInst(388)."""
_BOUND = frozenset({Kind.STOP, Kind.STOP_LIMIT, Kind.PEGGED})


def read_instructions(
    message: Message, kind: Kind, tif: Tif, instrument: Instrument
) -> tuple[Kind, Instructions] | Refusal:
    """The instructions of a new order, and its type where they decide that.

    Raises:
        FieldError: a value is malformed.
    """
    data = message.data
    # One by one, as every order passes here.
    if (
        kind not in _BOUND
        and tif is not Tif.GTD
        and data(tags.ExecInst) is None
        and data(tags.MaxFloor) is None
        and data(tags.DisplayQty) is None
        and data(tags.MinQty) is None
        and data(tags.DiscretionOffsetValue) is None
    ):
        return kind, PLAIN
    asked: dict[str, Any] = {}
    inst = set((message.get(tags.ExecInst) or "").split())
    pegs = [PEGS[value] for value in sorted(inst & PEGS.keys())]
    price_type = message.get(tags.PegPriceType)
    if price_type is not None:
        peg = _PEG_PRICE_TYPES.get(price_type)
        if peg is None:
            return _unsupported(f"PegPriceType(1094) {price_type}")
        pegs.append(peg)
    odd = inst - {_POST_ONLY, _ALL_OR_NONE, _TRAILING} - PEGS.keys()
    if odd:
        return _unsupported(f"ExecInst(18) {sorted(odd)[0]}")
    asked["post_only"], asked["all_or_none"] = _POST_ONLY in inst, _ALL_OR_NONE in inst
    if _TRAILING in inst and kind in (Kind.PEGGED, Kind.STOP):
        kind = Kind.TRAILING_STOP
    elif kind is Kind.PEGGED and not pegs:
        return Refusal(OrderReason.OTHER, "a pegged order needs ExecInst(18) R, P or M")
    if kind is Kind.PEGGED:
        asked["peg"] = pegs[0]
    refusal = _read_amounts(message, kind, instrument, asked)
    if refusal is not None:
        return refusal
    if tif is Tif.GTD:
        asked["expire_at"] = _expiry(message)
    wanted = Instructions(**asked)
    return kind, PLAIN if wanted == PLAIN else wanted


def _read_amounts(
    message: Message, kind: Kind, instrument: Instrument, asked: dict[str, Any]
) -> Refusal | None:
    """Add prices and quantities to what is asked."""
    readers: list[tuple[int, str, str, Callable[..., int | Refusal]]] = [
        (tags.StopPx, "stop_price", "StopPx(99)", instrument.ticks),
        (tags.MinQty, "min_quantity", "MinQty(110)", instrument.lots),
    ]
    if kind is Kind.TRAILING_STOP:
        readers.append((tags.PegOffsetValue, "trail", "PegOffsetValue(211)", _distance(instrument)))
    elif kind is Kind.PEGGED:
        readers.append((tags.PegOffsetValue, "offset", "PegOffsetValue(211)", _offset(instrument)))
    if message.get(tags.DiscretionInst, _DISPLAYED_PRICE) != _DISPLAYED_PRICE:
        return _unsupported(f"DiscretionInst(388) {message.get(tags.DiscretionInst)}")
    name = "DiscretionOffsetValue(389)"
    readers.append((tags.DiscretionOffsetValue, "discretion", name, _distance(instrument)))
    for tag, shown in ((tags.DisplayQty, "DisplayQty(1138)"), (tags.MaxFloor, "MaxFloor(111)")):
        value = message.decimal(tag)
        if value == 0:
            asked["hidden"] = True
        elif value is not None:
            readers.append((tag, "display", shown, instrument.lots))
    for tag, field, name, read in readers:
        value = message.decimal(tag)
        if value is None or (value == 0 and tag == tags.MinQty):
            continue
        whole = read(value, name)
        if isinstance(whole, Refusal):
            return whole
        asked[field] = whole
    return None


def terms_text(terms: SubmitOrder, instrument: Instrument, version: Version) -> str:
    """The fields that repeat an order's account and instructions, as far as the version has
    them."""
    asked, rank = terms.instructions, version.rank
    if asked is PLAIN:
        return f"{tags.Account}={terms.account}\x01" if terms.account else ""
    price, quantity = instrument.price_text, instrument.quantity_text
    inst = [
        value
        for value, wanted in ((_POST_ONLY, asked.post_only), (_ALL_OR_NONE, asked.all_or_none))
        if wanted
    ]
    if asked.peg is not None:
        inst.append(_PEG_CODES[asked.peg])
    # The trailing stop peg came with FIX.4.4.
    if terms.order_type is Kind.TRAILING_STOP and rank >= 44:
        inst.append(_TRAILING)
    expire = asked.expire_at
    fields: list[tuple[int, int, str | None]] = [
        (tags.Account, 40, terms.account or None),
        (tags.ExecInst, 40, " ".join(inst) or None),
        (tags.StopPx, 40, None if asked.stop_price is None else price(asked.stop_price)),
        (tags.MinQty, 42, quantity(asked.min_quantity) if asked.min_quantity else None),
        (tags.PegOffsetValue, 41, price(asked.trail or asked.offset) if _pegs(asked) else None),
        (tags.DiscretionInst, 42, _DISPLAYED_PRICE if asked.discretion else None),
        (tags.DiscretionOffsetValue, 42, price(asked.discretion) if asked.discretion else None),
    ]
    shown = "0" if asked.hidden else None if asked.display is None else quantity(asked.display)
    fields.append((tags.DisplayQty if rank >= 50 else tags.MaxFloor, 42, shown))
    if expire is not None:
        stamp = timestamp(expire)
        fields.append((tags.ExpireTime, 40, stamp if version.milliseconds else stamp[:17]))
    return "".join(
        f"{tag}={value}\x01" for tag, since, value in fields if value is not None and rank >= since
    )


def _pegs(asked: Instructions) -> bool:
    return asked.trail is not None or bool(asked.offset)


def _distance(instrument: Instrument) -> Callable[..., int | Refusal]:
    """Reads a positive number of ticks, 0 where a field allows it to be said."""

    def read(value: Any, name: str) -> int | Refusal:
        return 0 if value == 0 else instrument.ticks(value, name)

    return read


def _offset(instrument: Instrument) -> Callable[..., int | Refusal]:
    """Reads ticks of either sign."""
    distance = _distance(instrument)

    def read(value: Any, name: str) -> int | Refusal:
        ticks = distance(abs(value), name)
        return ticks if isinstance(ticks, Refusal) or value >= 0 else -ticks

    return read


def _expiry(message: Message) -> int | None:
    """ExpireTime(126), or the end of ExpireDate(432), ns UTC."""
    at = message.timestamp(tags.ExpireTime)
    if at is not None:
        return at
    day = message.date(tags.ExpireDate)
    if day is None:
        return None
    try:
        return parse_timestamp(f"{day + timedelta(days=1):%Y%m%d}-00:00:00")
    except OverflowError:
        raise FieldError(tags.ExpireDate, 5) from None


def _unsupported(what: str) -> Refusal:
    return Refusal(OrderReason.UNSUPPORTED, f"{what} is not offered")
