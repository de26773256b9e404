"""A bus inside one process: every subscription has its own bounded queue."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum, auto
from types import TracebackType
from typing import Self

from meridian.bus.topics import check_topic, compile_pattern, matches
from meridian.schema.errors import MeridianError
from meridian.schema.messages import Envelope

__all__ = ["DEFAULT_CAPACITY", "InProcessBus", "Overflow", "Subscription", "SubscriptionOverflow"]

DEFAULT_CAPACITY = 10_000
"""Envelopes a subscription holds for a consumer that is behind."""


class SubscriptionOverflow(MeridianError):
    """The consumer fell behind by more than the queue holds; it must replay from its cursor."""


class Overflow(Enum):
    """What a full queue does with the next envelope."""

    FAIL = auto()
    """Deliver what is queued, then raise: nothing is lost in silence. For orders and fills."""
    DROP_OLDEST = auto()
    """Keep the latest, count the rest in ``dropped``. For status and quotes."""


class Subscription:
    """An async iterator over the envelopes one pattern matches; each envelope comes once."""

    def __init__(self, bus: InProcessBus, pattern: str, capacity: int, overflow: Overflow) -> None:
        if capacity < 1:
            raise ValueError(f"expected a capacity of at least 1, got {capacity}")
        self.pattern = pattern
        self.capacity = capacity
        self.dropped = 0
        self._tokens = compile_pattern(pattern)
        self._bus = bus
        self._overflow = overflow
        self._queue: deque[Envelope] = deque()
        self._wake = asyncio.Event()
        self._overrun = False
        self._closed = False

    @property
    def pending(self) -> int:
        """Envelopes waiting."""
        return len(self._queue)

    def close(self) -> None:
        """Receive no more; what is queued can still be read, then iteration ends."""
        self._bus._forget(self)
        self._closed = True
        self._wake.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Envelope:
        """The next envelope.

        Raises:
            SubscriptionOverflow: envelopes after the last one were not queued.
            StopAsyncIteration: the subscription was closed.
        """
        while not self._queue:
            if self._overrun:
                raise SubscriptionOverflow(
                    f"subscription {self.pattern!r} fell behind by more than {self.capacity}"
                )
            if self._closed:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        return self._queue.popleft()

    def _offer(self, envelope: Envelope, topics: list[tuple[str, ...]]) -> None:
        if self._overrun or not any(matches(self._tokens, topic) for topic in topics):
            return
        if len(self._queue) >= self.capacity:
            if self._overflow is Overflow.FAIL:
                self._overrun = True
                self._wake.set()
                return
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(envelope)
        self._wake.set()


class InProcessBus:
    """Routes envelopes to subscriptions, in the order published. For one event loop's thread."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def publish(self, envelope: Envelope) -> None:
        """Hand an envelope to every subscription that matches one of its topics; never waits.

        Raises:
            ValueError: a topic is malformed or holds a wildcard; nobody received it.
        """
        topics = [check_topic(topic) for topic in envelope.topics]
        for subscription in self._subscriptions:
            subscription._offer(envelope, topics)

    def subscribe(
        self,
        pattern: str,
        capacity: int = DEFAULT_CAPACITY,
        overflow: Overflow = Overflow.FAIL,
    ) -> Subscription:
        """Receive what is published from now on under topics that match.

        Raises:
            ValueError: the pattern is malformed, or the capacity below 1.
        """
        subscription = Subscription(self, pattern, capacity, overflow)
        self._subscriptions.append(subscription)
        return subscription

    def _forget(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
