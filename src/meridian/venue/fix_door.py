"""The venue's FIX.4.4 door: one application message in, what happened and what to send out."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from meridian.fix import msgtypes, reasons, tags
from meridian.fix.message import FieldError, Message
from meridian.venue.events import Event, OrderRejected
from meridian.venue.fix_market_data import market_data_request, snapshot_reply
from meridian.venue.fix_order_entry import (
    cancel_order,
    new_order,
    replace_order,
    report_all_statuses,
    report_status,
)
from meridian.venue.fix_reference import security_list
from meridian.venue.fix_reports import event_report, rejected_report
from meridian.venue.fix_words import Reply, SessionReject
from meridian.venue.market_data import MarketData
from meridian.venue.venue import Venue

__all__ = ["MAX_VALUE", "Answer", "FixDoor"]

MAX_VALUE = 1_024
"""Bytes of one value: what a client says is echoed, remembered and kept for a resend."""

_ONCE = frozenset(
    {
        tags.ClOrdID,
        tags.MassStatusReqID,
        tags.MassStatusReqType,
        tags.OrderID,
        tags.OrderQty,
        tags.OrdType,
        tags.OrigClOrdID,
        tags.Price,
        tags.Side,
        tags.Symbol,
        tags.TimeInForce,
        tags.TransactTime,
    }
)
"""What an order message says of the order itself. Twice, it would say two things."""
_ABOUT_ORDERS = frozenset(
    {
        msgtypes.NewOrderSingle,
        msgtypes.OrderCancelRequest,
        msgtypes.OrderCancelReplaceRequest,
        msgtypes.OrderStatusRequest,
        msgtypes.OrderMassStatusRequest,
    }
)

UNSUPPORTED_MESSAGE_TYPE = "3"
"""BusinessRejectReason(380)."""


class Answer(NamedTuple):
    """What a message caused, for every session that it concerns."""

    events: list[Event]
    replies: list[Reply | SessionReject]


class FixDoor:
    """Maps FIX.4.4 messages to commands and events to FIX.4.4 messages.

    Args:
        sessions: participants that are FIX sessions; events of others are not reported.
    """

    def __init__(self, venue: Venue, market_data: MarketData, sessions: AbstractSet[str]) -> None:
        self._venue = venue
        self._market_data = market_data
        self._sessions = sessions

    def handle(self, session: str, message: Message, now: int) -> Answer:
        """Take one application message of a session; ``now`` is ns UTC."""
        try:
            _check_shape(message)
            return self._handle(session, message, now)
        except FieldError as error:
            text = error.text
            return Answer([], [SessionReject(session, message, error.reason_code, error.tag, text)])

    def reports(self, events: Iterable[Event]) -> list[Reply]:
        """The messages that events mean to the FIX sessions."""
        reports = (event_report(event, self._venue.instruments) for event in events)
        return [reply for reply in reports if reply is not None and reply.session in self._sessions]

    def market_data(self, now: int) -> list[Reply]:
        """The snapshots that are due."""
        return [
            snapshot_reply(snapshot, self._venue.instruments[snapshot.symbol])
            for snapshot in self._market_data.poll(now)
        ]

    def _handle(self, session: str, message: Message, now: int) -> Answer:
        venue = self._venue
        match message.msg_type:
            case msgtypes.NewOrderSingle:
                return self._answer(new_order(venue, session, message, now), message)
            case msgtypes.OrderCancelRequest:
                return self._answer(cancel_order(venue, session, message, now), message)
            case msgtypes.OrderCancelReplaceRequest:
                return self._answer(replace_order(venue, session, message, now), message)
            case msgtypes.OrderStatusRequest:
                return Answer([], [*report_status(venue, session, message, now)])
            case msgtypes.OrderMassStatusRequest:
                return Answer([], [*report_all_statuses(venue, session, message, now)])
            case msgtypes.MarketDataRequest:
                replies = market_data_request(venue, self._market_data, session, message)
                return Answer([], [*replies])
            case msgtypes.SecurityListRequest:
                return Answer([], [*security_list(venue, session, message)])
            case _:
                return Answer([], [_unsupported(session, message)])

    def _answer(self, events: list[Event], message: Message) -> Answer:
        rejected = [
            rejected_report(event, message) for event in events if isinstance(event, OrderRejected)
        ]
        return Answer(events, [*rejected, *self.reports(events)])


def _check_shape(message: Message) -> None:
    """Refuse what no message of a fair client has.

    Raises:
        FieldError: a value is too long, or a field of an order appears more than once.
    """
    tag = message.oversized_tag(MAX_VALUE)
    if tag is not None:
        text = f"{reasons.TEXTS[reasons.INCORRECT_VALUE]}: longer than {MAX_VALUE} bytes"
        raise FieldError(tag, reasons.INCORRECT_VALUE, text)
    # FIX session test 14h.
    tag = message.repeated_tag(_ONCE) if message.msg_type in _ABOUT_ORDERS else None
    if tag is not None:
        raise FieldError(tag, reasons.REPEATED_TAG, reasons.TEXTS[reasons.REPEATED_TAG])


def _unsupported(session: str, message: Message) -> Reply:
    fields: list[tuple[int, str | int]] = [
        (tags.RefSeqNum, message.seq_num),
        (tags.RefMsgType, message.msg_type),
        (tags.BusinessRejectReason, UNSUPPORTED_MESSAGE_TYPE),
        (tags.Text, f"MsgType(35) {message.msg_type} is not offered"),
    ]
    return Reply(session, msgtypes.BusinessMessageReject, fields)
