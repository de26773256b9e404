"""Requests that wait for their answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from meridian.fix.message import Message
from meridian.schema.errors import OutcomeUnknown, SessionDegradedError

__all__ = ["MAX_PARTS", "MAX_PENDING", "MAX_REMEMBERED", "Pending", "Waiter"]

MAX_PENDING = 1_000
"""Requests without an answer; one more is refused before it is sent."""
MAX_PARTS = 10_000
"""Messages that one answer may have; a longer one is given up."""
MAX_REMEMBERED = 10_000
"""Sequence numbers of sent requests kept, so that a reject that names one finds its request."""


@dataclass(slots=True)
class Waiter:
    """One request and what answers it."""

    key: str
    exec_types: frozenset[str]
    """What answers it among ExecutionReports that carry its key."""
    future: asyncio.Future[Any]
    parts: list[Message] = field(default_factory=list)


class Pending:
    """Waiters by the id their answer carries: ClOrdID, or a request id."""

    def __init__(self) -> None:
        self._waiters: dict[str, Waiter] = {}
        self._sent: dict[int, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._waiters)

    @contextmanager
    def waiting(self, key: str, exec_types: frozenset[str] = frozenset()) -> Iterator[Waiter]:
        """Wait for the answer to ``key`` inside the block.

        Raises:
            SessionDegradedError: too many requests wait already.
            OutcomeUnknown: this very request waits already.
        """
        if key in self._waiters:
            raise OutcomeUnknown(f"request {key} is already under way")
        if len(self._waiters) >= MAX_PENDING:
            raise SessionDegradedError(f"{MAX_PENDING} requests wait for the venue's answer")
        waiter = Waiter(key, exec_types, asyncio.get_running_loop().create_future())
        self._waiters[key] = waiter
        try:
            yield waiter
        finally:
            waiter.future.cancel()
            self._waiters.pop(key, None)

    def find(self, key: str) -> Waiter | None:
        """Who still waits under this key."""
        waiter = self._waiters.get(key)
        return None if waiter is None or waiter.future.done() else waiter

    def remember(self, seq: int, key: str, msg_type: str) -> None:
        """The request went out under this MsgSeqNum."""
        self._sent[seq] = (key, msg_type)
        if len(self._sent) > MAX_REMEMBERED:
            del self._sent[next(iter(self._sent))]

    def sent_as(self, seq: int) -> tuple[str, str] | None:
        """Key and MsgType of the request that went out under this MsgSeqNum."""
        return self._sent.get(seq)

    def collect(self, waiter: Waiter, part: Message, last: bool) -> None:
        """Add a part of an answer; the last one completes it."""
        waiter.parts.append(part)
        if last:
            waiter.future.set_result(waiter.parts)
        elif len(waiter.parts) >= MAX_PARTS:
            waiter.future.set_exception(
                OutcomeUnknown(f"the answer to {waiter.key} has more than {MAX_PARTS} parts")
            )

    def fail_all(self, reason: str) -> None:
        """No answer can come any more."""
        for waiter in self._waiters.values():
            if not waiter.future.done():
                waiter.future.set_exception(OutcomeUnknown(reason))
