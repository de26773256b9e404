"""Follows one order through a log: its ClOrdIDs by replace and cancel, and its OrderID."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from meridian.fix.decoder.records import Decoded

__all__ = ["MAX_HELD", "MAX_IDS", "OrderChain"]

MAX_IDS = 10_000
"""Ids of one order that are followed; an order replaced more often is followed no further."""

MAX_HELD = 10_000
"""Messages of other orders kept, in case a later one links them to this."""

_CLIENT, _VENUE = "client", "venue"
_KINDS = {11: _CLIENT, 41: _CLIENT, 379: _CLIENT, 37: _VENUE}
"""ClOrdID, OrigClOrdID, BusinessRejectRefID; OrderID."""
_NO_ID = frozenset({"", "0", "NONE", "N/A", "UNKNOWN"})
"""What venues write where an order has no id."""

_Id = tuple[str, str, str, str]


class OrderChain:
    """The ids known to be of one order, which only grow.

    Ids count within one pair of CompIDs, for another client may use the same. The wanted id alone
    is looked for everywhere.
    """

    def __init__(self, order_id: str) -> None:
        self._wanted = order_id
        self._known: set[_Id] = set()
        self._held: deque[Decoded] = deque(maxlen=MAX_HELD)

    def __len__(self) -> int:
        return len(self._known)

    def includes(self, message: Decoded) -> bool:
        """Whether the message is about the order; learns the ids it links to it."""
        ids = list(_ids(message))
        if not any(found[3] == self._wanted or found in self._known for found in ids):
            return False
        # A list of orders names many ClOrdIDs: it belongs to each, but links none.
        linking = len(ids) == len({tag for tag, _ in _id_fields(message)})
        if linking and len(self._known) < MAX_IDS:
            self._known.update(ids)
        return True

    def take(self, message: Decoded) -> list[Decoded]:
        """The messages to show now: this one if it is about the order, after earlier ones (of the
        last ``MAX_HELD``) that only its ids show to be."""
        before = len(self._known)
        if not self.includes(message):
            self._held.append(message)
            return []
        found: set[int] = set()
        while len(self._known) > before:
            before = len(self._known)
            found |= {at for at, held in enumerate(self._held) if self.includes(held)}
        earlier = [held for at, held in enumerate(self._held) if at in found]
        if earlier:
            rest = (held for at, held in enumerate(self._held) if at not in found)
            self._held = deque(rest, maxlen=MAX_HELD)
        return [*earlier, message]


def _id_fields(message: Decoded) -> Iterator[tuple[int, str]]:
    for field in message.walk():
        if field.tag in _KINDS and field.value.upper() not in _NO_ID:
            yield field.tag, field.value


def _ids(message: Decoded) -> Iterator[_Id]:
    one, other = sorted((message.sender, message.target))
    for tag, value in _id_fields(message):
        yield _KINDS[tag], one, other, value
