"""Whether messages fit a dictionary, told at the best speed this installation has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meridian.fix.message import NATIVE as _NATIVE_MESSAGES
from meridian.fix.pure_validator import Fault, Validator
from meridian.fix.validator_options import ValidatorOptions

__all__ = ["NATIVE", "Fault", "Validator", "ValidatorOptions"]

if TYPE_CHECKING:
    # Both have one interface; a type checker sees the pure one.
    NATIVE: bool
else:
    NATIVE = False
    # The native one looks into native messages.
    if _NATIVE_MESSAGES:
        try:
            from meridian.fix import _validator
        except ImportError:
            pass
        else:
            Validator = _validator.Validator
            NATIVE = True
