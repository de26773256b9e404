"""A message store that can stop counting what was received."""

from __future__ import annotations

from meridian.fix.store import MessageStore

__all__ = ["HeldStore"]


class HeldStore:
    """Passes everything on to a store, except inbound progress once :meth:`hold` was called.

    A message that could not be handed to the platform must come again: the session that
    received it may go on counting, but what the next session reads from disk stays behind it.
    """

    def __init__(self, store: MessageStore) -> None:
        self._store = store
        self.held = False

    def hold(self) -> None:
        """Let no more inbound progress through."""
        self.held = True

    @property
    def next_out(self) -> int:
        return self._store.next_out

    @property
    def next_in(self) -> int:
        return self._store.next_in

    @property
    def created(self) -> int:
        return self._store.created

    def append(self, seq: int, raw: bytes) -> None:
        self._store.append(seq, raw)

    def set_next_in(self, n: int) -> None:
        if not self.held:
            self._store.set_next_in(n)

    def set_next_out(self, n: int) -> None:
        self._store.set_next_out(n)

    def messages(self, begin: int, end: int, limit: int | None = None) -> list[tuple[int, bytes]]:
        return self._store.messages(begin, end, limit)

    def reset(self, now: int) -> None:
        self._store.reset(now)

    def flush(self) -> None:
        self._store.flush()
