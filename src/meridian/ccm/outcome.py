"""What a plugin's answer, or its exception, says of a request."""

from __future__ import annotations

from typing import Any, TypeVar

from meridian.schema.errors import OrderRejected, SessionDegradedError
from meridian.schema.messages import CancelAck, ModifyAck, OrderAck
from meridian.schema.words import Outcome

__all__ = ["AnyAck", "ack_of", "failure_of"]

AnyAck = TypeVar("AnyAck", OrderAck, CancelAck, ModifyAck)


def ack_of(answer: object, kind: type[AnyAck]) -> AnyAck:
    """Read what a handler returned.

    An ack is taken as it is; a string is a venue order id; True and False are ACCEPTED and
    REJECTED. None says that the handler ran and knows no more: UNKNOWN, as is anything unreadable.
    """
    if isinstance(answer, kind):
        return answer
    if isinstance(answer, bool):
        return kind(accepted=answer)
    if isinstance(answer, str) and answer and kind is OrderAck:
        fields: dict[str, Any] = {"outcome": Outcome.ACCEPTED, "venue_order_id": answer}
        return kind(**fields)
    if answer is None:
        return kind(outcome=Outcome.UNKNOWN, reason="the plugin has no answer yet")
    return kind(
        outcome=Outcome.UNKNOWN,
        reason=f"the plugin answered {type(answer).__name__}, expected {kind.__name__}",
    )


def failure_of(error: Exception, kind: type[AnyAck]) -> AnyAck:
    """Read what a handler raised: only two errors are definitive, all others are UNKNOWN."""
    reason = str(error) or type(error).__name__
    if isinstance(error, OrderRejected):
        return kind(outcome=Outcome.REJECTED, reason=reason)
    if isinstance(error, SessionDegradedError):
        return kind(outcome=Outcome.NOT_SENT, reason=reason)
    return kind(outcome=Outcome.UNKNOWN, reason=reason)
