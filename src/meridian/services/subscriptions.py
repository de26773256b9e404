"""Who listens to a kernel's events; one listener's failure is not another's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from meridian.kernel.events import BaseEvent
from meridian.kernel.journal import Journal
from meridian.schema.errors import NotFoundError, ValidationError
from meridian.services.logs import logger

__all__ = ["Subscriptions"]

MAX_SUBSCRIPTIONS = 1_000
REPLAY_BATCH = 1_000
FILTER_KEYS = ("event_type", "symbol_id", "intent_id")

log = logger("kernel.events")


@dataclass(slots=True)
class _Subscription:
    callback: Callable[[BaseEvent], None]
    wanted: dict[str, frozenset[str]]
    last_seq: int = 0

    def matches(self, event: BaseEvent) -> bool:
        return all(getattr(event, key) in values for key, values in self.wanted.items())


class Subscriptions:
    """Delivers events in order, each once to each subscription."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._subscriptions: dict[str, _Subscription] = {}
        self._made = 0
        self.callback_errors = 0

    def add(
        self,
        callback: Callable[[BaseEvent], None],
        event_filter: dict[str, Any] | None,
        from_seq: int | None,
    ) -> str:
        """Begin a subscription, durable events from ``from_seq`` on first.

        Raises:
            ValidationError: unknown filter key, or too many subscriptions.
        """
        if len(self._subscriptions) >= MAX_SUBSCRIPTIONS:
            raise ValidationError(f"more than {MAX_SUBSCRIPTIONS} subscriptions")
        subscription = _Subscription(callback, _wanted(event_filter or {}))
        self._made += 1
        name = f"S{self._made}"
        if from_seq is not None:
            self._replay(name, subscription, from_seq)
        self._subscriptions[name] = subscription
        return name

    def remove(self, name: str) -> None:
        """End a subscription. Raises NotFoundError."""
        if self._subscriptions.pop(name, None) is None:
            raise NotFoundError(f"no subscription {name!r}")

    def publish(self, events: Iterable[BaseEvent]) -> None:
        """Hand events to everyone who wants them."""
        for event in events:
            for name, subscription in list(self._subscriptions.items()):
                self._deliver(name, subscription, event)

    def _replay(self, name: str, subscription: _Subscription, from_seq: int) -> None:
        while batch := self._journal.events(from_seq, REPLAY_BATCH):
            for event in batch:
                self._deliver(name, subscription, event)
            from_seq = batch[-1].seq + 1

    def _deliver(self, name: str, subscription: _Subscription, event: BaseEvent) -> None:
        # A commit may be in the journal before it is published: the replay has told it already.
        if event.seq <= subscription.last_seq:
            return
        subscription.last_seq = event.seq
        if not subscription.matches(event):
            return
        try:
            subscription.callback(event)
        except Exception as error:  # noqa: BLE001 - a listener's bug must not stop the kernel
            self.callback_errors += 1
            log.error("callback failed", subscription=name, seq=event.seq, error=repr(error))


def _wanted(event_filter: dict[str, Any]) -> dict[str, frozenset[str]]:
    for key in event_filter:
        if key not in FILTER_KEYS:
            raise ValidationError(
                f"unknown event filter {key!r}, expected one of {', '.join(FILTER_KEYS)}"
            )
    return {
        key: frozenset([value] if isinstance(value, str) else value)
        for key, value in event_filter.items()
    }
