"""What a typed read says of a field that is missing or malformed."""

from __future__ import annotations

from meridian.fix import reasons

__all__ = ["FieldError", "inexact", "malformed", "missing"]


class FieldError(Exception):
    """A field of a peer's message is missing or malformed.

    ``reason_code`` is the SessionRejectReason(373) that answers it.
    """

    def __init__(self, tag: int, reason_code: int, text: str = "") -> None:
        text = text or reasons.TEXTS[reason_code]
        super().__init__(f"tag {tag}: {text}")
        self.tag = tag
        self.reason_code = reason_code
        self.text = text


def missing(tag: int) -> FieldError:
    """The tag is absent."""
    return FieldError(tag, reasons.REQUIRED_TAG_MISSING)


def malformed(tag: int, value: bytes) -> FieldError:
    """The value is not of the type asked for; an empty one is no value at all."""
    return FieldError(tag, reasons.INCORRECT_FORMAT if value else reasons.NO_VALUE)


def inexact(tag: int) -> FieldError:
    """The number is well formed, and cannot be said at the scale asked for."""
    return FieldError(tag, reasons.INCORRECT_VALUE)
