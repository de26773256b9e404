"""What a template's fields are declared to be."""

from __future__ import annotations

from collections.abc import Sequence

from meridian.fix.data_fields import DATA_TAGS
from meridian.fix.reads import check_scale, check_tag
from meridian.fix.verdicts import MARK, MAX_BEGIN

__all__ = ["LENGTH_TAGS", "WRITTEN", "Slot", "Written", "check_begin_string", "check_slots"]

WRITTEN = ("text", "integer", "scaled", "timestamp", "decimal", "boolean", "data")
"""How a template can write a value: ``scaled`` is an integer in units of ``10**-scale``,
``timestamp`` ns UTC to the millisecond, ``boolean`` Y or N, ``data`` bytes behind their length."""

Slot = tuple[int, str] | tuple[int, str, int]
"""Tag, kind, and of ``scaled`` the scale."""
Written = tuple[int, str, int]

LENGTH_TAGS = {data: length for length, data in DATA_TAGS.items()}
"""Tag of data -> tag of the length that goes before it."""


def check_begin_string(text: str) -> None:
    """Raises ValueError where no peer could read a message that begins so."""
    if not f"8={text}".startswith(MARK.decode()) or len(f"8={text}\x01") > MAX_BEGIN:
        raise ValueError(f"expected a BeginString(8), got {text!r}")


def check_slots(slots: Sequence[Slot]) -> tuple[Written, ...]:
    """The fields of a template, completed.

    Raises:
        ValueError: an unknown kind, a tag that is none, a scale that is none or not of ``scaled``,
            or data whose tag is none of a data field.
    """
    checked = []
    for tag, kind, *rest in slots:
        if kind not in WRITTEN:
            raise ValueError(f"tag {tag}: expected one of {', '.join(WRITTEN)}, got {kind!r}")
        if len(rest) != (kind == "scaled"):
            raise ValueError(f"tag {tag}: a scale goes with scaled, and with nothing else")
        check_tag(tag)
        if kind == "data" and tag not in LENGTH_TAGS:
            raise ValueError(f"tag {tag} is not of a data field")
        scale = rest[0] if rest else 0
        check_scale(scale)
        checked.append((tag, kind, scale))
    return tuple(checked)
