"""The venue's FIX door: one application message in, what happened and what to send out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, get_args

from meridian.fix import msgtypes, reasons, tags
from meridian.fix.message import FieldError, Message
from meridian.venue import fix_tags as more_tags
from meridian.venue.drop_copy import DropCopy
from meridian.venue.events import (
    Event,
    MassCancelled,
    OrderEvent,
    OrderRejected,
    PhaseChanged,
    RequestRejected,
)
from meridian.venue.fix_market_data import market_data_request, refresh_reply
from meridian.venue.fix_order_entry import cancel_order, new_order, replace_order
from meridian.venue.fix_reference import security_definition, security_list
from meridian.venue.fix_reports import ReportWriter
from meridian.venue.fix_status import (
    mass_cancel,
    mass_cancelled,
    report_all_statuses,
    report_status,
)
from meridian.venue.fix_trading_status import TradingStatus
from meridian.venue.fix_versions import VERSIONS, Version, version_of
from meridian.venue.fix_words import Reply, SessionReject, Unsupported
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
        more_tags.OrderMassCancelRequest,
    }
)
_ORDERS = {
    msgtypes.NewOrderSingle: new_order,
    msgtypes.OrderCancelRequest: cancel_order,
    msgtypes.OrderCancelReplaceRequest: replace_order,
}
_SINCE = {
    msgtypes.OrderMassStatusRequest: 43,
    more_tags.OrderMassCancelRequest: 43,
    msgtypes.SecurityListRequest: 43,
    msgtypes.MarketDataRequest: 42,
    more_tags.SecurityDefinitionRequest: 42,
    more_tags.SecurityStatusRequest: 42,
    more_tags.TradingSessionStatusRequest: 42,
}
"""The version that a message came with, where it was not there from the beginning."""
_OF_ORDERS = frozenset(get_args(OrderEvent))
_DEFAULT = VERSIONS["FIX.4.4"]


class Answer(NamedTuple):
    """What a message caused, for every session that it concerns."""

    events: list[Event]
    replies: list[Reply | SessionReject | Unsupported]


class FixDoor:
    """Maps messages to commands and events to messages, each session in its own version.

    Args:
        sessions: participants that are FIX sessions, until they say otherwise of FIX.4.4; events
            of others are not reported.
    """

    def __init__(self, venue: Venue, market_data: MarketData, sessions: Iterable[str] = ()) -> None:
        self._venue = venue
        self._market_data = market_data
        self._status = TradingStatus(venue)
        self._writers: dict[str, ReportWriter] = {}
        self._versions: dict[str, Version] = {}
        self._validated: set[str] = set()
        self._by_version: dict[str, ReportWriter] = {}
        self.copies = DropCopy()
        for session in sessions:
            self._set(session, _DEFAULT)

    # Sessions --------------------------------------------------------------------------------

    def speak(
        self,
        session: str,
        begin_string: str,
        appl_ver_id: str | None = None,
        *,
        validated: bool = False,
    ) -> None:
        """From now on the session gets reports, in this version.

        ``validated``: its messages were held to a dictionary, so that no field comes twice.

        Raises:
            ValueError: none that the venue speaks.
        """
        self._set(session, version_of(begin_string, appl_ver_id))
        (self._validated.add if validated else self._validated.discard)(session)

    def forget(self, session: str) -> None:
        """The session is deleted: it gets no more reports."""
        self.drop(session)
        self.copies.forget(session)
        self._writers.pop(session, None)
        self._versions.pop(session, None)
        self._validated.discard(session)

    def drop(self, session: str) -> None:
        """The session is disconnected: its subscriptions end. Reports go on, for its resend."""
        self._market_data.drop(session)
        self._status.drop(session)

    # Messages --------------------------------------------------------------------------------

    def handle(self, session: str, message: Message, now: int) -> Answer:
        """Take one application message of a session; ``now`` is ns UTC.

        Raises:
            KeyError: no such session.
        """
        writer = self._writers[session]
        try:
            _check_shape(message, validated=session in self._validated)
            entry = _ORDERS.get(message.msg_type)
            if entry is None:
                return self._rarer(session, message, writer, now)
            events = entry(self._venue, session, message, writer.version, now)
            return Answer(events, [*self.reports(events, message)])
        except FieldError as error:
            text = error.text
            return Answer([], [SessionReject(session, message, error.reason_code, error.tag, text)])

    def reports(self, events: Iterable[Event], request: Message | None = None) -> list[Reply]:
        """The messages that events mean to the FIX sessions; ``request`` caused them."""
        writers = self._writers
        replies: list[Reply] = []
        copied = self.copies.active
        for event in events:
            if type(event) in _OF_ORDERS:
                owner = event.order.terms.participant  # type: ignore[union-attr]
            elif isinstance(event, RequestRejected):
                owner = event.request.participant
            else:
                self._rarer_report(event, request, replies)
                continue
            writer = writers.get(owner)
            if writer is not None:
                report = writer.event(event)
                if report is not None:
                    replies.append(Reply(owner, report[0], report[1]))
            if copied:
                self._copy(owner, event, replies)
        return replies

    def market_data(self, now: int) -> list[Reply]:
        """The refreshes that are due."""
        return [
            refresh_reply(refresh, self._versions[refresh.wish.session], self._venue, now)
            for refresh in self._market_data.poll(now)
        ]

    def _rarer(self, session: str, message: Message, writer: ReportWriter, now: int) -> Answer:
        venue, version, kind = self._venue, writer.version, message.msg_type
        if version.rank < _SINCE.get(kind, 0):
            return Answer([], [Unsupported(session, message)])
        replies: list[Reply]
        match kind:
            case more_tags.OrderMassCancelRequest:
                events, replies = mass_cancel(venue, session, message, writer, now)
                return Answer(events, [*replies, *self.reports(events)])
            case msgtypes.OrderStatusRequest:
                replies = report_status(venue, session, message, writer, now)
            case msgtypes.OrderMassStatusRequest:
                owners = [session, *self.copies.sources(session)]
                replies = report_all_statuses(venue, session, owners, message, writer, now)
            case msgtypes.MarketDataRequest:
                data = self._market_data
                replies = market_data_request(venue, data, session, message, version, now)
            case msgtypes.SecurityListRequest:
                replies = security_list(venue, session, message, version)
            case more_tags.SecurityDefinitionRequest:
                replies = security_definition(venue, session, message, version)
            case more_tags.SecurityStatusRequest:
                replies = self._status.security_status(session, message, version)
            case more_tags.TradingSessionStatusRequest:
                replies = self._status.session_status(session, message)
            case _:
                return Answer([], [Unsupported(session, message)])
        return Answer([], [*replies])

    def _rarer_report(self, event: Event, request: Message | None, replies: list[Reply]) -> None:
        if isinstance(event, OrderRejected):
            self._rejected(event, request, replies)
        elif isinstance(event, PhaseChanged):
            replies += self._status.changed(event, self._versions)
        elif isinstance(event, MassCancelled):
            writer = self._writers.get(event.participant)
            if writer is not None:
                replies.append(mass_cancelled(event, writer))

    def _rejected(
        self, event: OrderRejected, request: Message | None, replies: list[Reply]
    ) -> None:
        """An order that never entered: only its request says what it was."""
        owner = event.order.participant
        if request is None:
            return
        writer = self._writers.get(owner)
        if writer is not None:
            body = writer.rejected(event, request)
            replies.append(Reply(owner, msgtypes.ExecutionReport, body))
        for target in self.copies.targets(owner):
            writer = self._writers.get(target)
            if writer is not None:
                body = writer.rejected(event, request)
                replies.append(self.copies.copy(target, owner, body, writer.version))

    def _copy(self, owner: str, event: Event, replies: list[Reply]) -> None:
        for target in self.copies.targets(owner):
            writer = self._writers.get(target)
            report = None if writer is None else writer.event(event)
            if writer is not None and report is not None and report[0] == msgtypes.ExecutionReport:
                replies.append(self.copies.copy(target, owner, report[1], writer.version))

    def _set(self, session: str, version: Version) -> None:
        writer = self._by_version.get(version.name)
        if writer is None:
            writer = self._by_version[version.name] = ReportWriter(version)
        self._writers[session] = writer
        self._versions[session] = version


def _check_shape(message: Message, *, validated: bool) -> None:
    """Refuse what no message of a fair client has.

    Raises:
        FieldError: a value is too long, or a field of an order appears more than once.
    """
    # A message as short as a value may be holds no value that is longer.
    if len(message.raw) > MAX_VALUE:
        tag = message.oversized_tag(MAX_VALUE)
        if tag is not None:
            text = f"{reasons.TEXTS[reasons.INCORRECT_VALUE]}: longer than {MAX_VALUE} bytes"
            raise FieldError(tag, reasons.INCORRECT_VALUE, text)
    if validated or message.msg_type not in _ABOUT_ORDERS:
        return
    # FIX session test 14h.
    tag = message.repeated_tag(_ONCE)
    if tag is not None:
        raise FieldError(tag, reasons.REPEATED_TAG, reasons.TEXTS[reasons.REPEATED_TAG])
