"""Whether messages fit a dictionary, told at the best speed this installation has."""

from __future__ import annotations

from meridian.fix.pure_validator import Fault, Validator
from meridian.fix.validator_options import ValidatorOptions

__all__ = ["Fault", "Validator", "ValidatorOptions"]
