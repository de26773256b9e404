"""Third parties in the header: who a message is for, and the way back."""

from __future__ import annotations

from meridian.fix.message import Message
from meridian.fix.tags import (
    DeliverToCompID,
    DeliverToLocationID,
    DeliverToSubID,
    OnBehalfOfCompID,
    OnBehalfOfLocationID,
    OnBehalfOfSubID,
)

__all__ = ["reverse_route"]

_BACK = (
    (OnBehalfOfCompID, DeliverToCompID),
    (OnBehalfOfSubID, DeliverToSubID),
    (OnBehalfOfLocationID, DeliverToLocationID),
    (DeliverToCompID, OnBehalfOfCompID),
    (DeliverToSubID, OnBehalfOfSubID),
    (DeliverToLocationID, OnBehalfOfLocationID),
)


def reverse_route(message: Message) -> list[tuple[int, str]]:
    """The header fields of an answer: OnBehalfOf becomes DeliverTo and the other way round."""
    pairs = ((back, message.get(tag)) for tag, back in _BACK)
    return [(tag, value) for tag, value in pairs if value]
