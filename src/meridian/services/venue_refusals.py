"""The core's refusals as errors of a command."""

from __future__ import annotations

from collections.abc import Iterable

from meridian.schema.errors import MeridianError
from meridian.venue import CommandRefusal, CommandRefused, Event

__all__ = ["RefusedError", "refuse_where_refused"]


class RefusedError(MeridianError):
    """The venue did not do what its operator asked; nothing changed."""

    def __init__(self, code: CommandRefusal, text: str) -> None:
        super().__init__(f"{code.value}: {text}")
        self.code = code


def refuse_where_refused(events: Iterable[Event]) -> None:
    """Raise RefusedError where the core refused."""
    for event in events:
        if isinstance(event, CommandRefused):
            raise RefusedError(event.code, event.text)
