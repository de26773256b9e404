"""What the value of a field must be: not empty, of its type, one of its enumeration."""

from __future__ import annotations

import re

from meridian.fix import reasons
from meridian.fix.dictionary.model import Dictionary
from meridian.fix.formats import PATTERNS, Check, checker_of
from meridian.fix.validator_options import ValidatorOptions

__all__ = ["Rule", "check_of", "is_multiple", "rule_of", "values_of"]

_MULTIPLE = frozenset({"MULTIPLECHARVALUE", "MULTIPLESTRINGVALUE", "MULTIPLEVALUESTRING"})

_MAX_ALTERNATIVES = 64
"""Values of an enumeration that a pattern tells apart."""

_CHAR_IS_TEXT = ("FIX.4.0", "FIX.4.1")


class Rule:
    """The demands on one field's value."""

    __slots__ = ("_check", "_multiple", "_not_empty", "_values", "pattern")

    def __init__(
        self, check: Check | None, values: frozenset[bytes], *, multiple: bool, not_empty: bool
    ) -> None:
        self._check = check
        self._values = values
        self._multiple = multiple
        self._not_empty = not_empty
        self.pattern = self._pattern()
        """What a value in a message matches only where it is fit; None where ``fault`` has to
        look."""

    def fault(self, value: bytes) -> int | None:
        """The SessionRejectReason(373) that answers the value, None where it is fit."""
        if not value and self._not_empty:
            return reasons.NO_VALUE
        if self._check is not None:
            try:
                self._check(value)
            except ValueError:
                return reasons.INCORRECT_FORMAT
        values = self._values
        if values and value not in values:
            if self._multiple and all(one in values for one in value.split(b" ")):
                return None
            return reasons.INCORRECT_VALUE
        return None

    def _pattern(self) -> bytes | None:
        if not self._values:
            return PATTERNS.get(self._check)
        # Of many values a set finds one sooner.
        if self._multiple or len(self._values) > _MAX_ALTERNATIVES:
            return None
        fit = [re.escape(value) for value in sorted(self._values) if self.fault(value) is None]
        return b"(?:%b)" % b"|".join(fit) if fit else None


def check_of(dictionary: Dictionary, tag: int) -> Check | None:
    """The check of a tag's type, None where any text is."""
    known = dictionary.field(tag)
    if known is None or (known.type == "CHAR" and dictionary.version in _CHAR_IS_TEXT):
        return None
    return checker_of(known.type)


def values_of(dictionary: Dictionary, tag: int, options: ValidatorOptions) -> frozenset[bytes]:
    """The enumeration of a tag; empty where other values go as well."""
    known = dictionary.field(tag)
    if known is None or known.open or not options.field_values:
        return frozenset()
    return frozenset(value.encode("latin-1") for value in known.values)


def is_multiple(dictionary: Dictionary, tag: int) -> bool:
    """Whether a value may be several of the enumeration, a space between two."""
    known = dictionary.field(tag)
    return known is not None and known.type in _MULTIPLE


def rule_of(dictionary: Dictionary, tag: int, options: ValidatorOptions) -> Rule:
    """The demands on a tag's value."""
    return Rule(
        check_of(dictionary, tag),
        values_of(dictionary, tag, options),
        multiple=is_multiple(dictionary, tag),
        not_empty=options.fields_have_values,
    )
