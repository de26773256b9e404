"""Is this the message that was expected, and where not, field by field, what came instead?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from meridian.fix.decoder import Decoded, DecodedField

__all__ = ["ANY", "Difference", "Expectation"]

ANY = ""
"""The value that any value meets."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One expected field of one message. ``found`` is empty where the message has none."""

    label: str
    wanted: str
    found: str
    meets: bool

    def __str__(self) -> str:
        if self.meets:
            return f"  = {self.label}: {self.found}"
        wanted = self.wanted or "any value"
        return f"  ! {self.label}: expected {wanted}, got {self.found or 'nothing'}"


class Expectation:
    """A message type and the fields a message must have to meet it.

    Args:
        fields: name (``ClOrdID``) or tag (``11``) -> the value on the wire, the dictionary's name
            for it in any case, a number in any spelling, or ``ANY``.
    """

    def __init__(self, msg_type: str, fields: Mapping[str, str]) -> None:
        self._msg_type = msg_type
        self._fields = fields

    def differences(self, message: Decoded) -> list[Difference]:
        """Every expected field held against a message, in the order they were given."""
        return [self._difference(message, key, wanted) for key, wanted in self._fields.items()]

    def met_by(self, message: Decoded) -> bool:
        """Whether the message is the one."""
        return self._is_type(message) and all(d.meets for d in self.differences(message))

    def closest(self, messages: Iterable[Decoded]) -> Decoded | None:
        """Of several that are not the one, the best: by type, then fields that meet, then age."""
        best, best_rank = None, (-1, -1)
        for message in messages:
            met = sum(difference.meets for difference in self.differences(message))
            rank = (int(self._is_type(message)), met)
            # The newest of equals: a test asks about what it has just done.
            if rank >= best_rank:
                best, best_rank = message, rank
        return best

    def report(self, closest: Decoded | None, seen: int) -> str:
        """Why nothing met it, for the one who wrote the test."""
        if closest is None:
            return f"expected 35={self._msg_type}, but no message came at all"
        name = closest.name or "unknown type"
        lines = [f"expected 35={self._msg_type}; of {seen} messages the closest is"]
        mark = "=" if self._is_type(closest) else "!"
        lines.append(f"  {mark} MsgType(35): {closest.msg_type} {name}, number {closest.seq_num}")
        lines += [str(difference) for difference in self.differences(closest)]
        return "\n".join(lines)

    def _is_type(self, message: Decoded) -> bool:
        return self._msg_type in (message.msg_type, message.name)

    def _difference(self, message: Decoded, key: str, wanted: str) -> Difference:
        found = [field for field in message.walk() if _is_called(field, key)]
        meeting = next((field for field in found if _meets(field, wanted)), None)
        field = meeting or next(iter(found), None)
        if field is None:
            return Difference(key, wanted, "", False)
        label = f"{field.name or 'unknown'}({field.tag})"
        return Difference(label, wanted, _told(field), meeting is not None)


def _is_called(field: DecodedField, key: str) -> bool:
    return key == field.name or key == str(field.tag)


def _told(field: DecodedField) -> str:
    return f"{field.value} {field.meaning}" if field.meaning else field.value


def _meets(field: DecodedField, wanted: str) -> bool:
    if wanted in (ANY, field.value) or (_word(wanted) == _word(field.meaning) != ""):
        return True
    try:
        return Decimal(wanted) == Decimal(field.value)
    except InvalidOperation:
        return False


def _word(text: str) -> str:
    return text.upper().replace(" ", "").replace("_", "")
