"""The executions that can still be busted or corrected."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["MAX_EXECUTIONS", "Ledger", "Match"]

MAX_EXECUTIONS = 200_000
"""Latest ExecIDs that a bust or a correction can name; older ones are unknown."""


class Match:
    """One trade as it stands: ``sides`` maps an order's number to the ExecID that tells of it."""

    __slots__ = ("busted", "match_id", "price", "quantity", "sides", "symbol")

    def __init__(self, match_id: str, symbol: str, price: int, quantity: int) -> None:
        self.match_id = match_id
        self.symbol = symbol
        self.price = price
        self.quantity = quantity
        self.sides: dict[int, str] = {}
        self.busted = False


class Ledger:
    """Matches by the numbers of their executions, the latest ``MAX_EXECUTIONS`` numbers."""

    def __init__(self) -> None:
        self._matches: dict[int, Match] = {}

    def __len__(self) -> int:
        return len(self._matches)

    def keep(self, number: int, order: int, exec_id: str, match: Match) -> None:
        """``exec_id``, the execution of that number, tells the order's side of a match."""
        self._matches[number] = match
        match.sides[order] = exec_id
        self._matches.pop(number - MAX_EXECUTIONS, None)

    def find(self, number: int) -> Match | None:
        """The match that an execution tells of."""
        return self._matches.get(number)

    def items(self) -> Iterable[tuple[int, Match]]:
        """Numbers of executions and the matches they tell of, oldest first."""
        return self._matches.items()

    def fill(self, rows: Iterable[tuple[int, Match]]) -> None:
        """Put back what ``items`` gave."""
        self._matches.update(rows)

    def clear(self) -> None:
        """Forget all."""
        self._matches.clear()
