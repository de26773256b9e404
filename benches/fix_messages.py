"""A new order and an execution report as venues see them, each different from the last."""

from __future__ import annotations

from dataclasses import dataclass

from meridian.fix.pure_encoder import Template

__all__ = ["NEW_ORDER", "REPORT", "Shape"]

BEGAN = 1_795_226_400_000_000_000
SYMBOLS = ("AAPL", "MSFT", "BRK.B", "VOD.L", "7203.T")


@dataclass(frozen=True)
class Shape:
    """A message type: what it holds, and which of it is read and how."""

    name: str
    msg_type: str
    slots: tuple[tuple, ...]
    values: object
    reads: tuple[tuple, ...]

    def template(self, make=Template):
        """A template for it, of whichever make."""
        return make("FIX.4.4", self.msg_type, "TRADER", "MERIDIAN", *self.slots)

    def rows(self, count):
        """Values for so many messages."""
        return [self.values(number) for number in range(count)]

    def wire(self, rows):
        """The messages themselves, as a peer would send them."""
        hot = self.template()
        return [hot.encode(2 + n, BEGAN + n * 1_000_000, row) for n, row in enumerate(rows)]


def order_values(n):
    """One order: ClOrdID, Account, HandlInst, ExecInst, Symbol, SecurityID, ..."""
    symbol = SYMBOLS[n % len(SYMBOLS)]
    price = 1_500_000 + 37 * n
    return (
        f"ORD-20261121-{n:06d}", f"ACCT{n % 90}", "1", symbol, f"US03783310{n % 10}", "4", "XNAS",
        "1" if n % 2 else "2", BEGAN + n * 1_000_000, 100 + n, "2", price, "USD", "0",
        "desk 7 / algo 3",
    )  # fmt: skip


def report_values(n):
    """One fill: OrderID, ClOrdID, ExecID, ExecType, OrdStatus, Account, Symbol, ..."""
    symbol = SYMBOLS[n % len(SYMBOLS)]
    price = 1_500_000 + 37 * n
    return (
        f"O-{1_000_000 + n}", f"ORD-20261121-{n:06d}", f"E-{9_000_000 + n}", "F", "1",
        f"ACCT{n % 90}", symbol, "1" if n % 2 else "2", 500 + n, "2", price, "USD", "0",
        40 + n % 50, price - 25, 460, 40 + n % 50, price - 25, BEGAN + n * 1_000_000, f"M-{n}",
    )  # fmt: skip


NEW_ORDER = Shape(
    "NewOrderSingle",
    "D",
    (
        (11, "text"), (1, "text"), (21, "text"), (55, "text"), (48, "text"), (22, "text"),
        (207, "text"), (54, "text"), (60, "timestamp"), (38, "integer"), (40, "text"),
        (44, "scaled", 4), (15, "text"), (59, "text"), (58, "text"),
    ),
    order_values,
    (
        (11, "text"), (1, "text"), (55, "text"), (54, "char"), (40, "char"), (59, "char"),
        (15, "text"), (38, "scaled", 0), (44, "scaled", 4), (60, "timestamp"),
    ),
)  # fmt: skip

REPORT = Shape(
    "ExecutionReport",
    "8",
    (
        (37, "text"), (11, "text"), (17, "text"), (150, "text"), (39, "text"), (1, "text"),
        (55, "text"), (54, "text"), (38, "integer"), (40, "text"), (44, "scaled", 4), (15, "text"),
        (59, "text"), (32, "integer"), (31, "scaled", 4), (151, "integer"), (14, "integer"),
        (6, "scaled", 4), (60, "timestamp"), (527, "text"),
    ),
    report_values,
    (
        (37, "text"), (11, "text"), (17, "text"), (150, "char"), (39, "char"), (55, "text"),
        (54, "char"), (38, "scaled", 0), (32, "scaled", 0), (31, "scaled", 4), (151, "scaled", 0),
        (14, "scaled", 0), (60, "timestamp"),
    ),
)  # fmt: skip
