"""The orders the demo places, against whatever the market does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import ROUND_FLOOR, Decimal

from meridian.cli.demo.view import BookView
from meridian.kernel import ExchangeKernel
from meridian.schema import (
    OcoMode,
    OrderType,
    Side,
    StandardOrder,
    StandardOrderGroup,
    SymbolMetadata,
    TimeInForce,
)
from meridian.schema.errors import ValidationError

__all__ = ["Story"]

PATIENCE_SECONDS = 10.0
SETTLE_SECONDS = 10.0
LOTS = 10
"""Size of the story's orders, in lots of the instrument."""


class Story:
    """Places, modifies and cancels through the kernel alone; prices come from the books."""

    def __init__(
        self,
        kernel: ExchangeKernel,
        books: dict[str, BookView],
        cut: Callable[[float], None],
        tell: Callable[[str, str], None],
    ) -> None:
        """``cut(seconds)`` takes the TCP link away; ``tell(text, style)`` speaks to the viewer."""
        self._kernel = kernel
        self._books = books
        self._cut = cut
        self._tell = tell
        self._stirred = asyncio.Event()
        self.notes: dict[str, str] = {}
        """Intent id -> what it is for."""

    async def run(self, symbols: list[str], seconds: float) -> None:
        """The whole story; lasts about ``seconds``."""
        beat = seconds / 10
        symbol = symbols[0]
        await self._quoted(symbol)
        self._tell("takes what is offered, at a limit and at market", "")
        await self._take(symbol, Side.BUY, 3)
        await self._take(symbols[-1], Side.BUY, 2)
        await self._market(symbol, Side.SELL, 2)
        await asyncio.sleep(beat)

        self._tell("rests a bid, then improves it: one amend for two wishes", "")
        resting = await self._rest(symbol, Side.BUY, 4, away=5)
        await asyncio.sleep(beat)
        await self._improve(resting, symbol)
        await asyncio.sleep(beat)

        self._tell("an OCO pair: whichever side completes cancels the other", "")
        await self._pair(symbol, 2)
        cancelled = await self._rest(symbol, Side.BUY, 1, away=50)
        await asyncio.sleep(beat)
        self._tell("changes its mind about a far bid", "")
        await self._kernel.cancel_order(cancelled)

        working = [await self._rest(s, Side.SELL, 3, away=1) for s in symbols]
        self._tell("the TCP link is cut; the market goes on", "bold red")
        self._cut(beat)
        self._tell("wishes on, link or no link: the intent is durable at once", "")
        await self._take(symbol, Side.BUY, 2)
        await asyncio.sleep(2 * beat)

        self._tell("and goes on after the recovery", "")
        for number in range(3):
            await self._take(symbols[number % len(symbols)], Side.BUY, 1)
            await asyncio.sleep(beat / 3)
        await self._cross(working[0], symbol)
        await asyncio.sleep(beat)

    async def settle(self) -> bool:
        """Cancel everything and wait for the venue's last word; False where it does not come."""
        count = await self._kernel.cancel_all_orders()
        self._tell(f"cancels all: {count} still open", "")
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._until(self._all_ended)
        except TimeoutError:
            return False
        return True

    def stir(self) -> None:
        """Something happened: a book changed, or the kernel told an event."""
        self._stirred.set()

    async def _until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        while True:
            self._stirred.clear()
            if await condition():
                return
            await self._stirred.wait()

    async def _all_ended(self) -> bool:
        return all(state.status.terminal for state in await self._kernel.get_all_orders())

    async def _take(self, symbol: str, side: Side, lots: int) -> str:
        """A limit at the far touch: executes at once where the price still stands."""
        book = await self._quoted(symbol)
        price = (book.asks if side.buys else book.bids)[0][0]
        return await self._place("take", await self._order(symbol, side, lots, price))

    async def _market(self, symbol: str, side: Side, lots: int) -> str:
        await self._quoted(symbol)
        metadata = await self._kernel.get_symbol_metadata(symbol)
        order = StandardOrder(
            symbol_id=symbol,
            side=side,
            quantity=_lots(metadata, lots),
            order_type=OrderType.MARKET,
            time_in_force=TimeInForce.IOC,
        )
        return await self._place("market", order)

    async def _rest(self, symbol: str, side: Side, lots: int, away: int) -> str:
        """A limit ``away`` ticks behind the near touch."""
        book = await self._quoted(symbol)
        metadata = await self._kernel.get_symbol_metadata(symbol)
        touch = (book.bids if side.buys else book.asks)[0][0]
        price = touch - side.sign * away * metadata.tick_size
        return await self._place("rest", await self._order(symbol, side, lots, price))

    async def _improve(self, intent_id: str, symbol: str) -> None:
        intent = await self._kernel.get_order_intent(intent_id)
        book = await self._quoted(symbol)
        metadata = await self._kernel.get_symbol_metadata(symbol)
        more = {"quantity": intent.order.quantity + metadata.lot_size}
        await self._modify(intent_id, more)
        await self._modify(intent_id, {**more, "price": book.bids[0][0]})

    async def _cross(self, intent_id: str, symbol: str) -> None:
        """Reprice a resting offer so that it trades now."""
        book = await self._quoted(symbol)
        await self._modify(intent_id, {"price": book.bids[0][0]})

    async def _modify(self, intent_id: str, change: dict[str, Decimal]) -> None:
        """Change the wish, unless the market was faster and the order has ended."""
        intent = await self._kernel.get_order_intent(intent_id)
        with suppress(ValidationError):
            await self._kernel.modify_order(intent_id, intent.order.model_copy(update=change))

    async def _pair(self, symbol: str, lots: int) -> None:
        book = await self._quoted(symbol)
        metadata = await self._kernel.get_symbol_metadata(symbol)
        tick = metadata.tick_size
        orders = [
            await self._order(symbol, Side.SELL, lots, book.asks[0][0] + tick),
            await self._order(symbol, Side.BUY, lots, book.bids[0][0]),
        ]
        group = StandardOrderGroup(orders=tuple(orders), mode=OcoMode.CANCEL_ON_COMPLETION)
        for intent_id in await self._kernel.place_order_group(group):
            self.notes[intent_id] = "oco"

    async def _order(self, symbol: str, side: Side, lots: int, price: Decimal) -> StandardOrder:
        metadata = await self._kernel.get_symbol_metadata(symbol)
        tick = metadata.tick_size
        on_grid = (price / tick).to_integral_value(ROUND_FLOOR) * tick
        return StandardOrder(
            symbol_id=symbol, side=side, quantity=_lots(metadata, lots), price=max(on_grid, tick)
        )

    async def _place(self, note: str, order: StandardOrder) -> str:
        intent_id = await self._kernel.place_order(order, {"note": note})
        self.notes[intent_id] = note
        return intent_id

    async def _quoted(self, symbol: str) -> BookView:
        """The symbol's book once both sides show; waits for a market that is one-sided."""

        async def two_sided() -> bool:
            book = self._books.get(symbol)
            return book is not None and bool(book.bids) and bool(book.asks)

        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._until(two_sided)
        return self._books[symbol]


def _lots(metadata: SymbolMetadata, lots: int) -> Decimal:
    return max(metadata.lot_size * lots * LOTS, metadata.min_quantity)
