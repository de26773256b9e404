"""FIX.4.4 reference data: SecurityListRequest (x) in, SecurityList (y) out.

MinPriceIncrement(969) came with a later version; it is sent because FIX.4.4 has no field for it.
"""

from __future__ import annotations

from meridian.fix import msgtypes, tags
from meridian.fix.message import Message
from meridian.schema.numbers import canonical
from meridian.venue.fix_words import Reply, code
from meridian.venue.venue import Venue

__all__ = ["security_list"]

ONE_SYMBOL, ALL_SECURITIES = "0", "4"
VALID, UNSUPPORTED, NONE_FOUND = "0", "1", "2"


def security_list(venue: Venue, session: str, message: Message) -> list[Reply]:
    """All instruments, or the one that Symbol(55) names.

    Raises:
        FieldError: a required tag is missing or a value is malformed.
    """
    request_id = message.require(tags.SecurityReqID)
    kind = code(message, tags.SecurityListRequestType)
    listed = []
    if kind == ALL_SECURITIES:
        listed = list(venue.instruments.values())
    elif kind == ONE_SYMBOL:
        instrument = venue.instruments.get(message.require(tags.Symbol))
        listed = [] if instrument is None else [instrument]
    offered = kind in (ONE_SYMBOL, ALL_SECURITIES)
    result = UNSUPPORTED if not offered else VALID if listed else NONE_FOUND

    fields: list[tuple[int, str | int]] = [
        (tags.SecurityReqID, request_id),
        (tags.SecurityResponseID, request_id),
        (tags.SecurityRequestResult, result),
    ]
    if listed:
        fields += [
            (tags.TotNoRelatedSym, len(listed)),
            (tags.LastFragment, "Y"),
            (tags.NoRelatedSym, len(listed)),
        ]
    for instrument in listed:
        fields += [
            (tags.Symbol, instrument.symbol),
            (tags.Currency, instrument.currency),
            (tags.RoundLot, canonical(instrument.lot_size)),
            (tags.MinTradeVol, canonical(instrument.min_quantity)),
            (tags.MinPriceIncrement, canonical(instrument.tick_size)),
        ]
    return [Reply(session, msgtypes.SecurityList, fields)]
