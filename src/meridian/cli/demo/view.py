"""What the demo shows while it runs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from meridian.kernel import EventType, OrderEvent, OrderState, Position, SessionEvent
from meridian.schema import Side, StandardOrder

__all__ = ["Board", "BookView", "IntentView", "describe"]

MAX_EVENTS = 200
MOST_EVENT_ROWS = 12
HEADER_ROWS = 3
BORDER_ROWS = 2
MOST_BOOK_LEVELS = 5

_STATUS_STYLES = {
    "CONNECTED": "green",
    "ACTIVE": "cyan",
    "COMPLETED": "green",
    "CANCELED": "dim",
    "EXPIRED": "dim",
    "FAILED": "red",
    "UNKNOWN": "bold magenta",
    "SUBMITTING": "yellow",
    "RECONCILING": "yellow",
    "RECONNECTING": "bold red",
    "DEGRADED": "yellow",
    "DISCONNECTED": "red",
}

_EVENT_STYLES = {
    EventType.ORDER_FILLED: "green",
    EventType.ORDER_PARTIALLY_FILLED: "green",
    EventType.ORDER_REJECTED: "red",
    EventType.OUTCOME_UNKNOWN: "bold magenta",
    EventType.OUTCOME_RESOLVED: "magenta",
    EventType.OVERFILLED: "bold red",
    EventType.MODIFY_REJECTED: "yellow",
    EventType.CANCEL_REJECTED: "yellow",
}


@dataclass(slots=True)
class BookView:
    """Top of one book: (price, quantity) per level, best first."""

    bids: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    asks: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    last: Decimal | None = None


@dataclass(frozen=True, slots=True)
class IntentView:
    """One intent and its actual state."""

    note: str
    order: StandardOrder
    state: OrderState


@dataclass
class Board:
    """Everything on screen; pure: the caller fills it, ``render`` draws it."""

    title: str
    session: str = "DISCONNECTED"
    elapsed: float = 0.0
    duration: float = 0.0
    books: dict[str, BookView] = field(default_factory=dict)
    intents: list[IntentView] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    events: deque[Text] = field(default_factory=lambda: deque(maxlen=MAX_EVENTS))
    counts: str = ""

    def tell(self, text: str, style: str = "") -> None:
        """Add a line to the events."""
        self.events.append(Text.assemble((f"{self.elapsed:5.1f}s  ", "dim"), (text, style)))

    def render(self, height: int) -> RenderableType:
        """The whole screen, ``height`` lines of it."""
        events = min(MOST_EVENT_ROWS, height // 4)
        middle = height - HEADER_ROWS - events - 2 * BORDER_ROWS
        layout = Layout()
        layout.split_column(
            Layout(self._header(), size=HEADER_ROWS),
            Layout(name="middle"),
            Layout(self._events(events), size=events + BORDER_ROWS),
        )
        layout["middle"].split_row(
            Layout(self._books(middle), size=34), Layout(self._intents(middle), minimum_size=60)
        )
        return layout

    def _header(self) -> RenderableType:
        line = Text.assemble(
            (self.title, "bold"),
            "   session ",
            (self.session, _STATUS_STYLES.get(self.session, "")),
            f"   {self.counts}",
        )
        clock = f"{self.elapsed:.0f} of {self.duration:.0f} s" if self.duration else ""
        return Panel(line, title="Meridian", title_align="left", subtitle=clock)

    def _books(self, height: int) -> RenderableType:
        per_book = height // max(len(self.books), 1)
        shown = max(1, min((per_book - 2) // 2, MOST_BOOK_LEVELS))
        tables: list[RenderableType] = []
        for symbol, book in sorted(self.books.items()):
            table = Table(box=None, expand=True, pad_edge=False, show_header=False)
            for justify in ("right", "right", "left"):
                table.add_column(justify=justify)
            for price, quantity in reversed(book.asks[:shown]):
                table.add_row("", Text(str(price), "red"), str(quantity))
            middle = str(book.last) if book.last is not None else "-"
            table.add_row(Text(symbol, "bold"), Text(f"last {middle}", "bold"), "")
            for price, quantity in book.bids[:shown]:
                table.add_row(str(quantity), Text(str(price), "green"), "")
            tables += [table, Text("")]
        return Panel(Group(*tables), title="Books, by FIX market data", title_align="left")

    def _intents(self, height: int) -> RenderableType:
        table = Table(box=None, expand=True, pad_edge=False, header_style="dim")
        for name, justify in (
            ("intent", "left"),
            ("wish", "left"),
            ("filled", "right"),
            ("average", "right"),
            ("status", "left"),
        ):
            table.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
        for view in self.intents[-max(height - 1, 1) :]:
            state, order = view.state, view.order
            average = state.average_price
            table.add_row(
                view.note,
                Text(_wish(order), "green" if order.side is Side.BUY else "red"),
                f"{state.filled_quantity}",
                f"{average:.5f}" if average is not None else "",
                Text(state.status, _STATUS_STYLES.get(state.status, "")),
            )
        held = "   ".join(f"{p.symbol_id} {p.quantity:+}" for p in self.positions)
        return Panel(
            table, title="Intents", title_align="left", subtitle=f"positions {held or 'flat'}"
        )

    def _events(self, rows: int) -> RenderableType:
        shown = list(self.events)[-rows:]
        return Panel(Group(*shown), title="Events", title_align="left")


def describe(event: OrderEvent | SessionEvent) -> tuple[str, str]:
    """An event as a line and its style."""
    word = event.event_type.replace("_", " ").lower()
    if isinstance(event, SessionEvent):
        detail = f": {event.detail}" if event.detail else ""
        return f"session {event.status}{detail}", _STATUS_STYLES.get(event.status, "")
    text = f"{word}  {event.symbol_id} {event.order_id or event.intent_id}"
    if event.last_quantity is not None:
        text += f"  {event.last_quantity} @ {event.last_price}  trade {event.trade_id}"
    if event.reason:
        text += f"  ({event.reason})"
    return text, _EVENT_STYLES.get(event.event_type, "dim")


def _wish(order: StandardOrder) -> str:
    price = f"@ {order.price}" if order.price is not None else "at market"
    tif = "" if order.time_in_force == "DAY" else f" {order.time_in_force}"
    return f"{order.side} {order.quantity} {order.symbol_id} {price}{tif}"
