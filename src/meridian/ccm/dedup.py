"""When two reports tell of one execution."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from meridian.schema.messages import FillEvent
from meridian.schema.numbers import canonical

__all__ = ["FillKey", "TradeIdScope", "digest", "fill_key"]


class TradeIdScope(StrEnum):
    """Within what a venue's trade ids are unique; a plugin declares it."""

    VENUE = "venue"
    INSTRUMENT = "instrument"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class FillKey:
    """``whole`` identifies the fill; ``trade`` its trade id alone, in the scope it is unique in."""

    whole: str
    trade: str


def fill_key(fill: FillEvent, venue: str, scope: TradeIdScope) -> FillKey | None:
    """The key (trade_id, side, price, quantity, venue) in canonical text.

    ``venue`` serves where the fill names none. None where the fill has no trade id: without one a
    second genuine fill of equal size cannot be told from a repeat, so it is never deduplicated.
    """
    trade_id = (fill.trade_id or "").strip()
    if not trade_id:
        return None
    qualifier = {
        TradeIdScope.VENUE: "",
        TradeIdScope.INSTRUMENT: fill.security_id or "",
        TradeIdScope.ORDER: fill.order_id or fill.venue_order_id or "",
    }[scope]
    place = fill.venue.strip() or venue
    return FillKey(
        whole=json.dumps(
            [
                qualifier,
                trade_id,
                fill.side.value,
                canonical(fill.price),
                canonical(fill.quantity),
                place,
            ]
        ),
        trade=json.dumps([qualifier, trade_id, place]),
    )


def digest(*parts: str) -> str:
    """An id that is the same in every run for the same parts."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
