"""Reference data: SecurityListRequest (x) and SecurityDefinitionRequest (c) in, y and d out."""

from __future__ import annotations

from meridian.fix import msgtypes, tags
from meridian.fix.message import Message
from meridian.schema.numbers import canonical
from meridian.venue import fix_tags as more_tags
from meridian.venue.asset import Crypto, Equity, Future, FxSpot, Ndf, Option
from meridian.venue.fix_order_entry import instrument_of
from meridian.venue.fix_versions import Version
from meridian.venue.fix_words import Reply, code, reply
from meridian.venue.instrument import Instrument
from meridian.venue.venue import Venue

__all__ = ["security_definition", "security_list"]

ONE_SYMBOL, ALL_SECURITIES = "0", "4"
VALID, UNSUPPORTED, NONE_FOUND = "0", "1", "2"
AS_IS, NOT_SUPPORTED = "1", "5"
"""SecurityResponseType(323)."""
DEFINITIONS = frozenset("01")
"""SecurityRequestType(321) that ask for one instrument's definition."""

_Pairs = list[tuple[int, str | int]]


def security_list(venue: Venue, session: str, message: Message, version: Version) -> list[Reply]:
    """All instruments, or the one that Symbol(55) names.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.SecurityReqID)
    kind = code(message, tags.SecurityListRequestType)
    listed: list[Instrument] = []
    if kind == ALL_SECURITIES:
        listed = list(venue.instruments.values())
    elif kind == ONE_SYMBOL:
        instrument, _ = instrument_of(venue, message)
        listed = [] if instrument is None else [instrument]
    offered = kind in (ONE_SYMBOL, ALL_SECURITIES)
    result = UNSUPPORTED if not offered else VALID if listed else NONE_FOUND

    fields: _Pairs = [
        (tags.SecurityReqID, request_id),
        (tags.SecurityResponseID, request_id),
        (tags.SecurityRequestResult, result),
    ]
    if listed:
        fields.append((tags.TotNoRelatedSym, len(listed)))
        if version.rank >= 44:
            fields.append((tags.LastFragment, "Y"))
        fields.append((tags.NoRelatedSym, len(listed)))
    for instrument in listed:
        fields += _listed(instrument, version)
    return [reply(session, msgtypes.SecurityList, fields)]


def security_definition(
    venue: Venue, session: str, message: Message, version: Version
) -> list[Reply]:
    """The one instrument that the request names, or that there is none such.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.SecurityReqID)
    kind = code(message, more_tags.SecurityRequestType)
    instrument, symbol = instrument_of(venue, message)
    found = kind in DEFINITIONS and instrument is not None
    fields: _Pairs = [
        (tags.SecurityReqID, request_id),
        (tags.SecurityResponseID, request_id),
        (more_tags.SecurityResponseType, AS_IS if found else NOT_SUPPORTED),
    ]
    if version.rank == 42:
        fields.append((tags.TotNoRelatedSym, 1 if found else 0))
    if instrument is None or not found:
        text = f"Symbol(55) {symbol} does not trade here"
        if instrument is not None:
            text = f"SecurityRequestType(321) {kind} is not offered, expected 0 or 1"
        fields += [(tags.Symbol, symbol), (tags.Text, text)]
    else:
        # From FIX.5.0SP1 on lots and steps belong to trading rules of their own.
        fields += _attributes(instrument, version)
        fields.append((tags.Currency, instrument.currency))
    return [reply(session, more_tags.SecurityDefinition, fields)]


def _listed(instrument: Instrument, version: Version) -> _Pairs:
    fields = _attributes(instrument, version)
    fields.append((tags.Currency, instrument.currency))
    if version.rank <= 50:
        fields += [
            (tags.RoundLot, canonical(instrument.lot_size)),
            (tags.MinTradeVol, canonical(instrument.min_quantity)),
        ]
    # FIX.4.4 has no field for it, and is told all the same.
    if version.rank == 44:
        fields.append((tags.MinPriceIncrement, canonical(instrument.tick_size)))
    return fields


def _attributes(instrument: Instrument, version: Version) -> _Pairs:
    """What the instrument is, in the order of the Instrument component."""
    asset = instrument.asset
    fields: _Pairs = [(tags.Symbol, instrument.symbol)]
    coded = next(((name, source) for name, source in instrument.aliases if source), None)
    if coded is not None:
        fields += [(more_tags.SecurityID, coded[0]), (more_tags.SecurityIDSource, coded[1] or "")]
    kind = _security_type(instrument, version)
    if kind is not None:
        fields.append((more_tags.SecurityType, kind))
    if isinstance(asset, Option | Future):
        fields.append((more_tags.MaturityMonthYear, asset.maturity[:6]))
        if len(asset.maturity) == 8 and version.rank >= 43:
            fields.append((more_tags.MaturityDate, asset.maturity))
        elif len(asset.maturity) == 8:
            fields.append((more_tags.MaturityDay, asset.maturity[6:]))
        if isinstance(asset, Option):
            right = (more_tags.PutOrCall, asset.right.value)
            # FIX.4.3 has it in the CFI code alone.
            fields += [right] if version.rank != 43 and version.rank < 50 else []
            fields.append((more_tags.StrikePrice, canonical(asset.strike)))
        fields.append((more_tags.ContractMultiplier, canonical(asset.contract_multiplier)))
    if version.rank >= 50:
        fields.append((tags.MinPriceIncrement, canonical(instrument.tick_size)))
    if isinstance(asset, Equity) and asset.exchange:
        fields.append((more_tags.SecurityExchange, asset.exchange))
    return fields


def _security_type(instrument: Instrument, version: Version) -> str | None:
    """SecurityType(167); None where the version has none for it."""
    asset = instrument.asset
    if isinstance(asset, Equity):
        return "CS"
    if isinstance(asset, Option):
        return "OPT" if version.rank != 43 else None
    if isinstance(asset, Future):
        return "FUT" if version.rank != 43 else None
    if isinstance(asset, FxSpot):
        return "FXSPOT" if version.rank >= 52 else "FOR"
    if isinstance(asset, Ndf):
        return "FXNDF" if version.rank >= 52 else "FOR"
    if isinstance(asset, Crypto):
        return "NONE" if version.rank >= 41 else None
    raise AssertionError(f"no security type for {asset}")
