"""What an operator does to a trade afterwards."""

from __future__ import annotations

from meridian.book.codes import MAX_PRICE, MAX_QUANTITY, Event, RefusalCode
from meridian.book.core import Core

__all__ = ["Trades"]


class Trades:
    """Busts and corrects trades. Orders stay as they are: the venue tells their owners."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.busted: set[int] = set()
        """Trade ids; trades are numbered from 1, so there is no need to keep the others."""

    def bust(self, trade_id: int) -> None:
        """Declare a trade void."""
        # Rule 20.
        if self._stands(trade_id):
            self.busted.add(trade_id)
            self._core.tell(Event.BUSTED, trade_id)

    def correct(self, trade_id: int, price: int, quantity: int) -> None:
        """Give a trade another price and quantity."""
        # Rule 20.
        if not self._stands(trade_id):
            return
        code = self._refusal(price, quantity)
        if code is None:
            self._core.tell(Event.CORRECTED, trade_id, price, quantity)
        else:
            self._core.tell(Event.REFUSED, trade_id, code)

    def _refusal(self, price: int, quantity: int) -> RefusalCode | None:
        """What is wrong with a trade's price and quantity; it may lie outside the band."""
        rules = self._core.rules
        if not 1 <= quantity <= MAX_QUANTITY:
            return RefusalCode.BAD_QUANTITY
        # Rule 19.
        if quantity % rules.lot:
            return RefusalCode.BAD_LOT
        if not 1 <= price <= MAX_PRICE:
            return RefusalCode.BAD_PRICE
        return RefusalCode.BAD_TICK if price % rules.tick(price) else None

    def _stands(self, trade_id: int) -> bool:
        """Whether there is such a trade; a refusal where there is not."""
        stands = 1 <= trade_id <= self._core.ladder.trades and trade_id not in self.busted
        if not stands:
            self._core.tell(Event.REFUSED, trade_id, RefusalCode.UNKNOWN_TRADE)
        return stands
