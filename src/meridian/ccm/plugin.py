"""``CCMPlugin``: what a plugin's author writes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Protocol

from meridian.ccm.dedup import TradeIdScope
from meridian.ccm.ledger import OrderRecord
from meridian.schema.errors import SessionClosed
from meridian.schema.messages import FillEvent, Order, OrderChanges, OrderReport, SessionUpdate
from meridian.schema.words import SessionStatus

__all__ = ["CCMPlugin", "PluginHost"]


class PluginHost(Protocol):
    """What a sidecar does for its plugin. Callable from any thread."""

    def publish_fill(self, fill: FillEvent) -> None:
        """Take a fill; durable when it returns."""

    def publish_order(self, report: OrderReport) -> None:
        """Take an order report; durable when it returns."""

    def publish_session_status(self, update: SessionUpdate) -> None:
        """Take the plugin's view of its link."""

    def order_record(self, order_id: str) -> OrderRecord | None:
        """The order map's line."""

    def order_behind(self, identifier: str) -> str | None:
        """The order id behind an order, request or venue order id."""

    def rename_order(self, order_id: str, client_order_id: str) -> None:
        """The venue knows the order by another client order id from now on."""


class CCMPlugin:
    """One connection to one broker or venue.

    Subclass it and override handlers. Each may be sync (it then runs on the plugin's own worker
    thread, one call at a time) or async (on the sidecar's loop). A handler that names a
    ``request_id`` keyword is given the platform's id of the request.

    Deduplication, reconnection and credentials are the sidecar's: publish what the venue says, as
    often as it says it.
    """

    vendor_name: str = ""
    venue: str = ""
    trade_id_scope: TradeIdScope = TradeIdScope.VENUE
    _host: PluginHost | None = None

    def __init__(
        self,
        name: str | None = None,
        *,
        instance_id: str | None = None,
        venue: str | None = None,
    ) -> None:
        self.name = name or self.vendor_name or type(self).__name__
        self.instance_id = instance_id or f"ccm-{self.name}"
        if venue is not None:
            self.venue = venue

    # --- required handlers --------------------------------------------------------------------

    def connect(self, credentials: Mapping[str, Any]) -> Any:
        """Bring the link up; return once orders can be sent.

        The credentials cannot be read once this returned. Any exception is a failed attempt,
        tried again with backoff; ``ConfigError`` is final.
        """
        raise NotImplementedError

    def disconnect(self) -> Any:
        """Bring the link down in good order; publish nothing after returning."""
        raise NotImplementedError

    def submit_order(self, order: Order) -> Any:
        """Send a new order; return an ``OrderAck``.

        Raise ``OrderRejected`` for the venue's refusal, ``SessionDegradedError`` where nothing
        was sent; any other exception, a timeout included, leaves the outcome UNKNOWN.
        """
        raise NotImplementedError

    def cancel_order(self, order_id: str) -> Any:
        """Ask for a cancel; return a ``CancelAck`` and publish what becomes of the order."""
        raise NotImplementedError

    def modify_order(self, order_id: str, changes: OrderChanges) -> Any:
        """Ask for a new price, total quantity or time in force; return a ``ModifyAck``."""
        raise NotImplementedError

    # --- optional handlers --------------------------------------------------------------------

    def batch_cancel(self, order_ids: list[str]) -> Any:
        """Ask for many cancels at once; the sidecar calls ``cancel_order`` for each otherwise."""
        raise NotImplementedError

    def query_account(self) -> Any:
        """Return the account as the venue shows it."""
        raise NotImplementedError

    def generate_fill_reports(self) -> Any:
        """Return the venue's own list of fills, ``list[FillEvent]``, each with its trade id."""
        raise NotImplementedError

    def query_order(self, order_id: str) -> Any:
        """Return an ``OrderReport``, or None where the venue answered that it never saw it."""
        raise NotImplementedError

    def list_open_orders(self) -> Any:
        """Return ``list[OrderReport]``: the orders the venue works for this session."""
        raise NotImplementedError

    def list_instruments(self) -> Any:
        """Return ``list[SymbolMetadata]``: what the venue trades."""
        raise NotImplementedError

    # --- what a plugin tells ------------------------------------------------------------------

    def publish_fill(self, fill: FillEvent) -> None:
        """Tell of one execution; durable when this returns. A repeat is dropped by the sidecar.

        Raises:
            SessionClosed: ``disconnect`` has returned.
            ValidationError: no trade id, in strict mode.
        """
        self._require_host().publish_fill(fill)

    def publish_order(self, report: OrderReport) -> None:
        """Tell what the venue says of an order; durable when this returns.

        Raises:
            SessionClosed: ``disconnect`` has returned.
        """
        self._require_host().publish_order(report)

    def publish_session_status(
        self,
        status: SessionStatus | str,
        session_id: str | None = None,
        venue: str | None = None,
        detail: str = "",
    ) -> None:
        """Tell how the link is: RECONNECTING or DISCONNECTED starts the sidecar's reconnection.

        Raises:
            ValueError: the text names no status.
        """
        self._require_host().publish_session_status(
            SessionUpdate(
                session_id=session_id or self.instance_id,
                status=SessionStatus(status),
                venue=self.venue if venue is None else venue,
                detail=detail,
            )
        )

    # --- what a plugin may ask ----------------------------------------------------------------

    def order_record(self, order_id: str) -> OrderRecord | None:
        """The sidecar's durable record of an order."""
        return self._require_host().order_record(order_id)

    def order_behind(self, identifier: str) -> str | None:
        """The platform's order id behind an order, request or venue order id."""
        return self._require_host().order_behind(identifier)

    def rename_order(self, order_id: str, client_order_id: str) -> None:
        """Have the sidecar remember the id a replace gave the order at the venue."""
        self._require_host().rename_order(order_id, client_order_id)

    # --- what a sidecar does with it ----------------------------------------------------------

    def attach(self, host: PluginHost) -> None:
        """Join the plugin to its sidecar."""
        self._host = host

    def supports(self, handler: str) -> bool:
        """Whether this plugin has the handler."""
        base = getattr(CCMPlugin, handler)
        return getattr(self, handler).__func__ is not base

    def names(self, handler: str, keyword: str) -> bool:
        """Whether the handler has a parameter of this name."""
        return keyword in inspect.signature(getattr(self, handler)).parameters

    def _require_host(self) -> PluginHost:
        if self._host is None:
            raise SessionClosed(f"plugin {self.instance_id} is not attached to a sidecar")
        return self._host
