"""The same fields of message after message in one call: the pure twin of ``_message.Reader``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from meridian.fix import formats
from meridian.fix.pure_message import Message, Part
from meridian.fix.pure_shapes import Shape
from meridian.fix.reads import Wanted, check_fields

__all__ = ["Reader"]

Parse = Callable[[bytes], Any]


class Reader:
    """Reads the same fields of message after message, all in one call.

    ``Reader((55, "text"), (38, "scaled", 0), (60, "timestamp"))`` gives tuples of three, None
    where a tag is absent; see ``reads.KINDS``.

    Raises:
        ValueError: an unknown kind, or a scale where none belongs or none where one does.
    """

    __slots__ = ("_plan", "_shaped", "fields")

    def __init__(self, *fields: Wanted) -> None:
        self.fields = check_fields(fields)
        self._plan = [(tag, _parser(kind, scale)) for tag, kind, scale in self.fields]
        # Shapes live as long as the process, and are few.
        self._shaped: dict[Shape, tuple[tuple[int, ...], list[Parse]]] = {}

    def __call__(self, message: Message | Part) -> tuple[Any, ...]:
        """The values.

        Raises:
            FieldError: a value is not of its kind; the first such in the Reader's order.
        """
        # A match gives several groups as a tuple, and a single one bare.
        if isinstance(message, Message) and message.shape is not None and len(self._plan) > 1:
            try:
                return self._at_once(message, message.shape)
            except ValueError:
                # What follows says which error it is, and of which tag.
                pass
        return tuple([message.typed(tag, parse) for tag, parse in self._plan])

    def _at_once(self, message: Message, shape: Shape) -> tuple[Any, ...]:
        ready = self._shaped.get(shape)
        if ready is None:
            # Group 0 is there in any match, for a tag that is not.
            places = tuple([shape.places.get(tag, 0) for tag, _ in self._plan])
            parsers = [parse if tag in shape.places else _absent for tag, parse in self._plan]
            ready = self._shaped[shape] = places, parsers
        places, parsers = ready
        values = message.groups_at(places)
        return tuple([parse(value) for parse, value in zip(parsers, values, strict=True)])


def _absent(value: bytes) -> None:
    """What is read of a tag that is not there."""


def _parser(kind: str, scale: int) -> Parse:
    """The reading of a kind: as ``formats`` has it, by a shorter way for what is common."""
    if kind == "scaled":
        return _scaled_parser(scale)
    return _PARSERS[kind]


def _scaled_parser(scale: int) -> Parse:
    units: list[int] = [10 ** (scale - decimals) for decimals in range(scale + 1)]
    longest = formats.MAX_DIGITS - scale

    def parse(value: bytes) -> int:
        whole, _, fraction = value.partition(b".")
        digits = whole + fraction
        decimals = len(fraction)
        if decimals <= scale and len(whole) <= longest and digits.isdigit():
            return int(digits) * units[decimals]
        return formats.scaled(value, scale)

    return parse


def _integer(value: bytes) -> int:
    if value.isdigit() and len(value) <= formats.MAX_DIGITS:
        return int(value)
    return formats.integer(value)


_PARSERS: Mapping[str, Parse] = {
    "text": lambda value: value.decode("latin-1"),
    "char": formats.char,
    "boolean": formats.boolean,
    "integer": _integer,
    "timestamp": formats.timestamp,
    "data": bytes,
    "decimal": formats.decimal,
    "date": formats.day,
    "time_of_day": formats.time_of_day,
    "month_year": formats.month_year,
}
