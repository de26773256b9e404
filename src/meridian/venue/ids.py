"""Names for orders, executions and matches: unique across runs, their numbers readable."""

from __future__ import annotations

__all__ = ["Ids"]


class Ids:
    """Counts in a run; ``run`` is a word that no other run of the venue uses."""

    def __init__(self, run: str) -> None:
        self._order = f"O{run}-"
        self._execution = f"E{run}-"
        self._match = f"M{run}-"
        self.orders = 0
        self.executions = 0
        self.matches = 0

    def order(self) -> str:
        """The next OrderID(37); its number is ``orders``."""
        self.orders += 1
        return f"{self._order}{self.orders}"

    def execution(self) -> str:
        """The next ExecID(17); its number is ``executions``."""
        self.executions += 1
        return f"{self._execution}{self.executions}"

    def match(self) -> str:
        """What both sides of a match have in common."""
        self.matches += 1
        return f"{self._match}{self.matches}"

    def order_number(self, order_id: str) -> int:
        """The number of an order id; 0 where it is none of this run."""
        return _number(order_id, self._order)

    def execution_number(self, exec_id: str) -> int:
        """The number of an execution id; 0 where it is none of this run."""
        return _number(exec_id, self._execution)


def _number(text: str, prefix: str) -> int:
    digits = text[len(prefix) :]
    known = text.startswith(prefix) and digits.isascii() and digits.isdecimal()
    return int(digits) if known and len(digits) < 20 and digits[0] != "0" else 0
