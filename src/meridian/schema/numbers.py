"""Exact numbers: what comes in as int, str, float or Decimal is one canonical Decimal."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

__all__ = ["Exact", "Number", "canonical", "exact", "is_multiple"]

Number = int | str | float | Decimal
"""What callers may write; floats are read by their shortest repr."""

MAX_DIGITS = 40
"""Longest number accepted, in digits before or after the point; guards against 1E+999999."""


def exact(value: Number) -> Decimal:
    """Read a number exactly.

    Raises:
        ValueError: not a number, not finite, or out of ``MAX_DIGITS``.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise ValueError(f"expected a number, got {value!r}")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise ValueError(f"expected a number, got {value!r}") from None
    if not number.is_finite():
        raise ValueError(f"expected a finite number, got {value!r}")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and (exponent < -MAX_DIGITS or number.adjusted() > MAX_DIGITS):
        raise ValueError(f"number out of range: {value!r}")
    return number


def canonical(value: Decimal) -> str:
    """One text for equal numbers: ``150.10`` is ``150.1``, ``1E+2`` is ``100``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether ``value`` is a whole number of ``step``, which is not 0.

    ``%`` of Decimals fails where the quotient has more digits than the context.
    """
    return (Fraction(value) / Fraction(step)).denominator == 1


Exact = Annotated[
    Decimal, BeforeValidator(exact), PlainSerializer(canonical, return_type=str, when_used="json")
]
"""A pydantic field type: reads like :func:`exact`, writes JSON as canonical text."""
