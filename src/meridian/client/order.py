"""An order at the venue, as a test sees it and decides about it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

__all__ = ["Amount", "Order"]

Amount = int | str | Decimal
"""A price or quantity: exact, so no float."""

Execute = Callable[..., dict[str, Any]]


class Order:
    """An order as it stood when it was last heard of; verbs bring it up to date."""

    def __init__(self, execute: Execute, view: dict[str, Any]) -> None:
        self._execute = execute
        self._view = view

    def __repr__(self) -> str:
        return (
            f"Order({self.cl_ord_id!r}, {self.side} {self.quantity} {self.symbol} "
            f"@ {self.price}, {self.status}, {self.executed} executed)"
        )

    # What it is ------------------------------------------------------------------------------

    @property
    def order_id(self) -> str:
        """OrderID(37)."""
        return self._text("order_id")

    @property
    def cl_ord_id(self) -> str:
        """ClOrdID(11), the newest of its chain."""
        return self._text("cl_ord_id")

    @property
    def session(self) -> str:
        """CompID of the client."""
        return self._text("session")

    @property
    def symbol(self) -> str:
        """What it trades."""
        return self._text("symbol")

    @property
    def side(self) -> str:
        """``BUY``, ``SELL``, ``SELL_SHORT``, ``BUY_TO_COVER``."""
        return self._text("side")

    @property
    def order_type(self) -> str:
        """``market``, ``limit``, ``stop`` and so on."""
        return self._text("order_type")

    @property
    def status(self) -> str:
        """OrdStatus(39) as a word, such as ``PARTIALLY_FILLED``."""
        return self._text("status")

    @property
    def pending(self) -> str | None:
        """``cancel`` or ``replace`` where such a request waits for a decision."""
        pending: str | None = self._view["pending"]
        return pending

    @property
    def quantity(self) -> Decimal:
        """OrderQty(38), executed part included."""
        return Decimal(self._text("quantity"))

    @property
    def price(self) -> Decimal | None:
        """Price(44), None where it has none."""
        return None if self._view["price"] is None else Decimal(self._text("price"))

    @property
    def executed(self) -> Decimal:
        """CumQty(14)."""
        return Decimal(self._text("executed"))

    @property
    def leaves(self) -> Decimal:
        """LeavesQty(151)."""
        return Decimal(self._text("leaves"))

    @property
    def average_price(self) -> Decimal:
        """AvgPx(6)."""
        return Decimal(self._text("average_price"))

    # What becomes of it ----------------------------------------------------------------------

    def refresh(self) -> Order:
        """Look again."""
        self._view = self._execute("get_order", order_id=self.order_id)
        return self

    def accept(self) -> None:
        """New: a held order is acknowledged."""
        self._do("accept_order")

    def reject(self, reason: int = 99, text: str = "") -> None:
        """Rejected, with an OrdRejReason(103)."""
        self._do("reject_order", reason=reason, text=text)

    def fill(
        self, quantity: Amount | None = None, price: Amount | None = None, *, force: bool = False
    ) -> str:
        """Executed: all that is left at its own price unless said otherwise; the ExecID(17).

        ``force``: also beyond what is left, or worse than the limit.
        """
        more: dict[str, Any] = {"force": force}
        if quantity is not None:
            more["quantity"] = str(quantity)
        if price is not None:
            more["price"] = str(price)
        return self._do("fill_order", **more)[0]

    def cancel(self, text: str = "") -> None:
        """Cancelled without its owner having asked."""
        self._do("cancel_order", text=text)

    def expire(self) -> None:
        """Expired."""
        self._do("expire_order")

    def done_for_day(self) -> None:
        """Done for the day."""
        self._do("done_for_day")

    def match(self, other: Order, quantity: Amount, price: Amount) -> list[str]:
        """Traded with another order; the ExecIDs of both sides."""
        exec_ids = self._do(
            "match_orders", other_id=other.order_id, quantity=str(quantity), price=str(price)
        )
        other.refresh()
        return exec_ids

    def accept_request(self) -> None:
        """Grant the cancel or replace that is pending."""
        self._do("accept_request")

    def reject_request(self, reason: int = 99, text: str = "") -> None:
        """Refuse the cancel or replace that is pending, with a CxlRejReason(102)."""
        self._do("reject_request", reason=reason, text=text)

    def _do(self, command: str, **fields: Any) -> list[str]:
        reply = self._execute(command, order_id=self.order_id, **fields)
        for view in reply["orders"]:
            if view["order_id"] == self.order_id:
                self._view = view
                return list(reply["exec_ids"])
        self.refresh()
        return list(reply["exec_ids"])

    def _text(self, name: str) -> str:
        text: str = self._view[name]
        return text
