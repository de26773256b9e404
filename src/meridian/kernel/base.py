"""The abstract exchange kernel: seed 004's interface, with optional keywords added."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from meridian.kernel.events import BaseEvent
from meridian.kernel.models import (
    AccountState,
    AssetMetadata,
    OrderIntent,
    OrderState,
    Position,
)
from meridian.schema.order_spec import StandardOrder, StandardOrderGroup, SymbolMetadata

__all__ = ["ExchangeKernel"]


class ExchangeKernel(ABC):
    """Keeps desired orders (intents) and actual orders at one exchange reconciled."""

    def __init__(self, exchange_id: str) -> None:
        """``exchange_id`` names this exchange instance uniquely."""
        self.exchange_id = exchange_id

    # Commands: what a strategy wants

    @abstractmethod
    async def place_order(
        self,
        order: StandardOrder,
        metadata: dict[str, Any] | None = None,
        *,
        intent_id: str | None = None,
    ) -> str:
        """Store the wish for one order; returns its intent id once that is durable.

        A venue's refusal is an event and a state, not an exception. With ``intent_id`` the call
        is idempotent: the same id and order return the same intent.

        Raises:
            ValidationError: the order violates the market's constraints; nothing was stored.
            ConflictError: ``intent_id`` exists with another order.
            ExchangeError: the kernel is not running.
        """

    @abstractmethod
    async def place_order_group(
        self, group: StandardOrderGroup, metadata: dict[str, Any] | None = None
    ) -> list[str]:
        """Store a group of orders under one OCO mode; all or none.

        Raises:
            ValidationError: any order violates the market's constraints; nothing was stored.
            ExchangeError: the kernel is not running.
        """

    @abstractmethod
    async def cancel_order(self, intent_id: str) -> None:
        """Wish the order cancelled; the reconciler sees to it. Repeating is harmless.

        Raises:
            NotFoundError: no such intent.
            ExchangeError: the kernel is not running.
        """

    @abstractmethod
    async def modify_order(
        self, intent_id: str, new_order: StandardOrder, *, if_generation: int | None = None
    ) -> None:
        """Wish another price or TOTAL quantity for the order.

        Raises:
            NotFoundError: no such intent.
            ValidationError: the new order violates constraints, or the intent is finished.
            ConflictError: the intent is no longer at ``if_generation``.
            ExchangeError: the kernel is not running.
        """

    @abstractmethod
    async def cancel_all_orders(self, symbol_id: str | None = None) -> int:
        """Wish every open order cancelled; returns how many intents were marked."""

    # Queries: desired and actual state

    @abstractmethod
    async def get_order_intent(self, intent_id: str) -> OrderIntent:
        """The desired state. Raises NotFoundError."""

    @abstractmethod
    async def get_order_state(self, intent_id: str) -> OrderState:
        """The actual state, as far as evidence goes. Raises NotFoundError."""

    @abstractmethod
    async def get_all_intents(self, symbol_id: str | None = None) -> list[OrderIntent]:
        """Every intent, oldest first."""

    @abstractmethod
    async def get_all_orders(self, symbol_id: str | None = None) -> list[OrderState]:
        """Every actual state, oldest first."""

    @abstractmethod
    async def get_positions(self, symbol_id: str | None = None) -> list[Position]:
        """Positions summed from fills."""

    @abstractmethod
    async def get_account_state(self) -> AccountState:
        """Balances and positions."""

    @abstractmethod
    async def get_symbol_metadata(self, symbol_id: str) -> SymbolMetadata:
        """The market's constraints on a symbol. Raises NotFoundError."""

    @abstractmethod
    async def get_asset_metadata(self, asset_id: str) -> AssetMetadata:
        """What an asset is. Raises NotFoundError."""

    @abstractmethod
    async def list_symbols(self) -> list[str]:
        """Symbols this exchange trades, sorted."""

    # Events

    @abstractmethod
    def subscribe_events(
        self,
        callback: Callable[[BaseEvent], None],
        event_filter: dict[str, Any] | None = None,
        *,
        from_seq: int | None = None,
    ) -> str:
        """Call ``callback`` with each event, in order; returns a subscription id.

        ``event_filter`` keys: ``event_type``, ``symbol_id``, ``intent_id``; each a value or a list
        of values. With ``from_seq`` the durable events from that sequence number on come first.
        A callback that raises is counted and does not disturb others.

        Raises:
            ValidationError: unknown filter key.
        """

    @abstractmethod
    def unsubscribe_events(self, subscription_id: str) -> None:
        """End a subscription. Raises NotFoundError."""

    # Lifecycle

    @abstractmethod
    async def start(self) -> None:
        """Load the journal, connect, reconcile, and only then begin to send.

        Raises:
            ExchangeError: the venue could not be reached in the configured time.
        """

    @abstractmethod
    async def stop(self) -> None:
        """Detach without cancelling; no request is sent after it returns."""

    @abstractmethod
    async def health_check(self) -> dict[str, Any]:
        """Connection state, latency, error counts."""

    # Reconciliation control

    @abstractmethod
    async def force_reconciliation(self, intent_id: str | None = None) -> None:
        """Ask the venue about one intent's order, or every open one, now.

        Raises:
            NotFoundError: no such intent.
        """

    @abstractmethod
    def get_reconciliation_metrics(self) -> dict[str, Any]:
        """Counters and gauges of the reconciliation."""
