"""The kinds of value that definitions, commands and replies are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from meridian.schema.numbers import Exact

__all__ = [
    "Amount",
    "Currency",
    "FileName",
    "Model",
    "Secret",
    "Seed",
    "Step",
    "Text",
    "Whole",
    "Word",
]

# Goes onto the wire as a FIX value: visible characters, so neither SOH nor an empty tag.
Word = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=64)]
# As Word, but people like spaces in passwords; other letters have no agreed bytes in FIX.
Secret = Annotated[str, StringConstraints(pattern=r"^[ -~]+$", max_length=64)]
Text = Annotated[str, StringConstraints(pattern=r"^[ -~]*$", max_length=256)]
"""A Text(58) for people; may be empty."""
FileName = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
# Decimal arithmetic carries 28 digits: these bounds keep every product and quotient exact.
Step = Annotated[Exact, Field(gt=0, max_digits=12)]
Amount = Annotated[Exact, Field(gt=0, max_digits=24, decimal_places=12)]


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("expected an integer")
    return value


Whole = Annotated[int, BeforeValidator(_no_bool)]
Seed = Annotated[Whole, Field(ge=0, lt=2**63)]


class Model(BaseModel):
    """A value that never changes and has no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
