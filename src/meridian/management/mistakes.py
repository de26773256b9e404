"""What is wrong with a value somebody wrote, in words for that somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

__all__ = ["MAX_SHOWN", "complaints", "mistakes_told", "shown"]

MAX_SHOWN = 80
"""Characters of a wrong value that an error repeats."""

_EXPECTED = {
    "extra_forbidden": "unknown key",
    "missing": "required key is missing",
    "too_short": "expected at least one",
    "tuple_type": "expected an array",
    "model_type": "expected a table",
}


def complaints(error: ValidationError) -> Iterator[str]:
    """One line per mistake: key path, what was expected, what was there unless it is secret."""
    return mistakes_told(error.errors(include_url=False, include_context=False))


def mistakes_told(mistakes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """As ``complaints``, for mistakes in pydantic's form that come from elsewhere."""
    for mistake in mistakes:
        where = tuple(mistake["loc"])
        # An array whose items are wrong is also "too short": the items say enough.
        deeper = any(tuple(m["loc"])[: len(where)] == where != tuple(m["loc"]) for m in mistakes)
        if mistake["type"] == "too_short" and deeper:
            continue
        path = ".".join(str(part) for part in where)
        reason = _EXPECTED.get(mistake["type"])
        if reason is None:
            reason = mistake["msg"].removeprefix("Value error, ")
            reason = reason.replace("Input should be", "expected")
        # What stands under an unknown key may be a password under a misspelt one.
        secret = "password" in path or mistake["type"] == "extra_forbidden"
        if not secret and not isinstance(mistake.get("input"), dict | list | tuple):
            reason = f"{reason}, got {shown(mistake.get('input'))}"
        yield f"{path}: {reason}" if path else reason


def shown(value: object) -> str:
    """A wrong value as an error repeats it: quoted, and not longer than ``MAX_SHOWN``."""
    # A long integer has no decimal text that Python would make.
    text = hex(value) if isinstance(value, int) and value.bit_length() > 64 else str(value)
    return repr(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}...")
